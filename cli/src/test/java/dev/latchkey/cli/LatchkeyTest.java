// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LatchkeyTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "invit",
        "invite",
        "invite a@b c",
        "invite a@b --ttl soon",
        "invite a@b --ttl 0s",
        "invite a@b --nmae x",
        "revoke a@b",
        "devices",
        "whoami --server host:port",
        "whoami extra",
        "send a@b",
        "my remove x",
        "serve --lisen x",
        "backup",
        "restore",
        "rotate-master-key x",
        "backup a b",
        "account",
        "account remove a@b",
        "account delete",
        "account disable a@b c",
        "account enable a@b --yes",
        "enrol",
        "enrol http://example",
        "enrol xmpp:nina@localhost?login;token=aaaaaaaaaaaaaaaaaaaaaaaaaaa",
      })
  void wrongUsageEndsWith2AndSaysWhatIsWrong(String arguments) {
    Ran ran = Ran.latchkey(arguments.split(" "));
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).startsWith("latchkey: ");
  }

  @Test
  void suggestsTheNearestCommand() {
    assertThat(Ran.latchkey("invit").err()).contains("Did you mean", "invite");
  }

  @Test
  void refusalEndsWith1InOneSentence() {
    Ran ran = Ran.latchkey("devices", "a@b", "--data", folder.toString());
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err().lines()).hasSize(1);
    assertThat(ran.err()).startsWith("latchkey: no server runs").contains("./latchkey serve");
  }

  @Test
  void saysThatNoDeviceIsEnrolled() {
    Ran ran = Ran.latchkey("whoami", "--home", folder.resolve("none").toString());
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err().lines()).hasSize(1);
  }

  @Test
  void saysThatStandardInputIsEmpty() {
    Ran ran = Ran.withInput("", "enrol", "-", "--home", folder.toString());
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err()).contains("standard input is empty");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "serve",
        "check-config",
        "invite",
        "devices",
        "revoke",
        "password",
        "accounts",
        "account",
        "kick",
        "audit",
        "status",
        "backup",
        "restore",
        "rotate-master-key",
        "enrol",
        "my",
        "whoami",
        "send",
        "listen",
      })
  void helpKnowsEveryCommand(String command) {
    Ran ran = Ran.latchkey("help", command);
    assertThat(ran.code()).isZero();
    assertThat(ran.out()).startsWith("Usage: latchkey " + command);
    assertThat(Ran.latchkey("--help").out()).containsPattern("(?m)^  " + command + " ");
    assertThat(Ran.latchkey(command, "--help").out()).isEqualTo(ran.out());
  }

  @Test
  void checkConfigIsSilentWhenAllIsWell() throws IOException {
    Path file = Files.writeString(folder.resolve("a.toml"), "listen = \"off\"\n");
    assertThat(Ran.latchkey("check-config", "--config", file.toString()))
        .isEqualTo(new Ran(0, "", ""));
  }

  @Test
  void checkConfigNamesEveryProblemWithItsLine() throws IOException {
    Path file = Files.writeString(folder.resolve("a.toml"), "listen = 1\nlisten-tsl = \"off\"\n");
    Ran ran = Ran.latchkey("check-config", "--config", file.toString());
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err().lines())
        .containsExactly(
            "latchkey: "
                + file
                + ":1 listen: 1 is not allowed: give \"HOST:PORT\" (an IPv6 address in brackets) or"
                + " \"off\".",
            "latchkey: "
                + file
                + ":2 listen-tsl: there is no such key; the nearest is \"listen-tls\".");
  }

  @Test
  void refusesToServeWhatCheckConfigRefuses() throws IOException {
    Path file = Files.writeString(folder.resolve("a.toml"), "listen = 1\n");
    Ran ran = Ran.latchkey("serve", "--config", file.toString());
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).isEmpty();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
    assertThat(Ran.latchkey("invit").err())
        .contains("there is no command \"invit\"", "Did you mean", "invite");
  }

  @Test
  void saysWhichArgumentIsTooMany() {
    assertThat(Ran.latchkey("invite", "a@b", "c").err())
        .startsWith("latchkey: \"c\" is one argument too many");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --credential clientkey --out f        | --credential "clientkey"
          --credential client-key               | --credential needs --out
          --out f                               | --out is for a credential
          --credential client-key --out f --ttl 1h | --ttl is for a code
          """)
  void saysWhatOfAnInvitationDoesNotGoTogether(String options, String sentence) {
    Ran ran = Ran.latchkey(("invite a@b " + options).split(" "));
    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).startsWith("latchkey: " + sentence);
  }

  @Test
  void saysWhichAddressIsTakenAndWhatToDo() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      Ran ran =
          Ran.latchkey(
              "serve",
              "--data",
              folder.resolve("data").toString(),
              "--listen",
              "off",
              "--listen-tls",
              address);
      assertThat(ran.code()).isEqualTo(1);
      assertThat(ran.err())
          .startsWith("latchkey: listen-tls " + address + ": cannot be listened on: ")
          .contains("in use", "port 0");
    }
  }

  @Test
  void saysWhyAFolderCannotBeTheDataFolder() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    Ran ran = Ran.latchkey("serve", "--data", file.resolve("data").toString());
    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err())
        .startsWith("latchkey: " + file.resolve("data") + ": cannot be used as data folder: ")
        .contains(file + " is no folder", "Name another one");
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
  void theListOfCommandsHoldsWholeSentences() {
    assertThat(Latchkey.commands(Console.ofThisProcess()).getSubcommands().values())
        .extracting(command -> command.getCommandSpec().usageMessage().description()[0])
        .allSatisfy(first -> assertThat(first).endsWith("."));
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
                + ":1 listen: 1 is not allowed: give \"HOST:PORT\" (an IPv6 address in brackets, a"
                + " port up to 65535) or \"off\".",
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

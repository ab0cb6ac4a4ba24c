// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.cli.journey.RunningServer.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.client.EnrolledDevice;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.server.ListenAddress;
import dev.latchkey.testkit.Spec;
import dev.latchkey.testkit.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// openssl, with the lines that stand in the README.
class OpensslIT {
  @TempDir Path folder;

  @Test
  void theLinesOfTheReadmeAreAnsweredAsItSays() throws Exception {
    List<String> blocks = blocks("s_client");
    assertThat(blocks).hasSize(2);
    try (RunningServer server = RunningServer.in(folder)) {
      server.enrol(server.invite(NINA), "kit");
      for (String block : blocks) {
        play(filledIn(block, server));
      }
    }
  }

  @Test
  void aMessageTypedByHandReachesTheKit() throws Exception {
    try (RunningServer server = RunningServer.in(folder)) {
      server.enrol(server.invite(NINA), "kit");
      try (LatchkeyClient kit = server.connect("kit")) {
        kit.goOnline();
        kit.ping();
        play(filledIn(blocks("s_client").getLast(), server));
        assertThat(kit.receive(PATIENCE).orElseThrow().body()).isEqualTo("typed by hand");
      }
    }
  }

  @Test
  @Spec(doc = "RFC 6120", section = "13.7.1.2", rule = "a device's certificate and its profile")
  void certificatesAreReadBack() throws Exception {
    try (RunningServer server = RunningServer.in(folder)) {
      EnrolledDevice device = server.enrol(server.invite(NINA), "kit");
      String shown = shell(filledIn(blocks("x509").getFirst(), server));
      assertThat(shown)
          .contains("Subject: CN = " + device.account().credential().value())
          .contains("XmppAddr::nina@localhost")
          .contains("CA:FALSE")
          .contains("Digital Signature")
          .contains("TLS Web Client Authentication")
          .contains("ASN1 OID: prime256v1")
          .contains("device.crt: OK");
    }
  }

  @Test
  void anotherServersIssuerDoesNotVerifyIt() throws Exception {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    try (RunningServer server = RunningServer.in(Files.createDirectory(folder.resolve("here")));
        RunningServer other = RunningServer.in(elsewhere)) {
      server.enrol(server.invite(NINA), "kit");
      other.enrol(other.invite(NINA), "kit");
      Path mine = server.home("kit").folder().resolve("device.crt");
      List<String> theirs =
          new ArrayList<>(filledIn(blocks("x509").getFirst(), other).lines().toList());
      String verify = filledIn(blocks("x509").getFirst(), server).lines().toList().getLast();
      assertThat(verify).contains(" verify ").endsWith(mine.toString());
      theirs.set(theirs.size() - 1, verify);
      try (Program program =
          Program.start(folder, List.of("sh", "-c", String.join("\n", theirs)))) {
        assertThat(program.awaitEnd()).isNotZero();
        assertThat(program.said()).contains("verification failed");
      }
    }
  }

  /// Types what stands after `>`, and waits for what stands after `<`.
  private void play(String block) throws Exception {
    List<String> lines = block.lines().toList();
    List<String> command = new ArrayList<>(List.of(lines.getFirst().substring(2).split(" ")));
    assertThat(command.removeFirst()).isEqualTo("openssl");
    command.addFirst(Tools.program("openssl", "openssl").toString());
    try (Program program = Program.start(folder, command)) {
      for (String line : lines.subList(1, lines.size())) {
        String text = line.substring(2);
        if (line.startsWith("> ")) {
          program.type(text);
        } else {
          assertThat(line).startsWith("< ");
          program.await(text);
        }
      }
      assertThat(program.awaitEnd()).as(program.said()).isZero();
    }
  }

  private String shell(String script) throws Exception {
    Tools.program("openssl", "openssl");
    return Program.run(folder, List.of("sh", "-ec", script));
  }

  /// The examples' values become those of a test.
  private static String filledIn(String block, RunningServer server) {
    return block
        .replace("127.0.0.1:5222", address(server.server().startTls().orElseThrow()))
        .replace("127.0.0.1:5223", address(server.server().directTls().orElseThrow()))
        .replace("HOME/", server.home("kit").folder() + "/");
  }

  private static String address(java.net.InetSocketAddress bound) {
    return ListenAddress.of(bound).toString();
  }

  /// The fenced blocks of the README behind such a comment.
  private static List<String> blocks(String name) throws IOException {
    Matcher matcher =
        Pattern.compile("<!-- " + name + " -->\n```[a-z]*\n(.*?)\n```\n", Pattern.DOTALL)
            .matcher(Files.readString(Path.of("..", "README.md")));
    List<String> found = new ArrayList<>();
    while (matcher.find()) {
      found.add(matcher.group(1));
    }
    return found;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.DOMAIN;
import static dev.latchkey.cli.journey.RunningServer.NINA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.testkit.Spec;
import dev.latchkey.testkit.Tools;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What encrypting clients need of a server, with slixmpp at both ends and two devices each.
class OmemoIT {
  private static final AccountJid OMAR = new AccountJid("omar", DOMAIN);
  private static final Path PYTHON = Path.of("/usr/bin/python3");
  private static final Path PACKAGE = Path.of("/usr/lib/python3/dist-packages/slixmpp");
  private static final String DEVICES = "eu.siacs.conversations.axolotl.devicelist";

  @TempDir Path folder;

  @Test
  @Spec(
      doc = "XEP-0384",
      rule =
          "devices and bundles are published openly, contacts hear of them, messages reach every"
              + " device and both archives; XEP-0402: bookmarks are nobody else's")
  void keysAreFoundAndEncryptedMessagesReachEveryDevice() throws Exception {
    Tools.file(PACKAGE, "python3-slixmpp");
    try (RunningServer server = RunningServer.in(folder)) {
      server.enrol(server.invite(NINA), "kit");
      String said = exchange(server);
      assertThat(said.lines())
          .containsExactly(
              "own devices nina@localhost " + DEVICES + " ['31415']",
              "own devices nina@localhost " + DEVICES + " ['31415']",
              "stranger fetches a2V5",
              "stranger fetches nothing service-unavailable",
              "contact hears nina@localhost " + DEVICES + " ['31415']",
              "contact hears nina@localhost " + DEVICES + " ['31415']",
              "all hear nina@localhost " + DEVICES + " ['31415', '27182']",
              "all hear nina@localhost " + DEVICES + " ['31415', '27182']",
              "all hear nina@localhost " + DEVICES + " ['31415', '27182']",
              "all hear nina@localhost " + DEVICES + " ['31415', '27182']",
              "contact fetches ZGVzaw",
              "own bookmark nina@localhost urn:xmpp:bookmarks:1",
              "own bookmark nina@localhost urn:xmpp:bookmarks:1",
              "contact fetches bookmarks not-allowed",
              "owner fetches bookmarks nina",
              "message omar@localhost abcd",
              "message omar@localhost abcd",
              "message omar@localhost abcd",
              "archived omar@localhost abcd",
              "archived omar@localhost abcd",
              "archived omar@localhost abcd",
              "archived omar@localhost abcd",
              "end");
    }
  }

  private String exchange(RunningServer server) throws Exception {
    InetSocketAddress address = server.server().startTls().orElseThrow();
    Path script =
        Path.of(Objects.requireNonNull(OmemoIT.class.getResource("/slixmpp_omemo.py")).toURI());
    List<String> command =
        List.of(
            PYTHON.toString(),
            script.toString(),
            address.getHostString(),
            Integer.toString(address.getPort()),
            server.home("kit").folder().resolve("server-ca.crt").toString(),
            NINA.toString(),
            OMAR.toString());
    try (Program slixmpp = Program.start(folder, command)) {
      slixmpp.type(server.password(NINA));
      slixmpp.type(server.password(OMAR));
      int code = slixmpp.awaitEnd();
      assertThat(code).as(slixmpp.said()).isZero();
      return slixmpp.said();
    }
  }
}

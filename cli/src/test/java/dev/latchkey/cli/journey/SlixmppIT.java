// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.cli.journey.RunningServer.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.client.DeviceHome;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.Message;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.Spec;
import dev.latchkey.testkit.Tools;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// slixmpp, as Debian packages it.
class SlixmppIT {
  private static final Path PYTHON = Path.of("/usr/bin/python3");
  private static final Path PACKAGE = Path.of("/usr/lib/python3/dist-packages/slixmpp");

  @TempDir Path folder;

  @Test
  @Spec(doc = "RFC 5802", rule = "a stock client signs in with a device password")
  void signsInWithDevicePasswordAndSpeaksWithTheKit() throws Exception {
    try (RunningServer server = RunningServer.in(folder)) {
      server.enrol(server.invite(NINA), "kit");
      String password = server.password(NINA);
      try (Program slixmpp = start(server, "SCRAM-SHA-256")) {
        slixmpp.type(password);
        converse(server, slixmpp);
        assertThat(mechanisms(server)).contains("SCRAM-SHA-256");
      }
    }
  }

  @Test
  void wrongPasswordIsRefused() throws Exception {
    try (RunningServer server = RunningServer.in(folder)) {
      server.enrol(server.invite(NINA), "kit");
      String password = server.password(NINA);
      try (Program slixmpp = start(server, "SCRAM-SHA-256")) {
        slixmpp.type(password.substring(1) + password.charAt(0));
        slixmpp.await("refused");
      }
    }
  }

  @Test
  @Spec(doc = "XEP-0178", rule = "a stock client signs in with the issued certificate")
  void signsInWithTheIssuedCertificateAndIsRevoked() throws Exception {
    try (RunningServer server = RunningServer.in(folder)) {
      server.enrol(server.invite(NINA), "kit");
      String device = server.enrol(server.invite(NINA), "slixmpp").account().device().value();
      DeviceHome home = server.home("slixmpp");
      try (Program slixmpp =
          start(
              server,
              "EXTERNAL",
              home.folder().resolve("device.crt").toString(),
              home.folder().resolve("device.key").toString())) {
        slixmpp.type("");
        converse(server, slixmpp);
        assertThat(mechanisms(server)).contains("EXTERNAL");
        assertThat(server.log.signIns).contains(device);

        server.revoke(NINA, device);
        slixmpp.await("error not-authorized");
        slixmpp.await("disconnected");
      }
    }
  }

  private Program start(RunningServer server, String mechanism, String... files) throws Exception {
    Tools.file(PACKAGE, "python3-slixmpp");
    InetSocketAddress address = server.server().startTls().orElseThrow();
    Path script =
        Path.of(
            java.util.Objects.requireNonNull(SlixmppIT.class.getResource("/slixmpp_client.py"))
                .toURI());
    List<String> command = new ArrayList<>();
    command.addAll(List.of(PYTHON.toString(), script.toString()));
    command.addAll(List.of(address.getHostString(), Integer.toString(address.getPort())));
    command.addAll(
        List.of(NINA.toString(), server.home("kit").folder().resolve("server-ca.crt").toString()));
    command.add(mechanism);
    command.addAll(List.of(files));
    return Program.start(folder, command);
  }

  /// Messages both ways, and what the domain says of itself.
  private static void converse(RunningServer server, Program slixmpp) throws Exception {
    String before = slixmpp.await("ready ");
    assertThat(before).contains("feature urn:latchkey:csr:0").contains("feature urn:xmpp:ping");
    Jid other = Jid.parse(slixmpp.await("\n").strip());
    assertThat(other.bare()).isEqualTo(NINA.jid());
    try (LatchkeyClient kit = server.connect("kit")) {
      kit.goOnline();
      kit.send(other, "hello, slixmpp \u2713");
      slixmpp.await("received " + kit.jid() + " hello, slixmpp \u2713");
      Message answer = kit.receive(PATIENCE).orElseThrow();
      assertThat(answer.body()).isEqualTo("slixmpp heard: hello, slixmpp \u2713");
      assertThat(answer.from()).contains(other);
    }
  }

  private static List<String> mechanisms(RunningServer server) {
    return server.recording.byClients().stream()
        .filter(element -> element.name().equals("auth"))
        .flatMap(element -> element.attribute("mechanism").stream())
        .toList();
  }
}

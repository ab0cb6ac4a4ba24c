// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.DOMAIN;
import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.cli.journey.RunningServer.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.client.DeviceHome;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.Message;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Namespaces;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jivesoftware.smack.ConnectionConfiguration.SecurityMode;
import org.jivesoftware.smack.chat2.ChatManager;
import org.jivesoftware.smack.sasl.SASLErrorException;
import org.jivesoftware.smack.tcp.XMPPTCPConnection;
import org.jivesoftware.smack.tcp.XMPPTCPConnectionConfiguration;
import org.jivesoftware.smackx.disco.ServiceDiscoveryManager;
import org.jivesoftware.smackx.disco.packet.DiscoverInfo;
import org.jivesoftware.smackx.ping.PingManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.jxmpp.jid.impl.JidCreate;

/// Smack, as it is on Maven Central.
class SmackIT {
  @TempDir Path folder;

  @Test
  @Spec(doc = "RFC 5802", rule = "a stock client signs in with a device password")
  void signsInWithDevicePasswordAndSpeaksWithTheKit() throws Exception {
    try (RunningServer server = RunningServer.in(folder)) {
      server.enrol(server.invite(NINA), "kit");
      XMPPTCPConnection smack =
          new XMPPTCPConnection(
              towards(server)
                  .setUsernameAndPassword(NINA.localpart(), server.password(NINA))
                  .build());
      try {
        smack.connect().login();
        converse(server, smack);
        assertThat(mechanisms(server)).singleElement().asString().startsWith("SCRAM-SHA-");
      } finally {
        smack.disconnect();
      }
    }
  }

  @Test
  void wrongPasswordIsRefused() throws Exception {
    try (RunningServer server = RunningServer.in(folder)) {
      server.enrol(server.invite(NINA), "kit");
      String password = server.password(NINA);
      XMPPTCPConnection smack =
          new XMPPTCPConnection(
              towards(server)
                  .setUsernameAndPassword(
                      NINA.localpart(), password.substring(1) + password.charAt(0))
                  .build());
      try {
        smack.connect();
        assertThatThrownBy(smack::login)
            .isInstanceOf(SASLErrorException.class)
            .hasMessageContaining("not-authorized");
      } finally {
        smack.disconnect();
      }
    }
  }

  @Test
  @Spec(doc = "XEP-0178", rule = "a stock client signs in with the issued certificate")
  void signsInWithTheIssuedCertificateAndIsRevoked() throws Exception {
    try (RunningServer server = RunningServer.in(folder)) {
      server.enrol(server.invite(NINA), "kit");
      String device = server.enrol(server.invite(NINA), "smack").account().device().value();
      XMPPTCPConnection smack = withCertificate(server);
      try {
        smack.connect().login();
        converse(server, smack);
        assertThat(mechanisms(server)).containsExactly("EXTERNAL");
        assertThat(server.log.signIns).contains(device);

        server.revoke(NINA, device);
        // By what was said to it: how Smack tells its own listeners is Smack's affair.
        assertThat(server.recording.byServer())
            .filteredOn(said -> said.is("error", Namespaces.STREAMS))
            .singleElement()
            .satisfies(
                error -> {
                  assertThat(error.child("not-authorized", Namespaces.STREAM_ERRORS)).isPresent();
                  assertThat(error.child("credential-revoked", Namespaces.LATCHKEY_EVENTS))
                      .isPresent();
                });
      } finally {
        smack.disconnect();
      }
      XMPPTCPConnection again = withCertificate(server);
      try {
        again.connect();
        assertThatThrownBy(again::login)
            .isInstanceOf(SASLErrorException.class)
            .hasMessageContaining("not-authorized");
      } finally {
        again.disconnect();
      }
    }
  }

  private static XMPPTCPConnection withCertificate(RunningServer server) throws Exception {
    return new XMPPTCPConnection(
        towards(server)
            .setKeyManagers(keys(server.home("smack")).getKeyManagers())
            .allowEmptyOrNullUsernames()
            .addEnabledSaslMechanism("EXTERNAL")
            .build());
  }

  private static XMPPTCPConnectionConfiguration.Builder towards(RunningServer server)
      throws Exception {
    InetSocketAddress address = server.server().startTls().orElseThrow();
    return XMPPTCPConnectionConfiguration.builder()
        .setXmppDomain(DOMAIN.name())
        .setHostAddress(address.getAddress())
        .setPort(address.getPort())
        .setSecurityMode(SecurityMode.required)
        .setCustomX509TrustManager(trust(server.home("kit")));
  }

  /// Trusts what a device trusts.
  static X509TrustManager trust(DeviceHome home) throws Exception {
    KeyStore anchors = KeyStore.getInstance("PKCS12");
    anchors.load(null, null);
    anchors.setCertificateEntry("server", home.serverAnchor().orElseThrow());
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(anchors);
    return (X509TrustManager) factory.getTrustManagers()[0];
  }

  private static KeyManagerFactory keys(DeviceHome home) throws Exception {
    char[] password = DeviceHome.PKCS12_PASSWORD.toCharArray();
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream file = Files.newInputStream(home.folder().resolve("device.p12"))) {
      store.load(file, password);
    }
    KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
    factory.init(store, password);
    return factory;
  }

  /// Messages both ways, a ping, and what the domain says of itself.
  private static void converse(RunningServer server, XMPPTCPConnection smack) throws Exception {
    DiscoverInfo info =
        ServiceDiscoveryManager.getInstanceFor(smack)
            .discoverInfo(JidCreate.domainBareFrom(DOMAIN.name()));
    assertThat(info.hasIdentity("server", "im")).isTrue();
    assertThat(info.containsFeature(Namespaces.LATCHKEY_CSR)).isTrue();
    assertThat(PingManager.getInstanceFor(smack).pingMyServer()).isTrue();

    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    ChatManager chats = ChatManager.getInstanceFor(smack);
    chats.addIncomingListener((from, message, _) -> heard.add(from + ": " + message.getBody()));
    try (LatchkeyClient kit = server.connect("kit")) {
      kit.goOnline();
      kit.ping();
      chats.chatWith(JidCreate.entityBareFrom(NINA.toString())).send("hello, kit \u2713");
      Message arrived = kit.receive(PATIENCE).orElseThrow();
      assertThat(arrived.body()).isEqualTo("hello, kit \u2713");
      assertThat(arrived.from()).contains(Jid.parse(smack.getUser().toString()));

      kit.send(Jid.parse(smack.getUser().toString()), "hello, smack \u2713");
      String expected = NINA + ": hello, smack \u2713";
      String found;
      do { // its own message to the account reached it, too
        found = heard.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      } while (found != null && !found.equals(expected));
      assertThat(found).isEqualTo(expected);
    }
  }

  private static List<String> mechanisms(RunningServer server) {
    return server.recording.byClients().stream()
        .filter(element -> element.is("auth", Namespaces.SASL))
        .flatMap(element -> element.attribute("mechanism").stream())
        .toList();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.DOMAIN;
import static dev.latchkey.cli.journey.RunningServer.NINA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.client.DeviceHome;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.testkit.Spec;
import dev.latchkey.testkit.Tools;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jivesoftware.smack.ConnectionConfiguration.SecurityMode;
import org.jivesoftware.smack.XMPPException.XMPPErrorException;
import org.jivesoftware.smack.packet.Message;
import org.jivesoftware.smack.packet.Presence;
import org.jivesoftware.smack.packet.Stanza;
import org.jivesoftware.smack.packet.StanzaError;
import org.jivesoftware.smack.roster.Roster;
import org.jivesoftware.smack.tcp.XMPPTCPConnection;
import org.jivesoftware.smack.tcp.XMPPTCPConnectionConfiguration;
import org.jivesoftware.smackx.carbons.CarbonManager;
import org.jivesoftware.smackx.carbons.packet.CarbonExtension;
import org.jivesoftware.smackx.disco.ServiceDiscoveryManager;
import org.jivesoftware.smackx.mam.MamManager;
import org.jivesoftware.smackx.ping.PingManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.jxmpp.jid.BareJid;
import org.jxmpp.jid.Jid;
import org.jxmpp.jid.impl.JidCreate;

/// Nina with Smack and Omar with slixmpp, two devices each: what people do all day.
class TwoPeopleIT {
  private static final Path PYTHON = Path.of("/usr/bin/python3");
  private static final Path PACKAGE = Path.of("/usr/lib/python3/dist-packages/slixmpp");
  private static final AccountJid OMAR = new AccountJid("omar", DOMAIN);

  @TempDir Path folder;
  private final List<XMPPTCPConnection> connected = new ArrayList<>();
  private final List<Program> programs = new ArrayList<>();
  private RunningServer server;
  private SmackDevice tablet;
  private SmackDevice laptop;
  private Program phone;
  private Program desk;
  private String phoneJid;
  private String deskJid;

  @BeforeEach
  void everybodyIsThere() throws Exception {
    Tools.file(PACKAGE, "python3-slixmpp");
    server = RunningServer.in(folder);
    tablet = new SmackDevice("tablet");
    laptop = new SmackDevice("laptop");
    phone = slixmpp("phone");
    desk = slixmpp("desk");
    phoneJid = ready(phone);
    deskJid = ready(desk);
  }

  @AfterEach
  void everybodyLeaves() {
    connected.forEach(XMPPTCPConnection::disconnect);
    programs.forEach(Program::close);
    if (server != null) {
      server.close();
    }
  }

  @Test
  @Spec(doc = "RFC 6121", rule = "two people live on it with stock clients")
  void twoPeopleMeetTalkRememberAndPart() throws Exception {
    addEachOther();
    talk();
    everyDeviceFindsTheSameHistory();
    omarBlocksNina();
  }

  private void addEachOther() throws Exception {
    order(phone, "subscribe " + NINA);
    BareJid omar = JidCreate.bareFrom(OMAR.toString());
    for (SmackDevice device : List.of(tablet, laptop)) {
      device.await("presence " + OMAR + " subscribe");
    }
    tablet.presence(Presence.Type.subscribed, omar);
    tablet.presence(Presence.Type.subscribe, omar);
    phone.await("presence " + NINA + " subscribe\n");
    order(desk, "approve " + NINA);
    for (SmackDevice device : List.of(tablet, laptop)) {
      Eventually.holds(() -> device.roster().getAvailablePresences(omar).size() == 2);
      assertThat(device.roster().getAvailablePresences(omar))
          .extracting(presence -> presence.getFrom().toString())
          .containsExactlyInAnyOrder(phoneJid, deskJid);
    }
    for (Program device : List.of(phone, desk)) {
      for (SmackDevice other : List.of(tablet, laptop)) {
        String seen = "presence " + other.jid() + " available";
        Eventually.holds(() -> device.said().contains(seen));
      }
    }
  }

  private void talk() throws Exception {
    tablet.say(JidCreate.from(OMAR.toString()), "to all of you");
    phone.await("message " + tablet.jid() + " to all of you\n");
    desk.await("message " + tablet.jid() + " to all of you\n");
    laptop.await("copy sent " + tablet.jid() + " " + OMAR + " to all of you");

    order(phone, "say " + laptop.jid() + " to your laptop");
    laptop.await("message " + phoneJid + " to your laptop");
    tablet.await("copy received " + phoneJid + " " + laptop.jid() + " to your laptop");
    desk.await("copy sent " + phoneJid + " " + laptop.jid() + " to your laptop\n");

    order(desk, "say " + NINA + " and to all of yours");
    for (SmackDevice device : List.of(tablet, laptop)) {
      device.await("message " + deskJid + " and to all of yours");
    }
  }

  private void everyDeviceFindsTheSameHistory() throws Exception {
    List<String> history =
        List.of(NINA + " to all of you", OMAR + " to your laptop", OMAR + " and to all of yours");
    for (SmackDevice device : List.of(tablet, laptop)) {
      assertThat(device.history()).isEqualTo(history);
    }
    for (Program device : List.of(phone, desk)) {
      assertThat(history(device)).isEqualTo(history);
    }
  }

  private void omarBlocksNina() throws Exception {
    List<String> before = history(desk);
    order(phone, "block " + NINA);
    for (SmackDevice device : List.of(tablet, laptop)) {
      device.await("presence " + phoneJid + " unavailable");
      device.await("presence " + deskJid + " unavailable");
    }
    tablet.say(JidCreate.from(OMAR.toString()), "can you hear me?");
    tablet.say(JidCreate.from(deskJid), "or here?");
    tablet.say(JidCreate.from("nobody@" + DOMAIN), "hello?");
    tablet.ping();
    assertThat(tablet.heard).noneMatch(heard -> heard.startsWith("error"));
    // What is asked of who blocks is answered as by who does not exist.
    for (String whom : List.of(OMAR.toString(), deskJid, "nobody@" + DOMAIN)) {
      assertThatThrownBy(() -> tablet.discover(JidCreate.from(whom)))
          .isInstanceOfSatisfying(
              XMPPErrorException.class,
              refused ->
                  assertThat(refused.getStanzaError().getCondition())
                      .isEqualTo(StanzaError.Condition.service_unavailable));
    }
    assertThat(history(desk)).isEqualTo(before);
    for (Program device : List.of(phone, desk)) {
      assertThat(device.said()).doesNotContain("can you hear me?", "or here?");
    }
  }

  private static void order(Program device, String command) throws Exception {
    device.type(command);
    device.await("done " + command.substring(0, command.indexOf(' ')) + "\n");
  }

  private static List<String> history(Program device) throws Exception {
    device.type("history");
    return device
        .await("done history\n")
        .lines()
        .filter(line -> line.startsWith("kept "))
        .map(line -> line.substring("kept ".length()))
        .toList();
  }

  private static String ready(Program device) throws Exception {
    device.await("ready ");
    return device.await("\n").strip();
  }

  private Program slixmpp(String name) throws Exception {
    server.enrol(server.invite(OMAR), name);
    InetSocketAddress address = server.server().startTls().orElseThrow();
    Path script =
        Path.of(
            Objects.requireNonNull(TwoPeopleIT.class.getResource("/slixmpp_person.py")).toURI());
    Path home = server.home(name).folder();
    Program program =
        Program.start(
            folder,
            List.of(
                PYTHON.toString(),
                script.toString(),
                address.getHostString(),
                Integer.toString(address.getPort()),
                OMAR.toString(),
                home.resolve("server-ca.crt").toString(),
                home.resolve("device.crt").toString(),
                home.resolve("device.key").toString()));
    programs.add(program);
    return program;
  }

  /// One of Nina's.
  private final class SmackDevice {
    final List<String> heard = new CopyOnWriteArrayList<>();
    final XMPPTCPConnection connection;

    SmackDevice(String name) throws Exception {
      server.enrol(server.invite(NINA), name);
      DeviceHome home = server.home(name);
      InetSocketAddress address = server.server().startTls().orElseThrow();
      connection =
          new XMPPTCPConnection(
              XMPPTCPConnectionConfiguration.builder()
                  .setXmppDomain(DOMAIN.name())
                  .setHostAddress(address.getAddress())
                  .setPort(address.getPort())
                  .setSecurityMode(SecurityMode.required)
                  .setCustomX509TrustManager(trust(home))
                  .setKeyManagers(keys(home).getKeyManagers())
                  .allowEmptyOrNullUsernames()
                  .addEnabledSaslMechanism("EXTERNAL")
                  .build());
      connected.add(connection);
      connection.addSyncStanzaListener(this::hear, _ -> true);
      Roster.getInstanceFor(connection).setSubscriptionMode(Roster.SubscriptionMode.manual);
      connection.connect().login();
      CarbonManager.getInstanceFor(connection).enableCarbons();
      ping();
    }

    private void hear(Stanza stanza) {
      if (stanza instanceof Presence presence) {
        heard.add("presence " + presence.getFrom() + " " + presence.getType());
      } else if (stanza instanceof Message message) {
        CarbonExtension copy = CarbonExtension.from(message);
        if (copy != null) {
          Message inner = copy.getForwarded().getForwardedStanza();
          heard.add(
              "copy %s %s %s %s"
                  .formatted(copy.getDirection(), inner.getFrom(), inner.getTo(), inner.getBody()));
        } else if (message.getType() == Message.Type.error) {
          heard.add("error " + message.getError());
        } else if (message.getBody() != null) {
          heard.add("message " + message.getFrom() + " " + message.getBody());
        }
      }
    }

    void await(String what) throws Exception {
      try {
        Eventually.holds(() -> heard.contains(what));
      } catch (AssertionError never) {
        throw new AssertionError("it did not hear `" + what + "`, but " + heard, never);
      }
    }

    Jid jid() {
      return connection.getUser();
    }

    Roster roster() {
      return Roster.getInstanceFor(connection);
    }

    void presence(Presence.Type type, Jid to) throws Exception {
      connection.sendStanza(
          connection.getStanzaFactory().buildPresenceStanza().ofType(type).to(to).build());
    }

    void say(Jid to, String text) throws Exception {
      connection.sendStanza(
          connection
              .getStanzaFactory()
              .buildMessageStanza()
              .ofType(Message.Type.chat)
              .to(to)
              .setBody(text)
              .build());
    }

    void ping() throws Exception {
      assertThat(PingManager.getInstanceFor(connection).pingMyServer()).isTrue();
    }

    void discover(Jid whom) throws Exception {
      var _ = ServiceDiscoveryManager.getInstanceFor(connection).discoverInfo(whom);
    }

    List<String> history() throws Exception {
      return MamManager.getInstanceFor(connection)
          .queryArchive(MamManager.MamQueryArgs.builder().setResultPageSize(50).build())
          .getMessages()
          .stream()
          .map(message -> message.getFrom().asBareJid() + " " + message.getBody())
          .toList();
    }
  }

  private static X509TrustManager trust(DeviceHome home) throws Exception {
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
}

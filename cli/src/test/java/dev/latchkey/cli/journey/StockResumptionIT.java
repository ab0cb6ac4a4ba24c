// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.DOMAIN;
import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.cli.journey.RunningServer.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.cli.journey.CountingClient.Way;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.Spec;
import dev.latchkey.testkit.Tools;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jivesoftware.smack.ConnectionListener;
import org.jivesoftware.smack.chat2.ChatManager;
import org.jivesoftware.smack.tcp.XMPPTCPConnection;
import org.jivesoftware.smack.tcp.XMPPTCPConnectionConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.jxmpp.jid.impl.JidCreate;

/// Stream management of clients that somebody else wrote, over a network that is lost.
class StockResumptionIT {
  private static final AccountJid OTTO = new AccountJid("otto", DOMAIN);
  private static final Path PYTHON = Path.of("/usr/bin/python3");
  private static final Path SLIXMPP = Path.of("/usr/lib/python3/dist-packages/slixmpp");

  @TempDir Path folder;

  private RunningServer server;
  private CuttingRelay relay;
  private CountingClient otto;
  private String password;

  @BeforeEach
  void start() throws Exception {
    server = RunningServer.in(folder);
    relay = CuttingRelay.to(server.server().startTls().orElseThrow());
    server.enrol(server.invite(NINA), "kit");
    password = server.password(NINA);
    otto = CountingClient.enrolled(server, Way.SASL2, OTTO, "otto");
    otto.says("<presence xmlns='jabber:client'/>");
    assertThat(otto.everything()).isNotNull();
  }

  @AfterEach
  void stop() {
    relay.close();
    server.close();
  }

  private void cut() throws Exception {
    relay.cut();
    Eventually.holds(() -> CountingClient.hibernated(server) == 1);
  }

  private void says(Jid to, String text) {
    otto.chats(to, text);
    assertThat(otto.everything()).isEmpty();
  }

  @Test
  @Spec(doc = "XEP-0198", section = "5", rule = "Smack resumes, and gets what it missed once")
  void smackResumes() throws Exception {
    XMPPTCPConnection smack =
        new XMPPTCPConnection(
            XMPPTCPConnectionConfiguration.builder()
                .setXmppDomain(DOMAIN.name())
                .setHostAddress(relay.address().getAddress())
                .setPort(relay.address().getPort())
                .setCustomX509TrustManager(SmackIT.trust(server.home("kit")))
                .setUsernameAndPassword(NINA.localpart(), password)
                .build());
    smack.setUseStreamManagement(true);
    smack.setUseStreamManagementResumption(true);
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    ChatManager chats = ChatManager.getInstanceFor(smack);
    chats.addIncomingListener((_, message, _) -> heard.add(message.getBody()));
    CountDownLatch lost = new CountDownLatch(1);
    smack.addConnectionListener(
        new ConnectionListener() {
          @Override
          public void connectionClosedOnError(Exception cause) {
            lost.countDown();
          }
        });
    try {
      smack.connect().login();
      Jid jid = Jid.parse(smack.getUser().toString());
      assertThat(smack.isSmResumptionPossible()).isTrue();
      assertThat(smack.streamWasResumed()).isFalse();
      says(jid, "before");
      assertThat(heard.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo("before");
      chats.chatWith(JidCreate.entityBareFrom(OTTO.toString())).send("one");
      assertThat(otto.bodies(1)).containsExactly("one");

      cut();
      assertThat(lost.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      says(jid, "missed");
      says(NINA.with(jid.resource().orElseThrow()), "missed, too");
      smack.connect().login();

      assertThat(smack.streamWasResumed()).isTrue();
      assertThat(heard.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo("missed");
      assertThat(heard.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo("missed, too");
      chats.chatWith(JidCreate.entityBareFrom(OTTO.toString())).send("two");
      assertThat(otto.bodies(1)).containsExactly("two");
      says(jid, "last");
      assertThat(heard.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo("last");
      assertThat(heard).isEmpty();
      assertThat(Jid.parse(smack.getUser().toString())).isEqualTo(jid);
    } finally {
      smack.disconnect();
    }
  }

  @Test
  @Spec(doc = "XEP-0198", section = "5", rule = "Smack resumes after it dropped its own socket")
  void smackResumesAfterItsOwnInstantShutdown() throws Exception {
    XMPPTCPConnection smack =
        new XMPPTCPConnection(
            XMPPTCPConnectionConfiguration.builder()
                .setXmppDomain(DOMAIN.name())
                .setHostAddress(relay.address().getAddress())
                .setPort(relay.address().getPort())
                .setCustomX509TrustManager(SmackIT.trust(server.home("kit")))
                .setUsernameAndPassword(NINA.localpart(), password)
                .build());
    smack.setUseStreamManagement(true);
    smack.setUseStreamManagementResumption(true);
    try {
      smack.connect().login();
      smack.instantShutdown();
      Eventually.holds(() -> CountingClient.hibernated(server) == 1);
      smack.connect().login();

      assertThat(smack.streamWasResumed()).isTrue();
      assertThat(CountingClient.hibernated(server)).isZero();
    } finally {
      smack.disconnect();
    }
  }

  @Test
  @Spec(doc = "XEP-0198", section = "5", rule = "slixmpp resumes, and gets what it missed once")
  void slixmppResumes() throws Exception {
    Tools.file(SLIXMPP, "python3-slixmpp");
    Path script =
        Path.of(
            java.util.Objects.requireNonNull(
                    StockResumptionIT.class.getResource("/slixmpp_resuming.py"))
                .toURI());
    try (Program slixmpp =
        Program.start(
            folder,
            List.of(
                PYTHON.toString(),
                script.toString(),
                relay.address().getAddress().getHostAddress(),
                Integer.toString(relay.address().getPort()),
                NINA.toString(),
                server.home("kit").folder().resolve("server-ca.crt").toString()))) {
      slixmpp.type(password);
      slixmpp.await("ready ");
      Jid jid = Jid.parse(slixmpp.await("\n").strip());
      slixmpp.await("enabled");
      says(jid, "before");
      slixmpp.await("received before");
      slixmpp.type("say " + otto.jid() + " one");
      assertThat(otto.bodies(1)).containsExactly("one");

      relay.cut();
      says(jid, "missed");
      slixmpp.await("disconnected");
      slixmpp.await("resumed " + jid);
      slixmpp.await("received missed");
      slixmpp.type("say " + otto.jid() + " two");
      assertThat(otto.bodies(1)).containsExactly("two");
      says(jid, "last");
      slixmpp.await("received last");

      assertThat(slixmpp.said().split("received missed", -1)).hasSize(2);
      assertThat(slixmpp.said()).doesNotContain("failed").doesNotContain("error");
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.DOMAIN;
import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.cli.journey.RunningServer.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.client.ClientException;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.Message;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.StanzaErrorException;
import dev.latchkey.client.StreamErrorException;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import dev.latchkey.server.admin.JsonLine;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.framing.WrittenElement;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What no client means well with, over the wire: too much, forged, in the midst of an end.
class BadChatIT {
  private static final AccountJid OMAR = new AccountJid("omar", DOMAIN);
  private static final AccountJid PIA = new AccountJid("pia", DOMAIN);
  private static final AccountJid INVITED = new AccountJid("invited", DOMAIN);
  private static final AccountJid NOBODY = new AccountJid("nobody", DOMAIN);

  @TempDir Path folder;
  private RunningServer server;

  @BeforeEach
  void start() throws Exception {
    server = RunningServer.in(folder);
    var _ = server.enrol(server.invite(NINA), "nina");
    var _ = server.enrol(server.invite(OMAR), "omar");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private LatchkeyClient online(String home) {
    LatchkeyClient client = server.connect(home);
    client.request(xml("<iq type='get'><query xmlns='jabber:iq:roster'/></iq>"));
    client.goOnline();
    client.ping();
    return client;
  }

  private static Element xml(String text) {
    return new WrittenElement().read(text);
  }

  private static void befriend(LatchkeyClient one, LatchkeyClient other) {
    for (LatchkeyClient[] pair :
        List.of(new LatchkeyClient[] {one, other}, new LatchkeyClient[] {other, one})) {
      pair[0].send(xml("<presence type='subscribe' to='%s'/>".formatted(pair[1].jid().bare())));
      pair[0].ping();
      pair[1].send(xml("<presence type='subscribed' to='%s'/>".formatted(pair[0].jid().bare())));
      pair[1].ping();
    }
  }

  @Test
  @Spec(doc = "RFC 6120", section = "4.9.3.14", rule = "what is too big ends the stream")
  void requestsOfAMegabyteEndTheStream() {
    String large = "x".repeat(1_000_000);
    for (String payload :
        List.of(
            "<query xmlns='jabber:iq:roster'><item jid='a@localhost' name='"
                + large
                + "'/></query>",
            "<query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data'>" + large + "</x></query>")) {
      LatchkeyClient nina = server.connect("nina");
      assertThatThrownBy(() -> nina.request(xml("<iq type='set'>" + payload + "</iq>")))
          .isInstanceOf(ClientException.class);
      assertThat(nina.awaitEnd(PATIENCE))
          .get()
          .isInstanceOfSatisfying(
              StreamErrorException.class,
              end -> assertThat(end.condition()).isEqualTo("policy-violation"));
    }
    server.connect("nina").ping();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 4",
      rule = "an address that could not be read back is refused before it is kept")
  void addressesThatAreNotPreparedToThemselvesAreRefused() {
    LatchkeyClient omar = server.connect("omar");
    String unstable = "x@\u13a6";
    for (String payload :
        List.of(
            "<block xmlns='urn:xmpp:blocking'><item jid='%s'/></block>",
            "<query xmlns='jabber:iq:roster'><item jid='%s'/></query>",
            "<prefs xmlns='urn:xmpp:mam:2' default='always'><always/>"
                + "<never><jid>%s</jid></never></prefs>")) {
      Element request = xml("<iq type='set'>" + payload.formatted(unstable) + "</iq>");
      assertThatThrownBy(() -> omar.request(request)).isInstanceOf(StanzaErrorException.class);
    }
    omar.close();

    LatchkeyClient nina = server.connect("nina");
    nina.send(xml("<message to='%s' type='chat'><body>hello</body></message>".formatted(OMAR)));
    nina.ping();
    server.connect("omar").ping();
  }

  @Test
  @Spec(
      doc = "Namespaces in XML 1.0",
      section = "3",
      rule = "no prefix but xml stands for XML's own namespace, so what says it can be kept")
  void whatSaysMoreOfXmlItselfIsKeptAndDelivered() {
    server.connect("omar").close();
    LatchkeyClient nina = online("nina");
    nina.send(
        xml(
            """
            <presence type='subscribe' to='%s'><x xmlns='urn:x' xml:space='preserve'/></presence>
            """
                .formatted(OMAR)
                .strip()));
    Element message =
        xml(
            "<message to='%s' type='chat'><body xml:space='preserve' xml:id='1'>hi</body></message>"
                .formatted(OMAR));
    nina.send(message);
    nina.ping();

    LatchkeyClient omar = online("omar");
    Element end = omar.request(xml("<iq type='set'><query xmlns='urn:xmpp:mam:2'/></iq>"));
    assertThat(end.toXml()).contains("<count>1</count>");
    nina.send(message);
    assertThat(omar.receive(PATIENCE).orElseThrow().body()).isEqualTo("hi");
  }

  @Test
  void theLargestRequestsThatFitAreAnswered() {
    LatchkeyClient nina = server.connect("nina");
    String large = "x".repeat(250_000);
    for (String payload :
        List.of(
            "<query xmlns='jabber:iq:roster'><item jid='a@localhost' name='"
                + large
                + "'/></query>",
            "<query xmlns='jabber:iq:roster'>"
                + "<item jid='a@localhost'/>".repeat(9_000)
                + "</query>",
            "<block xmlns='urn:xmpp:blocking'>"
                + "<item jid='a@localhost'/>".repeat(9_000)
                + "</block>",
            "<query xmlns='urn:xmpp:mam:2' queryid='" + large + "'/>",
            "<query xmlns='jabber:iq:private'><x xmlns='urn:example'>" + large + "</x></query>")) {
      try {
        nina.request(xml("<iq type='set'>" + payload + "</iq>"));
      } catch (StanzaErrorException refused) {
        assertThat(refused.condition()).isNotEqualTo("internal-server-error");
      }
    }
    nina.ping();
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 5", rule = "invited and disabled accounts are as none")
  void invitedAndDisabledAccountsAnswerAsNone() throws Exception {
    var _ = server.invite(INVITED);
    var _ = server.enrol(server.invite(PIA), "pia");
    server.admin(new JsonLine().with("command", "disable").with("account", PIA.toString()));
    LatchkeyClient nina = online("nina");
    for (String payload :
        List.of(
            "<query xmlns='http://jabber.org/protocol/disco#info'/>",
            "<query xmlns='http://jabber.org/protocol/disco#items'/>",
            "<query xmlns='urn:xmpp:mam:2'/>",
            "<vCard xmlns='vcard-temp'/>",
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='n'/></pubsub>")) {
      for (String type : List.of("get", "set")) {
        String nobody = answer(nina, NOBODY, type, payload);
        assertThat(answer(nina, INVITED, type, payload)).as(payload).isEqualTo(nobody);
        assertThat(answer(nina, PIA, type, payload)).as(payload).isEqualTo(nobody);
        assertThat(answer(nina, OMAR, type, payload)).as(payload).isEqualTo(nobody);
      }
    }
    for (AccountJid whom : List.of(NOBODY, INVITED, PIA, OMAR)) {
      nina.send(whom.jid(), "hello?");
      nina.send(xml("<presence type='subscribe' to='%s'/>".formatted(whom)));
      nina.ping();
      assertThat(nina.receive(java.time.Duration.ZERO)).as(whom.toString()).isEmpty();
    }
  }

  private static String answer(
      LatchkeyClient client, AccountJid whom, String type, String payload) {
    try {
      return client
          .request(xml("<iq type='%s' to='%s'>%s</iq>".formatted(type, whom, payload)))
          .toXml();
    } catch (StanzaErrorException refused) {
      return refused.type() + " " + refused.getMessage();
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 37", rule = "the server writes every stanza's from")
  void forgedSendersAreOverwrittenInAnswersAndRequestsToo() throws Exception {
    var _ = server.enrol(server.invite(PIA), "pia");
    LatchkeyClient nina = online("nina");
    LatchkeyClient omar = online("omar");
    online("pia");
    String forged = "from='" + PIA + "/Latchkey'";
    omar.send(xml("<presence type='subscribe' " + forged + " to='" + NINA + "'/>"));
    omar.send(xml("<iq type='result' id='guess' " + forged + " to='%s'/>".formatted(nina.jid())));
    omar.send(
        xml(
            "<iq type='set' id='r' from='localhost' to='%s'><query xmlns='jabber:iq:roster'/></iq>"
                .formatted(nina.jid())));
    omar.ping();
    nina.ping();
    assertThat(server.recording.byServer())
        .filteredOn(
            said ->
                said.attribute("from").filter(from -> from.startsWith(PIA.toString())).isPresent())
        .filteredOn(said -> said.attribute("to").filter(to -> to.startsWith("nina")).isPresent())
        .isEmpty();
    assertThat(server.recording.byServer())
        .filteredOn(said -> said.attribute("id").equals(Optional.of("r")))
        .filteredOn(said -> said.attribute("type").equals(Optional.of("set")))
        .allSatisfy(said -> assertThat(said.attribute("from")).contains(omar.jid().toString()));
  }

  @Test
  @Spec(doc = "RFC 6120", section = "7.1", rule = "who is not bound sends and gets nothing")
  void aSessionThatIsNotBoundSeesNothing() throws Exception {
    LatchkeyClient omar = online("omar");
    ClientStream stream = server.stream(server.invite(NINA), Optional.of(server.identity("nina")));
    assertThat(HandMade.external(stream, NINA)).isInstanceOf(SaslOutcome.Succeeded.class);
    var _ = stream.features();
    omar.send(NINA.jid(), "for who is bound");
    omar.ping();
    stream.send(
        xml("<message to='" + OMAR + "' type='chat'><body>from who is not bound</body></message>"));
    Peer.Heard heard = Peer.untilEnd(stream);
    assertThat(heard.elements()).noneMatch(said -> said.toXml().contains("for who is bound"));
    assertThat(heard.end()).isInstanceOf(StreamErrorException.class);
    omar.ping();
    assertThat(omar.receive(java.time.Duration.ZERO)).isEmpty();
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 39", rule = "a deleted account leaves nothing behind")
  void anAccountThatIsDeletedWhileItsSessionsTalkLeavesNothing() throws Exception {
    LatchkeyClient nina = online("nina");
    LatchkeyClient omar = online("omar");
    befriend(nina, omar);
    String position = position(server.dump().text());
    CountDownLatch talking = new CountDownLatch(2);
    Thread one = Thread.ofVirtual().start(() -> talk(nina, OMAR.jid(), talking));
    Thread other = Thread.ofVirtual().start(() -> talk(omar, NINA.jid(), talking));
    assertThat(talking.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    server.admin(new JsonLine().with("command", "delete").with("account", OMAR.toString()));
    assertThat(omar.awaitEnd(PATIENCE)).isPresent();
    assertThat(other.join(PATIENCE)).isTrue();
    nina.send(OMAR.jid(), "to nobody");
    nina.ping();
    one.interrupt();
    assertThat(one.join(PATIENCE)).isTrue();
    String left = server.dump().text();
    assertThat(
            left.lines()
                .filter(
                    row ->
                        Pattern.compile(
                                "^(history|peer|archive|offline|eventing|roster|blocked"
                                    + "|private|leftover)\\S* .*\\baccount="
                                    + position
                                    + "\\b")
                            .matcher(row)
                            .find()))
        .isEmpty();
    assertThat(left.lines().filter(row -> row.startsWith("roster_item ")))
        .as("nobody has it as a contact who sees it")
        .noneMatch(row -> row.contains("omar@") && row.matches(".*=(both|from|to)\\b.*"));
  }

  private static void talk(LatchkeyClient client, Jid to, CountDownLatch talking) {
    try {
      for (int i = 0; !Thread.currentThread().isInterrupted(); i++) {
        client.send(to, "word " + i);
        client.ping();
        for (Optional<Message> heard = client.receive(java.time.Duration.ZERO);
            heard.isPresent();
            heard = client.receive(java.time.Duration.ZERO)) {
          // taken, so that it is not full
        }
        if (i == 10) {
          talking.countDown();
        }
      }
    } catch (ClientException ended) {
      // that is what the test is about
    }
  }

  private static String position(String dump) {
    Matcher row = Pattern.compile("(?m)^account position=(\\d+) .*localpart=omar\\b").matcher(dump);
    assertThat(row.find()).isTrue();
    return row.group(1);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.eventing.Capabilities;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// XEP-0163: who hears of what is published.
class EventingTest {
  private static final String INFO =
      "<query xmlns='http://jabber.org/protocol/disco#info'>"
          + "<identity category='client' type='phone'/><feature var='urn:n+notify'/></query>";

  private final ChatDomain domain = new ChatDomain("nina", "omar");
  private final ChatDomain.Client nina = domain.online("nina", "phone");
  private final ChatDomain.Client omar = domain.online("omar", "desk");

  @Test
  @Spec(
      doc = "XEP-0060",
      rule = "on_sub_and_presence: the last item comes when a new subscription is processed")
  void whoMayNewlySeeAnAccountHearsItsLastItem() {
    wants(omar);
    publish("first", "presence");
    assertThat(omar.takes("message")).isEmpty();
    omar.says("<presence type='subscribe' to='nina@localhost'/>");
    assertThat(omar.takes("message")).isEmpty();
    nina.says("<presence type='subscribed' to='omar@localhost'/>");
    assertThat(omar.takes("message"))
        .singleElement()
        .satisfies(
            message -> {
              assertThat(message.attribute("from")).contains("nina@localhost");
              assertThat(message.attribute("to")).contains("omar@localhost/desk");
              assertThat(message.attribute("id")).isPresent();
              assertThat(message.toXml()).contains("urn:n").contains("first");
            });
  }

  @Test
  @Spec(
      doc = "XEP-0163",
      section = "4.3.4",
      rule = "who comes is shown the last item: not one that was read before another was published")
  void anItemThatIsPublishedMeanwhileIsNotOvertaken() {
    domain.befriend(nina, omar);
    wants(omar);
    publish("first", "presence");
    ChatDomain.Client desk = domain.connect("omar", "new");
    Runnable publishes = () -> publish("second", "presence");
    domain.afterReadingItems.happens( // those of the own account, then those of the contacts
        () -> domain.afterReadingItems.happens(publishes));
    comesWanting(desk);
    List<Element> heard = desk.takes("message");
    assertThat(heard).isNotEmpty();
    assertThat(heard.getLast().toXml()).contains("second").doesNotContain("first");
  }

  @Test
  @Spec(doc = "XEP-0060", section = "12.3", rule = "each notification has an id of its own")
  void noTwoNotificationsHaveTheSameId() {
    domain.befriend(nina, omar);
    wants(nina);
    wants(omar);
    publish("first", "presence");
    publish("second", "presence");
    assertThat(Stream.concat(nina.takes("message").stream(), omar.takes("message").stream()))
        .extracting(message -> message.attribute("id").orElseThrow())
        .hasSize(4)
        .doesNotHaveDuplicates();
  }

  @Test
  @Spec(
      doc = "XEP-0060",
      section = "7.1.5",
      rule = "options that name no group are met by the node that they made")
  void optionsWithAnEmptyGroupAreMetAgain() {
    String publish =
        "<iq type='set' id='p'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
            + "<publish node='urn:n'><item id='current'><n xmlns='urn:n'/></item></publish>"
            + "<publish-options><x xmlns='jabber:x:data' type='submit'>"
            + "<field var='FORM_TYPE' type='hidden'>"
            + "<value>http://jabber.org/protocol/pubsub#publish-options</value></field>"
            + "<field var='pubsub#roster_groups_allowed'><value/></field>"
            + "</x></publish-options></pubsub></iq>";
    assertThat(nina.ask(publish).attribute("type")).contains("result");
    assertThat(nina.ask(publish).attribute("type")).contains("result");
  }

  @Test
  @Spec(
      doc = "XEP-0163",
      section = "4.3.2",
      rule = "a full JID that subscribed is told, available or not; of a bare JID who is available")
  void aResourceThatSubscribedIsToldThoughNotAvailable() {
    publish("first", "open");
    ChatDomain.Client quiet = domain.connect("omar", "quiet");
    ChatDomain.Client other = domain.connect("omar", "other");
    for (String subscriber : List.of("omar@localhost/quiet", "omar@localhost")) {
      quiet.ask(
          ("<iq type='set' id='s' to='nina@localhost'>"
                  + "<pubsub xmlns='http://jabber.org/protocol/pubsub'>"
                  + "<subscribe node='urn:n' jid='%s'/></pubsub></iq>")
              .formatted(subscriber));
    }
    quiet.heard.clear();
    omar.heard.clear();
    publish("second", "open");
    assertThat(quiet.takes("message")).hasSize(1);
    assertThat(omar.takes("message")).hasSize(1);
    assertThat(other.takes("message")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"presence, true", "roster, true", "open, false"})
  @Spec(
      doc = "XEP-0163",
      section = "7.1",
      rule = "who is not shown the account's presence any more is subscribed to nothing it is for")
  void whoIsShutOutIsSubscribedNoMore(String access, boolean ended) {
    domain.befriend(nina, omar);
    puts(nina, "omar@localhost", "<group>Friends</group>");
    publish("first", access);
    subscribes(omar);
    publish("second", access);
    assertThat(omar.takes("message")).hasSize(1);
    nina.says("<presence type='unsubscribed' to='omar@localhost'/>");
    omar.says("<presence type='subscribe' to='nina@localhost'/>");
    nina.says("<presence type='subscribed' to='omar@localhost'/>");
    publish("third", access);
    assertThat(omar.takes("message")).hasSize(ended ? 0 : 1);
  }

  @Test
  @Spec(
      doc = "XEP-0163",
      section = "7.1",
      rule = "so is who is moved out of the node's group, and stays so in it again")
  void whoLeavesTheGroupIsSubscribedNoMore() {
    domain.befriend(nina, omar);
    puts(nina, "omar@localhost", "<group>Friends</group><group>Work</group>");
    publish("first", "roster");
    subscribes(omar);
    puts(nina, "omar@localhost", "<group>Friends</group>");
    publish("second", "roster");
    assertThat(omar.takes("message")).hasSize(1);
    puts(nina, "omar@localhost", "<group>Work</group>");
    puts(nina, "omar@localhost", "<group>Friends</group>");
    publish("third", "roster");
    assertThat(omar.takes("message")).isEmpty();
  }

  private static void puts(ChatDomain.Client who, String contact, String groups) {
    who.ask(
        ("<iq type='set' id='g'><query xmlns='jabber:iq:roster'><item jid='%s'>%s</item></query>"
                + "</iq>")
            .formatted(contact, groups));
  }

  private static void subscribes(ChatDomain.Client who) {
    assertThat(
            who.ask(
                    ("<iq type='set' id='s' to='nina@localhost'>"
                            + "<pubsub xmlns='http://jabber.org/protocol/pubsub'>"
                            + "<subscribe node='urn:n' jid='%s'/></pubsub></iq>")
                        .formatted(who.bare()))
                .attribute("type"))
        .contains("result");
    who.heard.clear();
  }

  @Test
  void whoAsksForWhatItHasHearsNoItemsAgain() {
    domain.befriend(nina, omar);
    wants(omar);
    publish("first", "presence");
    assertThat(omar.takes("message")).hasSize(1);
    omar.says("<presence type='subscribe' to='nina@localhost'/>");
    assertThat(omar.takes("message")).isEmpty();
  }

  @Test
  void whatIsForOthersDoesNotComeWithASubscription() {
    wants(omar);
    publish("first", "whitelist");
    omar.says("<presence type='subscribe' to='nina@localhost'/>");
    nina.says("<presence type='subscribed' to='omar@localhost'/>");
    assertThat(omar.takes("message")).isEmpty();
  }

  @Test
  void whoBlocksAnAccountDoesNotHearItsItems() {
    wants(omar);
    publish("first", "presence");
    omar.says("<presence type='subscribe' to='nina@localhost'/>");
    block(omar, "nina@localhost");
    nina.says("<presence type='subscribed' to='omar@localhost'/>");
    assertThat(omar.takes("message")).isEmpty();
  }

  @Test
  @Spec(doc = "XEP-0191", section = "3.3", rule = "what whom one blocks published is not shown")
  void whoBlocksAContactDoesNotHearItsItemsAtLogin() {
    domain.befriend(nina, omar);
    publish("first", "presence");
    comesWanting(omar);
    assertThat(omar.takes("message")).hasSize(1);
    block(omar, "nina@localhost");
    ChatDomain.Client couch = domain.connect("omar", "couch");
    comesWanting(couch);
    assertThat(couch.takes("message")).isEmpty();
    omar.ask("<iq type='set' id='u'><unblock xmlns='urn:xmpp:blocking'/></iq>");
    ChatDomain.Client tablet = domain.connect("omar", "tablet");
    comesWanting(tablet);
    assertThat(tablet.takes("message")).hasSize(1);
  }

  @Test
  @Spec(
      doc = "XEP-0191",
      section = "3.3",
      rule = "a resource that is blocked alone hears of nothing that is published, the others do")
  void aBlockedResourceHearsOfNoItems() {
    domain.befriend(nina, omar);
    ChatDomain.Client couch = domain.connect("omar", "couch");
    wants(couch);
    wants(omar);
    block(nina, "omar@localhost/desk");
    publish("first", "presence");
    assertThat(omar.takes("message")).isEmpty();
    assertThat(couch.takes("message")).hasSize(1);
  }

  @Test
  @Spec(
      doc = "XEP-0198",
      section = "5",
      rule = "a session goes on where it was: what was asked before the server stopped is answered")
  void anAnswerToWhatWasAskedBeforeAStopCounts() {
    ChatDomain.Client tablet = domain.connect("nina", "tablet");
    claims(tablet, INFO);
    Element question = tablet.takes("iq").getFirst();
    tablet = domain.afterARestart(tablet);
    answers(tablet, question, INFO);
    publish("first", "presence");
    assertThat(tablet.takes("message")).hasSize(1);
  }

  @Test
  void anAnswerToAnEarlierClaimChangesNothing() {
    wants(omar); // what it claims is known now
    ChatDomain.Client tablet = domain.connect("nina", "tablet");
    String other = INFO.replace("urn:n+notify", "urn:other+notify");
    claims(tablet, other);
    Element question = tablet.takes("iq").getFirst();
    claims(tablet, INFO);
    answers(tablet, question, other);
    publish("first", "presence");
    assertThat(tablet.takes("message")).hasSize(1);
  }

  @Test
  void whoHasAnsweredBeforeAStopIsNotAskedAgain() {
    ChatDomain.Client tablet = domain.connect("nina", "tablet");
    wants(tablet);
    tablet = domain.afterARestart(tablet);
    claims(tablet, INFO);
    assertThat(tablet.takes("iq")).isEmpty();
    publish("first", "presence");
    assertThat(tablet.takes("message")).hasSize(1);
  }

  private static void block(ChatDomain.Client who, String address) {
    who.ask(
        "<iq type='set' id='b'><block xmlns='urn:xmpp:blocking'><item jid='%s'/></block></iq>"
            .formatted(address));
  }

  /// Its client says by its capabilities which node it wants (XEP-0115), and has heard nothing yet.
  private static void wants(ChatDomain.Client client) {
    comesWanting(client);
    client.heard.clear();
  }

  private static void claims(ChatDomain.Client client, String info) {
    client.says(
        "<presence>%s</presence>"
            .formatted(Capabilities.hash("urn:client", ChatDomain.xml(info)).element().toXml()));
  }

  private static void answers(ChatDomain.Client client, Element question, String info) {
    client.says(
        "<iq type='result' id='%s' to='%s'>%s</iq>"
            .formatted(
                question.attribute("id").orElseThrow(),
                question.attribute("from").orElseThrow(),
                info));
  }

  private static void comesWanting(ChatDomain.Client client) {
    claims(client, INFO);
    client.takes("iq").stream()
        .filter(iq -> iq.child("query", Namespaces.DISCO_INFO).isPresent())
        .findFirst() // nobody is asked what is known
        .ifPresent(question -> answers(client, question, INFO));
  }

  private void publish(String payload, String access) {
    Element answer =
        nina.ask(
            ("<iq type='set' id='p'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
                    + "<publish node='urn:n'><item id='current'><n xmlns='urn:n'>%s</n></item>"
                    + "</publish><publish-options><x xmlns='jabber:x:data' type='submit'>"
                    + "<field var='FORM_TYPE' type='hidden'>"
                    + "<value>http://jabber.org/protocol/pubsub#publish-options</value></field>"
                    + "<field var='pubsub#access_model'><value>%s</value></field>"
                    + "<field var='pubsub#roster_groups_allowed'><value>Friends</value></field>"
                    + "</x></publish-options></pubsub></iq>")
                .formatted(payload, access));
    assertThat(answer.attribute("type")).contains("result");
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 4",
      rule = "who is given the name of an account that is gone was let in nowhere")
  void whoHasADeletedAccountsNameIsNoMember() {
    publish("secret", "whitelist");
    nina.ask(
        "<iq type='set' id='a'><pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>"
            + "<affiliations node='urn:n'><affiliation jid='omar@localhost' affiliation='member'/>"
            + "</affiliations></pubsub></iq>");
    assertThat(asksForItems(omar)).contains("secret");
    domain.giveAway("omar");
    ChatDomain.Client heir = domain.online("omar", "desk");
    assertThat(asksForItems(heir)).contains("type='error'").doesNotContain("secret");
  }

  private static String asksForItems(ChatDomain.Client who) {
    return who.ask(
            "<iq type='get' id='i' to='nina@localhost'>"
                + "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='urn:n'/>"
                + "</pubsub></iq>")
        .toXml();
  }
}

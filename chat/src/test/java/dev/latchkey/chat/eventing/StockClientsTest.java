// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import static dev.latchkey.chat.eventing.PubSubDesk.CONTACT;
import static dev.latchkey.chat.eventing.PubSubDesk.FRIEND;
import static dev.latchkey.chat.eventing.PubSubDesk.NINA;
import static dev.latchkey.chat.eventing.PubSubDesk.OWNER;
import static dev.latchkey.chat.eventing.PubSubDesk.STRANGER;
import static dev.latchkey.chat.eventing.PubSubDesk.UNAVAILABLE;
import static dev.latchkey.chat.eventing.PubSubDesk.configuration;
import static dev.latchkey.chat.eventing.PubSubDesk.inside;
import static dev.latchkey.chat.eventing.PubSubDesk.options;
import static dev.latchkey.chat.eventing.PubSubDesk.publish;
import static dev.latchkey.chat.eventing.PubSubDesk.refusal;
import static dev.latchkey.chat.eventing.PubSubDesk.text;
import static dev.latchkey.chat.eventing.PubSubDesk.told;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.AccountId;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What the clients of today ask, from their first question to their last.
final class StockClientsTest {
  private static final String DEVICES = "urn:xmpp:omemo:2:devices";
  private static final String BUNDLES = "urn:xmpp:omemo:2:bundles";
  private static final String BOOKMARKS = "urn:xmpp:bookmarks:1";

  private final PubSubDesk desk = new PubSubDesk();

  @Test
  @Spec(doc = "XEP-0384", section = "5.3", rule = "anybody may fetch open device lists and bundles")
  void exchangeKeysForEncryption() {
    EventingAnswer announced =
        desk.set(
            OWNER,
            publish(
                    DEVICES,
                    "current",
                    "<devices xmlns='urn:xmpp:omemo:2'><device id='1'/></devices>")
                + options(Map.of("pubsub#access_model", "open")));
    Map<String, String> many = Map.of("pubsub#access_model", "open", "pubsub#max_items", "max");
    for (String device : List.of("1", "2")) {
      assertThat(
              text(
                  desk.set(
                      OWNER,
                      publish(BUNDLES, device, "<bundle xmlns='urn:xmpp:omemo:2'/>")
                          + options(many))))
          .contains("type='result'");
    }

    assertThat(announced.notifications().getFirst().isFor(FRIEND, Set.of(DEVICES))).isTrue();
    for (Requester who : List.of(OWNER, FRIEND, STRANGER)) {
      assertThat(text(desk.get(who, "<items node='%s'/>".formatted(DEVICES))))
          .contains("<device id='1'/>");
      assertThat(text(desk.get(who, "<items node='%s'><item id='2'/></items>".formatted(BUNDLES))))
          .contains("<item id='2'><bundle")
          .doesNotContain("<item id='1'>");
    }
    assertThat(inside(desk.get(STRANGER, "<items node='eu.siacs.conversations.axolotl'/>")))
        .isEqualTo(UNAVAILABLE);
  }

  @Test
  @Spec(doc = "XEP-0060", section = "7.1.5", rule = "who is refused may configure and try again")
  void configureTheNodeWhenTheirOptionsAreRefused() {
    desk.set(OWNER, publish(DEVICES, "current", "<devices xmlns='urn:xmpp:omemo:2'/>"));
    String again =
        publish(DEVICES, "current", "<devices xmlns='urn:xmpp:omemo:2'/>")
            + options(Map.of("pubsub#access_model", "open"));
    assertThat(refusal(desk.set(OWNER, again))).contains("precondition-not-met");

    String shown = text(desk.ownerGet(OWNER, "<configure node='%s'/>".formatted(DEVICES)));
    String form = shown.substring(shown.indexOf("<x "), shown.indexOf("</x>") + 4);
    String filled =
        form.replace("type='form'", "type='submit'")
            .replace("<value>presence</value></field>", "<value>open</value></field>");
    EventingAnswer configured =
        desk.ownerSet(OWNER, "<configure node='%s'>%s</configure>".formatted(DEVICES, filled));

    assertThat(text(configured)).contains("type='result'");
    assertThat(text(desk.set(OWNER, again))).contains("type='result'");
  }

  @Test
  @Spec(doc = "XEP-0402", section = "3", rule = "bookmarks are one's own, one item for each room")
  void keepBookmarks() {
    Map<String, String> options =
        Map.of(
            "pubsub#persist_items", "true",
            "pubsub#max_items", "max",
            "pubsub#send_last_published_item", "never",
            "pubsub#access_model", "whitelist");
    for (String room : List.of("a@rooms.example", "b@rooms.example", "a@rooms.example")) {
      EventingAnswer answer =
          desk.set(
              OWNER,
              publish(BOOKMARKS, room, "<conference xmlns='urn:xmpp:bookmarks:1'/>")
                  + options(options));
      assertThat(text(answer)).contains("type='result'");
      assertThat(answer.notifications().getFirst().isFor(OWNER, Set.of(BOOKMARKS))).isTrue();
      assertThat(answer.notifications().getFirst().isFor(FRIEND, Set.of(BOOKMARKS))).isFalse();
    }

    assertThat(desk.store.itemIds(NINA, BOOKMARKS, 9))
        .containsExactly("b@rooms.example", "a@rooms.example");
    assertThat(refusal(desk.get(FRIEND, "<items node='%s'/>".formatted(BOOKMARKS))))
        .containsExactly("not-allowed", "closed-node");
    assertThat(inside(desk.get(STRANGER, "<items node='%s'/>".formatted(BOOKMARKS))))
        .isEqualTo(UNAVAILABLE);
    assertThat(desk.eventing.lastItems(NINA, OWNER, Set.of(BOOKMARKS))).isEmpty();
    assertThat(
            told(
                desk.set(
                    OWNER,
                    "<retract node='%s' notify='true'><item id='b@rooms.example'/></retract>"
                        .formatted(BOOKMARKS))))
        .hasSize(1);
  }

  @Test
  @Spec(doc = "XEP-0223", section = "3", rule = "private data is persistent and on a whitelist")
  void keepPrivateDataPrivate() {
    desk.set(
        OWNER,
        publish("storage:bookmarks", "current", "<storage xmlns='storage:bookmarks'/>")
            + options(Map.of("pubsub#persist_items", "true", "pubsub#access_model", "whitelist")));

    assertThat(text(desk.get(OWNER, "<items node='storage:bookmarks'/>"))).contains("<storage");
    assertThat(refusal(desk.get(FRIEND, "<items node='storage:bookmarks'/>")))
        .contains("closed-node");
  }

  @Test
  @Spec(doc = "XEP-0222", section = "3", rule = "public data is persistent, and open if wanted")
  void showAvatarCardAndNick() {
    String data = "<data xmlns='urn:xmpp:avatar:data'>%s</data>".formatted("A".repeat(100_000));
    desk.set(OWNER, publish("urn:xmpp:avatar:data", "hash", data));
    EventingAnswer metadata =
        desk.set(
            OWNER,
            publish(
                "urn:xmpp:avatar:metadata",
                "hash",
                "<metadata xmlns='urn:xmpp:avatar:metadata'/>"));
    desk.set(
        OWNER,
        publish("urn:xmpp:vcard4", "current", "<vcard xmlns='urn:ietf:params:xml:ns:vcard-4.0'/>"));
    desk.set(
        OWNER,
        publish(
            "http://jabber.org/protocol/nick",
            "current",
            "<nick xmlns='http://jabber.org/protocol/nick'>Nina</nick>"));

    assertThat(
            metadata.notifications().getFirst().isFor(CONTACT, Set.of("urn:xmpp:avatar:metadata")))
        .isTrue();
    assertThat(
            text(desk.get(CONTACT, "<items node='urn:xmpp:avatar:data'><item id='hash'/></items>")))
        .contains("AAAA");
    assertThat(text(desk.get(CONTACT, "<items node='urn:xmpp:vcard4'/>"))).contains("<vcard");
    assertThat(text(desk.get(CONTACT, "<items node='http://jabber.org/protocol/nick'/>")))
        .contains("Nina");
  }

  @Test
  @Spec(
      doc = "XEP-0163",
      section = "4.3.4",
      rule = "who comes online is sent the last items, with their time")
  void hearTheLastItemsWhenTheyComeOnline() {
    AccountId otto = new AccountId("acct-otto");
    desk.set(OWNER, publish("tune", "a", "<tune xmlns='urn:example:tune'/>"));
    desk.clock.advance(Duration.ofMinutes(1));
    desk.set(OWNER, publish("mood", "a", "<mood xmlns='urn:example:mood'/>"));
    desk.store.publish(
        otto,
        "mood",
        Optional.empty(),
        NodeConfiguration.usual(Bounds.USUAL).withAccess(AccessModel.WHITELIST),
        List.of(
            new Item(
                "o",
                Optional.of(Element.empty("mood", "urn:example:mood")),
                FRIEND.jid(),
                desk.clock.instant())),
        Bounds.USUAL);

    Map<AccountId, List<Notification>> told =
        desk.eventing.lastItems(List.of(NINA, otto), CONTACT, Set.of("mood", "x"));

    assertThat(told).as("who is on no list of Otto's hears nothing of him").containsOnlyKeys(NINA);
    Notification last = told.getOrDefault(NINA, List.of()).getFirst();
    assertThat(last.message(PubSubDesk.NINA_JID.jid(), CONTACT.jid(), "e1").toXml())
        .isEqualTo(
            "<message type='headline' id='e1' from='nina@chat.example' to='kim@chat.example/desk'>"
                + "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='mood'>"
                + "<item id='a'><mood xmlns='urn:example:mood'/></item></items></event>"
                + "<delay xmlns='urn:xmpp:delay' stamp='2026-05-01T12:01:00Z'/></message>");
    assertThat(last.mayReceive(CONTACT)).isTrue();
    assertThat(last.mayReceive(FRIEND)).as("only who came online").isFalse();
    assertThat(desk.eventing.lastItems(NINA, OWNER, Set.of("mood", "tune"))).hasSize(2);
    assertThat(desk.eventing.lastItems(NINA, OWNER, Set.of())).isEmpty();
  }

  @Test
  void findOutWhatANodeIs() {
    desk.set(OWNER, publish("mood", "a", "<mood xmlns='urn:example:mood'/>"));
    desk.ownerSet(
        OWNER,
        "<configure node='mood'>%s</configure>"
            .formatted(configuration(Map.of("pubsub#title", "My mood"))));

    assertThat(
            text(
                desk.ask(
                    FRIEND,
                    "get",
                    "<query xmlns='http://jabber.org/protocol/disco#info' node='mood'/>")))
        .contains(
            "<identity category='pubsub' type='leaf' name='My mood'/>",
            "http://jabber.org/protocol/pubsub#meta-data");
    assertThat(
            text(
                desk.ask(
                    FRIEND,
                    "get",
                    "<query xmlns='http://jabber.org/protocol/disco#items' node='mood'/>")))
        .contains("<item jid='nina@chat.example' name='a'/>");
    assertThat(
            refusal(
                desk.ask(
                    OWNER,
                    "get",
                    "<query xmlns='http://jabber.org/protocol/disco#info' node='nowhere'/>")))
        .containsExactly("item-not-found");
  }

  @Test
  void learnWhatIsOffered() {
    assertThat(Eventing.features())
        .doesNotHaveDuplicates()
        .contains(
            "http://jabber.org/protocol/pubsub",
            "http://jabber.org/protocol/pubsub#publish-options",
            "http://jabber.org/protocol/pubsub#persistent-items",
            "http://jabber.org/protocol/pubsub#config-node-max",
            "http://jabber.org/protocol/pubsub#filtered-notifications")
        .doesNotContain("http://jabber.org/protocol/pubsub#access-authorize");
  }

  @Test
  void leaveNothingBehind() {
    desk.set(OWNER, publish("mood", "a", "<mood xmlns='urn:example:mood'/>"));

    desk.eventing.forget(NINA);

    assertThat(refusal(desk.get(OWNER, "<items node='mood'/>"))).containsExactly("item-not-found");
    assertThat(desk.store.find(NINA, "mood")).isEmpty();
  }
}

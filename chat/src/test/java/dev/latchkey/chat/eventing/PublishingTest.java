// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import static dev.latchkey.chat.eventing.PubSubDesk.CONTACT;
import static dev.latchkey.chat.eventing.PubSubDesk.FRIEND;
import static dev.latchkey.chat.eventing.PubSubDesk.NINA;
import static dev.latchkey.chat.eventing.PubSubDesk.OWNER;
import static dev.latchkey.chat.eventing.PubSubDesk.STRANGER;
import static dev.latchkey.chat.eventing.PubSubDesk.configuration;
import static dev.latchkey.chat.eventing.PubSubDesk.configure;
import static dev.latchkey.chat.eventing.PubSubDesk.form;
import static dev.latchkey.chat.eventing.PubSubDesk.inside;
import static dev.latchkey.chat.eventing.PubSubDesk.options;
import static dev.latchkey.chat.eventing.PubSubDesk.publish;
import static dev.latchkey.chat.eventing.PubSubDesk.refusal;
import static dev.latchkey.chat.eventing.PubSubDesk.text;
import static dev.latchkey.chat.eventing.PubSubDesk.told;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.credential.AccountId;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PublishingTest {
  private static final Bounds SMALL = new Bounds(3, 20, 200, 2000, 5, 3, 2, 2, 20, 2, 30, 500, 10);
  private static final String MOOD = "<mood xmlns='urn:example:mood'/>";

  private final PubSubDesk desk = new PubSubDesk();
  private final PubSubDesk small = new PubSubDesk(SMALL);

  @Test
  @Spec(doc = "XEP-0163", section = "3", rule = "a node is made when something is published there")
  void makesTheNodeWithTheUsualConfiguration() {
    EventingAnswer answer = desk.set(OWNER, publish("mood", "current", MOOD));

    assertThat(inside(answer))
        .isEqualTo(
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='mood'>"
                + "<item id='current'/></publish></pubsub>");
    assertThat(told(answer))
        .containsExactly(
            "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='mood'>"
                + "<item id='current'>"
                + MOOD
                + "</item></items></event>");
    assertThat(desk.store.find(NINA, "mood").orElseThrow().configuration())
        .isEqualTo(NodeConfiguration.usual(Bounds.USUAL));
  }

  @Test
  void sendsHeadlinesFromTheAccount() {
    Notification notification =
        desk.set(OWNER, publish("mood", "a", MOOD)).notifications().getFirst();

    assertThat(notification.message(PubSubDesk.NINA_JID.jid(), FRIEND.jid(), "e1").toXml())
        .startsWith(
            "<message type='headline' id='e1' from='nina@chat.example'"
                + " to='otto@chat.example/tablet'><event ");
  }

  @Test
  @Spec(doc = "XEP-0060", section = "7.1.2", rule = "an item without an id gets one")
  void drawsAnIdIfThereIsNone() {
    desk.set(OWNER, "<publish node='mood'><item>%s</item></publish>".formatted(MOOD));
    desk.set(OWNER, "<publish node='mood'><item id=''>%s</item></publish>".formatted(MOOD));

    assertThat(desk.store.itemIds(NINA, "mood", 9)).hasSize(1).allMatch(id -> id.length() == 32);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<publish><item/></publish> | bad-request nodeid-required",
        "<publish node=''><item/></publish> | bad-request nodeid-required",
        "<publish node='n'/> | bad-request item-required",
        "<publish node='n'><item id='a'/></publish> | bad-request payload-required",
        "<publish node='n'><item id='a'>words</item></publish> | bad-request payload-required",
        "<publish node='n'><item><a xmlns='a'/><b xmlns='b'/></item></publish>"
            + " | bad-request invalid-payload",
        "<publish node='n'><item id='a'><a xmlns='a'/></item><item id='a'><a xmlns='a'/></item>"
            + "</publish> | bad-request",
        "<publish node='n'><item id='a'><a xmlns='a'/></item><item id='b'><a xmlns='a'/></item>"
            + "</publish> | not-allowed max-items-exceeded",
        "<publish node='n'><item><a xmlns='a'/></item></publish><retract node='n'/> | bad-request",
        "<publish node='n'><item><a xmlns='a'/></item></publish><publish-options/>"
            + " | bad-request invalid-options",
        "<retract><item id='a'/></retract> | bad-request nodeid-required",
        "<retract node='n'/> | bad-request item-required",
        "<retract node='n'><item/></retract> | bad-request item-required",
        "<retract node='n'><item id='a'/></retract> | item-not-found",
        "<options node='n' jid='nina@chat.example'/> | feature-not-implemented unsupported",
        "<items node='n'/> | bad-request",
        "<affiliations/> | bad-request",
        "<nonsense/> | bad-request",
        "<publish xmlns='urn:example:other'/> | bad-request"
      })
  void refusesWhatIsMalformed(String verb, String expected) {
    EventingAnswer answer = desk.set(OWNER, verb);

    assertThat(String.join(" ", refusal(answer))).isEqualTo(expected);
    assertThat(text(answer)).doesNotContain("xmlns='a'");
    assertThat(desk.store.nodes(NINA)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<configure/> | bad-request nodeid-required",
        "<configure node='mood'/> | bad-request",
        "<configure node='mood'><x xmlns='jabber:x:data' type='submit'/></configure> | bad-request",
        "<configure node='mood'><x xmlns='jabber:x:data' type='form'/></configure> | bad-request",
        "<delete/> | bad-request nodeid-required",
        "<delete node='x'/> | item-not-found",
        "<purge node='x'/> | item-not-found",
        "<purge/> | bad-request nodeid-required",
        "<subscriptions node='mood'><subscription subscription='none'/></subscriptions>"
            + " | bad-request",
        "<subscriptions node='mood'><subscription jid='a@b.example' subscription='none'/>"
            + "</subscriptions> | item-not-found",
        "<default/> | bad-request",
        "<nonsense/> | bad-request"
      })
  void refusesToRuleWhatIsMalformed(String verb, String expected) {
    desk.set(OWNER, publish("mood", "a", MOOD));
    List<Node> before = desk.store.nodes(NINA);

    assertThat(String.join(" ", refusal(desk.ownerSet(OWNER, verb)))).isEqualTo(expected);
    assertThat(desk.store.nodes(NINA)).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "99999999999999999999", "x", ""})
  void takesNoAbsurdNumberOfItems(String number) {
    desk.set(OWNER, publish("mood", "a", MOOD));
    EventingAnswer answer =
        desk.get(OWNER, "<items node='mood' max_items='%s'/>".formatted(number));

    if (number.startsWith("9")) {
      assertThat(text(answer)).as("great, but a number").contains("type='result'");
    } else {
      assertThat(refusal(answer)).containsExactly("bad-request");
    }
  }

  @Test
  void answersWithNothingWhereNothingIs() {
    desk.set(OWNER, publish("mood", "a", MOOD));

    assertThat(inside(desk.get(OWNER, "<items node='mood'><item id='b'/></items>")))
        .isEqualTo(
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='mood'/></pubsub>");
  }

  // Options, XEP-0060 §7.1.5.

  @Test
  @Spec(doc = "XEP-0060", section = "7.1.5", rule = "options make the node that is not there")
  void makesTheNodeWithTheOptions() {
    desk.set(
        OWNER,
        publish("urn:xmpp:omemo:2:devices", "current", MOOD)
            + options(Map.of("pubsub#access_model", "open")));

    assertThat(desk.store.find(NINA, "urn:xmpp:omemo:2:devices").orElseThrow().configuration())
        .isEqualTo(NodeConfiguration.usual(Bounds.USUAL).withAccess(AccessModel.OPEN));
  }

  @ParameterizedTest
  @CsvSource({
    "pubsub#access_model,open",
    "pubsub#access_model,authorize",
    "pubsub#max_items,max",
    "pubsub#max_items,99999999",
    "pubsub#persist_items,false",
    "pubsub#send_last_published_item,never",
    "pubsub#publish_model,open",
    "pubsub#title,other"
  })
  @Spec(doc = "XEP-0060", section = "7.1.5", rule = "options that do not hold stop the publication")
  void refusesOptionsThatDoNotHold(String field, String value) {
    desk.set(OWNER, publish("mood", "a", MOOD));

    assertThat(refusal(desk.set(OWNER, publish("mood", "b", MOOD) + options(Map.of(field, value)))))
        .containsExactly("conflict", "precondition-not-met");
    assertThat(desk.store.itemIds(NINA, "mood", 9)).containsExactly("a");
  }

  @Test
  void publishesWhenOptionsHold() {
    desk.set(OWNER, publish("mood", "a", MOOD));

    assertThat(
            text(
                desk.set(
                    OWNER,
                    publish("mood", "b", MOOD)
                        + options(
                            Map.of(
                                "pubsub#access_model", "presence",
                                "pubsub#persist_items", "true",
                                "pubsub#max_items", "1",
                                "pubsub#publish_model", "publishers")))))
        .contains("type='result'");
  }

  @Test
  void refusesOptionsItDoesNotKnow() {
    assertThat(
            refusal(
                desk.set(OWNER, publish("n", "a", MOOD) + options(Map.of("pubsub#magic", "1")))))
        .containsExactly("bad-request", "invalid-options");
    assertThat(
            refusal(
                desk.set(
                    OWNER,
                    publish("n", "a", MOOD)
                        + "<publish-options>%s</publish-options>"
                            .formatted(configuration(Map.of("pubsub#max_items", "1"))))))
        .as("a form of another type")
        .containsExactly("bad-request", "invalid-options");
    assertThat(desk.store.nodes(NINA)).isEmpty();
  }

  @Test
  void decidesAnewWhenTheConfigurationChangesMeanwhile() {
    desk.set(OWNER, publish("mood", "a", MOOD));
    NodeStore meddling =
        new Meddling(desk.store) {
          @Override
          void before(String name) {
            NodeConfiguration usual = NodeConfiguration.usual(Bounds.USUAL);
            desk.store.configure(NINA, name, usual, usual.withAccess(AccessModel.OPEN));
          }
        };
    Eventing eventing = new Eventing(meddling, Bounds.USUAL, desk.clock, new SeededRandom(1));
    Iq iq =
        Iq.read(
                PubSubDesk.xml(
                    "<iq type='set' id='1'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
                        + publish("mood", "secret", MOOD)
                        + options(Map.of("pubsub#access_model", "presence"))
                        + "</pubsub></iq>"))
            .orElseThrow();

    EventingAnswer answer = eventing.answer(OWNER, NINA, PubSubDesk.NINA_JID, iq);

    assertThat(refusal(answer)).containsExactly("conflict", "precondition-not-met");
    assertThat(desk.store.itemIds(NINA, "mood", 9)).containsExactly("a");
  }

  /// Lets something happen between the decision to publish and the deed.
  private abstract static class Meddling extends ForwardingNodeStore {
    Meddling(NodeStore to) {
      super(to);
    }

    abstract void before(String name);

    @Override
    public Outcome publish(
        AccountId account,
        String name,
        Optional<NodeConfiguration> expected,
        NodeConfiguration configuration,
        List<Item> items,
        Bounds bounds) {
      before(name);
      return super.publish(account, name, expected, configuration, items, bounds);
    }
  }

  // Configuration, XEP-0060 §8.1 and §8.2.

  @ParameterizedTest
  @CsvSource({
    "pubsub#access_model,authorize,not-acceptable unsupported-access-model",
    "pubsub#access_model,everybody,not-acceptable unsupported-access-model",
    "pubsub#publish_model,open,not-acceptable",
    "pubsub#publish_model,subscribers,not-acceptable",
    "pubsub#max_items,0,not-acceptable",
    "pubsub#max_items,-5,not-acceptable",
    "pubsub#max_items,10001,not-acceptable",
    "pubsub#max_items,2147483648,not-acceptable",
    "pubsub#max_payload_size,196609,not-acceptable",
    "pubsub#persist_items,maybe,not-acceptable",
    "pubsub#send_last_published_item,sometimes,not-acceptable",
    "pubsub#node_type,collection,not-acceptable"
  })
  void refusesConfigurationsItDoesNotOffer(String field, String value, String expected) {
    desk.set(OWNER, publish("mood", "a", MOOD));
    List<Node> before = desk.store.nodes(NINA);
    String wanted = configuration(Map.of(field, value));

    assertThat(
            String.join(
                " ",
                refusal(desk.ownerSet(OWNER, "<configure node='mood'>" + wanted + "</configure>"))))
        .isEqualTo(expected);
    assertThat(
            String.join(
                " ",
                refusal(
                    desk.set(OWNER, "<create node='new'/><configure>" + wanted + "</configure>"))))
        .isEqualTo(expected);
    assertThat(desk.store.nodes(NINA)).isEqualTo(before);
  }

  @Test
  void refusesFormsWithAFieldTwice() {
    desk.set(OWNER, publish("mood", "a", MOOD));
    String twice =
        "<field var='pubsub#max_items'><value>2</value></field>"
            + "<field var='pubsub#max_items'><value>3</value></field></x>";

    assertThat(
            refusal(
                desk.ownerSet(
                    OWNER,
                    "<configure node='mood'>"
                        + configuration(Map.of()).replace("</x>", twice)
                        + "</configure>")))
        .containsExactly("bad-request");
    assertThat(
            refusal(
                desk.ownerSet(
                    OWNER,
                    "<configure node='mood'>"
                        + configuration(Map.of("pubsub#max_items", "2</value><value>3"))
                        + "</configure>")))
        .containsExactly("bad-request");
    assertThat(
            refusal(
                desk.ownerSet(
                    OWNER,
                    "<configure node='mood'>"
                        + form("urn:example:other", Map.of("pubsub#max_items", "2"))
                        + "</configure>")))
        .containsExactly("bad-request");
  }

  @Test
  @Spec(doc = "XEP-0060", section = "8.2", rule = "a form shows the configuration and changes it")
  void takesBackTheFormItShows() {
    desk.set(OWNER, publish("mood", "a", MOOD));
    String shown = text(desk.ownerGet(OWNER, "<configure node='mood'/>"));
    String form = shown.substring(shown.indexOf("<x "), shown.indexOf("</x>") + 4);
    Node before = desk.store.find(NINA, "mood").orElseThrow();

    EventingAnswer same =
        desk.ownerSet(
            OWNER,
            "<configure node='mood'>%s</configure>"
                .formatted(form.replace("type='form'", "type='submit'")));

    assertThat(text(same)).contains("type='result'");
    assertThat(desk.store.find(NINA, "mood")).contains(before);
    assertThat(text(desk.ownerGet(OWNER, "<default/>"))).contains(form);
  }

  @Test
  void configuresAndLetsBe() {
    desk.set(OWNER, publish("mood", "a", MOOD));
    desk.ownerSet(
        OWNER, "<configure node='mood'><x xmlns='jabber:x:data' type='cancel'/></configure>");
    EventingAnswer configured =
        desk.ownerSet(
            OWNER,
            "<configure node='mood'>%s</configure>"
                .formatted(
                    configuration(Map.of("pubsub#max_items", "max", "pubsub#notify_config", "1"))));

    assertThat(desk.store.find(NINA, "mood").orElseThrow().configuration())
        .isEqualTo(
            NodeConfiguration.usual(Bounds.USUAL)
                .withMaxItems(Bounds.USUAL.items())
                .withNotifyConfiguration(true));
    assertThat(told(configured).getFirst())
        .contains("<configuration node='mood'>", "<value>max</value>");
  }

  @Test
  void makesNodesOnRequest() {
    assertThat(inside(desk.set(OWNER, "<create node='a'/>"))).isEmpty();
    assertThat(refusal(desk.set(OWNER, "<create node='a'/>"))).containsExactly("conflict");
    assertThat(inside(desk.set(OWNER, "<create/><configure/>"))).contains("<create node='");
    desk.set(OWNER, "<create node='b'/>" + configure(Map.of("pubsub#access_model", "open")));
    assertThat(desk.store.find(NINA, "b").orElseThrow().configuration().access())
        .isEqualTo(AccessModel.OPEN);
    assertThat(desk.store.nodes(NINA)).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<publish node='urn:latchkey:credentials:0'><item id='a'><a xmlns='a'/></item></publish>",
        "<retract node='urn:latchkey:credentials:0'><item id='a'/></retract>",
        "<create node='urn:latchkey:credentials:0'/>"
      })
  void keepsTheNodeOfCredentialsForTheServer(String verb) {
    assertThat(refusal(desk.set(OWNER, verb))).containsExactly("forbidden");
    for (String ruling : List.of("configure", "delete", "purge", "affiliations", "subscriptions")) {
      assertThat(
              refusal(
                  desk.ownerSet(
                      OWNER, "<%s node='urn:latchkey:credentials:0'/>".formatted(ruling))))
          .containsExactly("forbidden");
    }
    assertThat(desk.store.nodes(NINA)).isEmpty();
  }

  // Ends.

  @Test
  void tellsOfWhatIsGone() {
    desk.node("n", Map.of("pubsub#max_items", "5"));
    desk.set(OWNER, publish("n", "two", MOOD));
    desk.set(OWNER, publish("n", "three", MOOD));

    assertThat(
            refusal(desk.set(OWNER, "<retract node='n'><item id='one'/><item id='x'/></retract>")))
        .containsExactly("item-not-found");
    assertThat(told(desk.set(OWNER, "<retract node='n'><item id='one'/></retract>")).getFirst())
        .contains("<items node='n'><retract id='one'/></items>");
    assertThat(told(desk.ownerSet(OWNER, "<purge node='n'/>")).getFirst())
        .contains("<purge node='n'/>");
    assertThat(desk.store.itemIds(NINA, "n", 9)).isEmpty();
    assertThat(told(desk.ownerSet(OWNER, "<delete node='n'/>")).getFirst())
        .contains("<delete node='n'/>");
    assertThat(desk.store.nodes(NINA)).isEmpty();
  }

  @Test
  void tellsNothingWhereTheNodeSaysSo() {
    desk.node("n", Map.of("pubsub#notify_retract", "0", "pubsub#notify_delete", "0"));

    assertThat(told(desk.set(OWNER, "<retract node='n'><item id='one'/></retract>"))).isEmpty();
    desk.set(OWNER, publish("n", "one", MOOD));
    assertThat(told(desk.set(OWNER, "<retract node='n' notify='true'><item id='one'/></retract>")))
        .hasSize(1);
    assertThat(told(desk.ownerSet(OWNER, "<purge node='n'/>"))).isEmpty();
    assertThat(told(desk.ownerSet(OWNER, "<delete node='n'/>"))).isEmpty();
  }

  @Test
  @Spec(
      doc = "XEP-0060",
      section = "7.1.3.6",
      rule = "a node that keeps and carries nothing takes no item")
  void takesNoItemWhereNothingIsKeptOrCarried() {
    desk.set(
        OWNER,
        "<create node='n'/>"
            + configure(Map.of("pubsub#persist_items", "0", "pubsub#deliver_payloads", "0")));

    assertThat(refusal(desk.set(OWNER, publish("n", "a", MOOD))))
        .containsExactly("bad-request", "item-forbidden");
    assertThat(told(desk.set(OWNER, "<publish node='n'/>")).getFirst())
        .contains("<items node='n'/>");
    assertThat(refusal(desk.get(OWNER, "<items node='n'/>")))
        .containsExactly("feature-not-implemented", "unsupported");
  }

  @Test
  void carriesNoPayloadWhereTheNodeSaysSo() {
    desk.node("n", Map.of("pubsub#deliver_payloads", "0"));

    assertThat(told(desk.set(OWNER, publish("n", "two", MOOD))).getFirst())
        .contains("<item id='two'/>");
    assertThat(text(desk.get(OWNER, "<items node='n'/>"))).contains(MOOD);
    assertThat(text(desk.set(OWNER, "<publish node='n'><item id='x'/></publish>")))
        .contains("type='result'");
  }

  // Bounds.

  @Test
  void refusesWhatIsTooBig() {
    String big = "<mood xmlns='urn:example:mood'>%s</mood>".formatted("x".repeat(200));

    assertThat(refusal(small.set(OWNER, publish("n", "a", big))))
        .containsExactly("not-acceptable", "payload-too-big");
    small.node("tiny", Map.of("pubsub#max_payload_size", "40"));
    assertThat(
            refusal(
                small.set(
                    OWNER, publish("tiny", "a", "<mood xmlns='urn:example:mood'>words</mood>"))))
        .containsExactly("not-acceptable", "payload-too-big");
  }

  @Test
  void refusesWhatIsTooMuch() {
    String long21 = "x".repeat(21);
    assertThat(refusal(small.set(OWNER, publish(long21, "a", MOOD))))
        .containsExactly("not-acceptable");
    assertThat(refusal(small.set(OWNER, publish("n", long21, MOOD))))
        .containsExactly("not-acceptable");
    assertThat(refusal(small.set(OWNER, "<create node='%s'/>".formatted(long21))))
        .containsExactly("not-acceptable");
    String six =
        IntStream.range(0, 6)
            .mapToObj("<item id='%d'><a xmlns='a'/></item>"::formatted)
            .collect(Collectors.joining());
    assertThat(refusal(small.set(OWNER, "<publish node='n'>" + six + "</publish>")))
        .containsExactly("not-allowed", "max-items-exceeded");
    assertThat(refusal(small.set(OWNER, "<retract node='n'>" + six + "</retract>")))
        .containsExactly("not-allowed", "max-items-exceeded");
    assertThat(small.store.nodes(NINA)).isEmpty();

    small.node("a", Map.of("pubsub#access_model", "open"));
    assertThat(refusal(small.get(OWNER, "<items node='a'>" + six + "</items>")))
        .containsExactly("not-acceptable");
    small.node("b", Map.of());
    small.node("c", Map.of());
    assertThat(refusal(small.set(OWNER, publish("d", "a", MOOD))))
        .containsExactly("resource-constraint");
    assertThat(refusal(small.set(OWNER, "<create node='d'/>")))
        .containsExactly("resource-constraint");
    for (String resource : List.of("1", "2")) {
      small.set(FRIEND, "<subscribe node='a' jid='otto@chat.example/%s'/>".formatted(resource));
    }
    assertThat(refusal(small.set(FRIEND, "<subscribe node='a' jid='otto@chat.example/3'/>")))
        .containsExactly("policy-violation", "too-many-subscriptions");
    assertThat(text(small.set(CONTACT, "<subscribe node='a' jid='kim@chat.example'/>")))
        .contains("subscription='subscribed'");
    assertThat(refusal(small.set(STRANGER, "<subscribe node='a' jid='mallory@chat.example'/>")))
        .containsExactly("service-unavailable");
    assertThat(text(small.set(OWNER, "<subscribe node='a' jid='nina@chat.example'/>")))
        .contains("subscription='subscribed'");
    String three =
        IntStream.range(0, 3)
            .mapToObj("<affiliation jid='a%d@b.example' affiliation='member'/>"::formatted)
            .collect(Collectors.joining());
    assertThat(
            refusal(small.ownerSet(OWNER, "<affiliations node='a'>" + three + "</affiliations>")))
        .containsExactly("resource-constraint");
    assertThat(
            refusal(
                small.ownerSet(
                    OWNER,
                    "<configure node='a'>"
                        + configuration(
                            Map.of(
                                "pubsub#roster_groups_allowed",
                                "1</value><value>2</value><value>3"))
                        + "</configure>")))
        .containsExactly("not-acceptable");
    assertThat(
            refusal(
                small.ownerSet(
                    OWNER,
                    "<configure node='a'>"
                        + configuration(Map.of("pubsub#title", "x".repeat(31)))
                        + "</configure>")))
        .containsExactly("not-acceptable");
  }

  @Test
  void keepsTenThousandItemsAndGivesTheNewest() {
    desk.set(OWNER, "<create node='n'/>" + configure(Map.of("pubsub#max_items", "max")));
    for (int batch = 0; batch < 42; batch++) {
      int first = batch * 250;
      String items =
          IntStream.range(first, first + 250)
              .mapToObj(
                  n -> "<item id='%d'><a xmlns='a'>%s</a></item>".formatted(n, "x".repeat(200)))
              .collect(Collectors.joining());
      desk.set(OWNER, "<publish node='n'>" + items + "</publish>");
    }

    List<String> ids = desk.store.itemIds(NINA, "n", 20_000);
    assertThat(ids).hasSize(10_000).startsWith("500").endsWith("10499");
    String answer = text(desk.get(OWNER, "<items node='n'/>"));
    assertThat(answer.length()).isLessThan(2 * Bounds.USUAL.answerOctets());
    assertThat(answer).contains("<item id='10499'>").doesNotContain("<item id='500'>");
    assertThat(text(desk.get(OWNER, "<items node='n' max_items='2'/>")))
        .contains("'10498'", "'10499'")
        .doesNotContain("'10497'", "rsm");
  }

  @Test
  @Spec(
      doc = "XEP-0060",
      section = "6.5.5",
      rule = "an answer that leaves items out says so, and which they are")
  void saysThatItGivesOnlyTheNewest() {
    publishBig(8);
    String answer = text(desk.get(OWNER, "<items node='n'/>"));
    assertThat(answer)
        .contains("<item id='7'>", "<item id='3'>")
        .doesNotContain("<item id='2'>")
        .contains(
            "</items><set xmlns='http://jabber.org/protocol/rsm'><first index='3'>3</first>"
                + "<last>7</last><count>8</count></set>");
    assertThat(text(desk.get(OWNER, "<items node='n' max_items='5'/>"))).doesNotContain("rsm");
    assertThat(text(desk.get(OWNER, "<items node='n' max_items='6'/>"))).contains("rsm");
  }

  @Test
  @Spec(
      doc = "XEP-0060",
      section = "6.5.8",
      rule = "who names items gets all of them that are there, or is told that it is too much")
  void refusesMoreNamedItemsThanAnAnswerHolds() {
    publishBig(8);
    String named = "<items node='n'><item id='%s'/><item id='none'/>%s</items>";
    assertThat(text(desk.get(OWNER, named.formatted("0", "<item id='1'/>"))))
        .contains("<item id='0'>", "<item id='1'>")
        .doesNotContain("rsm");
    String all =
        IntStream.range(1, 8).mapToObj("<item id='%d'/>"::formatted).collect(Collectors.joining());
    assertThat(refusal(desk.get(OWNER, named.formatted("0", all))))
        .containsExactly("resource-constraint");
  }

  /// Items of which one answer holds five.
  private void publishBig(int items) {
    desk.set(OWNER, "<create node='n'/>" + configure(Map.of("pubsub#max_items", "max")));
    for (int item = 0; item < items; item++) {
      desk.set(
          OWNER,
          "<publish node='n'><item id='%d'><a xmlns='a'>%s</a></item></publish>"
              .formatted(item, "x".repeat(190_000)));
    }
  }
}

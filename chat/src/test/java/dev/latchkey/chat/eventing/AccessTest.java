// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import static dev.latchkey.chat.eventing.PubSubDesk.CONTACT;
import static dev.latchkey.chat.eventing.PubSubDesk.FRIEND;
import static dev.latchkey.chat.eventing.PubSubDesk.LISTED;
import static dev.latchkey.chat.eventing.PubSubDesk.NINA;
import static dev.latchkey.chat.eventing.PubSubDesk.NINA_JID;
import static dev.latchkey.chat.eventing.PubSubDesk.OWNER;
import static dev.latchkey.chat.eventing.PubSubDesk.STRANGER;
import static dev.latchkey.chat.eventing.PubSubDesk.UNAVAILABLE;
import static dev.latchkey.chat.eventing.PubSubDesk.configuration;
import static dev.latchkey.chat.eventing.PubSubDesk.inside;
import static dev.latchkey.chat.eventing.PubSubDesk.publish;
import static dev.latchkey.chat.eventing.PubSubDesk.refusal;
import static dev.latchkey.chat.eventing.PubSubDesk.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AccessTest {
  private static final String OPEN = "open";
  private static final String PRESENCE = "presence";
  private static final String ROSTER = "roster";
  private static final String WHITELIST = "whitelist";
  private static final Map<String, Requester> EVERYBODY =
      Map.of(
          "owner",
          OWNER,
          "friend",
          FRIEND,
          "contact",
          CONTACT,
          "listed",
          LISTED,
          "stranger",
          STRANGER);

  private final PubSubDesk desk = new PubSubDesk();

  @BeforeEach
  void makeANodeOfEachKind() {
    for (String model : List.of(OPEN, PRESENCE, ROSTER, WHITELIST)) {
      Map<String, String> options = new LinkedHashMap<>();
      options.put("pubsub#access_model", model);
      if (model.equals(ROSTER)) {
        options.put("pubsub#roster_groups_allowed", "Friends");
      }
      desk.node(model, options);
    }
    EventingAnswer listed =
        desk.ownerSet(
            OWNER,
            "<affiliations node='whitelist'><affiliation jid='list@chat.example'"
                + " affiliation='member'/></affiliations>");
    assertThat(text(listed)).contains("type='result'");
  }

  private static final Map<String, List<String>> MAY_READ =
      Map.of(
          OPEN,
          List.of("owner", "friend", "contact", "listed", "stranger"),
          PRESENCE,
          List.of("owner", "friend", "contact"),
          ROSTER,
          List.of("owner", "friend"),
          WHITELIST,
          List.of("owner", "listed"));

  private static final Map<String, List<String>> WHY_NOT =
      Map.of(
          ROSTER, List.of("not-authorized", "not-in-roster-group"),
          WHITELIST, List.of("not-allowed", "closed-node"));

  @ParameterizedTest
  @ValueSource(strings = {OPEN, PRESENCE, ROSTER, WHITELIST})
  @Spec(doc = "XEP-0060", section = "6.5.1", rule = "items are given as the access model says")
  @Spec(doc = "XEP-0060", section = "6.1.3", rule = "who may not read may not subscribe")
  void answersThoseWhoMayRead(String model) {
    EVERYBODY.forEach(
        (name, who) -> {
          List<EventingAnswer> reading =
              List.of(
                  desk.get(who, "<items node='%s'/>".formatted(model)),
                  desk.get(who, "<items node='%s'><item id='one'/></items>".formatted(model)),
                  desk.set(
                      who, "<subscribe node='%s' jid='%s'/>".formatted(model, who.jid().bare())),
                  desk.ask(
                      who,
                      "get",
                      "<query xmlns='http://jabber.org/protocol/disco#info' node='%s'/>"
                          .formatted(model)),
                  desk.ask(
                      who,
                      "get",
                      "<query xmlns='http://jabber.org/protocol/disco#items' node='%s'/>"
                          .formatted(model)));
          for (EventingAnswer answer : reading) {
            if (MAY_READ.getOrDefault(model, List.of()).contains(name)) {
              assertThat(text(answer)).as(name).contains("type='result'");
            } else if (who.isStranger()) {
              assertThat(inside(answer)).as(name).isEqualTo(UNAVAILABLE);
            } else {
              assertThat(refusal(answer)).as(name).isEqualTo(WHY_NOT.get(model));
            }
          }
          assertThat(text(reading.getFirst()).contains("urn:example:mood"))
              .as("%s gets the item", name)
              .isEqualTo(MAY_READ.getOrDefault(model, List.of()).contains(name));
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {OPEN, PRESENCE, ROSTER, WHITELIST})
  void tellsThoseWhoMayRead(String model) {
    Notification notification =
        desk.set(OWNER, publish(model, "two", "<mood xmlns='urn:example:mood'/>"))
            .notifications()
            .getFirst();

    EVERYBODY.forEach(
        (name, who) -> {
          boolean may = MAY_READ.getOrDefault(model, List.of()).contains(name);
          assertThat(notification.mayReceive(who)).as(name).isEqualTo(may);
          assertThat(notification.isFor(who, Set.of(model))).as(name).isEqualTo(may);
          assertThat(notification.isFor(who, Set.of("other"))).as(name).isFalse();
          assertThat(desk.eventing.lastItems(NINA, who, Set.of(model)).size())
              .as(name)
              .isEqualTo(may ? 1 : 0);
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {OPEN, PRESENCE, ROSTER, WHITELIST, "nothing-there"})
  @Spec(doc = "XEP-0060", section = "7.1.3.1", rule = "only publishers publish")
  @Spec(doc = "XEP-0060", section = "8", rule = "only the owner rules a node")
  void refusesToOthersWhatIsTheOwners(String node) {
    List<String> settings =
        List.of(
            publish(node, "x", "<mood xmlns='urn:example:mood'/>"),
            "<retract node='%s'><item id='one'/></retract>".formatted(node),
            "<create node='%s'/>".formatted(node),
            "<create/>");
    List<String> ruling =
        List.of(
            "<configure node='%s'>%s</configure>"
                .formatted(node, configuration(Map.of("pubsub#access_model", "open"))),
            "<delete node='%s'/>".formatted(node),
            "<purge node='%s'/>".formatted(node),
            "<affiliations node='%s'/>".formatted(node),
            "<subscriptions node='%s'/>".formatted(node));
    List<String> looking =
        List.of(
            "<configure node='%s'/>".formatted(node),
            "<default/>",
            "<affiliations node='%s'/>".formatted(node),
            "<subscriptions node='%s'/>".formatted(node));
    List<Node> before = desk.store.nodes(NINA);
    for (Requester who : List.of(FRIEND, CONTACT, LISTED, STRANGER)) {
      List<EventingAnswer> answers = new ArrayList<>();
      settings.forEach(verb -> answers.add(desk.set(who, verb)));
      ruling.forEach(verb -> answers.add(desk.ownerSet(who, verb)));
      looking.forEach(verb -> answers.add(desk.ownerGet(who, verb)));
      for (EventingAnswer answer : answers) {
        if (who.isStranger()) {
          assertThat(inside(answer)).isEqualTo(UNAVAILABLE);
        } else {
          assertThat(refusal(answer)).containsExactly("forbidden");
        }
      }
    }
    assertThat(desk.store.nodes(NINA)).isEqualTo(before);
    assertThat(desk.store.itemIds(NINA, OPEN, 9)).containsExactly("one");
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "5",
      rule = "no account, no node and a node one may not read are the same to a stranger")
  void answersStrangersAlwaysTheSame() {
    AccountId nobody = new AccountId("acct-nobody");
    for (String node : List.of(PRESENCE, ROSTER, WHITELIST, "nothing-there")) {
      for (String verb :
          List.of(
              "<items node='%s'/>",
              "<items node='%s' max_items='-1'/>",
              "<items node='%s'><item/></items>",
              "<subscriptions node='%s'/>",
              "<affiliations node='%s'/>",
              "<subscriptions/>",
              "<affiliations/>",
              "<default/>",
              "<nonsense/>",
              "")) {
        String payload =
            "<pubsub xmlns='http://jabber.org/protocol/pubsub'>%s</pubsub>"
                .formatted(verb.formatted(node));
        EventingAnswer here = desk.ask(STRANGER, "get", payload);
        EventingAnswer nowhere =
            desk.eventing.answer(
                STRANGER,
                nobody,
                NINA_JID,
                Iq.read(
                        PubSubDesk.xml(
                            "<iq type='get' id='q1' from='%s' to='nina@chat.example'>%s</iq>"
                                .formatted(STRANGER.jid(), payload)))
                    .orElseThrow());
        assertThat(inside(here)).isEqualTo(UNAVAILABLE);
        assertThat(here).isEqualTo(nowhere);
      }
    }
    assertThat(
            inside(
                desk.ask(
                    STRANGER, "get", "<query xmlns='http://jabber.org/protocol/disco#items'/>")))
        .isEqualTo(UNAVAILABLE);
  }

  @Test
  void tellsTheSubscribedWhatIsWrong() {
    assertThat(refusal(desk.get(FRIEND, "<items node='nothing-there'/>")))
        .containsExactly("item-not-found");
    assertThat(refusal(desk.get(FRIEND, "<items/>")))
        .containsExactly("bad-request", "nodeid-required");
  }

  @Test
  void listsOnlyNodesOneMayRead() {
    String question = "<query xmlns='http://jabber.org/protocol/disco#items'/>";

    assertThat(text(desk.ask(CONTACT, "get", question)))
        .contains("node='open'", "node='presence'")
        .doesNotContain("roster", "whitelist");
    assertThat(text(desk.ask(FRIEND, "get", question))).contains("node='roster'");
    assertThat(text(desk.ask(OWNER, "get", question))).contains("node='whitelist'");
  }

  @Test
  @Spec(doc = "XEP-0060", section = "4.1", rule = "an outcast is kept out of an open node too")
  void keepsOutcastsOut() {
    desk.ownerSet(
        OWNER,
        "<affiliations node='open'>"
            + "<affiliation jid='otto@chat.example/any' affiliation='outcast'/>"
            + "<affiliation jid='mallory@chat.example' affiliation='outcast'/></affiliations>");

    assertThat(refusal(desk.get(FRIEND, "<items node='open'/>"))).containsExactly("forbidden");
    assertThat(inside(desk.get(STRANGER, "<items node='open'/>"))).isEqualTo(UNAVAILABLE);
    assertThat(text(desk.get(LISTED, "<items node='open'/>"))).contains("urn:example:mood");
    assertThat(text(desk.ownerGet(OWNER, "<affiliations node='open'/>")))
        .contains(
            "<affiliation jid='nina@chat.example' affiliation='owner'/>",
            "<affiliation jid='otto@chat.example' affiliation='outcast'/>");
  }

  @Test
  @Spec(
      doc = "XEP-0060",
      section = "8.9.2",
      rule =
          "an affiliation that is not supported is named in the refusal; one that is none is not")
  void refusesAffiliationsThatAreNotHere() {
    for (String word : List.of("publisher", "publish-only")) {
      EventingAnswer refused =
          desk.ownerSet(
              OWNER,
              "<affiliations node='open'><affiliation jid='a@b.example' affiliation='%s'/>"
                      .formatted(word)
                  + "</affiliations>");
      assertThat(refusal(refused)).containsExactly("feature-not-implemented", "unsupported");
      assertThat(refused.reply().toXml()).contains("feature='" + word + "-affiliation'");
    }
    for (String word : List.of("owner", "king", "")) {
      assertThat(
              refusal(
                  desk.ownerSet(
                      OWNER,
                      "<affiliations node='open'><affiliation jid='a@b.example' affiliation='%s'/>"
                              .formatted(word)
                          + "</affiliations>")))
          .containsExactly("not-acceptable");
    }
    assertThat(
            refusal(
                desk.ownerSet(
                    OWNER,
                    "<affiliations node='open'><affiliation jid='nina@chat.example'"
                        + " affiliation='none'/></affiliations>")))
        .containsExactly("not-acceptable");
    assertThat(
            refusal(
                desk.ownerSet(
                    OWNER,
                    "<affiliations node='open'><affiliation jid='@' affiliation='none'/>"
                        + "</affiliations>")))
        .containsExactly("bad-request");
    assertThat(
            refusal(
                desk.ownerSet(
                    OWNER,
                    "<affiliations node='open'>"
                        + "<affiliation jid='a@b.example' affiliation='member'/>"
                        + "<affiliation jid='a@b.example/c' affiliation='outcast'/>"
                        + "</affiliations>")))
        .as("the same person twice")
        .containsExactly("bad-request");
    assertThat(refusal(desk.ownerSet(OWNER, "<affiliations node='nowhere'/>")))
        .containsExactly("item-not-found");
  }

  @Test
  void subscribesOnlyOneself() {
    assertThat(refusal(desk.set(FRIEND, "<subscribe node='presence' jid='kim@chat.example'/>")))
        .containsExactly("bad-request", "invalid-jid");
    assertThat(refusal(desk.set(FRIEND, "<subscribe node='presence'/>")))
        .containsExactly("bad-request", "invalid-jid");
    assertThat(refusal(desk.set(FRIEND, "<unsubscribe node='presence' jid='kim@chat.example'/>")))
        .containsExactly("forbidden");
    assertThat(refusal(desk.set(FRIEND, "<unsubscribe node='presence' jid='otto@chat.example'/>")))
        .containsExactly("unexpected-request", "not-subscribed");
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 5",
      rule = "where there is no node it costs no more, and no less, than where there is one")
  void whoIsNotSubscribedMakesNobodyWrite() {
    List<String> written = new ArrayList<>();
    NodeStore watched =
        new ForwardingNodeStore(desk.store) {
          @Override
          public Outcome unsubscribe(AccountId account, String name, Collection<Jid> subscribers) {
            written.add(name);
            return super.unsubscribe(account, name, subscribers);
          }
        };
    Eventing eventing = new Eventing(watched, Bounds.USUAL, desk.clock, new SeededRandom(1));
    desk.set(FRIEND, "<subscribe node='presence' jid='otto@chat.example'/>");
    for (String node : List.of(OPEN, PRESENCE, "nowhere")) {
      eventing.answer(STRANGER, NINA, NINA_JID, unsubscribing(node, STRANGER));
    }
    assertThat(written).isEmpty();
    eventing.answer(FRIEND, NINA, NINA_JID, unsubscribing(PRESENCE, FRIEND));
    assertThat(written).containsExactly(PRESENCE);
    assertThat(desk.store.find(NINA, PRESENCE).orElseThrow().subscribers()).isEmpty();
  }

  private static Iq unsubscribing(String node, Requester who) {
    return Iq.read(
            PubSubDesk.xml(
                "<iq type='set' id='1'><pubsub xmlns='http://jabber.org/protocol/pubsub'>"
                    + "<unsubscribe node='%s' jid='%s'/></pubsub></iq>"
                        .formatted(node, who.jid().bare())))
        .orElseThrow();
  }

  @Test
  void tellsSubscribersByNameAsLongAsTheyMayRead() {
    EventingAnswer subscribed =
        desk.set(STRANGER, "<subscribe node='open' jid='mallory@chat.example'/>");
    assertThat(text(subscribed)).contains("subscription='subscribed'");
    assertThat(subscribed.notifications()).hasSize(1);
    assertThat(subscribed.notifications().getFirst().isFor(STRANGER, Set.of())).isTrue();
    assertThat(subscribed.notifications().getFirst().isFor(FRIEND, Set.of("open")))
        .as("only the subscriber gets the last item")
        .isFalse();
    assertThat(text(desk.get(STRANGER, "<subscriptions/>"))).contains("node='open'");

    Notification open =
        desk.set(OWNER, publish("open", "two", "<m xmlns='m'/>")).notifications().getFirst();
    assertThat(open.isFor(STRANGER, Set.of())).isTrue();
    assertThat(open.subscribers()).containsExactly(STRANGER.jid().bare());

    desk.ownerSet(
        OWNER,
        "<configure node='open'>%s</configure>"
            .formatted(configuration(Map.of("pubsub#access_model", "presence"))));
    Notification closed =
        desk.set(OWNER, publish("open", "three", "<m xmlns='m'/>")).notifications().getFirst();
    assertThat(closed.isFor(STRANGER, Set.of("open"))).isFalse();
    assertThat(inside(desk.get(STRANGER, "<subscriptions/>"))).isEqualTo(UNAVAILABLE);
  }

  @Test
  void letsTheOwnerEndSubscriptions() {
    desk.set(FRIEND, "<subscribe node='presence' jid='otto@chat.example'/>");
    assertThat(text(desk.ownerGet(OWNER, "<subscriptions node='presence'/>")))
        .contains("jid='otto@chat.example' subscription='subscribed'");
    assertThat(
            refusal(
                desk.ownerSet(
                    OWNER,
                    "<subscriptions node='presence'><subscription jid='kim@chat.example'"
                        + " subscription='subscribed'/></subscriptions>")))
        .containsExactly("not-acceptable");

    desk.ownerSet(
        OWNER,
        "<subscriptions node='presence'><subscription jid='otto@chat.example'"
            + " subscription='none'/></subscriptions>");

    assertThat(desk.store.find(NINA, "presence").orElseThrow().subscribers()).isEmpty();
  }
}

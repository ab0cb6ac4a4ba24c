// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.roster;

import static dev.latchkey.chat.roster.RosterSamples.JULIET;
import static dev.latchkey.chat.roster.RosterSamples.NOW;
import static dev.latchkey.chat.roster.RosterSamples.ROMEO;
import static dev.latchkey.chat.roster.RosterSamples.item;
import static dev.latchkey.chat.roster.RosterSamples.roster;
import static dev.latchkey.chat.roster.RosterSamples.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.chat.stanza.PresenceType;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RosterRequestsTest {
  private static final Jid BALCONY = Jid.parse("romeo@example.org/garden");

  private static Iq iq(String type, Element payload) {
    return Iq.read(
            Element.named("iq", Namespaces.CLIENT)
                .attribute("type", type)
                .attribute("id", "r1")
                .attribute("from", BALCONY.toString())
                .child(payload)
                .build())
        .orElseThrow();
  }

  private static Element query(Element... items) {
    return Element.named("query", RosterNamespaces.ROSTER).children(List.of(items)).build();
  }

  private static Element contact(String jid, Element... groups) {
    return Element.named("item", RosterNamespaces.ROSTER)
        .attribute("jid", jid)
        .children(List.of(groups))
        .build();
  }

  private static Element group(String name) {
    return Element.text("group", RosterNamespaces.ROSTER, name);
  }

  private static RosterAnswer set(Element... items) {
    return RosterRequests.answer(iq("set", query(items)), ROMEO, roster(), NOW);
  }

  private static void refuses(String condition, Element... items) {
    RosterAnswer answer = set(items);
    assertThat(answer.change()).isEmpty();
    assertThat(condition(answer)).isEqualTo(condition);
  }

  private static String condition(RosterAnswer answer) {
    return answer
        .reply()
        .child("error", Namespaces.CLIENT)
        .orElseThrow()
        .children()
        .findFirst()
        .orElseThrow()
        .name();
  }

  @Test
  @Spec(doc = "RFC 6121", section = "2.3.3", rule = "a roster set holds exactly one item")
  void refusesASetWithNoItemOrMoreThanOne() {
    refuses("bad-request");
    refuses("bad-request", contact("a@example.org"), contact("b@example.org"));
    refuses("bad-request", Element.empty("item", "urn:example"));
    refuses(
        "bad-request",
        Collections.nCopies(10_000, contact("a@example.org")).toArray(Element[]::new));
  }

  @Test
  void refusesAnItemWithoutAnAddressOrWithNone() {
    refuses("bad-request", Element.empty("item", RosterNamespaces.ROSTER));
    refuses("jid-malformed", contact("@example.org"));
    refuses("jid-malformed", contact("x".repeat(1_000_000)));
  }

  @Test
  void refusesTheAccountItself() {
    refuses("not-allowed", contact("romeo@example.org"));
    refuses("not-allowed", contact("ROMEO@example.org/garden"));
    refuses("not-allowed", contact("romeo@example.org").with("subscription", "remove"));
  }

  @Test
  @Spec(doc = "RFC 6121", section = "2.3.3", rule = "no group twice, none empty, none too long")
  void refusesGroupsThatAreNone() {
    refuses("bad-request", contact("a@example.org", group("g"), group("g")));
    refuses("not-acceptable", contact("a@example.org", group("")));
    refuses("not-acceptable", contact("a@example.org", group("x".repeat(1_024))));
    refuses("not-acceptable", contact("a@example.org", group("ä".repeat(512))));
    refuses(
        "not-acceptable",
        contact(
            "a@example.org",
            IntStream.rangeClosed(0, RosterRequests.MOST_GROUPS)
                .mapToObj(i -> group("g" + i))
                .toArray(Element[]::new)));
  }

  @Test
  @Spec(doc = "RFC 6121", section = "2.3.3", rule = "a name that is too long is not acceptable")
  void refusesANameOfMoreThan1023Octets() {
    refuses("not-acceptable", contact("a@example.org").with("name", "x".repeat(1_024)));
    assertThat(set(contact("a@example.org").with("name", "x".repeat(1_023))).change()).isPresent();
  }

  @Test
  void refusesToRemoveWhoIsNotThere() {
    refuses("item-not-found", contact("a@example.org").with("subscription", "remove"));
  }

  /// QXmpp asks every server for annotations of MIX channels (XEP-0405).
  @Test
  @Spec(
      doc = "RFC 6120",
      section = "8.4",
      rule = "what stands in a request beside what is known is passed over")
  void passesOverWhatStandsBesideTheItems() {
    Element annotate = Element.empty("annotate", "urn:xmpp:mix:roster:0");
    RosterAnswer got = RosterRequests.answer(iq("get", query(annotate)), ROMEO, roster(), NOW);
    assertThat(got.interested()).isTrue();
    assertThat(got.reply().attribute("type")).contains("result");
    assertThat(set(annotate, contact("a@example.org")).change()).isPresent();
  }

  @Test
  void refusesAGetThatHoldsAnItem() {
    RosterAnswer answer =
        RosterRequests.answer(iq("get", query(contact("a@example.org"))), ROMEO, roster(), NOW);
    assertThat(condition(answer)).isEqualTo("bad-request");
    assertThat(answer.interested()).isFalse();
  }

  @Test
  @Spec(
      doc = "RFC 6121",
      section = "2.1.2.5",
      rule = "of a client's words for the subscription only remove counts")
  void aClientCannotGiveItselfASubscription() {
    for (String word : List.of("both", "from", "to", "none", "nonsense")) {
      RosterChange change =
          set(contact("a@example.org").with("subscription", word).with("approved", "true"))
              .change()
              .orElseThrow();
      assertThat(change.after().listed().getFirst().subscription()).isEqualTo(Subscription.NONE);
    }
  }

  @Test
  void setsTheBareJidWithNameAndGroups() {
    RosterAnswer answer = set(contact("a@example.org/x", group("g"), group("h")).with("name", "A"));
    assertThat(answer.reply().attribute("type")).contains("result");
    assertThat(answer.reply().children()).isEmpty();
    assertThat(answer.change().orElseThrow().after().listed())
        .containsExactly(
            RosterItem.listed(
                Jid.parse("a@example.org"), "A", List.of("g", "h"), Subscription.NONE));
  }

  @Test
  void getsTheRosterWithoutThoseThatOnlyAsk() {
    Roster roster =
        roster(item(JULIET, SubscriptionState.FROM_PENDING_OUT))
            .inbound(PresenceType.SUBSCRIBE, Jid.parse("stranger@example.org"), subscribe(), NOW)
            .after();
    RosterAnswer answer = RosterRequests.answer(iq("get", query()), ROMEO, roster, NOW);
    assertThat(answer.interested()).isTrue();
    Element query = answer.reply().child("query", RosterNamespaces.ROSTER).orElseThrow();
    assertThat(query.attribute("ver")).as("the client did not ask").isEmpty();
    assertThat(query.children())
        .containsExactly(
            contact("juliet@example.org").with("subscription", "from").with("ask", "subscribe"));
  }

  @Test
  @Spec(
      doc = "RFC 6121",
      section = "2.6.3",
      rule = "who has this version gets nothing, who has another gets the whole roster with it")
  void answersAKnownVersionWithNothing() {
    Roster roster = roster(item(JULIET, SubscriptionState.BOTH));
    RosterAnswer known =
        RosterRequests.answer(iq("get", query().with("ver", roster.ver())), ROMEO, roster, NOW);
    assertThat(known.reply().children()).isEmpty();
    assertThat(known.interested()).isTrue();
    for (String other : List.of("", "-1", "9".repeat(100_000))) {
      Element query =
          RosterRequests.answer(iq("get", query().with("ver", other)), ROMEO, roster, NOW)
              .reply()
              .child("query", RosterNamespaces.ROSTER)
              .orElseThrow();
      assertThat(query.attribute("ver")).contains(roster.ver());
      assertThat(query.children()).hasSize(1);
    }
  }

  @Test
  @Spec(doc = "RFC 6121", section = "2.1.6", rule = "a push holds one item and the version")
  void pushesWhatChanged() {
    RosterChange change = roster().outbound(PresenceType.SUBSCRIBED, JULIET, NOW);
    Element push = RosterRequests.push(change.after(), JULIET, BALCONY, "p1");
    assertThat(push)
        .isEqualTo(
            Element.named("iq", Namespaces.CLIENT)
                .attribute("type", "set")
                .attribute("id", "p1")
                .attribute("to", "romeo@example.org/garden")
                .child(
                    query(
                            contact("juliet@example.org")
                                .with("subscription", "none")
                                .with("approved", "true"))
                        .with("ver", change.after().ver()))
                .build());
  }

  @Test
  void pushesARemoval() {
    RosterChange change = roster(item(JULIET, SubscriptionState.BOTH)).remove(JULIET, NOW);
    assertThat(
            RosterRequests.push(change.after(), JULIET, BALCONY, "p1")
                .child("query", RosterNamespaces.ROSTER)
                .flatMap(query -> query.child("item", RosterNamespaces.ROSTER)))
        .isEqualTo(Optional.of(contact("juliet@example.org").with("subscription", "remove")));
  }

  @Test
  void onlyItsOwnNamespaceIsARosterRequest() {
    assertThat(RosterRequests.isOne(iq("get", query()))).isTrue();
    assertThat(RosterRequests.isOne(iq("get", Element.empty("query", "urn:example")))).isFalse();
  }
}

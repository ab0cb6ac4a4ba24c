// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.roster;

import static dev.latchkey.chat.roster.RosterSamples.JULIET;
import static dev.latchkey.chat.roster.RosterSamples.NOW;
import static dev.latchkey.chat.roster.RosterSamples.NURSE;
import static dev.latchkey.chat.roster.RosterSamples.item;
import static dev.latchkey.chat.roster.RosterSamples.presence;
import static dev.latchkey.chat.roster.RosterSamples.roster;
import static dev.latchkey.chat.roster.RosterSamples.subscribe;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.chat.stanza.PresenceType;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RosterTest {
  private static RosterItemRequest wish(Jid contact, String name, String... groups) {
    return new RosterItemRequest(contact, name, List.of(groups));
  }

  private static Roster full() {
    return Roster.of(
        1,
        IntStream.range(0, Roster.MOST_ITEMS)
            .mapToObj(i -> item(Jid.parse("c" + i + "@example.org"), SubscriptionState.NONE))
            .toList());
  }

  @Test
  void refusesAContactThatIsAResource() {
    assertThatThrownBy(() -> item(Jid.parse("juliet@example.org/x"), SubscriptionState.NONE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesToHideMoreThanARequest() {
    Subscription from = new Subscription(SubscriptionState.FROM, false);
    assertThatThrownBy(() -> new RosterItem(JULIET, "", List.of(), from, false, Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> new RosterItem(JULIET, "", List.of(), from, true, Optional.of(subscribe())))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aFullRosterTakesNoFurtherContactButStillChanges() {
    Roster full = full();
    Optional<StanzaError> full1 = Optional.of(StanzaError.RESOURCE_CONSTRAINT);
    assertThat(full.set(wish(JULIET, "J"), NOW).refusal()).isEqualTo(full1);
    assertThat(full.outbound(PresenceType.SUBSCRIBE, JULIET, NOW).refusal()).isEqualTo(full1);
    assertThat(full.outbound(PresenceType.SUBSCRIBED, JULIET, NOW).refusal()).isEqualTo(full1);
    assertThat(full.outbound(PresenceType.SUBSCRIBE, JULIET, NOW).isChange()).isFalse();
    Jid known = Jid.parse("c0@example.org");
    assertThat(full.set(wish(known, "J"), NOW).refusal()).isEmpty();
    assertThat(full.outbound(PresenceType.SUBSCRIBE, known, NOW).passes()).isTrue();
  }

  @Test
  @Spec(
      doc = "RFC 6120",
      section = "13.12",
      rule = "a server bounds what one account makes it hold")
  void aRosterHasABoundInCharacters() {
    String group = "g".repeat(1_000);
    Roster roster = Roster.empty();
    int contacts = 0;
    for (RosterChange next = roster.set(wish(contact(0), group), NOW);
        next.refusal().isEmpty();
        next = roster.set(wish(contact(contacts), group), NOW)) {
      roster = next.after();
      contacts++;
      assertThat(contacts).isLessThan(Roster.MOST_ITEMS);
    }
    assertThat(contacts).isGreaterThan(1_000);
    assertThat(roster.set(wish(contact(contacts), group), NOW).refusal())
        .contains(StanzaError.RESOURCE_CONSTRAINT);
    assertThat(roster.set(wish(contact(0), group, group + "2"), NOW).refusal())
        .as("nor may one that is there grow")
        .contains(StanzaError.RESOURCE_CONSTRAINT);
    assertThat(roster.set(wish(contact(0), "short"), NOW).refusal()).as("shrink it may").isEmpty();
  }

  private static Jid contact(int number) {
    return Jid.parse("c" + number + "@example.org");
  }

  @Test
  void furtherRequestsOfStrangersGoUnheardOnceTooManyWait() {
    Roster roster = Roster.empty();
    for (int i = 0; i < Roster.MOST_REQUESTS; i++) {
      Jid stranger = Jid.parse("s" + i + "@example.org");
      roster = roster.inbound(PresenceType.SUBSCRIBE, stranger, subscribe(), NOW).after();
    }
    assertThat(roster.requests()).hasSize(Roster.MOST_REQUESTS);
    RosterChange change = roster.inbound(PresenceType.SUBSCRIBE, JULIET, subscribe(), NOW);
    assertThat(change.isChange()).isFalse();
    assertThat(change.passes()).isFalse();
    assertThat(change.sends()).isEmpty();
    Roster withContact = roster.set(wish(JULIET, ""), NOW).after();
    assertThat(withContact.inbound(PresenceType.SUBSCRIBE, JULIET, subscribe(), NOW).passes())
        .as("of a contact it is heard")
        .isTrue();
  }

  @Test
  @Spec(doc = "RFC 6121", section = "2.5.3", rule = "who is not in the roster cannot be removed")
  void removingNobodyIsItemNotFound() {
    RosterChange change = roster().remove(JULIET, NOW);
    assertThat(change.refusal()).contains(StanzaError.ITEM_NOT_FOUND);
    assertThat(change.push()).isFalse();
    Roster asked = roster().inbound(PresenceType.SUBSCRIBE, JULIET, subscribe(), NOW).after();
    assertThat(asked.remove(JULIET, NOW).refusal()).contains(StanzaError.ITEM_NOT_FOUND);
  }

  @ParameterizedTest
  @EnumSource(SubscriptionState.class)
  @Spec(
      doc = "latchkey",
      section = "rule 4",
      rule = "of a contact whose account is deleted nothing stays but what its owner calls it")
  void aDeletedContactIsNobodyWithAName(SubscriptionState state) {
    RosterItem item = RosterItem.listed(JULIET, "J", List.of("G"), new Subscription(state, true));
    RosterItem asked =
        new RosterItem(
            NURSE,
            "",
            List.of(),
            new Subscription(SubscriptionState.NONE_PENDING_IN, false),
            false,
            Optional.of(subscribe()));

    RosterChange change = roster(item, asked).forget(JULIET, NOW);
    assertThat(change.after().item(JULIET))
        .contains(RosterItem.listed(JULIET, "J", List.of("G"), Subscription.NONE));
    assertThat(change.push()).isTrue();
    assertThat(change.passes()).isFalse();
    assertThat(change.sends()).isEmpty();
    assertThat(change.ends().contains(PresenceType.UNSUBSCRIBE))
        .isEqualTo(state.isFrom() || state.isPendingIn());
    assertThat(change.ends().contains(PresenceType.UNSUBSCRIBED))
        .isEqualTo(state.isTo() || state.isPendingOut());

    RosterChange stranger = change.after().forget(NURSE, NOW);
    assertThat(stranger.after().item(NURSE)).isEmpty();
    assertThat(stranger.push()).isFalse();
    assertThat(stranger.after().forget(JULIET, NOW).isChange()).isFalse();
    assertThat(stranger.after().forget(JULIET, NOW).push()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(SubscriptionState.class)
  @Spec(
      doc = "RFC 6121",
      section = "2.5.2",
      rule = "removing a contact ends each subscription and request between the two")
  void removingSendsWhatIsDue(SubscriptionState state) {
    RosterChange change = roster(item(JULIET, state)).remove(JULIET, NOW);
    List<PresenceType> due =
        switch (state) {
          case NONE -> List.of();
          case NONE_PENDING_OUT, TO -> List.of(PresenceType.UNSUBSCRIBE);
          case NONE_PENDING_IN, FROM -> List.of(PresenceType.UNSUBSCRIBED);
          case NONE_PENDING_OUT_IN, TO_PENDING_IN, FROM_PENDING_OUT, BOTH ->
              List.of(PresenceType.UNSUBSCRIBE, PresenceType.UNSUBSCRIBED);
        };
    assertThat(change.sends()).isEqualTo(due);
    assertThat(change.push()).isTrue();
    assertThat(change.after().all()).isEmpty();
    assertThat(change.stopsShowing()).isEqualTo(state.isFrom());
  }

  @ParameterizedTest
  @EnumSource(SubscriptionState.class)
  void theContactEndsUpWithNoneWhenItIsRemoved(SubscriptionState state) {
    SubscriptionState mirror =
        Arrays.stream(SubscriptionState.values())
            .filter(other -> other.isTo() == state.isFrom() && other.isFrom() == state.isTo())
            .filter(other -> other.isPendingIn() == state.isPendingOut())
            .filter(other -> other.isPendingOut() == state.isPendingIn())
            .findAny()
            .orElseThrow();
    Roster other = roster(item(NURSE, mirror));
    for (PresenceType sent : roster(item(JULIET, state)).remove(JULIET, NOW).sends()) {
      other = other.inbound(sent, NURSE, presence(sent.word()), NOW).after();
    }
    assertThat(other.item(NURSE).orElseThrow().subscription()).isEqualTo(Subscription.NONE);
  }

  @Test
  @Spec(
      doc = "RFC 6121",
      section = "A.1",
      rule = "who only asks is not in the roster, and is pushed to nobody")
  void aStrangerThatAsksIsKeptButNotShown() {
    RosterChange change = roster().inbound(PresenceType.SUBSCRIBE, JULIET, subscribe(), NOW);
    assertThat(change.push()).isFalse();
    assertThat(change.passes()).isTrue();
    assertThat(change.after().listed()).isEmpty();
    assertThat(change.after().requests()).hasSize(1);
    assertThat(change.after().watchers()).isEmpty();
  }

  @Test
  void aContactThatAsksStaysInTheRosterWithItsName() {
    Roster roster =
        Roster.of(1, List.of(RosterItem.listed(JULIET, "J", List.of("g"), Subscription.NONE)));
    Roster after = roster.inbound(PresenceType.SUBSCRIBE, JULIET, subscribe(), NOW).after();
    assertThat(after.listed()).hasSize(1);
    RosterItem item =
        after.outbound(PresenceType.UNSUBSCRIBED, JULIET, NOW).after().listed().getFirst();
    assertThat(item).isEqualTo(roster.listed().getFirst());
  }

  @Test
  void aRefusedStrangerLeavesNothingBehind() {
    Roster asked = roster().inbound(PresenceType.SUBSCRIBE, JULIET, subscribe(), NOW).after();
    RosterChange refusal = asked.outbound(PresenceType.UNSUBSCRIBED, JULIET, NOW);
    assertThat(refusal.passes()).isTrue();
    assertThat(refusal.push()).isFalse();
    assertThat(refusal.after().all()).isEmpty();
  }

  @Test
  void aRequestAnsweredIsNoLongerDelivered() {
    Roster asked = roster().inbound(PresenceType.SUBSCRIBE, JULIET, subscribe(), NOW).after();
    RosterChange grant = asked.outbound(PresenceType.SUBSCRIBED, JULIET, NOW);
    assertThat(grant.after().requests()).isEmpty();
    assertThat(grant.push()).isTrue();
    assertThat(grant.startsShowing()).isTrue();
    assertThat(grant.after().watchers()).containsExactly(JULIET);
    assertThat(grant.after().listed()).hasSize(1);
  }

  @Test
  @Spec(
      doc = "RFC 6121",
      section = "3.1.3",
      rule = "a request is kept whole until it is answered, from the bare JID")
  void aRequestIsKeptWithItsWords() {
    Element nick = Element.text("nick", "http://jabber.org/protocol/nick", "Jule");
    Element status = Element.text("status", Namespaces.CLIENT, "It is I");
    Element asked = subscribe(status, nick).with("xml:lang", "en");
    Element kept =
        roster().inbound(PresenceType.SUBSCRIBE, JULIET, asked, NOW).after().requests().getFirst();
    assertThat(kept).isEqualTo(asked.with("from", "juliet@example.org"));
  }

  @Test
  void ofALargeRequestOnlyTheBeginningOfItsWordsIsKept() {
    String words = "x".repeat(511) + "\uD83D\uDE00".repeat(3_000);
    Element kept =
        roster()
            .inbound(
                PresenceType.SUBSCRIBE,
                JULIET,
                subscribe(
                    Element.text("status", Namespaces.CLIENT, words),
                    Element.empty("bulk", "urn:example")),
                NOW)
            .after()
            .requests()
            .getFirst();
    assertThat(kept.children()).hasSize(1);
    assertThat(kept.child("status", Namespaces.CLIENT).orElseThrow().text())
        .as("no half of a character")
        .isEqualTo("x".repeat(511));
  }

  @Test
  void aRequestTwiceChangesNothing() {
    Roster asked = roster().inbound(PresenceType.SUBSCRIBE, JULIET, subscribe(), NOW).after();
    RosterChange again = asked.inbound(PresenceType.SUBSCRIBE, JULIET, subscribe(), NOW);
    assertThat(again.isChange()).isFalse();
    assertThat(again.passes()).isFalse();
  }

  @Test
  @Spec(doc = "RFC 6121", section = "3.4.2", rule = "approving a stranger puts it into the roster")
  void approvingAStrangerListsItAndIsNotRouted() {
    RosterChange change = roster().outbound(PresenceType.SUBSCRIBED, JULIET, NOW);
    assertThat(change.passes()).isFalse();
    assertThat(change.push()).isTrue();
    assertThat(change.after().listed().getFirst().subscription())
        .isEqualTo(new Subscription(SubscriptionState.NONE, true));
    RosterChange granted = change.after().inbound(PresenceType.SUBSCRIBE, JULIET, subscribe(), NOW);
    assertThat(granted.sends()).containsExactly(PresenceType.SUBSCRIBED);
    assertThat(granted.passes()).isFalse();
    assertThat(granted.startsShowing()).isTrue();
    assertThat(granted.after().requests()).isEmpty();
  }

  @Test
  void unsubscribingFromAStrangerIsRoutedAndKeepsNothing() {
    RosterChange change = roster().outbound(PresenceType.UNSUBSCRIBE, JULIET, NOW);
    assertThat(change.passes()).isTrue();
    assertThat(change.isChange()).isFalse();
    assertThat(roster().outbound(PresenceType.UNSUBSCRIBED, JULIET, NOW).passes()).isFalse();
  }

  @Test
  void askingGoesToTheBareJidAndListsTheContact() {
    RosterChange change =
        roster().outbound(PresenceType.SUBSCRIBE, Jid.parse("juliet@example.org/x"), NOW);
    assertThat(change.contact()).isEqualTo(JULIET);
    assertThat(change.push()).isTrue();
    assertThat(change.after().listed().getFirst().subscription().state())
        .isEqualTo(SubscriptionState.NONE_PENDING_OUT);
  }

  @Test
  @Spec(
      doc = "RFC 6121",
      section = "2.1.2.5",
      rule = "a roster set changes name and groups and never the subscription")
  void settingAContactKeepsItsSubscription() {
    Roster both = roster(item(JULIET, SubscriptionState.BOTH));
    RosterChange change = both.set(wish(JULIET, "J", "Capulets"), NOW);
    RosterItem item = change.after().item(JULIET).orElseThrow();
    assertThat(item.subscription().state()).isEqualTo(SubscriptionState.BOTH);
    assertThat(item.name()).isEqualTo("J");
    assertThat(change.after().groups(JULIET)).containsExactly("Capulets");
    assertThat(change.sends()).isEmpty();
    assertThat(change.startsShowing() || change.stopsShowing()).isFalse();
  }

  @Test
  void settingWhatIsSoAlreadyIsPushedAndKeepsTheVersion() {
    Roster roster = roster(item(JULIET, SubscriptionState.NONE));
    RosterChange change = roster.set(wish(JULIET, ""), NOW);
    assertThat(change.push()).isTrue();
    assertThat(change.isChange()).isFalse();
  }

  @Test
  @Spec(doc = "RFC 6121", section = "2.6", rule = "the version differs after each change")
  void theVersionGrowsWithEachChangeWhateverTheClockSays() {
    Roster first = roster().set(wish(JULIET, ""), NOW).after();
    Roster second = first.set(wish(NURSE, ""), NOW).after();
    Roster third = second.remove(NURSE, Instant.EPOCH).after();
    assertThat(List.of(first.version(), second.version(), third.version()))
        .isSorted()
        .doesNotHaveDuplicates();
    assertThat(third.ver()).isNotEqualTo(first.ver());
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "4",
      rule = "a new account of an old name never has a version that a client remembers")
  void aRosterBegunAnewNeverComesToAVersionOfTheOldOne() {
    Roster old = Roster.empty().set(wish(JULIET, ""), NOW).after();
    Roster anew = Roster.empty().set(wish(NURSE, ""), NOW.plusSeconds(60)).after();
    assertThat(anew.version()).isGreaterThan(old.version());
  }

  @Test
  void tellsWhoSeesWhom() {
    Roster roster =
        roster(
            item(JULIET, SubscriptionState.TO_PENDING_IN),
            item(NURSE, SubscriptionState.FROM),
            item(Jid.parse("both@example.org"), SubscriptionState.BOTH));
    assertThat(roster.watchers()).containsExactly(NURSE, Jid.parse("both@example.org"));
    assertThat(roster.watched()).containsExactly(JULIET, Jid.parse("both@example.org"));
    assertThat(roster.shows(Jid.parse("nurse@example.org/x"))).isTrue();
    assertThat(roster.shows(JULIET)).isFalse();
    assertThat(roster.sees(JULIET)).isTrue();
    assertThat(roster.sees(Jid.parse("nobody@example.org"))).isFalse();
  }
}

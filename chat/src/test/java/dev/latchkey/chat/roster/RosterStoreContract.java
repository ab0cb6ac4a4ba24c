// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.roster;

import static dev.latchkey.chat.roster.RosterSamples.JULIET;
import static dev.latchkey.chat.roster.RosterSamples.NOW;
import static dev.latchkey.chat.roster.RosterSamples.NURSE;
import static dev.latchkey.chat.roster.RosterSamples.subscribe;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.SampleAddresses;
import dev.latchkey.chat.stanza.PresenceType;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What every [RosterStore] does.
public abstract class RosterStoreContract {
  /// The store under test; empty at first.
  protected abstract RosterStore store();

  /// An account that is there and keeps nothing.
  protected abstract AccountId newAccount();

  private static RosterItemRequest wish(Jid contact, String name, String... groups) {
    return new RosterItemRequest(contact, name, List.of(groups));
  }

  private Roster saved(AccountId account, RosterChange change) {
    assertThat(store().save(account, change)).isTrue();
    return change.after();
  }

  @Test
  public void refusesAChangeDecidedOnAnOlderVersion() {
    AccountId account = newAccount();
    RosterChange late = store().load(account).set(wish(NURSE, "late"), NOW);
    Roster now = saved(account, store().load(account).set(wish(JULIET, ""), NOW));
    assertThat(store().save(account, late)).isFalse();
    assertThat(store().load(account)).isEqualTo(now);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design",
      rule = "both sides of a subscription change together or not at all")
  public void savesSeveralRostersAllOrNone() {
    AccountId one = newAccount();
    AccountId other = newAccount();
    RosterChange asks = store().load(one).outbound(PresenceType.SUBSCRIBE, JULIET, NOW);
    RosterChange asked =
        store().load(other).inbound(PresenceType.SUBSCRIBE, NURSE, subscribe(), NOW);
    saved(other, store().load(other).set(wish(JULIET, ""), NOW));
    Roster otherNow = store().load(other);
    assertThat(store().save(Map.of(one, asks, other, asked))).isFalse();
    assertThat(store().load(one)).isEqualTo(Roster.empty());
    assertThat(store().load(other)).isEqualTo(otherNow);

    RosterChange again = otherNow.inbound(PresenceType.SUBSCRIBE, NURSE, subscribe(), NOW);
    assertThat(store().save(Map.of(one, asks, other, again))).isTrue();
    assertThat(store().load(one)).isEqualTo(asks.after());
    assertThat(store().load(other)).isEqualTo(again.after());
  }

  @Test
  public void aChangeThatIsNoneMustNotHaveBeenOvertakenEither() {
    AccountId account = newAccount();
    RosterChange nothing = store().load(account).outbound(PresenceType.UNSUBSCRIBE, JULIET, NOW);
    assertThat(nothing.isChange()).isFalse();
    assertThat(store().save(account, nothing)).isTrue();
    saved(account, store().load(account).set(wish(JULIET, ""), NOW));
    assertThat(store().save(account, nothing)).isFalse();
  }

  @Test
  public void anAccountThatNeverHadOneHasAnEmptyRoster() {
    assertThat(store().load(newAccount())).isEqualTo(Roster.empty());
  }

  @Test
  public void keepsAllOfAnItem() {
    AccountId account = newAccount();
    Element status = Element.text("status", Namespaces.CLIENT, "a < b & 'c' \uD83D\uDE00");
    Roster roster =
        saved(
            account,
            store()
                .load(account)
                .set(wish(JULIET, "J \uD83D\uDE00 '\"", "a,b", "c\nd", "e\\f"), NOW));
    roster = saved(account, roster.inbound(PresenceType.SUBSCRIBE, JULIET, subscribe(status), NOW));
    roster = saved(account, roster.inbound(PresenceType.SUBSCRIBE, NURSE, subscribe(), NOW));
    roster =
        saved(
            account,
            roster.outbound(PresenceType.SUBSCRIBED, Jid.parse("müller@example.org"), NOW));
    Roster loaded = store().load(account);
    assertThat(loaded).isEqualTo(roster);
    assertThat(List.copyOf(loaded.all())).as("in order").isEqualTo(List.copyOf(roster.all()));
    assertThat(loaded.requests()).hasSize(2);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 4", rule = "an address that is kept is the same address")
  public void keepsAddressesThatPreparationHasChanged() {
    AccountId account = newAccount();
    for (Jid contact : SampleAddresses.ALL) {
      saved(account, store().load(account).set(wish(contact.bare(), ""), NOW));
    }
    for (Jid contact : SampleAddresses.ALL) {
      assertThat(store().load(account).item(contact)).as("%s", contact).isPresent();
      assertThat(store().holding(contact.bare())).as("%s", contact).containsExactly(account);
    }
  }

  @Test
  public void keepsEveryState() {
    for (SubscriptionState state : SubscriptionState.values()) {
      AccountId account = newAccount();
      Roster before = Roster.of(0, List.of(RosterSamples.item(JULIET, state)));
      RosterChange change = before.set(wish(JULIET, "named"), NOW);
      assertThat(store().save(account, change)).isTrue();
      assertThat(store().load(account)).isEqualTo(change.after());
    }
  }

  @Test
  public void removesAnItem() {
    AccountId account = newAccount();
    Roster roster = saved(account, store().load(account).set(wish(JULIET, ""), NOW));
    roster = saved(account, roster.set(wish(NURSE, ""), NOW));
    roster = saved(account, roster.remove(JULIET, NOW));
    assertThat(store().load(account)).isEqualTo(roster);
    assertThat(store().holding(JULIET)).isEmpty();
  }

  @Test
  public void findsTheRostersThatHoldAContact() {
    AccountId listed = newAccount();
    AccountId asked = newAccount();
    AccountId stranger = newAccount();
    saved(listed, store().load(listed).set(wish(JULIET, ""), NOW));
    saved(asked, store().load(asked).inbound(PresenceType.SUBSCRIBE, JULIET, subscribe(), NOW));
    saved(stranger, store().load(stranger).set(wish(NURSE, ""), NOW));
    assertThat(store().holding(JULIET)).containsExactlyInAnyOrder(listed, asked);
  }

  @Test
  public void forgetsAnAccountAndNobodyElse() {
    AccountId account = newAccount();
    AccountId other = newAccount();
    saved(account, store().load(account).set(wish(JULIET, ""), NOW));
    saved(other, store().load(other).set(wish(JULIET, ""), NOW));
    store().forget(account);
    assertThat(store().load(account)).isEqualTo(Roster.empty());
    assertThat(store().holding(JULIET)).containsExactly(other);
    store().forget(account);
  }
}

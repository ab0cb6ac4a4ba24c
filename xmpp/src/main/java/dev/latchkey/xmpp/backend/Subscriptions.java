// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.chat.blocking.BlockErrors;
import dev.latchkey.chat.roster.RosterChange;
import dev.latchkey.chat.roster.RosterRequests;
import dev.latchkey.chat.stanza.PresenceType;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// Who may see whom (RFC 6121 §3): both rosters change in one transaction, then both sides are
/// told. Thread-safe.
final class Subscriptions {
  /// So often two sides may change at the same moment before somebody is told to try again.
  private static final int ATTEMPTS = 16;

  private final LocalAccounts accounts;
  private final ChatStores stores;
  private final PresenceRouting presence;
  private final EventingService eventing;
  private final InstantSource clock;
  private final Supplier<String> ids;

  Subscriptions(
      LocalAccounts accounts,
      ChatStores stores,
      PresenceRouting presence,
      EventingService eventing,
      InstantSource clock,
      Supplier<String> ids) {
    this.accounts = accounts;
    this.stores = stores;
    this.presence = presence;
    this.eventing = eventing;
    this.clock = clock;
    this.ids = ids;
  }

  /// Both sides of one stanza, decided on what stands in the store.
  ///
  /// @param inbound nothing where there is no such account, or it wants nothing to do with us
  private record Step(RosterChange outbound, Optional<Inbound> inbound) {}

  private record Inbound(AccountId account, RosterChange change) {}

  /// An account sends one of the four stanzas.
  ///
  /// @param stanza as it was sent; in an answer that the server gives, just the type
  /// @return why not, if its sender is to know
  Optional<StanzaError> send(
      AccountId id, AccountJid from, PresenceType type, Element stanza, AccountJid to) {
    if (from.equals(to)) {
      return Optional.empty(); // nobody subscribes to themselves
    }
    Element bare =
        stanza.with("from", from.toString()).with("to", to.toString()).with("type", type.word());
    boolean blocked = accounts.visit(from, id, (account, _) -> account.blocks(to.jid()));
    if (blocked) {
      return Optional.of(BlockErrors.TO_BLOCKED);
    }
    Optional<AccountId> other = concerned(to, from, type);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Step step = decide(id, from, other, to, type, bare);
      if (step.outbound().refusal().isPresent()) {
        return step.outbound().refusal();
      }
      if (save(id, step)) {
        tell(id, from, bare, to, step);
        return Optional.empty();
      }
    }
    return Optional.of(StanzaError.RESOURCE_CONSTRAINT);
  }

  /// The account whose roster it changes: not if it blocks the sender, who must not know
  /// (XEP-0191). But what ends a subscription ends it on both sides, unheard: it would stand for
  /// ever.
  private Optional<AccountId> concerned(AccountJid to, AccountJid from, PresenceType type) {
    boolean ends = type == PresenceType.UNSUBSCRIBE || type == PresenceType.UNSUBSCRIBED;
    return accounts.visit(
        to, (account, _) -> account.blocks(from.jid()) && !ends ? Optional.empty() : account.id());
  }

  private Step decide(
      AccountId id,
      AccountJid from,
      Optional<AccountId> other,
      AccountJid to,
      PresenceType type,
      Element bare) {
    RosterChange outbound = stores.rosters().load(id).outbound(type, to.jid(), clock.instant());
    Optional<Inbound> inbound =
        outbound.passes() && outbound.refusal().isEmpty()
            ? other.map(account -> new Inbound(account, inbound(account, from, type, bare)))
            : Optional.empty();
    return new Step(outbound, inbound);
  }

  private RosterChange inbound(
      AccountId account, AccountJid from, PresenceType type, Element bare) {
    return stores.rosters().load(account).inbound(type, from.jid(), bare, clock.instant());
  }

  private boolean save(AccountId id, Step step) {
    Map<AccountId, RosterChange> changes = new HashMap<>();
    changes.put(id, step.outbound());
    step.inbound().ifPresent(inbound -> changes.put(inbound.account(), inbound.change()));
    return stores.rosters().save(changes);
  }

  /// First the own devices, then the other side (RFC 6121 §3.1.2, §3.1.5).
  private void tell(AccountId id, AccountJid from, Element bare, AccountJid to, Step step) {
    accounts.visit(
        from,
        id,
        (account, _) -> {
          push(account, step.outbound());
          return true;
        });
    step.inbound().ifPresent(inbound -> arrive(inbound, from, heard(inbound, bare), to));
    accounts.visit(
        from,
        id,
        (account, after) -> {
          showOrHide(account, step.outbound(), after);
          return true;
        });
  }

  private static List<Element> heard(Inbound inbound, Element bare) {
    return inbound.change().passes() ? List.of(bare) : List.of();
  }

  /// @param heard the stanzas that go on to the account's devices
  private void arrive(Inbound inbound, AccountJid from, List<Element> heard, AccountJid to) {
    RosterChange change = inbound.change();
    accounts.visit(
        to,
        inbound.account(),
        (account, after) -> {
          if (!account.blocks(from.jid())) { // XEP-0191 §3.3
            heard.forEach(stanza -> deliver(account, stanza));
          }
          push(account, change);
          for (PresenceType answer : change.sends()) {
            after.add(() -> answer(to, answer, from));
          }
          showOrHide(account, change, after);
          return true;
        });
  }

  /// §3.1.3: a request goes to who is available, the rest to those who follow the roster.
  private static void deliver(LocalAccount account, Element stanza) {
    boolean asks = PresenceType.of(stanza).equals(Optional.of(PresenceType.SUBSCRIBE));
    for (ConnectedResource resource : account.resources()) {
      if (asks ? resource.isAvailable() : resource.wantsRoster()) {
        resource.deliver(stanza);
      }
    }
  }

  /// What the server answers in an account's name changes only the other side: this one has changed
  /// already.
  private void answer(AccountJid from, PresenceType type, AccountJid to) {
    concerned(to, from, type)
        .ifPresent(other -> hear(other, from, type, stanza(from, type, to), to));
  }

  /// A change that is saved: the account's devices learn what stands, which may be a later change:
  /// they are saved before the visit, and not visited in that order.
  private void push(LocalAccount account, RosterChange change) {
    account.rosterIs(change.after());
    if (change.push()) {
      for (ConnectedResource resource : account.resources()) {
        if (resource.wantsRoster()) {
          resource.deliver(
              RosterRequests.push(account.roster(), change.contact(), resource.jid(), ids.get()));
        }
      }
    }
  }

  /// The contact sees and hears what it now may, or nothing any more, if that still stands.
  private void showOrHide(LocalAccount account, RosterChange change, List<Runnable> after) {
    boolean shows = account.roster().shows(change.contact());
    if ((change.startsShowing() || change.confirms()) && shows) {
      presence.show(account, change.contact(), after);
    }
    if (change.startsShowing() && shows) {
      eventing.showLastItemsTo(account, change.contact(), after);
    }
    if (change.stopsShowing() && !shows) {
      presence.hide(account, change.contact(), after);
    }
    if (change.takesAway()) {
      eventing.endUnreadable(account, change.contact());
    }
  }

  /// An account's own request changed its roster.
  ///
  /// @param change saved; what it sends is sent when the visit is over
  void changedByOwner(LocalAccount account, RosterChange change, List<Runnable> after) {
    push(account, change);
    AccountJid from = account.jid();
    change
        .contact()
        .account()
        .ifPresent(
            to -> {
              for (PresenceType type : change.sends()) {
                after.add(() -> answer(from, type, to));
              }
            });
    showOrHide(account, change, after);
  }

  /// An account is gone: in everybody's roster its name stands for nobody, and who had it as a
  /// contact is told (RFC 6121 §3.2, §3.3).
  void forgetEverywhere(AccountJid gone) {
    for (AccountId holder : stores.rosters().holding(gone.jid())) {
      stores.directory().address(holder).ifPresent(to -> forget(holder, gone, to));
    }
  }

  private void forget(AccountId holder, AccountJid gone, AccountJid to) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      RosterChange change = stores.rosters().load(holder).forget(gone.jid(), clock.instant());
      if (stores.rosters().save(holder, change)) {
        List<Element> ends = change.ends().stream().map(type -> stanza(gone, type, to)).toList();
        arrive(new Inbound(holder, change), gone, ends, to);
        return;
      }
    }
  }

  /// Only the receiving side of a stanza: the sending one has changed already.
  private void hear(AccountId id, AccountJid from, PresenceType type, Element bare, AccountJid to) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      RosterChange change = inbound(id, from, type, bare);
      if (stores.rosters().save(id, change)) {
        Inbound inbound = new Inbound(id, change);
        arrive(inbound, from, heard(inbound, bare), to);
        return;
      }
    }
  }

  private static Element stanza(AccountJid from, PresenceType type, AccountJid to) {
    return Element.named("presence", Namespaces.CLIENT)
        .attribute("from", from.toString())
        .attribute("to", to.toString())
        .attribute("type", type.word())
        .build();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.chat.blocking.BlockErrors;
import dev.latchkey.chat.delivery.Carbons;
import dev.latchkey.chat.delivery.Delays;
import dev.latchkey.chat.delivery.Delivery;
import dev.latchkey.chat.history.Copy;
import dev.latchkey.chat.history.Keeping;
import dev.latchkey.chat.history.Kept;
import dev.latchkey.chat.history.KeptId;
import dev.latchkey.chat.history.OfflineMessage;
import dev.latchkey.chat.history.StanzaIds;
import dev.latchkey.chat.stanza.MessageType;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import dev.latchkey.credential.Resource;
import dev.latchkey.wire.element.Element;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The way of a message: from its sender's account, to its receiver's, and to the other devices of
/// both. It is written down before anybody gets it. Thread-safe.
final class MessageRouting {
  /// So many messages are read at a time of those that wait.
  private static final int BATCH = 100;

  private final LocalAccounts accounts;
  private final ChatStores stores;
  private final InstantSource clock;
  private final int mostOffline;

  MessageRouting(LocalAccounts accounts, ChatStores stores, InstantSource clock, int mostOffline) {
    this.accounts = accounts;
    this.stores = stores;
    this.clock = clock;
    this.mostOffline = mostOffline;
  }

  /// A message on its way.
  ///
  /// @param from the sender's full JID
  /// @param senderId the sender's account
  /// @param senderArchives whether the sender's archive takes it
  private record Letter(
      Element message,
      MessageType type,
      Keeping keeping,
      Jid from,
      AccountId senderId,
      AccountJid receiver,
      Jid to,
      boolean senderArchives) {
    AccountJid sender() {
      return from.account().orElseThrow();
    }

    boolean isToOneself() {
      return receiver.equals(sender());
    }
  }

  /// What came of it at the receiver's.
  ///
  /// @param got who has it there
  /// @param archiveIds where it stands in whose archive
  /// @param refused why nobody has it, if the sender is to know
  private record Arrival(
      Set<Resource> got, Map<AccountId, KeptId> archiveIds, Optional<StanzaError> refused) {
    static Arrival nowhere() {
      return new Arrival(Set.of(), Map.of(), Optional.empty());
    }

    static Arrival refusedBecause(StanzaError why) {
      return new Arrival(Set.of(), Map.of(), Optional.of(why));
    }
  }

  /// Takes a message of a session to an account of this server.
  ///
  /// @param to the account's bare or full JID
  /// @return why it goes nowhere, if its sender is to know
  Optional<StanzaError> send(AccountId senderId, Jid from, Element stanza, Jid to) {
    AccountJid sender = from.account().orElseThrow();
    AccountJid receiver = to.account().orElseThrow();
    MessageType type = MessageType.of(stanza.attribute("type").orElse("normal"));
    Element message =
        StanzaIds.without(stanza.with("to", to.toString()), List.of(sender, receiver));
    Keeping keeping = Keeping.of(message, type);
    Optional<Boolean> archives =
        accounts.visit(
            sender,
            senderId,
            (account, _) ->
                account.blocks(to)
                    ? Optional.empty()
                    : Optional.of(keeping.archived() && account.archives(to)));
    if (archives.isEmpty()) {
      return Optional.of(BlockErrors.TO_BLOCKED);
    }
    Letter letter =
        new Letter(message, type, keeping, from, senderId, receiver, to, archives.get());
    Arrival arrival = accounts.visit(receiver, (account, _) -> arrive(account, letter));
    if (arrival.refused().isEmpty() && keeping.copied()) {
      accounts.visit(
          sender,
          senderId,
          (account, _) -> {
            copyToSender(account, letter, arrival);
            return true;
          });
    }
    return arrival.refused();
  }

  /// At the receiver's account.
  private Arrival arrive(LocalAccount account, Letter letter) {
    // Who is blocked finds what one finds where there is no account (XEP-0191 §3.5, rule 5).
    boolean unheard = account.id().isEmpty() || account.blocks(letter.from());
    Delivery delivery =
        unheard
            ? Delivery.of(letter.type(), letter.to().resource(), List.of(), Map.of())
            : Delivery.of(
                letter.type(),
                letter.to().resource(),
                account.resources().stream().map(ConnectedResource::resource).toList(),
                priorities(account));
    if (delivery instanceof Delivery.Refused) {
      return Arrival.refusedBecause(StanzaError.SERVICE_UNAVAILABLE);
    }
    Map<AccountId, KeptId> ids;
    switch (keep(account, letter, unheard, delivery instanceof Delivery.Later)) {
      case Kept.Written(Map<AccountId, KeptId> archiveIds, var _) -> ids = archiveIds;
      case Kept.Full _ -> {
        // Rule 5: only who may know of the account hears that it is full.
        return account.roster().shows(letter.from()) || letter.isToOneself()
            ? Arrival.refusedBecause(StanzaError.SERVICE_UNAVAILABLE)
            : Arrival.nowhere();
      }
    }
    if (unheard) {
      return new Arrival(Set.of(), ids, Optional.empty());
    }
    Element stamped =
        account
            .id()
            .map(ids::get)
            .map(id -> StanzaIds.with(letter.message(), account.jid(), id))
            .orElse(letter.message());
    Set<Resource> got = new HashSet<>();
    if (delivery instanceof Delivery.To(List<Resource> resources)) {
      for (Resource resource : resources) {
        account.resource(resource).orElseThrow().deliver(stamped);
        got.add(resource);
      }
    }
    if (letter.keeping().copied() && !letter.isToOneself()) {
      copy(account, got, resource -> Carbons.received(stamped, resource.jid()));
    }
    return new Arrival(got, ids, Optional.empty());
  }

  private Kept keep(LocalAccount account, Letter letter, boolean unheard, boolean later) {
    List<Copy> copies = new ArrayList<>();
    boolean waits = later && letter.keeping().storable() && !unheard;
    if (letter.isToOneself()) {
      if (letter.senderArchives() || waits) {
        copies.add(new Copy(letter.senderId(), letter.to(), letter.senderArchives(), waits));
      }
    } else {
      if (letter.senderArchives()) {
        copies.add(new Copy(letter.senderId(), letter.to(), true, false));
      }
      boolean archives = !unheard && letter.keeping().archived() && account.archives(letter.from());
      if (archives || waits) {
        copies.add(new Copy(account.id().orElseThrow(), letter.from(), archives, waits));
      }
    }
    return copies.isEmpty()
        ? new Kept.Written(Map.of(), Set.of())
        : stores.messages().keep(letter.message(), copies, clock.instant(), mostOffline);
  }

  private static Map<Resource, Integer> priorities(LocalAccount account) {
    Map<Resource, Integer> priorities = new LinkedHashMap<>();
    account
        .available()
        .forEach(resource -> priorities.put(resource.resource(), resource.priority()));
    return priorities;
  }

  /// XEP-0280 §8: the sender's other devices see what was sent.
  private static void copyToSender(LocalAccount account, Letter letter, Arrival arrival) {
    Set<Resource> has = new HashSet<>();
    letter.from().resource().ifPresent(has::add);
    if (letter.isToOneself()) {
      has.addAll(arrival.got());
    }
    KeptId id = arrival.archiveIds().get(letter.senderId());
    Element message =
        id == null ? letter.message() : StanzaIds.with(letter.message(), account.jid(), id);
    copy(account, has, resource -> Carbons.sent(message, resource.jid()));
  }

  private static void copy(
      LocalAccount account,
      Set<Resource> except,
      java.util.function.Function<ConnectedResource, Element> copy) {
    for (ConnectedResource resource : account.resources()) {
      if (resource.carbons() && !except.contains(resource.resource())) {
        resource.deliver(copy.apply(resource));
      }
    }
  }

  /// Hands over what waits for an account (XEP-0160 §3), once the visit is over: it may be much,
  /// and whoever reads it slowly holds up nobody else. One resource at a time gets it.
  void deliverWaiting(LocalAccount account, ConnectedResource resource, List<Runnable> after) {
    if (account.beginDeliveringWaiting()) {
      after.add(() -> deliverWaiting(account, resource));
    }
  }

  /// It is removed once it is handed over: after a crash in between it comes twice, never not at
  /// all.
  private void deliverWaiting(LocalAccount account, ConnectedResource resource) {
    AccountId id = account.id().orElseThrow();
    boolean all = false;
    try {
      all = deliverWaiting(id, account.jid(), resource);
    } finally {
      boolean left = !all;
      accounts.visit(
          account.jid(),
          id,
          (own, after) -> {
            own.endDeliveringWaiting();
            if (left) {
              own.available().stream()
                  .filter(other -> !other.equals(resource) && other.priority() >= 0)
                  .findFirst()
                  .ifPresent(other -> deliverWaiting(own, other, after));
            }
            return true;
          });
    }
  }

  /// @return whether it was all handed over
  private boolean deliverWaiting(AccountId id, AccountJid jid, ConnectedResource resource) {
    while (true) {
      List<OfflineMessage> waiting = stores.messages().offline(id, BATCH);
      if (waiting.isEmpty()) {
        return true;
      }
      List<KeptId> taken = new ArrayList<>();
      for (OfflineMessage message : waiting) {
        if (!resource.client().deliverPatiently(delayed(jid, message))) {
          break;
        }
        taken.add(message.id());
      }
      if (!taken.isEmpty()) {
        stores.messages().delivered(id, taken);
      }
      if (taken.size() < waiting.size()) {
        return false;
      }
    }
  }

  private static Element delayed(AccountJid account, OfflineMessage message) {
    Element stanza =
        message.archived()
            ? StanzaIds.with(message.message(), account, message.id())
            : message.message();
    return Delays.delayed(stanza, account.domain(), message.id().stamp());
  }
}

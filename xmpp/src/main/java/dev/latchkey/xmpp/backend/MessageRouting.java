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
import dev.latchkey.chat.history.Room;
import dev.latchkey.chat.history.StanzaIds;
import dev.latchkey.chat.stanza.MessageType;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import dev.latchkey.credential.Resource;
import dev.latchkey.wire.element.Element;
import dev.latchkey.xmpp.session.Receipt;
import dev.latchkey.xmpp.session.Undelivered;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;

/// The way of a message: from its sender's account, to its receiver's, and to the other devices of
/// both. It is written down before anybody gets it. Thread-safe.
final class MessageRouting {
  /// So many messages are read at a time of those that wait.
  private static final int BATCH = 100;

  private final LocalAccounts accounts;
  private final ChatStores stores;
  private final InstantSource clock;
  private final Executor workers;
  private final Room room;

  MessageRouting(
      LocalAccounts accounts, ChatStores stores, InstantSource clock, Executor workers, Room room) {
    this.accounts = accounts;
    this.stores = stores;
    this.clock = clock;
    this.workers = workers;
    this.room = room;
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

  /// What its sender's account says of it.
  ///
  /// @param blocked whether the sender wants nothing to do with the receiver
  /// @param archives whether the sender's archive takes it
  /// @param copied whether another device of the sender wants to see it
  private record Departure(boolean blocked, boolean archives, boolean copied) {}

  /// What came of it at the receiver's.
  ///
  /// @param got who has it there
  /// @param ids where who keeps it
  /// @param refused why nobody has it, if the sender is to know
  private record Arrival(
      Set<Resource> got, Map<AccountId, KeptId> ids, Optional<StanzaError> refused) {
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
    Departure departure =
        accounts.visit(sender, senderId, (account, _) -> depart(account, from, to, keeping));
    if (departure.blocked()) {
      return Optional.of(BlockErrors.TO_BLOCKED);
    }
    Letter letter =
        new Letter(message, type, keeping, from, senderId, receiver, to, departure.archives());
    Arrival arrival = accounts.visit(receiver, (account, after) -> arrive(account, letter, after));
    if (arrival.refused().isEmpty() && departure.copied()) {
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

  /// At the sender's account, before it goes.
  private static Departure depart(LocalAccount account, Jid from, Jid to, Keeping keeping) {
    if (account.blocks(to)) {
      return new Departure(true, false, false);
    }
    boolean copied =
        keeping.copied() && !copied(account, from.resource().stream().toList()).isEmpty();
    return new Departure(false, keeping.archived() && account.archives(to), copied);
  }

  /// At the receiver's account.
  private Arrival arrive(LocalAccount account, Letter letter, List<Runnable> after) {
    // Who is blocked finds what one finds where there is no account (XEP-0191 §3.5, rule 5). As
    // much is asked of no account, and of one that does not hear, as of any other.
    boolean blocked = account.blocks(letter.from());
    boolean wanted = letter.keeping().archived() && account.archives(letter.from());
    boolean shown = letter.keeping().storable() && account.roster().shows(letter.from());
    boolean unheard = account.id().isEmpty() || blocked;
    List<ConnectedResource> reachable = unheard ? List.of() : List.copyOf(account.resources());
    Delivery delivery = delivery(letter.type(), letter.to().resource(), reachable);
    if (delivery instanceof Delivery.Refused) {
      return Arrival.refusedBecause(StanzaError.SERVICE_UNAVAILABLE);
    }
    List<ConnectedResource> getters =
        delivery instanceof Delivery.To(List<Resource> names) ? named(reachable, names) : List.of();
    boolean archives = letter.isToOneself() ? letter.senderArchives() : wanted && !unheard;
    // What no archive holds is kept until it is acknowledged, where it will be: a crash before that
    // takes along what waits for a client that is away. Where there is no room for that, who is
    // there gets it all the same.
    boolean guarded =
        !archives
            && !getters.isEmpty()
            && getters.stream().allMatch(getter -> getter.client().acknowledges());
    boolean waits =
        !unheard && letter.keeping().storable() && (guarded || delivery instanceof Delivery.Later);
    // Rule 5: only who may know of the account hears that it is full, or learns by the time it
    // takes that nothing was kept.
    boolean mayKnow = !unheard && (letter.isToOneself() || shown);
    Set<Resource> got = got(getters);
    boolean knows = letter.to().resource().filter(got::contains).isPresent();
    boolean disguised = letter.keeping().storable() && !mayKnow && !knows;
    Kept kept = keep(account, letter, archives, waits, disguised);
    boolean crowded = account.id().filter(kept.crowded()::contains).isPresent();
    if (crowded && !archives && getters.isEmpty()) {
      return new Arrival(
          Set.of(), kept.ids(), Optional.of(StanzaError.SERVICE_UNAVAILABLE).filter(_ -> mayKnow));
    }
    if (unheard) {
      return new Arrival(Set.of(), kept.ids(), Optional.empty());
    }
    boolean waiting = waits && !crowded;
    Optional<KeptId> id = account.id().flatMap(owner -> Optional.ofNullable(kept.ids().get(owner)));
    // Who is handed what waits, when it says that it is there or has room, is handed no copy now.
    boolean handedLater = waiting && getters.isEmpty();
    List<ConnectedResource> copied =
        letter.keeping().copied() && !letter.isToOneself()
            ? copied(account, got).stream()
                .filter(resource -> !handedLater || (resource.isAvailable() && resource.hasRoom()))
                .toList()
            : List.of();
    Element stamped =
        id.filter(_ -> archives)
            .map(known -> StanzaIds.with(letter.message(), account.jid(), known))
            .orElse(letter.message());
    Receipt receipt =
        new Receipt(
            id.filter(_ -> archives),
            id.filter(_ -> waiting),
            getters.size() == 1 && copied.isEmpty());
    if (!getters.isEmpty() && !hand(getters, stamped, receipt)) {
      // They ended while it was written down: no end of a session will bring it back.
      return new Arrival(Set.of(), kept.ids(), elsewhere(account, stamped, receipt, after));
    }
    for (ConnectedResource resource : copied) {
      resource.deliver(Carbons.received(stamped, resource.jid()));
    }
    return new Arrival(got, kept.ids(), Optional.empty());
  }

  private static Set<Resource> got(List<ConnectedResource> getters) {
    Set<Resource> got = new HashSet<>();
    for (ConnectedResource getter : getters) {
      got.add(getter.resource());
    }
    return got;
  }

  /// Who of those that are there gets a message. Who has no room is as good as not there, if it is
  /// so with all that would get it: then it can wait. Beside others who get it, it would miss it
  /// for good, which is worse than the end of a session: who comes back asks the archive.
  private static Delivery delivery(
      MessageType type, Optional<Resource> to, List<ConnectedResource> there) {
    Delivery delivery = among(there, type, to);
    boolean taken =
        !(delivery instanceof Delivery.To(List<Resource> names))
            || !withRoom(named(there, names)).isEmpty();
    return taken ? delivery : among(withRoom(there), type, to);
  }

  private static Delivery among(
      List<ConnectedResource> there, MessageType type, Optional<Resource> to) {
    List<Resource> names = new ArrayList<>();
    Map<Resource, Integer> priorities = new LinkedHashMap<>();
    for (ConnectedResource resource : there) {
      names.add(resource.resource());
      if (resource.isAvailable()) {
        priorities.put(resource.resource(), resource.priority());
      }
    }
    return Delivery.of(type, to, names, priorities);
  }

  private static List<ConnectedResource> withRoom(List<ConnectedResource> there) {
    List<ConnectedResource> withRoom = new ArrayList<>();
    for (ConnectedResource resource : there) {
      if (resource.hasRoom()) {
        withRoom.add(resource);
      }
    }
    return withRoom;
  }

  private static List<ConnectedResource> named(
      List<ConnectedResource> there, List<Resource> names) {
    List<ConnectedResource> named = new ArrayList<>();
    for (ConnectedResource resource : there) {
      if (names.contains(resource.resource())) {
        named.add(resource);
      }
    }
    return named;
  }

  /// @return whether one of them took it; who did not is over
  private static boolean hand(List<ConnectedResource> getters, Element message, Receipt receipt) {
    boolean taken = false;
    for (ConnectedResource getter : getters) {
      taken |=
          getter.client().acknowledges()
              ? getter.deliver(message, receipt)
              : getter.deliver(message);
    }
    return taken;
  }

  /// @param archives whether the receiver's archive takes it
  /// @param waits whether it waits for the receiver
  /// @param disguised whether it costs as much if nobody keeps it
  private Kept keep(
      LocalAccount account, Letter letter, boolean archives, boolean waits, boolean disguised) {
    List<Copy> copies = new ArrayList<>();
    if (letter.isToOneself()) {
      if (archives || waits) {
        copies.add(new Copy(letter.senderId(), letter.to(), archives, waits));
      }
    } else {
      if (letter.senderArchives()) {
        copies.add(new Copy(letter.senderId(), letter.to(), true, false));
      }
      if (archives || waits) {
        copies.add(new Copy(account.id().orElseThrow(), letter.from(), archives, waits));
      }
    }
    return copies.isEmpty() && !disguised
        ? Kept.nowhere()
        : stores.messages().keep(letter.message(), copies, clock.instant(), room);
  }

  /// XEP-0280 §8: the sender's other devices see what was sent.
  private static void copyToSender(LocalAccount account, Letter letter, Arrival arrival) {
    Set<Resource> has = new HashSet<>();
    letter.from().resource().ifPresent(has::add);
    if (letter.isToOneself()) {
      has.addAll(arrival.got());
    }
    Element message =
        Optional.ofNullable(arrival.ids().get(letter.senderId()))
            .filter(_ -> letter.senderArchives())
            .map(id -> StanzaIds.with(letter.message(), account.jid(), id))
            .orElse(letter.message());
    for (ConnectedResource resource : copied(account, has)) {
      resource.deliver(Carbons.sent(message, resource.jid()));
    }
  }

  private static List<ConnectedResource> copied(LocalAccount account, Collection<Resource> except) {
    List<ConnectedResource> copied = new ArrayList<>();
    for (ConnectedResource resource : account.resources()) {
      if (resource.carbons() && !except.contains(resource.resource())) {
        copied.add(resource);
      }
    }
    return copied;
  }

  /// A session has what these are of: what waited for it does not any more.
  void arrived(AccountId account, List<Receipt> receipts) {
    List<KeptId> ids = receipts.stream().flatMap(it -> it.waiting().stream()).toList();
    if (!ids.isEmpty()) {
      stores.messages().delivered(account, ids);
    }
  }

  /// A message was handed to a session that ended without having acknowledged it (XEP-0198 §5): who
  /// else of the account is there gets it, or it waits. What others have goes on as it is, and so
  /// does what still waits until [#handOn].
  ///
  /// @return why it goes nowhere, if its sender is to know
  Optional<StanzaError> comeBack(AccountJid jid, AccountId id, Element message, Receipt receipt) {
    if (receipt.waiting().isPresent() || !receipt.alone()) {
      return Optional.empty();
    }
    return accounts.visit(jid, id, (account, _) -> comeBack(account, id, message, receipt));
  }

  /// It was handed to sessions that ended before they took it.
  private Optional<StanzaError> elsewhere(
      LocalAccount account, Element message, Receipt receipt, List<Runnable> after) {
    if (receipt.waiting().isPresent()) {
      deliverWaitingElsewhere(account, Set.of(), after);
      return Optional.empty();
    }
    return comeBack(account, account.id().orElseThrow(), message, receipt);
  }

  private Optional<StanzaError> comeBack(
      LocalAccount account, AccountId id, Element message, Receipt receipt) {
    MessageType type = MessageType.of(message.attribute("type").orElse("normal"));
    Jid from = Jid.parse(message.attribute("from").orElseThrow());
    List<ConnectedResource> reachable = List.copyOf(account.resources());
    return switch (delivery(type, Optional.empty(), reachable)) {
      case Delivery.To(List<Resource> names) -> {
        List<ConnectedResource> getters = named(reachable, names);
        boolean taken =
            hand(
                getters,
                late(account.jid(), message, receipt),
                new Receipt(receipt.archived(), Optional.empty(), getters.size() == 1));
        yield taken ? Optional.empty() : comeBack(account, id, message, receipt); // they are over
      }
      case Delivery.Later _ -> {
        boolean kept =
            receipt.archived().isPresent()
                || waitsNow(id, from, StanzaIds.without(message, List.of(account.jid())), type);
        // Where there is no room the archive alone has it.
        receipt.archived().ifPresent(it -> stores.messages().undelivered(id, it, room));
        yield kept || !account.roster().shows(from)
            ? Optional.empty()
            : Optional.of(StanzaError.SERVICE_UNAVAILABLE);
      }
      case Delivery.Refused _ ->
          account.roster().shows(from)
              ? Optional.of(StanzaError.SERVICE_UNAVAILABLE)
              : Optional.empty();
      case Delivery.Dropped _ -> Optional.empty();
    };
  }

  private boolean waitsNow(AccountId id, Jid from, Element message, MessageType type) {
    return Keeping.of(message, type).storable()
        && stores
            .messages()
            .keep(message, List.of(new Copy(id, from, false, true)), clock.instant(), room)
            .crowded()
            .isEmpty();
  }

  /// What waits on after a session has ended goes to another resource that is there (XEP-0198 §5).
  void handOn(AccountJid jid, AccountId id, List<Undelivered> lost) {
    boolean waits =
        lost.stream()
            .flatMap(it -> it.receipt().stream())
            .anyMatch(receipt -> receipt.waiting().isPresent());
    if (waits) {
      accounts.visit(
          jid,
          id,
          (account, after) -> {
            deliverWaitingElsewhere(account, Set.of(), after);
            return true;
          });
    }
  }

  private static Element late(AccountJid account, Element message, Receipt receipt) {
    return receipt
        .archived()
        .map(id -> Delays.delayed(message, account.domain(), id.stamp()))
        .orElse(message);
  }

  /// Hands over what waits for an account (XEP-0160 §3), beside everything else: it may be much,
  /// and whoever reads it slowly holds up nobody, not even itself: it could not acknowledge
  /// anything. One resource at a time gets it.
  void deliverWaiting(LocalAccount account, ConnectedResource resource, List<Runnable> after) {
    deliverWaiting(account, resource, Set.of(), after);
  }

  /// @param tried who could not take it all just now: clients that are away
  private void deliverWaiting(
      LocalAccount account, ConnectedResource resource, Set<Resource> tried, List<Runnable> after) {
    if (account.beginDeliveringWaiting()) {
      Set<KeptId> handed = handedTo(resource); // now: while its client is coming back
      after.add(() -> workers.execute(() -> deliverWaiting(account, resource, handed, tried)));
    }
  }

  /// To one of those that are there.
  private void deliverWaitingElsewhere(
      LocalAccount account, Set<Resource> tried, List<Runnable> after) {
    account.available().stream()
        .filter(other -> !tried.contains(other.resource()) && other.priority() >= 0)
        .findFirst()
        .ifPresent(other -> deliverWaiting(account, other, tried, after));
  }

  /// What waits only until a resource acknowledges it: it was handed that, live or before.
  private static Set<KeptId> handedTo(ConnectedResource resource) {
    return resource.client().unacknowledged().stream()
        .flatMap(receipt -> receipt.waiting().stream())
        .collect(Collectors.toCollection(HashSet::new));
  }

  private void deliverWaiting(
      LocalAccount account, ConnectedResource resource, Set<KeptId> handed, Set<Resource> tried) {
    AccountId id = account.id().orElseThrow();
    boolean all = false;
    try {
      all = deliverWaiting(id, account.jid(), resource, handed);
    } finally {
      boolean left = !all;
      accounts.visit(
          account.jid(),
          id,
          (own, after) -> {
            boolean wanted = own.endDeliveringWaiting();
            if (left) {
              Set<Resource> failed = new HashSet<>();
              if (!wanted) { // else one of them may be back
                failed.addAll(tried);
                failed.add(resource.resource());
              }
              deliverWaitingElsewhere(own, failed, after);
            } else if (wanted) {
              lookAgain(own, resource, after);
            }
            return true;
          });
    }
  }

  /// Something may have begun to wait since a resource was handed the last. It looks itself, if it
  /// still may: it gets nothing twice.
  private void lookAgain(LocalAccount account, ConnectedResource resource, List<Runnable> after) {
    if (account.available().contains(resource) && resource.priority() >= 0) {
      deliverWaiting(account, resource, after);
    } else {
      deliverWaitingElsewhere(account, Set.of(), after);
    }
  }

  /// It waits on until the client has it ([#arrived]): after a crash in between it comes twice,
  /// never not at all.
  ///
  /// @param handed what the resource had been handed at the beginning
  /// @return whether it was all handed over
  private boolean deliverWaiting(
      AccountId id, AccountJid jid, ConnectedResource resource, Set<KeptId> handed) {
    Optional<KeptId> last = resource.shownUpTo();
    while (true) {
      List<OfflineMessage> waiting = stores.messages().offline(id, last, BATCH);
      if (waiting.isEmpty()) {
        return true;
      }
      handed.addAll(handedTo(resource)); // what came live meanwhile is among what was read
      for (OfflineMessage message : waiting) {
        Optional<Receipt> receipt = Optional.of(Receipt.waiting(message.id()));
        if (!handed.contains(message.id())
            && !resource.client().deliverPatiently(delayed(jid, message), receipt)) {
          return false;
        }
        last = Optional.of(message.id());
        resource.shown(message.id());
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

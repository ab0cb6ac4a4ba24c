// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.chat.blocking.BlockList;
import dev.latchkey.chat.history.ArchivePreferences;
import dev.latchkey.chat.roster.Roster;
import dev.latchkey.chat.roster.RosterItem;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import dev.latchkey.credential.Resource;
import dev.latchkey.wire.element.Element;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// One account while somebody is there or something comes for it: who is connected, and what is
/// kept of it, read when first asked for. Used only during a visit ([LocalAccounts]).
final class LocalAccount {
  private static final ArchivePreferences NOTHING_KEPT =
      new ArchivePreferences(ArchivePreferences.Standing.NEVER, Set.of(), Set.of());

  /// Rule 5: of an account that is not there as much is read as of one that is, so that nobody
  /// learns by the time it takes which it was.
  private static final AccountId NOBODY = new AccountId("acct-nobody");

  private final AccountJid jid;
  private final Optional<AccountId> id;
  private final ChatStores stores;
  private final ReentrantLock lock = new ReentrantLock();
  private final Errands errands = new Errands();
  private final Map<Resource, ConnectedResource> resources = new LinkedHashMap<>();
  private boolean deliveringWaiting;
  private boolean wantedMeanwhile;
  private Optional<Roster> roster = Optional.empty();
  private Optional<BlockList> blockList = Optional.empty();
  private Optional<ArchivePreferences> preferences = Optional.empty();

  /// @param id nothing if there is no such account: then nothing is kept and nobody comes
  LocalAccount(AccountJid jid, Optional<AccountId> id, ChatStores stores) {
    this.jid = jid;
    this.id = id;
    this.stores = stores;
  }

  <T> T locked(Supplier<T> visit) {
    lock.lock();
    try {
      return visit.get();
    } finally {
      lock.unlock();
    }
  }

  AccountJid jid() {
    return jid;
  }

  /// Whose data it is; nothing if there is no such account.
  Optional<AccountId> id() {
    return id;
  }

  /// What visits to it have caused elsewhere and is not done yet.
  Errands errands() {
    return errands;
  }

  /// Whether nobody is connected, and nothing is left to be done elsewhere.
  boolean isDeserted() {
    return locked(resources::isEmpty) && errands.isEmpty();
  }

  Collection<ConnectedResource> resources() {
    return resources.values();
  }

  Optional<ConnectedResource> resource(Resource resource) {
    return Optional.ofNullable(resources.get(resource));
  }

  void enter(ConnectedResource connected) {
    resources.put(connected.resource(), connected);
  }

  /// A resource is gone.
  ///
  /// @return whether it was still there: it may have been replaced by a newer one of its name
  boolean leave(ConnectedResource connected) {
    return resources.remove(connected.resource(), connected);
  }

  /// Those that said they are there (RFC 6121's available resources).
  List<ConnectedResource> available() {
    return resources.values().stream().filter(ConnectedResource::isAvailable).toList();
  }

  /// To all available resources.
  void deliverToAvailable(Element stanza) {
    available().forEach(resource -> resource.deliver(stanza));
  }

  /// Somebody is about to be given what waits.
  ///
  /// @return whether nobody else is being given it
  boolean beginDeliveringWaiting() {
    boolean free = !deliveringWaiting;
    deliveringWaiting = true;
    wantedMeanwhile |= !free;
    return free;
  }

  /// It is over.
  ///
  /// @return whether somebody else wanted to begin meanwhile
  boolean endDeliveringWaiting() {
    boolean wanted = wantedMeanwhile;
    wantedMeanwhile = false;
    deliveringWaiting = false;
    return wanted;
  }

  Roster roster() {
    if (roster.isEmpty()) {
      Roster read = stores.rosters().load(id.orElse(NOBODY));
      roster = Optional.of(id.isPresent() ? read : Roster.empty());
    }
    return roster.get();
  }

  /// The roster was changed and saved. What is older than what is known changes nothing.
  void rosterIs(Roster saved) {
    if (roster.isEmpty() || roster.get().version() < saved.version()) {
      roster = Optional.of(saved);
    }
  }

  /// Somebody else may have changed it: it is read again.
  void forgetRoster() {
    roster = Optional.empty();
  }

  BlockList blockList() {
    if (blockList.isEmpty()) {
      BlockList read = stores.blocks().load(id.orElse(NOBODY));
      blockList = Optional.of(id.isPresent() ? read : BlockList.EMPTY);
    }
    return blockList.get();
  }

  /// The list was changed and saved.
  void blockListIs(BlockList saved) {
    blockList = Optional.of(saved);
  }

  /// Whether its owner wants nothing to do with somebody (XEP-0191).
  boolean blocks(Jid somebody) {
    return blockList().blocks(somebody, jid);
  }

  /// Those whom it blocks now: good beyond this visit, at a contact's account.
  Predicate<Jid> blocked() {
    return blockedBy(blockList());
  }

  /// Those whom a list blocks that is or was this account's.
  Predicate<Jid> blockedBy(BlockList list) {
    return somebody -> list.blocks(somebody, jid);
  }

  /// Whether it keeps messages to and from somebody in its archive.
  boolean archives(Jid peer) {
    if (preferences.isEmpty()) {
      ArchivePreferences read = stores.messages().preferences(id.orElse(NOBODY));
      preferences = Optional.of(id.isPresent() ? read : NOTHING_KEPT);
    }
    return preferences
        .get()
        .wants(peer, contact -> roster().item(contact).filter(RosterItem::listed).isPresent());
  }

  /// What it wants archived may have changed: it is read again.
  void forgetPreferences() {
    preferences = Optional.empty();
  }

  @Override
  public String toString() {
    return "LocalAccount[" + jid + ", " + resources.size() + "]";
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// The accounts that somebody is signed in to or that something is just coming for.
///
/// An account is used by one visitor at a time. Nobody visits two at once: what a visit causes at
/// other accounts is done after it, so no two visitors can wait for each other. It is done in the
/// order of the visits to that account, and it is done, with all that it causes in turn, before the
/// visitor goes on ([Errands]). Thread-safe.
final class LocalAccounts {
  /// What is done with an account.
  interface Visit<T> {
    /// Does it, while nobody else visits.
    ///
    /// @param account who
    /// @param after takes what is to be done elsewhere once the visit is over
    T at(LocalAccount account, List<Runnable> after);
  }

  private final ChatStores stores;
  private final Object lock = new Object();
  private final Map<AccountJid, Entry> entries = new HashMap<>();

  /// What the calling thread is doing, if it is doing what a visit caused.
  private final ScopedValue<Errand> inHand = ScopedValue.newInstance();

  private static final class Entry {
    final LocalAccount account;
    int visitors;

    Entry(LocalAccount account) {
      this.account = account;
    }

    boolean isOf(AccountId id) {
      return account.id().filter(id::equals).isPresent();
    }
  }

  LocalAccounts(ChatStores stores) {
    this.stores = stores;
  }

  /// Visits an account; one that does not exist is one that keeps nothing and where nobody is (rule
  /// 5), so that no rule needs to know the difference.
  <T> T visit(AccountJid jid, Visit<T> visit) {
    Optional<LocalAccount> there = enterIfLoaded(jid);
    if (there.isPresent()) {
      return visit(there.get(), visit);
    }
    LocalAccount account =
        stores
            .directory()
            .find(jid)
            .map(id -> enter(jid, id))
            .orElseGet(() -> new LocalAccount(jid, Optional.empty(), stores));
    return visit(account, visit);
  }

  /// Visits the account of a session: it exists.
  <T> T visit(AccountJid jid, AccountId id, Visit<T> visit) {
    return visit(enterIfOf(jid, id).orElseGet(() -> enterOwn(jid, id)), visit);
  }

  private LocalAccount enterOwn(AccountJid jid, AccountId id) {
    // SECURITY: a session may outlive its account by the stanza in hand, and the name may be given
    // away meanwhile: it must not take the place of the new account (rule 4).
    boolean outlived = isLoaded(jid) && !stores.directory().find(jid).equals(Optional.of(id));
    return outlived ? new LocalAccount(jid, Optional.empty(), stores) : enter(jid, id);
  }

  private boolean isLoaded(AccountJid jid) {
    synchronized (lock) {
      return entries.containsKey(jid);
    }
  }

  /// Visits an account if somebody is signed in to it.
  ///
  /// @return nothing if nobody is
  <T> Optional<T> visitIfPresent(AccountJid jid, Visit<T> visit) {
    return enterIfLoaded(jid).map(account -> visit(account, visit));
  }

  private Optional<LocalAccount> enterIfLoaded(AccountJid jid) {
    return enterIf(jid, _ -> true);
  }

  private Optional<LocalAccount> enterIfOf(AccountJid jid, AccountId id) {
    return enterIf(jid, entry -> entry.isOf(id));
  }

  private Optional<LocalAccount> enterIf(AccountJid jid, Predicate<Entry> wanted) {
    synchronized (lock) {
      Entry entry = entries.get(jid);
      if (entry == null || !wanted.test(entry)) {
        return Optional.empty();
      }
      entry.visitors++;
      return Optional.of(entry.account);
    }
  }

  private LocalAccount enter(AccountJid jid, AccountId id) {
    synchronized (lock) {
      Entry entry = entries.get(jid);
      if (entry == null || !entry.isOf(id)) {
        // Another id: the name was given away again, and nobody comes back to the old one (rule 4).
        entry = new Entry(new LocalAccount(jid, Optional.of(id), stores));
        entries.put(jid, entry);
      }
      entry.visitors++;
      return entry.account;
    }
  }

  private <T> T visit(LocalAccount account, Visit<T> visit) {
    Visited<T> visited;
    try {
      visited = account.locked(() -> visited(account, visit));
    } finally {
      leave(account);
    }
    visited.errand().ifPresent(this::seeTo);
    return visited.result();
  }

  private record Visited<T>(T result, Optional<Errand> errand) {}

  private static <T> Visited<T> visited(LocalAccount account, Visit<T> visit) {
    List<Runnable> after = new ArrayList<>();
    T result = visit.at(account, after);
    Optional<Errand> errand =
        after.isEmpty() ? Optional.empty() : Optional.of(new Errand(account, after));
    errand.ifPresent(account.errands()::add);
    return new Visited<>(result, errand);
  }

  /// Does what a visit caused, and what that caused. Of a visit that is itself caused it is done
  /// when the errand in hand is over: who does one must not wait for another, and a long chain of
  /// causes must not become a deep stack.
  private void seeTo(Errand errand) {
    if (inHand.isBound()) {
      inHand.get().causes(errand);
      return;
    }
    Deque<Errand> open = new ArrayDeque<>(List.of(errand));
    while (!open.isEmpty()) {
      Errand next = open.remove();
      next.visited()
          .errands()
          .complete(next, first -> ScopedValue.where(inHand, first).run(first::run));
      removeIfDeserted(next.visited());
      open.addAll(next.caused());
    }
  }

  private void leave(LocalAccount account) {
    synchronized (lock) {
      entry(account).ifPresent(entry -> entry.visitors--);
    }
    removeIfDeserted(account);
  }

  private void removeIfDeserted(LocalAccount account) {
    synchronized (lock) {
      if (entry(account).filter(entry -> entry.visitors == 0 && account.isDeserted()).isPresent()) {
        entries.remove(account.jid());
      }
    }
  }

  /// The entry of an account, unless its name has become another's. Under the lock.
  private Optional<Entry> entry(LocalAccount account) {
    return Optional.ofNullable(entries.get(account.jid()))
        .filter(entry -> entry.account == account);
  }

  /// An account is deleted: what comes for its address from now on finds somebody else, or nobody.
  void drop(AccountJid jid, AccountId id) {
    synchronized (lock) {
      Entry entry = entries.get(jid);
      if (entry != null && entry.isOf(id)) {
        entries.remove(jid);
      }
    }
  }

  /// How many accounts are in memory.
  int size() {
    synchronized (lock) {
      return entries.size();
    }
  }
}

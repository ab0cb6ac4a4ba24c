// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CertificateHolder;
import dev.latchkey.credential.Commit;
import dev.latchkey.credential.CredentialChange;
import dev.latchkey.credential.CredentialStore;
import dev.latchkey.credential.Event;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// Counts what a use case asks of a store: readings, and commits that need the disk. Its log can be
/// full: then a commit is written, and fails all the same.
final class CountingStore implements CredentialStore {
  final AtomicInteger reads = new AtomicInteger();
  final AtomicInteger writes = new AtomicInteger();
  private final CredentialStore store;

  /// Whether commits fail once they are written.
  volatile boolean logIsFull;

  CountingStore(CredentialStore store) {
    this.store = store;
  }

  @Override
  public Optional<AccountSnapshot> find(AccountJid account) {
    reads.incrementAndGet();
    return store.find(account);
  }

  @Override
  public Optional<AccountSnapshot> remembered(AccountJid account) {
    return store.remembered(account);
  }

  @Override
  public Optional<AccountSnapshot> find(AccountId account) {
    reads.incrementAndGet();
    return store.find(account);
  }

  @Override
  public List<CertificateHolder> holdersOf(Bytes fingerprint) {
    reads.incrementAndGet();
    return store.holdersOf(fingerprint);
  }

  @Override
  public List<Account> accounts() {
    reads.incrementAndGet();
    return store.accounts();
  }

  @Override
  public List<Event> events(AccountId account, long after, int limit) {
    reads.incrementAndGet();
    return store.events(account, after, limit);
  }

  @Override
  public Commit commit(List<CredentialChange> changes) {
    // As the store on a disk has it: a lone "last seen" lags, and anything else is a write (or, for
    // a precondition alone, a reading).
    if (!changes.stream().allMatch(CredentialChange.Touch.class::isInstance)) {
      writes.incrementAndGet();
    }
    Commit commit = store.commit(changes);
    if (logIsFull) {
      throw new IllegalStateException("no space left on device");
    }
    return commit;
  }

  @Override
  public int removeExpired(Instant before, int limit) {
    writes.incrementAndGet();
    return store.removeExpired(before, limit);
  }
}

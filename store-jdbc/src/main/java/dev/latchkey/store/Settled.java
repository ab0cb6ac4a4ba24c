// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.latchkey.chat.history.ArchiveEnds;
import dev.latchkey.credential.AccountId;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// Where the archives of accounts end of which nothing archived waits: what a client that binds by
/// XEP-0386 makes of them, and is told, changes nothing and needs no disk. Thread-safe where
/// nothing else is said.
final class Settled {
  private static final int MOST_ACCOUNTS = 10_000;

  private final Moments moments = new Moments();
  private final Cache<AccountId, Ends> accounts =
      Caffeine.newBuilder().maximumSize(MOST_ACCOUNTS).executor(Runnable::run).build();
  private final Set<AccountId> changed = new HashSet<>();

  /// @param ends nothing if the archive is empty
  record Ends(Optional<ArchiveEnds> ends) {}

  /// What is remembered of an account.
  Optional<Ends> of(AccountId account) {
    return Optional.ofNullable(accounts.getIfPresent(account));
  }

  /// To be asked before a read whose result is to be remembered.
  long moment() {
    return moments.now();
  }

  /// Remembers an account, unless something has changed since the moment before it was read.
  void remember(AccountId account, Ends ends, long since) {
    moments.remember(since, () -> accounts.put(account, ends));
  }

  /// What an account keeps is changed by the transaction that is being written. For the writer's
  /// thread only.
  void changed(AccountId account) {
    changed.add(account);
  }

  /// The transaction has ended. For the writer's thread only.
  void ended() {
    moments.end(() -> accounts.invalidateAll(changed));
    changed.clear();
  }
}

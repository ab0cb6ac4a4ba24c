// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat;

import dev.latchkey.credential.AccountJid;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Who may know whether an account is there: those who asked and were told yes (RFC 6121 §3.1),
/// kept in memory. Not thread-safe.
public final class PresenceBook {
  /// So many may wait for an account's answer; further wishes are dropped.
  static final int MOST_ASKING = 256;

  private final Map<AccountJid, Set<AccountJid>> asked = new HashMap<>();
  private final Map<AccountJid, Set<AccountJid>> watchers = new HashMap<>();

  /// Somebody asks to know.
  ///
  /// @return whether that was granted before, so that it is answered at once
  public boolean ask(AccountJid owner, AccountJid watcher) {
    if (isWatching(watcher, owner)) {
      return true;
    }
    Set<AccountJid> waiting = asked.computeIfAbsent(owner, _ -> new HashSet<>());
    if (waiting.size() < MOST_ASKING) {
      waiting.add(watcher);
    }
    return false;
  }

  /// The owner says yes. Only what was asked for is granted (RFC 6121 §3.4 is not offered).
  ///
  /// @return whether somebody had asked
  public boolean grant(AccountJid owner, AccountJid watcher) {
    boolean wasAsked = remove(asked, owner, watcher);
    if (wasAsked) {
      watchers.computeIfAbsent(owner, _ -> new HashSet<>()).add(watcher);
    }
    return wasAsked;
  }

  /// Either side ends it.
  ///
  /// @return whether there was anything to end
  public boolean end(AccountJid owner, AccountJid watcher) {
    boolean wasAsked = remove(asked, owner, watcher);
    return remove(watchers, owner, watcher) || wasAsked;
  }

  /// Who may know of an account.
  public Set<AccountJid> watchersOf(AccountJid owner) {
    return Set.copyOf(watchers.getOrDefault(owner, Set.of()));
  }

  /// Whether somebody may know of an account.
  public boolean isWatching(AccountJid watcher, AccountJid owner) {
    return watchers.getOrDefault(owner, Set.of()).contains(watcher);
  }

  private static boolean remove(
      Map<AccountJid, Set<AccountJid>> table, AccountJid owner, AccountJid watcher) {
    Set<AccountJid> row = table.getOrDefault(owner, Set.of());
    boolean there = row.contains(watcher);
    if (there) {
      row.remove(watcher);
      if (row.isEmpty()) {
        table.remove(owner);
      }
    }
    return there;
  }
}

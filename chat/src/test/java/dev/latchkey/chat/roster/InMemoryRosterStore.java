// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.roster;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Jid;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Rosters in memory. Thread-safe.
public final class InMemoryRosterStore implements RosterStore {
  private final Map<AccountId, Roster> rosters = new HashMap<>();

  @Override
  public synchronized Roster load(AccountId account) {
    return rosters.getOrDefault(account, Roster.empty());
  }

  @Override
  public synchronized boolean save(Map<AccountId, RosterChange> changes) {
    boolean current =
        changes.entrySet().stream()
            .allMatch(
                entry -> load(entry.getKey()).version() == entry.getValue().before().version());
    if (current) {
      changes.forEach((account, change) -> rosters.put(account, change.after()));
    }
    return current;
  }

  @Override
  public synchronized List<AccountId> holding(Jid contact) {
    return rosters.entrySet().stream()
        .filter(entry -> entry.getValue().item(contact).isPresent())
        .map(Map.Entry::getKey)
        .toList();
  }

  @Override
  public synchronized void forget(AccountId account) {
    rosters.remove(account);
  }
}

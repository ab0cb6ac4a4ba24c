// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.blocking;

import dev.latchkey.credential.AccountId;
import java.util.HashMap;
import java.util.Map;

/// Block lists in memory. Thread-safe.
public final class InMemoryBlockStore implements BlockStore {
  private final Map<AccountId, BlockList> lists = new HashMap<>();

  @Override
  public synchronized BlockList load(AccountId account) {
    return lists.getOrDefault(account, BlockList.EMPTY);
  }

  @Override
  public synchronized boolean save(AccountId account, BlockChange change) {
    boolean current = load(account).equals(change.before());
    if (current) {
      lists.put(account, change.after());
    }
    return current;
  }

  @Override
  public synchronized void forget(AccountId account) {
    lists.remove(account);
  }
}

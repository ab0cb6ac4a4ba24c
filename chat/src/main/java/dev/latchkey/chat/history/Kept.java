// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

import dev.latchkey.credential.AccountId;
import java.util.Map;
import java.util.Set;

/// What came of keeping a message.
public sealed interface Kept {
  /// It is kept, durably.
  ///
  /// @param archiveIds under what id it stands in each owner's archive
  /// @param onlyArchived who has no room for it among what waits; their archive has it, so it is
  ///   not lost
  record Written(Map<AccountId, KeptId> archiveIds, Set<AccountId> onlyArchived) implements Kept {
    /// Copies.
    public Written {
      archiveIds = Map.copyOf(archiveIds);
      onlyArchived = Set.copyOf(onlyArchived);
    }
  }

  /// Nothing was written, for anybody: it was to wait for somebody who has no room, and whose
  /// archive does not take it.
  ///
  /// @param owner who has no room
  record Full(AccountId owner) implements Kept {}
}

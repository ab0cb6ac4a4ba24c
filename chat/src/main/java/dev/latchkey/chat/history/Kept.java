// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

import dev.latchkey.credential.AccountId;
import java.util.Map;
import java.util.Set;

/// What came of keeping a message.
public sealed interface Kept {
  /// It is kept, durably.
  ///
  /// @param ids under what id each owner keeps it, in the archive, among what waits, or in both
  /// @param onlyArchived who has no room for it among what waits; their archive has it, so it is
  ///   not lost
  record Written(Map<AccountId, KeptId> ids, Set<AccountId> onlyArchived) implements Kept {
    /// Copies.
    public Written {
      ids = Map.copyOf(ids);
      onlyArchived = Set.copyOf(onlyArchived);
    }
  }

  /// Nothing was written, for anybody: it was to wait for somebody who has no room, and whose
  /// archive does not take it.
  ///
  /// @param owner who has no room
  record Full(AccountId owner) implements Kept {}
}

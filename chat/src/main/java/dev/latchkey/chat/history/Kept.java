// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

import dev.latchkey.credential.AccountId;
import java.util.Map;
import java.util.Set;

/// What came of keeping a message: durably, as far as there was room.
///
/// @param ids under what id each owner keeps it, in the archive, among what waits, or in both
/// @param crowded who has no room for it among what waits; if their archive has it, it is not lost,
///   else they do not keep it
public record Kept(Map<AccountId, KeptId> ids, Set<AccountId> crowded) {
  /// Copies.
  public Kept {
    ids = Map.copyOf(ids);
    crowded = Set.copyOf(crowded);
  }

  /// Nobody was to keep it.
  public static Kept nowhere() {
    return new Kept(Map.of(), Set.of());
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.roster;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Jid;
import java.util.List;
import java.util.Map;

/// The door to where rosters are kept. Thread-safe; calls block, and what was written is durable
/// when they return.
public interface RosterStore {
  /// The roster as it stands; an empty one if there was never any.
  Roster load(AccountId account);

  /// Saves what changed, if the roster still is at the version that the change was decided on.
  ///
  /// @return whether it was; if not, nothing is written, and the caller loads and decides again
  default boolean save(AccountId account, RosterChange change) {
    return save(Map.of(account, change));
  }

  /// Saves changes of several rosters, all or none: the two sides of a subscription never differ,
  /// whenever the server dies. A change that is none must not have been overtaken either.
  ///
  /// @return whether each roster still was at the version that its change was decided on
  boolean save(Map<AccountId, RosterChange> changes);

  /// The accounts that keep something of a contact, listed or not.
  ///
  /// @param contact a bare JID
  List<AccountId> holding(Jid contact);

  /// Removes all that is kept of an account. It stays in the rosters of others.
  void forget(AccountId account);
}

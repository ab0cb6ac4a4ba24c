// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.blocking;

import dev.latchkey.credential.AccountId;

/// The door to where block lists are kept. Thread-safe; calls block, and what was written is
/// durable when they return.
public interface BlockStore {
  /// The list as it stands; an empty one if there was never any.
  BlockList load(AccountId account);

  /// Saves a change, if the list still is the one it was decided on.
  ///
  /// @return whether it was; if not, nothing is written, and the caller loads and decides again
  boolean save(AccountId account, BlockChange change);

  /// Removes all that is kept of an account. It stays in the lists of others.
  void forget(AccountId account);
}

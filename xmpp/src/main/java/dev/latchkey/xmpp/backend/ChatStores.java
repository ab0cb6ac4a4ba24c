// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.chat.AccountDirectory;
import dev.latchkey.chat.blocking.BlockStore;
import dev.latchkey.chat.eventing.NodeStore;
import dev.latchkey.chat.history.MessageStore;
import dev.latchkey.chat.roster.RosterStore;
import dev.latchkey.chat.storage.PrivateStore;
import dev.latchkey.credential.AccountId;

/// Where the chat domain keeps things.
///
/// @param directory which accounts there are
/// @param rosters contacts
/// @param blocks who is blocked
/// @param messages archives, and what waits
/// @param nodes personal eventing
/// @param privates what clients store for themselves
public record ChatStores(
    AccountDirectory directory,
    RosterStore rosters,
    BlockStore blocks,
    MessageStore messages,
    NodeStore nodes,
    PrivateStore privates) {
  /// Removes all that is kept of an account. Doing it again finishes what a crash left.
  void forget(AccountId account) {
    rosters.forget(account);
    blocks.forget(account);
    messages.forget(account);
    nodes.forget(account);
    privates.forget(account);
    directory.cleared(account);
  }
}

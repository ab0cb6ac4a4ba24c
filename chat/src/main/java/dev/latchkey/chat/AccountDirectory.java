// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/// Which accounts there are to chat with. Thread-safe; waits for the store.
public interface AccountDirectory {
  /// The account with an address, if it is in use: an account that was only invited is as unknown
  /// as one that never was (rule 60).
  Optional<AccountId> find(AccountJid jid);

  /// Those of these addresses that are accounts in use.
  Map<AccountJid, AccountId> find(Collection<AccountJid> jids);

  /// The address of an account that is in use.
  Optional<AccountJid> address(AccountId account);

  /// Accounts that were deleted and of which something is still kept, with the addresses they had.
  Map<AccountId, AccountJid> leftovers();

  /// Whether others may still hold an account that was deleted as a contact, by the address it had
  /// (rule 4): not one that nobody ever used, nor once they have [#forgotten] it.
  boolean isKnown(AccountId deleted);

  /// Nobody holds an account that was deleted any more: what they hold by its address from now on
  /// is another one.
  void forgotten(AccountId deleted);

  /// Nothing is kept any more of an account that was deleted.
  void cleared(AccountId account);
}

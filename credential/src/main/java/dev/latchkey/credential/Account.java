// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import java.time.Instant;

/// An account.
///
/// @param id its id; everything that belongs to it hangs on this, never on the name
/// @param jid its address
/// @param status what it may do
/// @param version goes up with every change of the account, its devices or its credentials (not
///   with "last seen"); what was decided on one version is written only if it still stands
/// @param created when it was made
public record Account(
    AccountId id, AccountJid jid, AccountStatus status, long version, Instant created) {
  /// The same with another status.
  public Account withStatus(AccountStatus status) {
    return new Account(id, jid, status, version, created);
  }
}

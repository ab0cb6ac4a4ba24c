// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.DeviceId;
import java.util.List;

/// What came of a change of what an account may do.
public sealed interface AccountStateResult {
  /// Durable, and where it is no longer active, all connections are dead.
  ///
  /// @param account which
  /// @param status what it is now
  /// @param revoked the devices that were revoked with it
  record Done(AccountId account, AccountStatus status, List<DeviceId> revoked)
      implements AccountStateResult {
    /// Copies.
    public Done {
      revoked = List.copyOf(revoked);
    }
  }

  /// Nothing is changed: the account was only invited, so there is nothing yet to disable or
  /// enable.
  record OnlyInvited() implements AccountStateResult {}

  /// There is no such account.
  record NotFound() implements AccountStateResult {}
}

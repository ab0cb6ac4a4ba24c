// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.MachineSecret;

/// What came of the operator's wish for a device password.
public sealed interface PasswordResult {
  /// A password; shown once.
  ///
  /// @param account whose
  /// @param created whether the account was made for it
  /// @param device the device that it signs in as
  /// @param password the secret
  record Issued(AccountJid account, boolean created, DeviceId device, MachineSecret password)
      implements PasswordResult {}

  /// None.
  record Refused(Refusal refusal) implements PasswordResult {}
}

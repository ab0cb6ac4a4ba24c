// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.Device;

/// Whether a proof signs in.
public sealed interface SignInOutcome {
  /// It does; what it changes is durable.
  ///
  /// @param account the account's address
  /// @param device the device, as it stood
  /// @param credential what was proven, as it stands now
  /// @param firstUse whether it is the first sign-in with this certificate
  record Accepted(AccountJid account, Device device, Credential credential, boolean firstUse)
      implements SignInOutcome {}

  /// It does not: account, device or credential is no longer live.
  record Refused() implements SignInOutcome {}
}

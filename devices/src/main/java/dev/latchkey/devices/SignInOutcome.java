// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.Device;

/// Whether a proof signs in.
public sealed interface SignInOutcome {
  /// It does; what it changes is durable.
  ///
  /// @param account the account, as it stood
  /// @param device the device, as it stood
  /// @param credential what was proven, as it stands now
  /// @param firstUse whether it is the first sign-in with this certificate
  record Accepted(AccountSnapshot account, Device device, Credential credential, boolean firstUse)
      implements SignInOutcome {}

  /// It does not: account, device or credential is no longer live.
  record Refused() implements SignInOutcome {}
}

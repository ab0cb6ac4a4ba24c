// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.Suspicion;
import java.util.Optional;

/// Whether a proof signs in.
public sealed interface SignInOutcome {
  /// It does; what it changes is durable.
  ///
  /// @param account the account, as it was decided on
  /// @param device the device, as it stood
  /// @param credential what was proven, as it stands now
  /// @param firstUse whether it is the device's first sign-in with a credential of this making
  /// @param token a FAST token for the device, asked for or due
  record Accepted(
      AccountSnapshot account,
      Device device,
      Credential credential,
      boolean firstUse,
      Optional<IssuedToken> token)
      implements SignInOutcome {}

  /// It does not, and shows something of the credential: [Theft] decides what follows.
  ///
  /// @param device the device
  /// @param credential what was proven
  /// @param suspicion what it shows
  record Suspected(Device device, Credential credential, Suspicion suspicion)
      implements SignInOutcome {}

  /// It does not: account, device or credential is no longer live, or a client key's value comes
  /// late.
  record Refused() implements SignInOutcome {}
}

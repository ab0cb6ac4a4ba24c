// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import java.util.OptionalLong;

/// A proof that verified.
///
/// @param read the account as the proof was checked against it
/// @param device which device
/// @param generation its generation when the proof was checked
/// @param credential what was proven
/// @param counter for a client key: the value that was used
/// @param tokens what it wants done about FAST tokens
public record SignIn(
    AccountSnapshot read,
    DeviceId device,
    long generation,
    CredentialId credential,
    OptionalLong counter,
    TokenRequest tokens) {
  /// One that wants nothing done about tokens.
  public SignIn(
      AccountSnapshot read,
      DeviceId device,
      long generation,
      CredentialId credential,
      OptionalLong counter) {
    this(read, device, generation, credential, counter, TokenRequest.NONE);
  }
}

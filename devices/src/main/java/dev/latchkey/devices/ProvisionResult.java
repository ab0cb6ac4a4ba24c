// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Secret;
import java.time.Instant;

/// What came of the operator's wish for a device with a client key.
public sealed interface ProvisionResult {
  /// A device, and all that its client needs; shown once.
  ///
  /// @param account whose
  /// @param created whether the account was made for it
  /// @param device the device
  /// @param name what it is called
  /// @param credential its key's credential
  /// @param clientId the client's name for the key
  /// @param secret the Secret, 32 octets
  /// @param validationKey the ValidationKey, 32 octets
  /// @param counter the first value to use
  /// @param issued since when it is good
  /// @param expires until when
  record Provisioned(
      AccountJid account,
      boolean created,
      DeviceId device,
      String name,
      CredentialId credential,
      String clientId,
      Secret secret,
      Secret validationKey,
      long counter,
      Instant issued,
      Instant expires)
      implements ProvisionResult {}

  /// None.
  record Refused(Refusal refusal) implements ProvisionResult {}
}

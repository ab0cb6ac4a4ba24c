// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Suspicion;
import java.util.Optional;

/// What a refused attempt has shown of a credential whose possession it proved.
///
/// @param account whose
/// @param device the device it belongs to
/// @param credential which
/// @param suspicion what
public record Evidence(
    AccountId account, DeviceId device, CredentialId credential, Suspicion suspicion) {

  /// That of a credential; nothing if it belongs to no device.
  public static Optional<Evidence> of(Credential credential, Suspicion suspicion) {
    return credential
        .device()
        .map(device -> new Evidence(credential.account(), device, credential.id(), suspicion));
  }
}

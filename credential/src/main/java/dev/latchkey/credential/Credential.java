// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import java.time.Instant;
import java.util.Optional;

/// Something that signs in.
///
/// @param id its id
/// @param account whose it is
/// @param device which device it belongs to; a code belongs to none
/// @param status its state
/// @param generation the device's generation when it was made
/// @param created when it was made
/// @param expires from when on it is no longer good, if ever
/// @param verifier what a proof is checked against
public record Credential(
    CredentialId id,
    AccountId account,
    Optional<DeviceId> device,
    CredentialStatus status,
    long generation,
    Instant created,
    Optional<Instant> expires,
    Verifier verifier) {

  /// Its kind.
  public CredentialKind kind() {
    return verifier.kind();
  }

  /// Whether its date has passed.
  public boolean isExpired(Instant now) {
    return expires.filter(date -> !now.isBefore(date)).isPresent();
  }

  /// The same in another state.
  public Credential withStatus(CredentialStatus status) {
    return new Credential(id, account, device, status, generation, created, expires, verifier);
  }

  /// The same with another verifier.
  public Credential withVerifier(Verifier verifier) {
    return new Credential(id, account, device, status, generation, created, expires, verifier);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceStatus;
import java.time.Instant;
import java.util.Optional;

/// Why a device's credential does not sign in, for the log and for who has proven that it holds it
/// (rule 41).
public final class Standing {
  private Standing() {}

  /// What forbids it, the gravest first; nothing if it is live.
  ///
  /// @param snapshot the account it belongs to
  /// @param credential one of a device
  /// @param now the time of the sign-in
  public static Optional<FailureReason> refusal(
      AccountSnapshot snapshot, Credential credential, Instant now) {
    if (snapshot.isLive(credential, now)) {
      return Optional.empty(); // the model has the last word on what lives
    }
    Optional<Device> device = credential.device().flatMap(snapshot::device);
    if (credential.status() == CredentialStatus.REVOKED
        || device
            .filter(
                each ->
                    each.status() == DeviceStatus.REVOKED
                        || each.generation() != credential.generation())
            .isPresent()) {
      return Optional.of(FailureReason.CREDENTIAL_REVOKED);
    }
    if (snapshot.account().status() != AccountStatus.ACTIVE) {
      return Optional.of(FailureReason.ACCOUNT_NOT_ACTIVE);
    }
    if (device.filter(each -> each.status() == DeviceStatus.ACTIVE).isEmpty()) {
      return Optional.of(FailureReason.DEVICE_NOT_ACTIVE);
    }
    return Optional.of(
        credential.status() == CredentialStatus.ACTIVE
            ? FailureReason.CREDENTIAL_EXPIRED
            : FailureReason.CREDENTIAL_NOT_LIVE);
  }
}

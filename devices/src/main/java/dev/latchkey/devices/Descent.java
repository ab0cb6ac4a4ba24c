// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.DeviceId;
import java.time.Instant;
import java.util.Optional;

/// Whether what a device has proven may give it another credential (decision 0017).
///
/// SECURITY: whoever copies something weak must not be able to exchange it for something of his own
/// that is better, or lives longer, or that nothing can show.
final class Descent {
  private Descent() {}

  /// Whether a device may be given a FAST token: for an X-TOKEN never, and beside a certificate or
  /// a client key only for such a one.
  ///
  /// @param proven what it has proven; nothing if that was a code
  static boolean allowsToken(
      AccountSnapshot account, DeviceId device, Optional<Credential> proven, Instant now) {
    return !isOf(proven, CredentialKind.AUTH_TOKEN)
        && (proven.filter(it -> isLiveKey(account, it, now)).isPresent()
            || !hasLiveKey(account, device, now));
  }

  /// Whether a device may register a client key: for an X-TOKEN never, and not for a FAST token
  /// beside a certificate or a client key, whose end the new one would outlive. A password may, for
  /// it lives as long as the device.
  ///
  /// @param proven see [#allowsToken]
  static boolean allowsKey(
      AccountSnapshot account, DeviceId device, Optional<Credential> proven, Instant now) {
    return !isOf(proven, CredentialKind.AUTH_TOKEN)
        && !(isOf(proven, CredentialKind.FAST) && hasLiveKey(account, device, now));
  }

  /// Whether a device may be given an X-TOKEN: not for a FAST token, whose copies show when it is
  /// exchanged, and do not live as long.
  ///
  /// @param proven see [#allowsToken]
  static boolean allowsXToken(Optional<Credential> proven) {
    return !isOf(proven, CredentialKind.FAST);
  }

  private static boolean isOf(Optional<Credential> proven, CredentialKind kind) {
    return proven.filter(it -> it.kind() == kind).isPresent();
  }

  private static boolean hasLiveKey(AccountSnapshot account, DeviceId device, Instant now) {
    return account.credentialsOf(device).anyMatch(it -> isLiveKey(account, it, now));
  }

  /// Whether it is a certificate or a client key: stronger than passwords and tokens, for the
  /// server cannot be robbed of it, or a copy shows.
  static boolean isKey(Credential credential) {
    return credential.kind() == CredentialKind.CERTIFICATE
        || credential.kind() == CredentialKind.CLIENT_KEY;
  }

  /// Whether it is one that is good now.
  static boolean isLiveKey(AccountSnapshot account, Credential credential, Instant now) {
    return isKey(credential) && account.isLive(credential, now);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.MachineSecret;
import dev.latchkey.credential.Resource;
import java.util.Optional;

/// An enrolment whose answer has not come yet: on disk before the request is sent, so that after a
/// lost answer the very same request can be sent with the same code (rule 8).
///
/// @param jid for whom
/// @param code SHA-256 of the code; the code has 130 random bits, so this does not tell it
/// @param name what the device is to be called
/// @param resource what it asks to be locked to
/// @param userAgent its user-agent id
/// @param key its key pair
/// @param request the DER of the certificate request
record PendingEnrolment(
    AccountJid jid,
    Bytes code,
    String name,
    Optional<Resource> resource,
    String userAgent,
    DeviceKey key,
    Bytes request) {
  static Bytes fingerprint(MachineSecret token) {
    return token.canonical().reveal().sha256();
  }

  /// Whether it was begun with this invitation.
  boolean isOf(LoginUri uri) {
    return jid.equals(uri.account()) && code.equals(fingerprint(uri.token()));
  }
}

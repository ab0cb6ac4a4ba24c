// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority.request;

import dev.latchkey.authority.KeyKind;
import dev.latchkey.credential.Bytes;
import java.time.Instant;
import java.util.List;

/// What a certificate says that a client showed in TLS, and whose key it therefore holds.
///
/// @param der its octets
/// @param publicKey the DER SubjectPublicKeyInfo in it
/// @param kind the kind of that key
/// @param xmppAddresses its xmppAddr names, as they came
/// @param notBefore from when on it is good
/// @param notAfter until when
/// @param selfSigned whether it is signed by its own key
public record ShownCertificate(
    Bytes der,
    Bytes publicKey,
    KeyKind kind,
    List<String> xmppAddresses,
    Instant notBefore,
    Instant notAfter,
    boolean selfSigned) {
  /// Copies.
  public ShownCertificate {
    xmppAddresses = List.copyOf(xmppAddresses);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import dev.latchkey.credential.Bytes;
import java.util.List;
import java.util.Optional;

/// server-final-message (RFC 5802 §7) of a success. A failure never takes this form with us: the
/// profile has its own.
///
/// @param signature ServerSignature
record ServerFinal(Bytes signature) {
  /// Reads one.
  ///
  /// @return nothing if the octets are no such message, or tell of an error
  static Optional<ServerFinal> parse(Bytes message) {
    return message
        .toUtf8()
        .flatMap(Attribute::list)
        .filter(list -> Attribute.begins(list, "v"))
        .map(List::getFirst)
        .flatMap(verifier -> Bytes.base64(verifier.value()))
        .map(ServerFinal::new);
  }

  Bytes octets() {
    return Bytes.utf8("v=" + signature.toBase64());
  }
}

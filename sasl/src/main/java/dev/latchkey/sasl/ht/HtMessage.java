// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.ht;

import dev.latchkey.credential.Bytes;
import java.util.Optional;

/// initiator-msg (draft -09, the client's only message).
///
/// @param authcid the name
/// @param proof initiator-hashed-token
record HtMessage(String authcid, Bytes proof) {
  private static final Bytes NUL = Bytes.of((byte) 0);
  private static final Bytes INITIATOR = Bytes.utf8("Initiator");
  private static final Bytes RESPONDER = Bytes.utf8("Responder");

  /// Reads one.
  ///
  /// @return nothing if the octets are no such message
  static Optional<HtMessage> parse(Bytes message) {
    byte[] octets = message.toArray();
    int end = 0;
    while (end < octets.length && octets[end] != 0) {
      end++;
    }
    // The proof's own octets may hold a NUL: only the first one parts.
    if (end == 0 || end >= octets.length - 1) {
      return Optional.empty();
    }
    Bytes proof = message.slice(end + 1, octets.length - end - 1);
    return message.slice(0, end).toUtf8().map(authcid -> new HtMessage(authcid, proof));
  }

  Bytes octets() {
    return Bytes.concat(Bytes.utf8(authcid), NUL, proof);
  }

  /// What the client's proof is a MAC of.
  static Bytes initiated(Bytes bindingData) {
    return Bytes.concat(INITIATOR, bindingData);
  }

  /// What the server's answer is a MAC of.
  static Bytes responded(Bytes bindingData) {
    return Bytes.concat(RESPONDER, bindingData);
  }
}

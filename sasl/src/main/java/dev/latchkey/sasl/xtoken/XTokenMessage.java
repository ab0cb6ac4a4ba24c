// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.xtoken;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Secret;
import java.util.Optional;

/// The client's only message: NUL, the name, NUL, the token. There is no authorization identity
/// before the first NUL, other than in PLAIN.
///
/// @param authcid the name
/// @param token the token's text
record XTokenMessage(String authcid, Secret token) {
  /// Reads one.
  ///
  /// @return nothing if the octets are no such message
  static Optional<XTokenMessage> parse(Bytes message) {
    return message
        .toUtf8()
        .map(text -> text.split("\0", -1))
        .filter(
            parts ->
                parts.length == 3
                    && parts[0].isEmpty()
                    && !parts[1].isEmpty()
                    && !parts[2].isEmpty())
        .map(parts -> new XTokenMessage(parts[1], Secret.ofText(parts[2])));
  }

  Bytes octets() {
    Bytes nul = Bytes.of((byte) 0);
    return Bytes.concat(nul, Bytes.utf8(authcid), nul, token.reveal());
  }
}

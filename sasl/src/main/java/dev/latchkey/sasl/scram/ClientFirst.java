// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import dev.latchkey.credential.Bytes;
import dev.latchkey.sasl.gs2.Gs2Header;
import dev.latchkey.sasl.gs2.SaslName;
import java.util.List;
import java.util.Optional;

/// client-first-message (RFC 5802 §7).
///
/// @param header the gs2 header
/// @param authcid the name, unescaped
/// @param nonce the client's
/// @param bare the text behind the header, as it goes into the AuthMessage
record ClientFirst(Gs2Header header, String authcid, String nonce, String bare) {
  static ClientFirst of(Gs2Header header, String authcid, String nonce) {
    return new ClientFirst(header, authcid, nonce, "n=" + SaslName.encode(authcid) + ",r=" + nonce);
  }

  /// Reads one.
  ///
  /// @return nothing if the octets are no such message
  static Optional<ClientFirst> parse(Bytes message) {
    return message.toUtf8().flatMap(ClientFirst::parse);
  }

  private static Optional<ClientFirst> parse(String text) {
    int flagEnd = text.indexOf(',');
    int headerEnd = text.indexOf(',', flagEnd + 1);
    if (flagEnd < 0 || headerEnd < 0) {
      return Optional.empty();
    }
    String bare = text.substring(headerEnd + 1);
    return Gs2Header.parse(text.substring(0, headerEnd + 1))
        .flatMap(header -> Attribute.list(bare).flatMap(list -> of(header, list, bare)));
  }

  private static Optional<ClientFirst> of(Gs2Header header, List<Attribute> list, String bare) {
    if (!Attribute.begins(list, "nr") || !list.get(1).isPrintable()) {
      return Optional.empty();
    }
    return SaslName.decode(list.getFirst().value())
        .map(authcid -> new ClientFirst(header, authcid, list.get(1).value(), bare));
  }

  Bytes octets() {
    return Bytes.utf8(header.text() + bare);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.clientkey;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.HmacHash;
import dev.latchkey.sasl.gs2.Gs2Header;
import java.util.Optional;

/// The client's only message (draft §4).
///
/// @param header the gs2 header
/// @param authcid the name
/// @param clientId the key's name
/// @param proof the MAC of [MacInput#response]
/// @param validationKey the ValidationKey, always of [ClientKeyMaterial#LENGTH] octets
record ClientKeyMessage(
    Gs2Header header, String authcid, String clientId, Bytes proof, Secret validationKey) {
  /// Reads one.
  ///
  /// @return nothing if the octets are no such message
  static Optional<ClientKeyMessage> parse(Bytes message) {
    return message.toUtf8().map(text -> text.split("\0", -1)).flatMap(ClientKeyMessage::parse);
  }

  private static Optional<ClientKeyMessage> parse(String... parts) {
    if (parts.length != 5 || parts[1].isEmpty() || parts[2].isEmpty()) {
      return Optional.empty();
    }
    Optional<Gs2Header> header = Gs2Header.parse(parts[0]);
    Optional<Bytes> proof = base64(parts[3], HmacHash.SHA_256.length());
    Optional<Bytes> validationKey = base64(parts[4], ClientKeyMaterial.LENGTH);
    return header.isEmpty() || proof.isEmpty() || validationKey.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new ClientKeyMessage(
                header.get(), parts[1], parts[2], proof.get(), Secret.of(validationKey.get())));
  }

  private static Optional<Bytes> base64(String text, int length) {
    return Bytes.base64(text).filter(octets -> octets.length() == length);
  }

  Bytes octets() {
    return Bytes.utf8(
        String.join(
            "\0",
            header.text(),
            authcid,
            clientId,
            proof.toBase64(),
            validationKey.reveal().toBase64()));
  }
}

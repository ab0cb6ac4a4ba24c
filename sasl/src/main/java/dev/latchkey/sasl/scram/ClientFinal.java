// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import dev.latchkey.credential.Bytes;
import java.util.List;
import java.util.Optional;

/// client-final-message (RFC 5802 §7).
///
/// @param channelBinding gs2 header and channel-binding data
/// @param nonce both nonces
/// @param proof ClientProof
/// @param withoutProof the text before the proof, as it goes into the AuthMessage
record ClientFinal(Bytes channelBinding, String nonce, Bytes proof, String withoutProof) {
  private static final String PROOF = ",p=";

  /// The text that the proof is made over.
  static String withoutProof(Bytes channelBinding, String nonce) {
    return "c=" + channelBinding.toBase64() + ",r=" + nonce;
  }

  static ClientFinal of(Bytes channelBinding, String nonce, Bytes proof) {
    return new ClientFinal(channelBinding, nonce, proof, withoutProof(channelBinding, nonce));
  }

  /// Reads one.
  ///
  /// @return nothing if the octets are no such message
  static Optional<ClientFinal> parse(Bytes message) {
    return message
        .toUtf8()
        .flatMap(text -> Attribute.list(text).flatMap(list -> parse(list, text)));
  }

  private static Optional<ClientFinal> parse(List<Attribute> list, String text) {
    // The proof is the last attribute: nothing may stand behind what it does not cover.
    Attribute last = list.getLast();
    if (last.name() != 'p'
        || !Attribute.begins(list.subList(0, list.size() - 1), "cr")
        || !list.get(1).isPrintable()) {
      return Optional.empty();
    }
    String withoutProof = text.substring(0, text.length() - PROOF.length() - last.value().length());
    return Bytes.base64(list.getFirst().value())
        .flatMap(
            binding ->
                Bytes.base64(last.value())
                    .map(
                        proof ->
                            new ClientFinal(binding, list.get(1).value(), proof, withoutProof)));
  }

  Bytes octets() {
    return Bytes.utf8(withoutProof + PROOF + proof.toBase64());
  }
}

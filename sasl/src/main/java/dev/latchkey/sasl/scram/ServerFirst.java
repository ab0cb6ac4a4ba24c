// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import dev.latchkey.credential.Bytes;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// server-first-message (RFC 5802 §7).
///
/// @param nonce the client's nonce and the server's behind it
/// @param salt the salt
/// @param iterations the iteration count
/// @param downgradeHash attribute "h" of XEP-0474
/// @param text as it goes into the AuthMessage
record ServerFirst(
    String nonce, Bytes salt, int iterations, Optional<Bytes> downgradeHash, String text) {
  /// posit-number, as long as an int may be.
  private static final Pattern POSITIVE = Pattern.compile("[1-9][0-9]{0,8}");

  static ServerFirst of(String nonce, ScramParameters parameters, Optional<Bytes> downgradeHash) {
    return new ServerFirst(
        nonce,
        parameters.salt(),
        parameters.iterations(),
        downgradeHash,
        "r=%s,s=%s,i=%d%s"
            .formatted(
                nonce,
                parameters.salt().toBase64(),
                parameters.iterations(),
                downgradeHash.map(hash -> ",h=" + hash.toBase64()).orElse("")));
  }

  /// Reads one.
  ///
  /// @return nothing if the octets are no such message
  static Optional<ServerFirst> parse(Bytes message) {
    return message
        .toUtf8()
        .flatMap(text -> Attribute.list(text).flatMap(list -> parse(list, text)));
  }

  private static Optional<ServerFirst> parse(List<Attribute> list, String text) {
    if (!Attribute.begins(list, "rsi")
        || !list.get(0).isPrintable()
        || !POSITIVE.matcher(list.get(2).value()).matches()) {
      return Optional.empty();
    }
    Optional<Bytes> salt = Bytes.base64(list.get(1).value());
    Optional<Attribute> h = list.stream().filter(each -> each.name() == 'h').findAny();
    Optional<Bytes> hash = h.flatMap(each -> Bytes.base64(each.value()));
    if (salt.isEmpty() || h.isPresent() != hash.isPresent()) {
      return Optional.empty();
    }
    return Optional.of(
        new ServerFirst(
            list.get(0).value(), salt.get(), Integer.parseInt(list.get(2).value()), hash, text));
  }

  Bytes octets() {
    return Bytes.utf8(text);
  }
}

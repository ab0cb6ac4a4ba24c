// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.ScramHash;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// What a server has listed before an exchange, in the words on the wire: the mechanisms of the one
/// profile in use (RFC 6120's or XEP-0388's, not both) and the channel-binding types of XEP-0440.
/// FAST's mechanisms do not belong here.
///
/// @param mechanisms their names, in any order
/// @param channelBindingTypes the types, in any order; nothing if XEP-0440's element was not there
public record SaslOffer(List<String> mechanisms, Optional<List<String>> channelBindingTypes) {
  private static final String BETWEEN_NAMES = "\u001e";
  private static final String BETWEEN_LISTS = "\u001f";

  /// Copies.
  public SaslOffer {
    mechanisms = List.copyOf(mechanisms);
    channelBindingTypes = channelBindingTypes.map(List::copyOf);
  }

  /// The hash that protects the offer from being tampered with (XEP-0474 §5.1).
  Bytes downgradeHash(ScramHash hash) {
    return hash.hash(
        Bytes.utf8(
            sorted(mechanisms)
                + channelBindingTypes.map(types -> BETWEEN_LISTS + sorted(types)).orElse("")));
  }

  /// RFC 4790 §9.3, i;octet.
  private static String sorted(List<String> names) {
    return names.stream()
        .sorted(
            (one, other) ->
                Arrays.compareUnsigned(
                    one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8)))
        .collect(Collectors.joining(BETWEEN_NAMES));
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import java.util.random.RandomGenerator;

/// Crockford's base 32 in lower case: no letter that could be taken for a digit.
final class Crockford {
  static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

  private Crockford() {}

  /// Symbols of five random bits each.
  static String text(int symbols, RandomGenerator random) {
    Bytes drawn = Bytes.random(symbols, random);
    StringBuilder text = new StringBuilder(symbols);
    for (byte octet : drawn.toArray()) {
      text.append(ALPHABET.charAt(octet & 31)); // 256 is a multiple of 32: no bias
    }
    return text.toString();
  }
}

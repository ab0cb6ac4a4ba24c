// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.management;

import java.util.Optional;

/// How many stanzas: a number that goes round at 2^32 (XEP-0198 §4).
///
/// @param bits the number, unsigned
public record StanzaCount(int bits) {
  /// None yet.
  public static final StanzaCount ZERO = new StanzaCount(0);

  private static final int MOST_DIGITS = 10;
  private static final long END = 1L << Integer.SIZE;

  /// Reads the value of an `h`: decimal digits and nothing else, below 2^32 (rule 46).
  ///
  /// @return nothing if it is no such number
  public static Optional<StanzaCount> parse(String text) {
    if (text.isEmpty()
        || text.length() > MOST_DIGITS
        || !text.chars().allMatch(digit -> digit >= '0' && digit <= '9')) {
      return Optional.empty();
    }
    long value = Long.parseLong(text);
    return value < END ? Optional.of(new StanzaCount((int) value)) : Optional.empty();
  }

  /// One more.
  public StanzaCount next() {
    return plus(1);
  }

  /// So many more.
  public StanzaCount plus(int more) {
    return new StanzaCount(bits + more);
  }

  /// How many it is ahead of an earlier count, from 0 to 2^32 - 1. A count that is behind looks as
  /// if it were nearly 2^32 ahead, which is how one that is too low is found.
  public long since(StanzaCount earlier) {
    return Integer.toUnsignedLong(bits - earlier.bits);
  }

  /// As it stands on the wire.
  @Override
  public String toString() {
    return Integer.toUnsignedString(bits);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

import com.google.errorprone.annotations.Immutable;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Optional;

/// The id of a kept message, unique within its account and never used again. The order of ids is
/// the order in which messages were kept; an id tells when that was.
///
/// @param micros microseconds since 1970, or more where the clock did not go on
/// @param tag drawn at random, so that nobody can tell an id in advance (XEP-0313 §3)
@Immutable
public record KeptId(long micros, int tag) implements Comparable<KeptId> {
  private static final HexFormat HEX = HexFormat.of();
  private static final int DIGITS = 24;

  /// Checks.
  ///
  /// @throws IllegalArgumentException if it is before 1970
  public KeptId {
    if (micros < 0) {
      throw new IllegalArgumentException("a time before 1970: " + micros);
    }
  }

  /// The next id of an account.
  ///
  /// @param last the newest that was ever given, as [#micros]
  /// @param now the time
  public static KeptId next(long last, Instant now, int tag) {
    return new KeptId(Math.max(last + 1, atMost(now)), tag);
  }

  /// The greatest `micros` that is no later than a time; times out of reach count as the nearest
  /// within.
  public static long atMost(Instant time) {
    if (time.getEpochSecond() < 0) {
      return 0;
    }
    // So far ahead that no clock gets there, and so far from the end that adding is safe.
    return time.getEpochSecond() > Long.MAX_VALUE / 4_000_000
        ? Long.MAX_VALUE / 4
        : ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }

  /// The least `micros` that is no earlier than a time.
  public static long atLeast(Instant time) {
    long micros = atMost(time);
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS).isBefore(time) ? micros + 1 : micros;
  }

  /// Reads the text of an id; nothing if no id has it.
  public static Optional<KeptId> parse(String text) {
    if (text.length() != DIGITS || !text.chars().allMatch(KeptId::isDigit)) {
      return Optional.empty();
    }
    long micros = HexFormat.fromHexDigitsToLong(text, 0, 16);
    return micros < 0
        ? Optional.empty()
        : Optional.of(new KeptId(micros, HexFormat.fromHexDigits(text, 16, DIGITS)));
  }

  private static boolean isDigit(int c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  }

  /// When the message was kept, to the microsecond.
  public Instant stamp() {
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }

  /// As clients see it; opaque to them.
  public String text() {
    return HEX.toHexDigits(micros) + HEX.toHexDigits(tag);
  }

  @Override
  public int compareTo(KeptId other) {
    int order = Long.compare(micros, other.micros);
    return order == 0 ? Integer.compare(tag, other.tag) : order;
  }

  @Override
  public String toString() {
    return text();
  }
}

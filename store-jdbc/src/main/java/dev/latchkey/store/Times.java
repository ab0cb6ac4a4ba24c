// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;

/// Times as the database holds them: RFC 3339, UTC, always nine digits, so that the order of texts
/// is the order of times.
final class Times {
  private static final DateTimeFormatter FORM =
      new DateTimeFormatterBuilder().appendInstant(9).toFormatter();

  private Times() {}

  static String text(Instant time) {
    return FORM.format(time);
  }

  static Instant time(String text) {
    return Instant.parse(text);
  }
}

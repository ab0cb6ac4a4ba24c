// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.protocol;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/// Times on the wire: moments (XEP-0082) in UTC, spans in seconds; both whole.
public final class Times {
  private static final int MOST_DIGITS = 10;

  private Times() {}

  /// The text of a moment.
  public static String text(Instant moment) {
    return moment.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /// The span that a number of seconds says.
  ///
  /// @return nothing if it is no such number, or of more digits than any life has
  public static Optional<Duration> seconds(String text) {
    return !text.isEmpty()
            && text.length() <= MOST_DIGITS
            && text.chars().allMatch(c -> c >= '0' && c <= '9')
        ? Optional.of(Duration.ofSeconds(Long.parseLong(text)))
        : Optional.empty();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How times are written in the configuration and on the command line: `90s`, `10m`, `12h`, `7d`.
public final class DurationText {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,9})(s|m|h|d)");

  private DurationText() {}

  /// Reads one, or nothing if the text is none.
  public static Optional<Duration> parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long count = Long.parseLong(matcher.group(1));
    return Optional.of(
        switch (matcher.group(2)) {
          case "s" -> Duration.ofSeconds(count);
          case "m" -> Duration.ofMinutes(count);
          case "h" -> Duration.ofHours(count);
          default -> Duration.ofDays(count);
        });
  }

  /// Writes one in the largest unit that is exact.
  public static String of(Duration time) {
    long seconds = time.toSeconds();
    if (seconds % 86_400 == 0) {
      return time.toDays() + "d";
    }
    if (seconds % 3600 == 0) {
      return time.toHours() + "h";
    }
    return seconds % 60 == 0 ? time.toMinutes() + "m" : seconds + "s";
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import dev.latchkey.server.DurationText;
import java.time.Duration;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// `90s`, `10m`, `12h`, `7d`.
final class DurationConverter implements ITypeConverter<Duration> {
  @Override
  public Duration convert(String text) {
    return DurationText.parse(text)
        .filter(Duration::isPositive)
        .orElseThrow(
            () ->
                new TypeConversionException(
                    "\"%s\" is no time: give one such as 90s, 10m, 12h or 7d".formatted(text)));
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import java.util.Optional;

/// What somebody gave as the reason, fit for the history: one line, at most 200 code points.
final class Reasons {
  private static final int LONGEST = 200;

  private Reasons() {}

  static Optional<String> fit(Optional<String> given) {
    return given
        .map(
            text ->
                text.codePoints()
                    .limit(LONGEST)
                    .map(it -> DeviceNames.misleads(it) ? ' ' : it)
                    .collect(
                        StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString()
                    .strip())
        .filter(text -> !text.isEmpty());
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import java.time.Duration;

/// Measures how long something takes. It only goes on, evenly, also when the clock is set; what it
/// shows means nothing but in comparison with what it showed before.
@FunctionalInterface
public interface Ticker {
  /// What it shows now.
  Duration reading();

  /// This machine's.
  static Ticker ofThisMachine() {
    return () -> Duration.ofNanos(System.nanoTime());
  }
}

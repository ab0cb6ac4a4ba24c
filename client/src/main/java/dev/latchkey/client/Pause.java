// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import java.time.Duration;

/// How the kit lets time pass before it tries again. A thread that is interrupted must be let go.
@FunctionalInterface
public interface Pause {
  /// Returns after so long.
  void last(Duration howLong) throws InterruptedException;

  /// The real one.
  static Pause asleep() {
    return Thread::sleep;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/// For what a server does after the client is gone: nobody tells a test when it is done.
final class Eventually {
  private static final Duration STEP = Duration.ofMillis(20);

  private Eventually() {}

  /// Asks again until it is so, within [RunningServer#PATIENCE].
  static void holds(Callable<Boolean> claim) throws Exception {
    InstantSource clock = InstantSource.system();
    Instant end = clock.instant().plus(RunningServer.PATIENCE);
    while (!claim.call()) {
      if (clock.instant().isAfter(end)) {
        throw new AssertionError("it never came to be so");
      }
      LockSupport.parkNanos(STEP.toNanos());
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import dev.latchkey.credential.Waypoint;
import dev.latchkey.credential.Waypoints;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/// Holds the first thread that reaches a point after [#hold], until it is let go.
final class HeldAt implements Waypoints {
  private static final long BOUND_SECONDS = 20;

  private record Hold(Waypoint point, CountDownLatch arrived, CountDownLatch released) {}

  private final AtomicReference<Optional<Hold>> armed = new AtomicReference<>(Optional.empty());
  private volatile Optional<Hold> last = Optional.empty();

  /// The next thread that comes there is held.
  void hold(Waypoint point) {
    Hold hold = new Hold(point, new CountDownLatch(1), new CountDownLatch(1));
    last = Optional.of(hold);
    armed.set(last);
  }

  /// Waits until a thread stands there.
  void awaitArrival() throws InterruptedException {
    await(last.orElseThrow().arrived(), "nobody came to the point");
  }

  /// Lets it go on.
  void release() {
    last.orElseThrow().released().countDown();
  }

  @Override
  public void reached(Waypoint point) {
    Optional<Hold> hold = armed.get();
    if (hold.isPresent()
        && hold.get().point() == point
        && armed.compareAndSet(hold, Optional.empty())) {
      hold.get().arrived().countDown();
      try {
        await(hold.get().released(), "nobody let go the thread that was held");
      } catch (InterruptedException stopping) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static void await(CountDownLatch latch, String otherwise) throws InterruptedException {
    if (!latch.await(BOUND_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError(otherwise);
    }
  }
}

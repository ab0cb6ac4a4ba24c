// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.socket;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/// Sees to it that what event loops carry goes on, whatever they wait for: see [LoopCarrier]. Works
/// only while they do.
final class LoopWatch implements AutoCloseable {
  /// What an event loop has not begun after one such time, and at most two, others begin.
  static final Duration STEP = Duration.ofMillis(50);

  /// After so many looks at which there was nothing to do, it sleeps until there is.
  private static final int QUIET = 20;

  private final List<LoopCarrier> carriers = new CopyOnWriteArrayList<>();
  private final Thread thread =
      Thread.ofPlatform().name("loop-watch").daemon().unstarted(this::run);
  private volatile boolean asleep;
  private volatile boolean closed;

  void start(List<LoopCarrier> watched) {
    carriers.addAll(watched);
    thread.start();
  }

  /// There is something to do. Costs nothing while it looks anyway.
  void wake() {
    if (asleep) {
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    int quiet = 0;
    while (!closed) {
      LockSupport.parkNanos(this, STEP.toNanos());
      boolean any = false;
      for (LoopCarrier carrier : carriers) {
        any |= carrier.look();
      }
      quiet = any ? 0 : quiet + 1;
      if (quiet > QUIET) {
        sleep();
        quiet = 0;
      }
    }
    carriers.forEach(LoopCarrier::handOver);
  }

  /// Who adds a step looks afterwards whether this sleeps, so one of the two sees the other.
  private void sleep() {
    asleep = true;
    if (!closed && carriers.stream().noneMatch(LoopCarrier::isWaitedFor)) {
      LockSupport.park(this);
    }
    asleep = false;
  }

  /// What still waits goes on elsewhere; for when the event loops have ended.
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.socket;

import io.netty.util.concurrent.EventExecutor;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/// Runs the steps of virtual threads, each from where it may go on to where it waits, on one event
/// loop.
///
/// An event loop may itself have to wait for one of its virtual threads: they stand in the queue of
/// the same lock, and the lock wakes the virtual thread first, which only the event loop would run.
/// Or what it runs takes long. So whoever watches lets others take the steps that the event loop
/// does not come to, and takes them itself no later than that.
final class LoopCarrier implements Executor {
  private final EventExecutor loop;
  private final Executor others;
  private final LoopWatch watch;
  private final Queue<Runnable> steps = new ConcurrentLinkedQueue<>();
  private final Runnable next = this::next;

  /// How many steps the event loop has begun; only it counts.
  private final AtomicLong begun = new AtomicLong();

  // The watch's own.
  private long begunBefore;
  private boolean waitedBefore;

  /// @param others carry what the event loop does not come to
  LoopCarrier(EventExecutor loop, Executor others, LoopWatch watch) {
    this.loop = loop;
    this.others = others;
    this.watch = watch;
  }

  /// Never fails: a virtual thread whose event loop has ended goes on elsewhere.
  @Override
  public void execute(Runnable step) {
    steps.add(step);
    try {
      loop.execute(next);
      watch.wake();
    } catch (RejectedExecutionException ended) {
      handOver();
    }
  }

  private void next() {
    Runnable step = steps.poll();
    if (step != null) {
      begun.lazySet(begun.get() + 1);
      step.run();
    }
  }

  /// Looks whether the event loop has begun any step since the last look, and hands over what waits
  /// if it waited then, too. For the watch.
  ///
  /// @return whether there was anything to do since then
  boolean look() {
    long now = begun.get();
    boolean moved = now != begunBefore;
    boolean waits = isWaitedFor();
    if (waits && waitedBefore && !moved) {
      handOver();
    }
    begunBefore = now;
    waitedBefore = waits;
    return moved || waits;
  }

  boolean isWaitedFor() {
    return !steps.isEmpty();
  }

  /// All that waits goes on elsewhere.
  void handOver() {
    for (Runnable step = steps.poll(); step != null; step = steps.poll()) {
      others.execute(step);
    }
  }
}

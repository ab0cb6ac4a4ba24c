// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Lets at most one thread at a time do a session's work, and none while there is none: what makes
/// a session an actor. Guarded by the session's lock.
final class Turn {
  /// How long somebody who must not act beside the work waits for its end.
  private static final Duration LONGEST = Duration.ofSeconds(2);

  /// Until when somebody waits. Several turns may be waited for with one.
  ///
  /// @param deadline on the clock of [System#nanoTime]
  record Patience(long deadline) {
    long left() {
      return deadline - System.nanoTime();
    }
  }

  /// From now on.
  static Patience patience() {
    return new Patience(System.nanoTime() + LONGEST.toNanos());
  }

  private final ReentrantLock lock;
  private final Condition over;
  private final Executor workers;
  private final Runnable work;
  private final Runnable afterwards;
  private @Nullable Thread thread;
  private boolean again;

  /// Whether a thread was asked for that has not come yet.
  private boolean coming;

  /// @param lock the session's
  /// @param workers give threads
  /// @param work what is done in a turn; returns when there is nothing to do
  /// @param afterwards what is done when a turn is over, outside of it
  Turn(ReentrantLock lock, Executor workers, Runnable work, Runnable afterwards) {
    this.lock = lock;
    this.over = lock.newCondition();
    this.workers = workers;
    this.work = work;
    this.afterwards = afterwards;
  }

  /// There is something to do.
  void call() {
    lock.lock();
    try {
      if (coming) {
        return;
      }
      if (thread != null) {
        again = true;
        return;
      }
      coming = true;
    } finally {
      lock.unlock();
    }
    workers.execute(this::take);
  }

  /// Does what there is to do on the calling thread, unless another does it already, which then
  /// looks once more. For a thread that has nothing else to do.
  void take() {
    if (!begin()) {
      return;
    }
    try {
      work.run();
    } finally {
      boolean called = finish();
      afterwards.run();
      if (called) {
        call();
      }
    }
  }

  private boolean begin() {
    lock.lock();
    try {
      coming = false; // whoever calls from here on is heard by this turn, or needs another thread
      if (thread != null) {
        again = true;
        return false;
      }
      thread = Thread.currentThread();
      again = false;
      return true;
    } finally {
      lock.unlock();
    }
  }

  private boolean finish() {
    lock.lock();
    try {
      thread = null;
      over.signalAll();
      return again;
    } finally {
      lock.unlock();
    }
  }

  /// Whether the calling thread has the turn. Under the lock.
  boolean isMine() {
    return Thread.currentThread().equals(thread);
  }

  /// Waits until nobody has the turn. Under the lock, which is given up meanwhile.
  ///
  /// @return whether nobody has it
  boolean awaitEnd(Patience patience) {
    long left = patience.left();
    try {
      while (thread != null && left > 0) {
        left = over.awaitNanos(left);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt(); // whoever waits goes on as if its patience were at an end
    }
    return thread == null;
  }
}

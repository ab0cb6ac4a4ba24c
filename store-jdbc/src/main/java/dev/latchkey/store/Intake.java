// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Work that waits for a thread, up to a bound; whoever brings more waits. Once closed it takes
/// nothing more, but gives out what it took.
///
/// Thread-safe.
final class Intake<T> {
  private final int bound;
  private final Deque<T> waiting = new ArrayDeque<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private final Condition arrival = lock.newCondition();
  private boolean closed;

  /// How much must wait before it is told to who takes it.
  private int awaited = 1;

  /// How much was given out together last.
  private int together;

  Intake(int bound) {
    this.bound = bound;
  }

  /// Brings work; waits while there is no room.
  ///
  /// @throws StoreException if it is closed; then the work was not taken
  /// @throws InterruptedException while waiting; then the work was not taken
  void put(T work) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (waiting.size() >= bound && !closed) {
        room.await();
      }
      requireOpen();
      waiting.addLast(work);
      if (waiting.size() >= awaited) {
        arrival.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /// @throws StoreException if it is closed
  void requireOpen() {
    lock.lock();
    try {
      if (closed) {
        throw new StoreException("the store is closed");
      }
    } finally {
      lock.unlock();
    }
  }

  /// Takes what waits, oldest first; waits for the first of it.
  ///
  /// @param most at most so many
  /// @param patience how long to wait for the first
  /// @return nothing if patience ran out, or if it is [finished][#isFinished]
  List<T> take(int most, Duration patience) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      await(1, patience);
      return remove(most);
    } finally {
      lock.unlock();
    }
  }

  /// Takes what waits, as [#take], for the one thread that does it all together. Those to whom it
  /// was given out last have been answered just now, and may well come back at once: when there
  /// were several, they and those that wait already are waited for a moment.
  ///
  /// @param moment how long at most, once something waits
  List<T> gather(int most, Duration patience, Duration moment) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      int back = together > 1 ? together : 0;
      int hoped = Math.min(back + waiting.size(), Math.min(most, bound));
      await(1, patience);
      if (!waiting.isEmpty()) {
        await(hoped, moment);
      }
      List<T> taken = remove(most);
      together = taken.size();
      return taken;
    } finally {
      lock.unlock();
    }
  }

  private void await(int many, Duration patience) throws InterruptedException {
    long left = patience.toNanos();
    awaited = many;
    try {
      while (waiting.size() < many && !closed && left > 0) {
        left = arrival.awaitNanos(left);
      }
    } finally {
      awaited = 1;
    }
  }

  private List<T> remove(int most) {
    List<T> taken = new ArrayList<>();
    while (taken.size() < most && !waiting.isEmpty()) {
      taken.add(waiting.removeFirst());
    }
    if (!taken.isEmpty()) {
      room.signalAll();
    }
    return taken;
  }

  /// Takes nothing more from now on.
  void close() {
    lock.lock();
    try {
      closed = true;
      room.signalAll();
      arrival.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Whether it is closed and everything it took was given out.
  boolean isFinished() {
    lock.lock();
    try {
      return closed && waiting.isEmpty();
    } finally {
      lock.unlock();
    }
  }
}

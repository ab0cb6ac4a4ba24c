// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import java.util.concurrent.locks.ReentrantLock;

/// Keeps what is remembered of the database true: each transaction begins a new moment when it
/// ends, and what was read in an older one is not remembered any more, since it may not be so.
/// Thread-safe; never waits for a disk.
final class Moments {
  private final ReentrantLock lock = new ReentrantLock();
  private long moment;

  /// To be asked before a read whose result is to be remembered.
  long now() {
    lock.lock();
    try {
      return moment;
    } finally {
      lock.unlock();
    }
  }

  /// Remembers what was read, unless a transaction has ended since.
  ///
  /// @param since the moment before the read
  void remember(long since, Runnable remembering) {
    lock.lock();
    try {
      if (moment == since) {
        remembering.run();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Does something in this moment beside which nothing is remembered or forgotten.
  void within(Runnable work) {
    lock.lock();
    try {
      work.run();
    } finally {
      lock.unlock();
    }
  }

  /// A transaction has ended: forgets what it was about. To be called before anybody hears that it
  /// has.
  void end(Runnable forgetting) {
    lock.lock();
    try {
      moment++;
      forgetting.run();
    } finally {
      lock.unlock();
    }
  }
}

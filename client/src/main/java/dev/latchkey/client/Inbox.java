// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/// Messages that wait to be taken. When it is full, whoever reads the stream waits, so that the
/// server keeps what we cannot: nothing is dropped. Thread-safe.
final class Inbox {
  private static final int CAPACITY = 1_000;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Message> messages = new ArrayDeque<>();
  private Optional<ClientException> end = Optional.empty();

  /// Puts one in; waits while it is full.
  void put(Message message) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (messages.size() >= CAPACITY && end.isEmpty()) {
        changed.await();
      }
      messages.addLast(message);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Takes one; waits while there is none and there can still be one.
  ///
  /// @param otherwise whether not to wait, because there is something else to do; asked again after
  ///   [#nudge]
  /// @throws ClientException why there will be none any more
  Optional<Message> take(Duration patience, BooleanSupplier otherwise) throws InterruptedException {
    long left = patience.toNanos();
    lock.lockInterruptibly();
    try {
      while (messages.isEmpty()) {
        if (end.isPresent()) {
          throw end.get();
        }
        if (left <= 0 || otherwise.getAsBoolean()) {
          return Optional.empty();
        }
        left = changed.awaitNanos(left);
      }
      changed.signalAll();
      return Optional.of(messages.removeFirst());
    } finally {
      lock.unlock();
    }
  }

  /// Has whoever waits look whether there is something else to do.
  void nudge() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Takes the first of its kind, without waiting.
  Optional<Message> poll(Predicate<Message> wanted) {
    lock.lock();
    try {
      Optional<Message> found = messages.stream().filter(wanted).findFirst();
      found.ifPresent(messages::remove);
      changed.signalAll();
      return found;
    } finally {
      lock.unlock();
    }
  }

  /// Throws away all of a kind.
  void discard(Predicate<Message> unwanted) {
    lock.lock();
    try {
      messages.removeIf(unwanted);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Says that nothing more will come; the first reason stays.
  void end(ClientException why) {
    lock.lock();
    try {
      if (end.isEmpty()) {
        end = Optional.of(why);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Why nothing more will come; nothing while something may, after waiting that long.
  Optional<ClientException> awaitEnd(Duration patience) throws InterruptedException {
    long left = patience.toNanos();
    lock.lockInterruptibly();
    try {
      while (end.isEmpty() && left > 0) {
        left = changed.awaitNanos(left);
      }
      return end;
    } finally {
      lock.unlock();
    }
  }

  /// Why nothing more will come, if so.
  Optional<ClientException> ended() {
    lock.lock();
    try {
      return end;
    } finally {
      lock.unlock();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// How a client stays: it signs in again by itself whenever its connection is lost, as long as that
/// can help. See [SignIn#stay].
///
/// @param within how long it tries, the first time and after each loss; without it the first
///   connection is tried once, because a wrong address is nothing that waiting repairs, and later
///   ones for ever
/// @param listener is told what happens, by one thread at a time; must return soon, or nothing is
///   read meanwhile
public record Staying(Optional<Duration> within, Consumer<ConnectionEvent> listener) {
  /// For ever, and telling nobody.
  public static Staying forever() {
    return new Staying(Optional.empty(), event -> {});
  }

  /// The same, for so long after each loss.
  public Staying within(Duration bound) {
    return new Staying(Optional.of(bound), listener);
  }

  /// The same, telling somebody.
  public Staying telling(Consumer<ConnectionEvent> other) {
    return new Staying(within, other);
  }

  /// The same, telling one event at a time, and what does not change once only.
  Staying inTurn() {
    ReentrantLock telling = new ReentrantLock();
    AtomicBoolean unwritable = new AtomicBoolean();
    return telling(
        event -> {
          if (event instanceof ConnectionEvent.HomeUnwritable && unwritable.getAndSet(true)) {
            return;
          }
          telling.lock();
          try {
            listener.accept(event);
          } finally {
            telling.unlock();
          }
        });
  }
}

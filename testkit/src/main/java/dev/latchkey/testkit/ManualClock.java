// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/// A clock that stands still until it is told to go on. Thread-safe.
public final class ManualClock implements InstantSource {
  private final Instant start;
  private final AtomicReference<Instant> now;

  /// Starts at the given moment.
  public ManualClock(Instant start) {
    this.start = start;
    now = new AtomicReference<>(start);
  }

  /// Starts at a moment of no meaning.
  public ManualClock() {
    this(Instant.parse("2026-11-01T12:00:00Z"));
  }

  @Override
  public Instant instant() {
    return now.get();
  }

  /// How far it has gone since it started.
  public Duration elapsed() {
    return Duration.between(start, now.get());
  }

  /// Goes on.
  public void advance(Duration step) {
    now.updateAndGet(then -> then.plus(step));
  }
}

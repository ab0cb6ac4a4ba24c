// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How long to wait before each attempt: not at all before the first, then a random time up to a
/// bound that doubles from one second to a minute. All of it is random, so that the devices that a
/// server lost together do not come back together. Not thread-safe.
final class Backoff {
  /// The bound before the second attempt.
  static final Duration SHORTEST_BOUND = Duration.ofSeconds(1);

  /// The bound that stays.
  static final Duration LONGEST_BOUND = Duration.ofSeconds(60);

  private final RandomGenerator random;
  private Duration bound = Duration.ZERO;

  Backoff(RandomGenerator random) {
    this.random = random;
  }

  /// The next wait.
  Duration next() {
    Duration wait = bound.isZero() ? bound : Duration.ofMillis(random.nextLong(bound.toMillis()));
    Duration doubled = bound.isZero() ? SHORTEST_BOUND : bound.multipliedBy(2);
    bound = doubled.compareTo(LONGEST_BOUND) < 0 ? doubled : LONGEST_BOUND;
    return wait;
  }

  /// The next attempt is a first one again.
  void reset() {
    bound = Duration.ZERO;
  }
}

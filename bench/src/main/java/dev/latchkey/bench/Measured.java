// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/// What was measured of many attempts.
///
/// @param count how many succeeded
/// @param failures how many did not
/// @param seconds how long it took
/// @param cpuMillis the server's CPU time for each that succeeded, in milliseconds
/// @param p50Millis what half of them took at most, as the client saw it
/// @param p99Millis what 99 of 100 took at most
record Measured(
    int count, int failures, double seconds, double cpuMillis, double p50Millis, double p99Millis) {
  /// Of several rounds of one load.
  static Measured of(List<Load.Round> rounds) {
    return of(
        rounds.stream()
            .flatMap(round -> round.done().times().stream())
            .flatMapToLong(Arrays::stream)
            .sorted()
            .toArray(),
        rounds.stream().mapToInt(round -> round.done().failures()).sum(),
        rounds.stream().map(Load.Round::took).reduce(Duration.ZERO, Duration::plus),
        rounds.stream().map(Load.Round::cpu).reduce(Duration.ZERO, Duration::plus));
  }

  /// @param sorted how long each took, in nanoseconds, the shortest first
  /// @param took how long all took together
  /// @param cpu what the server worked meanwhile
  static Measured of(long[] sorted, int failures, Duration took, Duration cpu) {
    return new Measured(
        sorted.length,
        failures,
        took.toNanos() / 1e9,
        sorted.length == 0 ? Double.NaN : cpu.toNanos() / 1e6 / sorted.length,
        quantile(sorted, 0.50),
        quantile(sorted, 0.99));
  }

  private static double quantile(long[] sorted, double share) {
    if (sorted.length == 0) {
      return Double.NaN;
    }
    int rank = (int) Math.ceil(share * sorted.length);
    return sorted[Math.max(rank, 1) - 1] / 1e6;
  }

  double perSecond() {
    return count / seconds;
  }
}

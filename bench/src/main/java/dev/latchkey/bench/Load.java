// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import java.time.Duration;
import java.util.List;

/// What a server in a process of its own is made to do.
interface Load {
  /// Who does it.
  MeasuredProcess server();

  /// Makes it do that for a while.
  ///
  /// @param time how long new ones are begun
  Round round(Duration time) throws Exception;

  /// What was done in that while.
  ///
  /// @param times how long each took that succeeded, in nanoseconds; each client's apart
  /// @param failures how many did not succeed
  /// @param took how long all took together
  /// @param cpu what the server worked meanwhile
  record Round(List<long[]> times, int failures, Duration took, Duration cpu) {
    public Round {
      times = List.copyOf(times);
    }
  }
}

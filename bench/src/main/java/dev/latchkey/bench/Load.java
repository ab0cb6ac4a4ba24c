// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import java.time.Duration;
import java.util.List;

/// What a server in a process of its own is made to do, and what that costs it.
abstract class Load {
  private final MeasuredProcess server;

  /// @param server whose work is measured
  Load(MeasuredProcess server) {
    this.server = server;
  }

  /// Makes the server do it.
  ///
  /// @param time how long new ones are begun
  abstract Done work(Duration time) throws Exception;

  /// Makes the server do it until Java's compiler is quiet in it.
  final void warmUp(Duration time) throws Exception {
    server.warmUp(time, () -> work(time));
  }

  /// Makes the server do it, and measures that.
  final Round round(Duration time) throws Exception {
    Duration worked = server.cpuTime();
    long begin = System.nanoTime();
    Done done = work(time);
    Duration took = Duration.ofNanos(System.nanoTime() - begin);
    return new Round(done, took, server.cpuTime().minus(worked));
  }

  /// What was done.
  ///
  /// @param times how long each took that succeeded, in nanoseconds; each client's apart
  /// @param failures how many did not succeed
  record Done(List<long[]> times, int failures) {
    public Done {
      times = List.copyOf(times);
    }
  }

  /// What was done in a while, and measured.
  ///
  /// @param took how long all took together
  /// @param cpu what the server worked meanwhile
  record Round(Done done, Duration took, Duration cpu) {}
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/// Many at the same moment.
final class Racing {
  private Racing() {}

  /// Starts all at once, each on a virtual thread, and gives what came of them, in no order.
  static <T> List<T> all(int racers, IntFunction<T> race) throws Exception {
    CyclicBarrier start = new CyclicBarrier(racers);
    List<T> ends = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<T>> running = new ArrayList<>();
      for (int i = 0; i < racers; i++) {
        int number = i;
        running.add(
            threads.submit(
                () -> {
                  start.await(30, TimeUnit.SECONDS);
                  return race.apply(number);
                }));
      }
      for (Future<T> each : running) {
        ends.add(each.get(60, TimeUnit.SECONDS));
      }
    }
    return ends;
  }
}

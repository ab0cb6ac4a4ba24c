// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Some clients that each begin again as soon as they are done, bounded in time and count.
final class ClientLoad extends Load {
  /// So many of one client are remembered at most; then it stops.
  private static final int MOST_OF_ONE = 100_000;

  /// So many failures of one client end it: something is wrong then, and no figure will tell.
  private static final int MOST_FAILURES = 20;

  private final List<? extends Attempt> clients;

  /// @param clients what each of them does
  ClientLoad(MeasuredProcess server, List<? extends Attempt> clients) {
    super(server);
    this.clients = List.copyOf(clients);
  }

  @Override
  Done work(Duration time) throws Exception {
    long end = System.nanoTime() + time.toNanos();
    List<Future<Tally>> tallies = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Attempt client : clients) {
        Callable<Tally> repeated = () -> repeat(client, end);
        tallies.add(threads.submit(repeated));
      }
    }
    List<long[]> times = new ArrayList<>();
    int failures = 0;
    for (Future<Tally> tally : tallies) {
      Tally of = await(tally);
      times.add(Arrays.copyOf(of.times, of.count));
      failures += of.failures;
    }
    return new Done(times, failures);
  }

  private static Tally await(Future<Tally> tally) throws Exception {
    try {
      return tally.get();
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof Exception known ? known : failed;
    }
  }

  /// What one client did.
  private static final class Tally {
    final long[] times = new long[MOST_OF_ONE];
    int count;
    int failures;
  }

  private static Tally repeat(Attempt client, long end) throws Exception {
    Tally tally = new Tally();
    while (System.nanoTime() < end && tally.count < MOST_OF_ONE) {
      long begin = System.nanoTime();
      try {
        Attempt.Ending ending = client.run();
        tally.times[tally.count++] = System.nanoTime() - begin;
        ending.run();
      } catch (Exception failed) {
        tally.failures++;
        if (tally.failures > MOST_FAILURES) {
          throw failed;
        }
      }
    }
    return tally;
  }
}

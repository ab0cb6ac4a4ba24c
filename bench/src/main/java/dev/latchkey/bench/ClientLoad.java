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
final class ClientLoad implements Load {
  /// So many of one client are remembered at most; then it stops.
  private static final int MOST_OF_ONE = 100_000;

  /// So many failures of one client end it: something is wrong then, and no figure will tell.
  private static final int MOST_FAILURES = 20;

  private final MeasuredProcess server;
  private final List<? extends Attempt> clients;

  /// @param server whose CPU time is taken
  /// @param clients what each of them does
  ClientLoad(MeasuredProcess server, List<? extends Attempt> clients) {
    this.server = server;
    this.clients = List.copyOf(clients);
  }

  @Override
  public MeasuredProcess server() {
    return server;
  }

  @Override
  public Round round(Duration time) throws Exception {
    Duration worked = server.cpuTime();
    long begin = System.nanoTime();
    List<Future<Tally>> tallies = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Attempt client : clients) {
        Callable<Tally> repeated = () -> repeat(client, begin + time.toNanos());
        tallies.add(threads.submit(repeated));
      }
    }
    Duration took = Duration.ofNanos(System.nanoTime() - begin);
    Duration cpu = server.cpuTime().minus(worked);
    List<long[]> times = new ArrayList<>();
    int failures = 0;
    for (Future<Tally> tally : tallies) {
      Tally of = await(tally);
      times.add(Arrays.copyOf(of.times, of.count));
      failures += of.failures;
    }
    return new Round(times, failures, took, cpu);
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

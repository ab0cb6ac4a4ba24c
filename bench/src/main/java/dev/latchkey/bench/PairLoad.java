// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import dev.latchkey.credential.Bytes;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Pairs of clients that send each other one message at a time, there and back.
final class PairLoad extends Load {
  /// So many round trips of one pair are remembered at most; then it stops.
  private static final int MOST_OF_ONE = 2_000_000;

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /// The end of what is sent.
  private static final String END = "</message>";

  private final List<Pair> pairs;

  /// Two clients.
  ///
  /// @param there what the first sends
  /// @param back what the second sends
  /// @param echoed whether each hears its own message again, and not the other's
  record Pair(RawClient first, RawClient second, Bytes there, Bytes back, boolean echoed) {}

  PairLoad(MeasuredProcess server, List<Pair> pairs) {
    super(server);
    this.pairs = List.copyOf(pairs);
  }

  /// @return of round trips: two messages each
  @Override
  Done work(Duration time) throws Exception {
    long end = System.nanoTime() + time.toNanos();
    List<Run> runs = pairs.stream().map(pair -> new Run(pair, end)).toList();
    runs.forEach(Run::begin);
    for (Run run : runs) {
      run.over.get(time.plus(PATIENCE).toSeconds(), TimeUnit.SECONDS);
    }
    List<long[]> times = new ArrayList<>();
    runs.forEach(run -> times.add(Arrays.copyOf(run.times, run.count)));
    return new Done(times, 0);
  }

  /// One pair at work. Its clients are on the same event loop, which runs all of it.
  private static final class Run {
    private final Pair pair;
    private final byte[] there;
    private final byte[] back;
    private final long end;
    final CompletableFuture<Void> over = new CompletableFuture<>();
    long[] times = new long[1024];
    int count;
    private long begun;

    Run(Pair pair, long end) {
      this.pair = pair;
      this.there = pair.there().toArray();
      this.back = pair.back().toArray();
      this.end = end;
    }

    void begin() {
      Runnable lost =
          () -> over.completeExceptionally(new IOException("the server closed a connection"));
      pair.first().each(END, pair.echoed() ? this::goBack : this::arrived, lost);
      pair.second().each(END, pair.echoed() ? this::arrived : this::goBack, lost);
      goThere();
    }

    private void goThere() {
      begun = System.nanoTime();
      pair.first().send(there);
    }

    private void goBack() {
      pair.second().send(back);
    }

    private void arrived() {
      long now = System.nanoTime();
      if (count == times.length) {
        times = Arrays.copyOf(times, count * 2);
      }
      times[count++] = now - begun;
      if (now < end && count < MOST_OF_ONE) {
        goThere();
      } else {
        over.complete(null);
      }
    }
  }
}

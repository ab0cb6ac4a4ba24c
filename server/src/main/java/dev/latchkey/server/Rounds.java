// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the server does again and again while it runs: steps that have nothing to do with each
/// other.
final class Rounds implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Rounds.class);

  private final List<Step> steps;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("latchkey-rounds").factory());

  /// One thing to do.
  ///
  /// @param name what the log calls it
  record Step(String name, Runnable work) {}

  private Rounds(List<Step> steps) {
    this.steps = List.copyOf(steps);
  }

  /// Starts them.
  ///
  /// @param pause before the first and between two
  static Rounds every(Duration pause, List<Step> steps) {
    Rounds rounds = new Rounds(steps);
    var _ =
        rounds.timer.scheduleWithFixedDelay(
            () -> once(rounds.steps), pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
    return rounds;
  }

  /// One round: a fault in one step keeps neither the others from being done nor the next round
  /// from coming.
  static void once(List<Step> steps) {
    for (Step step : steps) {
      if (Thread.currentThread().isInterrupted()) {
        return; // the server stops
      }
      try {
        step.work().run();
      } catch (RuntimeException | Error fault) { // an error would end the timer, unheard
        LOG.error("SERVER-9001 fault in the server's round: {}", step.name(), fault);
      }
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}

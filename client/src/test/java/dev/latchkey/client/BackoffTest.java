// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.testkit.SeededRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private static final List<Integer> BOUNDS = List.of(0, 1, 2, 4, 8, 16, 32, 60, 60, 60);

  @Test
  void triesAtOnceThenWithinABoundThatDoublesToAMinute() {
    SeededRandom random = SeededRandom.announced();
    for (int round = 0; round < 1_000; round++) {
      Backoff backoff = new Backoff(random);
      for (int bound : BOUNDS) {
        Duration wait = backoff.next();
        assertThat(wait).isBetween(Duration.ZERO, Duration.ofSeconds(bound));
      }
    }
  }

  @Test
  void allOfTheWaitIsRandom() {
    SeededRandom random = SeededRandom.announced();
    List<Duration> waits = new ArrayList<>();
    for (int device = 0; device < 1_000; device++) {
      Backoff backoff = new Backoff(random);
      Duration last = Duration.ZERO;
      for (int attempt = 0; attempt < BOUNDS.size(); attempt++) {
        last = backoff.next();
      }
      waits.add(last);
    }
    // Each tenth of the minute holds some of a thousand devices: they do not come back together.
    Set<Long> tenths = new HashSet<>();
    waits.forEach(wait -> tenths.add(wait.toMillis() / 6_000));
    assertThat(tenths).hasSize(10);
  }

  @Test
  void beginsAgainAfterReset() {
    Backoff backoff = new Backoff(new SeededRandom(7));
    assertThat(backoff.next()).isZero();
    assertThat(backoff.next()).isPositive();
    backoff.reset();
    assertThat(backoff.next()).isZero();
    assertThat(backoff.next()).isBetween(Duration.ZERO, Backoff.SHORTEST_BOUND);
  }
}

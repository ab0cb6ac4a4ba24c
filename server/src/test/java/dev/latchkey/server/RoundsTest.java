// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.server.Rounds.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RoundsTest {
  private static final Step BROKEN =
      new Step(
          "broken",
          () -> {
            throw new IllegalStateException("the disk is full");
          });

  private static final Step HOPELESS =
      new Step(
          "hopeless",
          () -> {
            throw new StackOverflowError();
          });

  @Test
  void aFaultInOneStepKeepsNoOtherFromBeingDone() {
    List<String> done = new ArrayList<>();
    Rounds.once(
        List.of(
            BROKEN,
            new Step("one", () -> done.add("one")),
            HOPELESS,
            new Step("two", () -> done.add("two"))));
    assertThat(done).containsExactly("one", "two");
  }

  @Test
  void aFaultKeepsNoFurtherRoundFromComing() throws Exception {
    CountDownLatch rounds = new CountDownLatch(3);
    try (Rounds _ =
        Rounds.every(
            Duration.ofMillis(1),
            List.of(BROKEN, HOPELESS, new Step("counted", rounds::countDown)))) {
      assertThat(rounds.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }
}

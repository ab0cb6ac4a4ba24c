// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class IntakeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Intake<Integer> intake = new Intake<>(2);

  @Test
  void givesOutInOrderAndNoMoreThanAsked() throws Exception {
    intake.put(1);
    intake.put(2);
    assertThat(intake.take(1, PATIENCE)).containsExactly(1);
    intake.put(3);
    assertThat(intake.take(9, PATIENCE)).containsExactly(2, 3);
    assertThat(intake.take(9, Duration.ZERO)).isEmpty();
  }

  @Test
  void letsWaitWhoBringsTooMuch() throws Exception {
    intake.put(1);
    intake.put(2);
    FutureTask<Boolean> third = blockedPut(3);
    assertThat(intake.take(1, PATIENCE)).containsExactly(1);
    assertThat(third.get(30, TimeUnit.SECONDS)).isTrue();
    assertThat(intake.take(9, PATIENCE)).containsExactly(2, 3);
  }

  @Test
  void waitsForNobodyWhenNobodyWasAnsweredJustNow() throws Exception {
    intake.put(1);
    assertThat(intake.gather(9, PATIENCE, PATIENCE)).containsExactly(1);
    intake.put(2);
    assertThat(intake.gather(9, PATIENCE, PATIENCE)).containsExactly(2);
  }

  @Test
  void waitsForAsManyAsWereAnsweredTogether() throws Exception {
    intake.put(1);
    intake.put(2);
    assertThat(intake.gather(9, PATIENCE, PATIENCE)).containsExactly(1, 2);
    FutureTask<List<Integer>> next = new FutureTask<>(() -> intake.gather(9, PATIENCE, PATIENCE));
    Thread thread = Thread.ofPlatform().start(next);
    awaitState(thread, Thread.State.TIMED_WAITING);
    intake.put(3);
    awaitState(thread, Thread.State.TIMED_WAITING);
    assertThat(next.isDone()).isFalse();
    intake.put(4);
    assertThat(next.get(30, TimeUnit.SECONDS)).containsExactly(3, 4);
  }

  @Test
  void waitsForThemNoLongerThanAMoment() throws Exception {
    intake.put(1);
    intake.put(2);
    assertThat(intake.gather(9, PATIENCE, PATIENCE)).containsExactly(1, 2);
    intake.put(3);
    assertThat(intake.gather(9, PATIENCE, Duration.ofMillis(1))).containsExactly(3);
    assertThat(intake.gather(9, Duration.ZERO, PATIENCE)).isEmpty();
  }

  @Test
  void doesNotWaitForThemWhenItIsClosed() throws Exception {
    intake.put(1);
    intake.put(2);
    assertThat(intake.gather(9, PATIENCE, PATIENCE)).containsExactly(1, 2);
    intake.put(3);
    intake.close();
    assertThat(intake.gather(9, PATIENCE, PATIENCE)).containsExactly(3);
  }

  @Test
  void givesOutWhatItTookAfterItIsClosed() throws Exception {
    intake.put(1);
    intake.put(2);
    FutureTask<Boolean> third = blockedPut(3);
    intake.close();
    assertThatThrownBy(() -> third.get(30, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(StoreException.class);
    assertThatThrownBy(() -> intake.put(4)).isInstanceOf(StoreException.class);
    assertThat(intake.isFinished()).isFalse();
    assertThat(intake.take(9, PATIENCE)).containsExactly(1, 2);
    assertThat(intake.isFinished()).isTrue();
    assertThat(intake.take(9, PATIENCE)).isEmpty();
  }

  private FutureTask<Boolean> blockedPut(int work) {
    FutureTask<Boolean> put =
        new FutureTask<>(
            () -> {
              intake.put(work);
              return true;
            });
    Thread thread = Thread.ofVirtual().start(put);
    awaitState(thread, Thread.State.WAITING);
    assertThat(put.isDone()).isFalse();
    return put;
  }

  private static void awaitState(Thread thread, Thread.State state) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (thread.getState() != state && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
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
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (thread.getState() != Thread.State.WAITING && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(put.isDone()).isFalse();
    return put;
  }
}

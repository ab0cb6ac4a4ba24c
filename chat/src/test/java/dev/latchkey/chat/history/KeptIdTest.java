// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KeptIdTest {
  private static final Instant NOW = Instant.parse("2026-05-06T07:08:09.123456789Z");

  @Test
  void comesBackFromItsText() {
    KeptId id = KeptId.next(0, NOW, -2);
    assertThat(id.text()).hasSize(24).endsWith("fffffffe");
    assertThat(KeptId.parse(id.text())).contains(id);
    assertThat(id.stamp()).isEqualTo(Instant.parse("2026-05-06T07:08:09.123456Z"));
  }

  @Test
  void theOrderOfTextsIsTheOrderOfIds() {
    KeptId one = KeptId.next(0, NOW, -1);
    KeptId two = KeptId.next(one.micros(), NOW, 0);
    assertThat(two.micros()).isEqualTo(one.micros() + 1);
    assertThat(two.text()).isGreaterThan(one.text());
    assertThat(two).isGreaterThan(one);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "00000000000000010000000g",
        "0000000000000001-0000001",
        "00000000000000010000000A",
        "000000000000000100000001 ",
        "0000000000000001000000010",
        "800000000000000000000001",
        "+00000000000000100000001",
        "٠00000000000000100000001"
      })
  void readsNoOtherText(String text) {
    assertThat(KeptId.parse(text)).isEmpty();
  }

  @Test
  void timesOutOfReachCountAsTheNearestWithin() {
    assertThat(KeptId.atMost(Instant.MIN)).isZero();
    assertThat(KeptId.atLeast(Instant.EPOCH.minusNanos(1))).isZero();
    assertThat(KeptId.atMost(Instant.MAX)).isEqualTo(Long.MAX_VALUE / 4);
    assertThat(KeptId.next(0, Instant.MIN, 0).micros()).isOne();
  }

  @Test
  void aMomentBetweenTwoMicrosecondsIsAfterOneAndBeforeTheOther() {
    assertThat(KeptId.atLeast(NOW)).isEqualTo(KeptId.atMost(NOW) + 1);
  }

  @Test
  void refusesATimeBefore1970() {
    assertThatThrownBy(() -> new KeptId(-1, 0)).isInstanceOf(IllegalArgumentException.class);
  }
}

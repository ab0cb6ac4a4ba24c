// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ClientKeyCounterTest {
  private static Verifier.ClientKey key(long counter, long accepted, boolean restored) {
    return new Verifier.ClientKey(
        "id", "phone", Secret.ofText("e"), Secret.ofText("v"), counter, accepted, restored);
  }

  @ParameterizedTest
  @CsvSource({
    // counter, value, verdict: nothing below 2000 but 1999 and 1997 was accepted
    "2000, -1, UNKNOWN",
    "2000, 975, UNKNOWN",
    "2000, 976, REUSED",
    "2000, 1935, REUSED",
    "2000, 1936, LATE",
    "2000, 1996, LATE",
    "2000, 1997, REUSED",
    "2000, 1998, LATE",
    "2000, 1999, REUSED",
    "2000, 2000, GOOD",
    "2000, 2063, GOOD",
    "2000, 2064, UNKNOWN",
    "2000, 9223372036854775807, UNKNOWN",
  })
  @Spec(
      doc = "latchkey",
      section = "rule 56",
      rule = "A value that was accepted and comes again is a clone; one that was skipped is late")
  void judgesAValueByWhatWasAccepted(long counter, long value, CounterVerdict verdict) {
    assertThat(key(counter, 0b101, false).judge(value)).isEqualTo(verdict);
  }

  @Test
  void knowsNothingBelowTheFirstValue() {
    Verifier.ClientKey fresh = key(0, 0, false);
    assertThat(fresh.judge(-1)).isEqualTo(CounterVerdict.UNKNOWN);
    assertThat(fresh.judge(Long.MIN_VALUE)).isEqualTo(CounterVerdict.UNKNOWN);
    assertThat(fresh.judge(0)).isEqualTo(CounterVerdict.GOOD);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 40", rule = "A restored key has one wide window")
  void letsARestoredKeyComeFromFarAheadOnce() {
    Verifier.ClientKey restored = key(5, 1, true);
    assertThat(restored.judge(5 + 4095)).isEqualTo(CounterVerdict.GOOD);
    assertThat(restored.judge(5 + 4096)).isEqualTo(CounterVerdict.UNKNOWN);
    Verifier.ClientKey after = restored.afterUse(3000);
    assertThat(after.restored()).isFalse();
    assertThat(after.judge(3000)).isEqualTo(CounterVerdict.REUSED);
    assertThat(after.judge(3001 + 63)).isEqualTo(CounterVerdict.GOOD);
    assertThat(after.judge(3001 + 64)).isEqualTo(CounterVerdict.UNKNOWN);
  }

  @Test
  void refusesToUseWhatIsNotGood() {
    Verifier.ClientKey key = key(10, 1, false);
    for (long value : new long[] {9, 8, 74, -1}) {
      assertThatThrownBy(() -> key.afterUse(value)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  /// Plays any order of values against a set that forgets nothing.
  @Test
  void agreesWithASetThatForgetsNothing() {
    SeededRandom random = SeededRandom.announced();
    Verifier.ClientKey key = key(0, 0, false);
    Set<Long> used = new HashSet<>();
    for (int i = 0; i < 20_000; i++) {
      long value = key.counter() + random.nextInt(-1100, 80);
      CounterVerdict verdict = key.judge(value);
      if (value < 0 || value >= key.counter() + 64 || value < key.counter() - 1024) {
        assertThat(verdict).isEqualTo(CounterVerdict.UNKNOWN);
      } else if (value >= key.counter()) {
        assertThat(verdict).isEqualTo(CounterVerdict.GOOD);
        key = key.afterUse(value);
        assertThat(key.counter()).isEqualTo(value + 1);
        used.add(value);
      } else if (value >= key.counter() - 64) {
        assertThat(verdict)
            .isEqualTo(used.contains(value) ? CounterVerdict.REUSED : CounterVerdict.LATE);
      } else {
        assertThat(verdict).isEqualTo(CounterVerdict.REUSED);
      }
    }
  }
}

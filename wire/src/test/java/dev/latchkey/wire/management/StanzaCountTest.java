// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.testkit.Spec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StanzaCountTest {
  private static final StanzaCount LAST = new StanzaCount(-1);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "-1",
        "+1",
        "1 ",
        " 1",
        "0x10",
        "1e3",
        "1.0",
        "4294967296",
        "99999999999",
        "18446744073709551616",
        "١",
        "five"
      })
  @Spec(doc = "latchkey", section = "rule 46", rule = "an h is decimal, has no sign, is below 2^32")
  void refusesWhatIsNoCount(String text) {
    assertThat(StanzaCount.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1", "2147483648", "4294967295"})
  void readsWhatItWrites(String text) {
    assertThat(StanzaCount.parse(text)).map(StanzaCount::toString).contains(text);
  }

  @Test
  @Spec(doc = "XEP-0198", section = "4", rule = "after 2^32 - 1 the count goes on at zero")
  void goesRoundAtTheEnd() {
    assertThat(LAST.next()).isEqualTo(StanzaCount.ZERO);
    assertThat(LAST.plus(3).since(LAST)).isEqualTo(3);
  }

  @Test
  void aCountThatIsBehindLooksFarAhead() {
    assertThat(StanzaCount.ZERO.since(StanzaCount.ZERO.next())).isEqualTo(4_294_967_295L);
  }
}

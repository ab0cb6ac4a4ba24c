// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MachineSecretTest {
  private static final String CANONICAL = "0123456789abcdefghjkmnpqrsd";

  private static String canonical(String typed) {
    return MachineSecret.read(typed).orElseThrow().canonical().revealText();
  }

  @Test
  @Spec(doc = "latchkey", section = "19", rule = "26 symbols and a check symbol, in groups of five")
  void hasTheFormThatTheRuleGives() {
    SeededRandom random = SeededRandom.announced();
    for (int i = 0; i < 200; i++) {
      MachineSecret secret = MachineSecret.draw(random);
      assertThat(secret.canonical().revealText()).matches("[0-9a-hjkmnp-tv-z]{27}");
      assertThat(secret.printed().revealText()).matches("([0-9a-hjkmnp-tv-z]{5}-){5}[0-9a-z]{2}");
      assertThat(secret.printed().revealText().replace("-", ""))
          .isEqualTo(secret.canonical().revealText());
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "19",
      rule = "the check symbol is that of the first five bits of SHA-256 over the 26")
  void checksBySha256() {
    assertThat(canonical(CANONICAL)).isEqualTo(CANONICAL);
  }

  @Test
  void readsWhatItPrinted() {
    SeededRandom random = SeededRandom.announced();
    for (int i = 0; i < 200; i++) {
      MachineSecret secret = MachineSecret.draw(random);
      assertThat(canonical(secret.printed().revealText()))
          .isEqualTo(canonical(secret.canonical().revealText()));
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "19", rule = "case, hyphens, spaces and look-alikes are folded")
  void readsWhatAPersonTyped() {
    String shouted = CANONICAL.toUpperCase(Locale.ROOT);
    assertThat(canonical(shouted)).isEqualTo(CANONICAL);
    assertThat(canonical(shouted.replace('0', 'O').replace('1', 'I'))).isEqualTo(CANONICAL);
    assertThat(canonical(CANONICAL.replace('0', 'o').replace('1', 'l'))).isEqualTo(CANONICAL);
    assertThat(canonical(" " + CANONICAL.replace("5", " 5-") + "\n")).isEqualTo(CANONICAL);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0123456789abcdefghjkmnpqrs",
        "0123456789abcdefghjkmnpqrsd0",
        "u123456789abcdefghjkmnpqrsd",
        "0123456789abcdefghjkmnpqrs*",
        "1023456789abcdefghjkmnpqrsd",
        "0123456789abcdefghjkmnpqrse",
      })
  void refusesWhatCannotBeOne(String typed) {
    assertThat(MachineSecret.read(typed)).isEmpty();
  }

  @Test
  void isNotShown() {
    assertThat(MachineSecret.draw(new SeededRandom(1))).hasToString("[secret]");
  }
}

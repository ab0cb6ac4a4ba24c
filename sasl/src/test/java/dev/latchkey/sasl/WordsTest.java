// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.sasl.scram.ScramVariant;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The words on the wire and in the log.
class WordsTest {
  @Test
  void conditionsRoundTrip() {
    for (SaslCondition condition : SaslCondition.values()) {
      assertThat(SaslCondition.of(condition.word())).contains(condition);
    }
    assertThat(SaslCondition.of("made-up")).isEmpty();
  }

  @Test
  void bindingTypesRoundTrip() {
    for (ChannelBindingType type : ChannelBindingType.values()) {
      assertThat(ChannelBindingType.of(type.word())).contains(type);
    }
    assertThat(ChannelBindingType.of("made-up")).isEmpty();
  }

  @Test
  void variantsRoundTrip() {
    for (ScramVariant variant : ScramVariant.values()) {
      assertThat(ScramVariant.of(variant.mechanism())).contains(variant);
    }
    assertThat(ScramVariant.of(new MechanismName("PLAIN"))).isEmpty();
  }

  @Test
  void noReasonHasTheWordOfAnother() {
    assertThat(Arrays.stream(FailureReason.values()).map(FailureReason::word))
        .doesNotHaveDuplicates()
        .allMatch(word -> word.matches("[a-z0-9-]+"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "plain", "SCRAM-SHA-256-PLUS-XYZ", "A B", "\u00c4"})
  void refusesWhatIsNoMechanismName(String text) {
    assertThatThrownBy(() -> new MechanismName(text)).isInstanceOf(IllegalArgumentException.class);
  }
}

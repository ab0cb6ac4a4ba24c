// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.sasl.clientkey.ClientKeyVariant;
import dev.latchkey.sasl.external.ExternalMechanism;
import dev.latchkey.sasl.ht.HtVariant;
import dev.latchkey.sasl.scram.ScramVariant;
import dev.latchkey.sasl.xtoken.XTokenMechanism;
import dev.latchkey.testkit.Spec;
import java.util.Arrays;
import java.util.stream.Stream;
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
  @Spec(
      doc = "draft-schmaus-kitten-sasl-ht-09",
      section = "2",
      rule = "HT, the hash's name, the binding's")
  void tokenMechanismsHaveTheNamesThatClientsKnow() {
    assertThat(HtVariant.BY_PREFERENCE)
        .extracting(variant -> variant.mechanism().text())
        .containsExactlyInAnyOrder(
            "HT-SHA-256-EXPR",
            "HT-SHA-256-ENDP",
            "HT-SHA-256-UNIQ",
            "HT-SHA-256-NONE",
            "HT-SHA-512-EXPR",
            "HT-SHA-512-ENDP",
            "HT-SHA-512-UNIQ",
            "HT-SHA-512-NONE");
    assertThat(ClientKeyVariant.BY_PREFERENCE)
        .extracting(variant -> variant.mechanism().text())
        .containsExactly("CLIENT-KEY-PLUS", "CLIENT-KEY");
    for (HtVariant variant : HtVariant.values()) {
      assertThat(HtVariant.of(variant.mechanism())).contains(variant);
    }
    for (ClientKeyVariant variant : ClientKeyVariant.values()) {
      assertThat(ClientKeyVariant.of(variant.mechanism())).contains(variant);
    }
    assertThat(HtVariant.of(new MechanismName("HT-SHA-1-NONE"))).isEmpty();
    assertThat(ClientKeyVariant.of(new MechanismName("CLIENT-KEY-MINUS"))).isEmpty();
  }

  @Test
  @Spec(doc = "RFC 4422", section = "3.1", rule = "a name has at most 20 characters")
  void noMechanismHasALongName() {
    assertThat(
            Stream.of(
                    ScramVariant.BY_PREFERENCE.stream().map(ScramVariant::mechanism),
                    HtVariant.BY_PREFERENCE.stream().map(HtVariant::mechanism),
                    ClientKeyVariant.BY_PREFERENCE.stream().map(ClientKeyVariant::mechanism),
                    Stream.of(ExternalMechanism.NAME, XTokenMechanism.NAME))
                .flatMap(names -> names))
        .hasSize(16)
        .doesNotHaveDuplicates()
        .allMatch(name -> name.text().length() <= 20);
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

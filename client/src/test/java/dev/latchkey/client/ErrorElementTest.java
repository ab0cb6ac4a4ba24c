// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import org.junit.jupiter.api.Test;

class ErrorElementTest {
  private static final Element OWN = Element.empty("too-many", "urn:example");

  private static Element.Builder error() {
    return Element.named("error", Namespaces.CLIENT);
  }

  private static ErrorElement read(Element.Builder error) {
    return ErrorElement.read(error.build(), Namespaces.STANZA_ERRORS);
  }

  private static Element text(String words) {
    return Element.text("text", Namespaces.STANZA_ERRORS, words);
  }

  @Test
  void readsConditionTextAndTheApplicationsOwnInWhateverOrderTheyCome() {
    Element condition = Element.empty("conflict", Namespaces.STANZA_ERRORS);
    for (ErrorElement read :
        new ErrorElement[] {
          read(error().child(condition).child(text("no")).child(OWN)),
          read(error().child(OWN).child(text("no")).child(condition))
        }) {
      assertThat(read.condition()).isEqualTo("conflict");
      assertThat(read.application()).contains(OWN);
      assertThat(read.suffix()).isEqualTo(": no");
    }
  }

  @Test
  void anErrorThatSaysNothingIsAnUndefinedCondition() {
    ErrorElement read = read(error());
    assertThat(read.condition()).isEqualTo("undefined-condition");
    assertThat(read.application()).isEmpty();
    assertThat(read.suffix()).isEmpty();
  }

  @Test
  void aConditionOfAnotherKindOfErrorIsTheApplicationsOwn() {
    Element foreign = Element.empty("conflict", Namespaces.STREAM_ERRORS);
    ErrorElement read = read(error().child(foreign));
    assertThat(read.condition()).isEqualTo("undefined-condition");
    assertThat(read.application()).contains(foreign);
  }

  @Test
  void theServersWordsStayInOneLine() {
    assertThat(read(error().child(text("no\nroot# \u001b[2J"))).suffix())
        .doesNotContain("\n", "\u001b");
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.stanza;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.List;
import org.junit.jupiter.api.Test;

class NoAccountTest {
  private static Element stanza(String name, String type) {
    Element.Builder stanza =
        Element.named(name, Namespaces.CLIENT)
            .attribute("id", "1")
            .attribute("from", "a@example.org/x")
            .attribute("to", "b@example.org")
            .child("secret", "urn:example");
    return (type.isEmpty() ? stanza : stanza.attribute("type", type)).build();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "5",
      rule = "messages and presence to nobody are dropped: an error would tell something")
  void dropsWhatNeedsNoAnswer() {
    for (String type : List.of("", "chat", "normal", "groupchat", "headline", "error")) {
      assertThat(NoAccount.answer(stanza("message", type))).isEmpty();
    }
    for (String type :
        List.of("", "unavailable", "subscribe", "subscribed", "unsubscribe", "error", "x")) {
      assertThat(NoAccount.answer(stanza("presence", type))).isEmpty();
    }
    for (String type : List.of("result", "error")) {
      assertThat(NoAccount.answer(stanza("iq", type))).isEmpty();
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "5", rule = "an IQ to nobody is refused and nothing echoed")
  void refusesARequestAndEchoesNothing() {
    for (String type : List.of("get", "set")) {
      Element answer = NoAccount.answer(stanza("iq", type)).orElseThrow();
      assertThat(answer)
          .isEqualTo(Stanzas.error(stanza("iq", type), StanzaError.SERVICE_UNAVAILABLE));
      assertThat(answer.children()).hasSize(1);
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "5", rule = "every probe of a stranger hears unsubscribed")
  void aProbeHearsUnsubscribed() {
    Element answer = NoAccount.answer(stanza("presence", "probe")).orElseThrow();
    assertThat(PresenceType.of(answer)).contains(PresenceType.UNSUBSCRIBED);
    assertThat(answer.attribute("to")).contains("a@example.org/x");
    assertThat(answer.children()).isEmpty();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// XEP-0352: how much is held back from a client that nobody looks at.
final class ClientStateTest {
  private final ClientState state = new ClientState();

  private static Element presence(int sender, String show) {
    return Element.named("presence", Namespaces.CLIENT)
        .attribute("from", "kim@chat.example/" + sender)
        .child(Element.text("show", Namespaces.CLIENT, show))
        .build();
  }

  private static List<Element> presences(int senders) {
    return IntStream.range(0, senders).mapToObj(sender -> presence(sender, "away")).toList();
  }

  @Test
  @Spec(doc = "XEP-0352", section = "5", rule = "what is held back has an end: then all of it goes")
  void holdsBackNoMoreThanItsBound() {
    state.inactive();
    List<Element> many = presences(ClientState.MOST_HELD);
    for (Element presence : many.subList(0, many.size() - 1)) {
      assertThat(state.offer(presence)).isEmpty();
    }
    assertThat(state.held()).hasSize(ClientState.MOST_HELD - 1);
    assertThat(state.offer(many.getLast())).as("all, in order").isEqualTo(many);
    assertThat(state.held()).isEmpty();
    assertThat(state.isInactive()).as("nobody looks for all that").isTrue();
    assertThat(state.offer(many.getFirst())).isEmpty();
  }

  @Test
  void oneSenderFillsNothing() {
    state.inactive();
    for (int i = 0; i < 2 * ClientState.MOST_HELD; i++) {
      assertThat(state.offer(presence(1, "away"))).isEmpty();
    }
    Element last = presence(1, "dnd");
    assertThat(state.offer(last)).isEmpty();
    assertThat(state.active()).containsExactly(last);
  }
}

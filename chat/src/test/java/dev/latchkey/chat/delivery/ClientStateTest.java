// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.Jid;
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

  private static Element message(Element... children) {
    return Element.named("message", Namespaces.CLIENT)
        .attribute("from", "kim@chat.example/1")
        .attribute("type", "chat")
        .children(List.of(children))
        .build();
  }

  @Test
  @Spec(
      doc = "XEP-0352",
      section = "3.2",
      rule = "what holds nothing but a chat state is dropped, also the copy of it")
  void typingIsDroppedHoweverItComes() {
    Jid phone = Jid.parse("nina@chat.example/phone");
    Element composing = Element.empty("composing", "http://jabber.org/protocol/chatstates");
    Element typing = message(composing);
    Element named =
        message(
            composing,
            Element.named("origin-id", "urn:xmpp:sid:0").attribute("id", "o1").build(),
            Element.text("thread", Namespaces.CLIENT, "t"));
    Element said = message(composing, Element.text("body", Namespaces.CLIENT, "hello"));
    state.inactive();
    for (Element nothing : List.of(typing, named)) {
      assertThat(state.offer(nothing)).isEmpty();
      assertThat(state.offer(Carbons.sent(nothing, phone))).isEmpty();
      assertThat(state.offer(Carbons.received(nothing, phone))).isEmpty();
    }
    for (Element something :
        List.of(said, Carbons.sent(said, phone), Carbons.received(said, phone), message())) {
      assertThat(state.offer(something)).containsExactly(something);
    }
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

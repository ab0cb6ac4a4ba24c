// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.stanza;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.Set;

/// Answers to stanzas.
public final class Stanzas {
  private static final Set<String> KINDS = Set.of("message", "presence", "iq");

  private Stanzas() {}

  /// Whether an element is a stanza.
  public static boolean isStanza(Element element) {
    return element.namespace().equals(Namespaces.CLIENT) && KINDS.contains(element.name());
  }

  /// Whether an answer in error is due: never to an error or a result (RFC 6120 §8.3.1).
  public static boolean mayAnswer(Element stanza) {
    return stanza
        .attribute("type")
        .filter(type -> type.equals("error") || type.equals("result"))
        .isEmpty();
  }

  /// Starts the answer to a stanza: its addresses the other way round.
  public static Element.Builder reply(Element stanza, String type) {
    return Element.named(stanza.name(), Namespaces.CLIENT)
        .attribute("type", type)
        .attribute("id", stanza.attribute("id"))
        .attribute("from", stanza.attribute("to"))
        .attribute("to", stanza.attribute("from"));
  }

  /// The answer in error; nothing of the stanza's content is in it.
  public static Element error(Element stanza, StanzaError error) {
    return reply(stanza, "error").child(error.element()).build();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.stanza;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.List;
import java.util.Optional;

/// A request (RFC 6120 §8.2.3): an `<iq/>` of type get or set with its one payload.
///
/// @param stanza the whole
/// @param payload its only child element
public record Iq(Element stanza, Element payload) {
  /// Reads a request.
  ///
  /// @return nothing if it is no request in order: another stanza, another type, no id, or not
  ///   exactly one child element
  public static Optional<Iq> read(Element stanza) {
    boolean request =
        stanza.is("iq", Namespaces.CLIENT) // first: every stanza comes by here
            && stanza.attribute("type").filter(t -> t.equals("get") || t.equals("set")).isPresent()
            && stanza.attribute("id").isPresent();
    if (!request) {
      return Optional.empty();
    }
    List<Element> children = stanza.children().toList();
    return children.size() == 1
        ? Optional.of(new Iq(stanza, children.getFirst()))
        : Optional.empty();
  }

  /// Whether it asks to change something.
  public boolean isSet() {
    return stanza.attribute("type").filter("set"::equals).isPresent();
  }

  /// The answer.
  ///
  /// @param result what is in it
  public Element result(Optional<Element> result) {
    return Stanzas.reply(stanza, "result").child(result).build();
  }

  /// The refusal.
  public Element error(StanzaError error) {
    return Stanzas.error(stanza, error);
  }
}

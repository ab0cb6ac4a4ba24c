// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.wire.element.Element;
import java.util.Optional;

/// What an error says: of a stream (RFC 6120 §4.9.2) or of a stanza (RFC 6120 §8.3.2).
///
/// @param condition the defined condition, as its element is named
/// @param application the application's own condition beside it
/// @param text the server's words, fit to be shown in a line
record ErrorElement(String condition, Optional<Element> application, Optional<String> text) {
  /// Reads one.
  ///
  /// @param namespace of its defined conditions and of its text
  static ErrorElement read(Element error, String namespace) {
    return new ErrorElement(
        error
            .children()
            .filter(child -> child.namespace().equals(namespace) && !child.name().equals("text"))
            .map(Element::name)
            .findFirst()
            .orElse("undefined-condition"),
        error.children().filter(child -> !child.namespace().equals(namespace)).findFirst(),
        error.child("text", namespace).map(text -> Foreign.line(text.text())));
  }

  /// Its text as it follows the condition in a message; empty if there is none.
  String suffix() {
    return text.map(words -> ": " + words).orElse("");
  }
}

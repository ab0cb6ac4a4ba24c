// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.signin;

import dev.latchkey.credential.Bytes;
import dev.latchkey.sasl.SaslCondition;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.List;
import java.util.Optional;

/// The two ways in which XMPP wraps SASL: how messages are named and encoded.
enum SaslProfile {
  /// RFC 6120 §6.
  SASL1(Namespaces.SASL, "auth"),
  /// XEP-0388.
  SASL2(Namespaces.SASL2, "authenticate");

  private final String namespace;
  private final String start;

  SaslProfile(String namespace, String start) {
    this.namespace = namespace;
    this.start = start;
  }

  String namespace() {
    return namespace;
  }

  /// That of an element which starts an exchange.
  ///
  /// @return nothing if it starts none
  static Optional<SaslProfile> of(Element start) {
    for (SaslProfile profile : values()) {
      if (start.is(profile.start, profile.namespace)) {
        return Optional.of(profile);
      }
    }
    return Optional.empty();
  }

  /// The client's message in an element.
  ///
  /// @return a message, or nothing if there is none
  /// @throws WrongEncoding if it is not base64
  Optional<Bytes> initialResponse(Element start) throws WrongEncoding {
    return switch (this) {
      // RFC 6120 §6.4.2: no text is no initial response, "=" is an empty one.
      case SASL1 -> start.text().isEmpty() ? Optional.empty() : Optional.of(decode(start.text()));
      // XEP-0388: no element is no initial response, an empty one is an empty one.
      case SASL2 -> {
        Optional<Element> response = start.child("initial-response", namespace);
        yield response.isEmpty() ? Optional.empty() : Optional.of(decode(response.get().text()));
      }
    };
  }

  Bytes response(Element response) throws WrongEncoding {
    return decode(response.text());
  }

  private Bytes decode(String text) throws WrongEncoding {
    if (text.isEmpty() || (this == SASL1 && text.equals("="))) {
      return Bytes.EMPTY;
    }
    return Bytes.base64(text).orElseThrow(WrongEncoding::new);
  }

  Element challenge(Bytes data) {
    return Element.text("challenge", namespace, data.toBase64());
  }

  /// The failure. Children of our own stand in SASL2's only (rule 41).
  Element failure(SaslCondition condition, List<Element> application, Optional<String> text) {
    return Element.named("failure", namespace)
        .child(condition.word(), Namespaces.SASL)
        .children(this == SASL2 ? application : List.of())
        .child(text.map(words -> Element.text("text", namespace, words)))
        .build();
  }

  /// A message is not base64.
  static final class WrongEncoding extends Exception {
    private static final long serialVersionUID = 1L;
  }
}

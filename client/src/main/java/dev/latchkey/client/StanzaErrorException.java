// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.Optional;

/// A request was answered with an error (RFC 6120 §8.3). The connection goes on.
public final class StanzaErrorException extends ClientException {
  private static final long serialVersionUID = 1L;

  private final String type;
  private final String condition;
  private final transient Optional<Element> application;

  private StanzaErrorException(
      String message, String type, String condition, Optional<Element> application) {
    super(message);
    this.type = type;
    this.condition = condition;
    this.application = application;
  }

  /// Reads the error of a stanza.
  static StanzaErrorException of(Element stanza) {
    Element error =
        stanza
            .child("error", Namespaces.CLIENT)
            .orElseGet(() -> Element.empty("error", Namespaces.CLIENT));
    String condition =
        error
            .children()
            .filter(
                child ->
                    child.namespace().equals(Namespaces.STANZA_ERRORS)
                        && !child.name().equals("text"))
            .map(Element::name)
            .findFirst()
            .orElse("undefined-condition");
    Optional<Element> application =
        error
            .children()
            .filter(child -> !child.namespace().equals(Namespaces.STANZA_ERRORS))
            .findFirst();
    String message =
        "the server refused the request: "
            + condition
            + application.map(StanzaErrorException::told).orElse("")
            + error
                .child("text", Namespaces.STANZA_ERRORS)
                .map(text -> ": " + Foreign.line(text.text()))
                .orElse("");
    return new StanzaErrorException(
        message, error.attribute("type").orElse("cancel"), condition, application);
  }

  private static String told(Element application) {
    if (application.is("permission-required", Namespaces.LATCHKEY_PERMISSIONS)) {
      return " (this device may not: it lacks the permission "
          + Foreign.line(application.attribute("flag").orElse("it takes"))
          + ")";
    }
    String word = application.text().isBlank() ? application.name() : application.text();
    return " (" + Foreign.line(word) + ")";
  }

  /// `auth`, `cancel`, `continue`, `modify` or `wait`.
  public String type() {
    return type;
  }

  /// The condition (RFC 6120 §8.3.3), as its element is named.
  public String condition() {
    return condition;
  }

  /// The application's own condition beside it.
  public Optional<Element> application() {
    return application;
  }
}

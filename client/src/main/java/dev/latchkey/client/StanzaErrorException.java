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

  private StanzaErrorException(String type, ErrorElement error) {
    super(
        "the server refused the request: "
            + error.condition()
            + error.application().map(StanzaErrorException::told).orElse("")
            + error.suffix());
    this.type = type;
    this.condition = error.condition();
    this.application = error.application();
  }

  /// Reads the error of a stanza.
  static StanzaErrorException of(Element stanza) {
    Element error =
        stanza
            .child("error", Namespaces.CLIENT)
            .orElseGet(() -> Element.empty("error", Namespaces.CLIENT));
    return new StanzaErrorException(
        error.attribute("type").orElse("cancel"),
        ErrorElement.read(error, Namespaces.STANZA_ERRORS));
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

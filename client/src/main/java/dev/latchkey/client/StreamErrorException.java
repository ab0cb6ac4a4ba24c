// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.Optional;

/// The server ended the stream with an error (RFC 6120 §4.9).
public final class StreamErrorException extends ClientException {
  private static final long serialVersionUID = 1L;

  private static final String CONFLICT = "conflict";

  private final String condition;
  private final transient Optional<Element> application;

  private StreamErrorException(String message, String condition, Optional<Element> application) {
    super(message);
    this.condition = condition;
    this.application = application;
  }

  /// Reads a `<stream:error/>`.
  static StreamErrorException of(Element error) {
    String condition =
        error
            .children()
            .filter(
                child ->
                    child.namespace().equals(Namespaces.STREAM_ERRORS)
                        && !child.name().equals("text"))
            .map(Element::name)
            .findFirst()
            .orElse("undefined-condition");
    Optional<Element> application =
        error
            .children()
            .filter(child -> !child.namespace().equals(Namespaces.STREAM_ERRORS))
            .findFirst();
    String message =
        application.filter(StreamErrorException::saysRevoked).isPresent()
            ? "this device was revoked: the server ended the stream"
            : condition.equals(CONFLICT)
                ? "another connection took this device's session over (conflict), and it was not"
                    + " this one. Whoever did that holds the device's key: if it was not you,"
                    + " revoke the device"
                : "the server ended the stream: "
                    + condition
                    + application.map(element -> " (" + element.name() + ")").orElse("")
                    + error
                        .child("text", Namespaces.STREAM_ERRORS)
                        .map(text -> ": " + Foreign.line(text.text()))
                        .orElse("");
    return new StreamErrorException(message, condition, application);
  }

  static boolean saysRevoked(Element application) {
    return application.is("credential-revoked", Namespaces.LATCHKEY_EVENTS);
  }

  /// The stream error's condition (RFC 6120 §4.9.3), as its element is named.
  public String condition() {
    return condition;
  }

  /// The application's own condition beside it.
  public Optional<Element> application() {
    return application;
  }

  /// Whether it says that another connection has the session, or the resource, now (RFC 6120
  /// §4.9.3.3).
  public boolean takenOver() {
    return condition.equals(CONFLICT);
  }

  /// Whether it says that this device was revoked.
  public boolean deviceRevoked() {
    return application.filter(StreamErrorException::saysRevoked).isPresent();
  }
}

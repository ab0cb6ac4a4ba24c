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

  private StreamErrorException(ErrorElement error) {
    super(told(error));
    this.condition = error.condition();
    this.application = error.application();
  }

  /// What somebody can do whose device was revoked.
  static final String REMEDY_OF_REVOKED =
      "To let it in again, ask for a new invitation, and enrol with --replace";

  /// Reads a `<stream:error/>`.
  static StreamErrorException of(Element error) {
    return new StreamErrorException(ErrorElement.read(error, Namespaces.STREAM_ERRORS));
  }

  private static String told(ErrorElement error) {
    if (error.application().filter(StreamErrorException::saysRevoked).isPresent()) {
      return "this device was revoked: the server ended the stream. " + REMEDY_OF_REVOKED;
    }
    if (error.condition().equals(CONFLICT)) {
      return "another connection took this device's session over (conflict), and it was not this"
          + " one. Whoever did that holds the device's key: if it was not you, revoke the device";
    }
    return "the server ended the stream: "
        + error.condition()
        + error.application().map(element -> " (" + element.name() + ")").orElse("")
        + error.suffix();
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

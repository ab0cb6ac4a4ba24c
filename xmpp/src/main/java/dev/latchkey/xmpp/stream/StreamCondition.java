// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.stream;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.Optional;

/// Why a stream ends in error (RFC 6120 §4.9.3), as far as Latchkey says it.
public enum StreamCondition {
  BAD_FORMAT("bad-format"),
  CONFLICT("conflict"),
  CONNECTION_TIMEOUT("connection-timeout"),
  HOST_UNKNOWN("host-unknown"),
  INTERNAL_SERVER_ERROR("internal-server-error"),
  INVALID_FROM("invalid-from"),
  INVALID_NAMESPACE("invalid-namespace"),
  NOT_AUTHORIZED("not-authorized"),
  POLICY_VIOLATION("policy-violation"),
  RESOURCE_CONSTRAINT("resource-constraint"),
  SYSTEM_SHUTDOWN("system-shutdown"),
  UNDEFINED_CONDITION("undefined-condition"),
  UNSUPPORTED_STANZA_TYPE("unsupported-stanza-type"),
  UNSUPPORTED_VERSION("unsupported-version");

  private final String word;

  StreamCondition(String word) {
    this.word = word;
  }

  /// The element's name.
  public String word() {
    return word;
  }

  /// The stream error.
  ///
  /// @param application an application condition to go with it
  public Element error(Optional<Element> application) {
    return error(word, application);
  }

  /// The stream error with words for people (RFC 6120 §4.9.2).
  public Element saying(Optional<String> text) {
    return error(word, text.map(words -> Element.text("text", Namespaces.STREAM_ERRORS, words)));
  }

  /// The stream error of a condition that the framing found.
  public static Element error(String word, Optional<Element> application) {
    return Element.named("error", Namespaces.STREAMS)
        .child(word, Namespaces.STREAM_ERRORS)
        .child(application)
        .build();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.stanza;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.List;
import java.util.Optional;

/// A stanza error (RFC 6120 §8.3).
///
/// @param type how the sender may go on
/// @param condition the defined condition
/// @param application conditions of our own that go with it
/// @param text words for people
public record StanzaError(
    Type type, String condition, List<Element> application, Optional<String> text) {
  public static final StanzaError BAD_REQUEST = of(Type.MODIFY, "bad-request");
  public static final StanzaError CONFLICT = of(Type.CANCEL, "conflict");
  public static final StanzaError FEATURE_NOT_IMPLEMENTED =
      of(Type.CANCEL, "feature-not-implemented");
  public static final StanzaError FORBIDDEN = of(Type.AUTH, "forbidden");
  public static final StanzaError INTERNAL_SERVER_ERROR = of(Type.CANCEL, "internal-server-error");
  public static final StanzaError ITEM_NOT_FOUND = of(Type.CANCEL, "item-not-found");
  public static final StanzaError JID_MALFORMED = of(Type.MODIFY, "jid-malformed");
  public static final StanzaError NOT_ACCEPTABLE = of(Type.MODIFY, "not-acceptable");
  public static final StanzaError NOT_ALLOWED = of(Type.CANCEL, "not-allowed");
  public static final StanzaError NOT_AUTHORIZED = of(Type.AUTH, "not-authorized");
  public static final StanzaError REMOTE_SERVER_NOT_FOUND =
      of(Type.CANCEL, "remote-server-not-found");
  public static final StanzaError RESOURCE_CONSTRAINT = of(Type.WAIT, "resource-constraint");
  public static final StanzaError SERVICE_UNAVAILABLE = of(Type.CANCEL, "service-unavailable");

  /// What the sender may do about it (RFC 6120 §8.3.2).
  public enum Type {
    AUTH("auth"),
    CANCEL("cancel"),
    MODIFY("modify"),
    WAIT("wait");

    private final String word;

    Type(String word) {
      this.word = word;
    }
  }

  /// Copies.
  public StanzaError {
    application = List.copyOf(application);
  }

  private static StanzaError of(Type type, String condition) {
    return new StanzaError(type, condition, List.of(), Optional.empty());
  }

  /// The same with conditions of our own.
  public StanzaError with(Element... application) {
    return new StanzaError(type, condition, List.of(application), text);
  }

  /// The same with words for people.
  public StanzaError saying(String words) {
    return new StanzaError(type, condition, application, Optional.of(words));
  }

  /// Its XML, as it stands in the answer.
  public Element element() {
    return Element.named("error", Namespaces.CLIENT)
        .attribute("type", type.word)
        .child(condition, Namespaces.STANZA_ERRORS)
        .child(text.map(words -> Element.text("text", Namespaces.STANZA_ERRORS, words)))
        .children(application)
        .build();
  }
}

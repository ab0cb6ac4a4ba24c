// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.stanza;

import dev.latchkey.wire.element.Element;
import java.util.Arrays;
import java.util.Optional;

/// The types of presence (RFC 6121 §4.7.1).
public enum PresenceType {
  /// No type at all.
  AVAILABLE(""),
  UNAVAILABLE("unavailable"),
  SUBSCRIBE("subscribe"),
  SUBSCRIBED("subscribed"),
  UNSUBSCRIBE("unsubscribe"),
  UNSUBSCRIBED("unsubscribed"),
  PROBE("probe"),
  ERROR("error");

  private final String word;

  PresenceType(String word) {
    this.word = word;
  }

  /// What the attribute says.
  public String word() {
    return word;
  }

  /// Whether it asks for, grants or ends a subscription (RFC 6121 §3).
  public boolean isSubscription() {
    return switch (this) {
      case SUBSCRIBE, SUBSCRIBED, UNSUBSCRIBE, UNSUBSCRIBED -> true;
      case AVAILABLE, UNAVAILABLE, PROBE, ERROR -> false;
    };
  }

  /// The type of a presence stanza; nothing if it has one that does not exist.
  public static Optional<PresenceType> of(Element presence) {
    String word = presence.attribute("type").orElse("");
    return Arrays.stream(values()).filter(type -> type.word.equals(word)).findAny();
  }
}

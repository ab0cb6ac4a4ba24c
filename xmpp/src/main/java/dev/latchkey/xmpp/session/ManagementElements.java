// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import static dev.latchkey.wire.element.Namespaces.STREAM_MANAGEMENT;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.management.StanzaCount;
import dev.latchkey.xmpp.stream.StreamCondition;
import java.util.Optional;

/// XEP-0198's elements, as the server writes them.
public final class ManagementElements {
  /// What is listed where stream management can be asked for.
  public static final Element FEATURE = Element.empty("sm", STREAM_MANAGEMENT);

  static final Element REQUEST = Element.empty("r", STREAM_MANAGEMENT);

  private ManagementElements() {}

  static Element enabled(StreamManagement management) {
    Element.Builder enabled = Element.named("enabled", STREAM_MANAGEMENT);
    if (management.isResumable()) {
      enabled
          .attribute("id", management.id())
          .attribute("resume", "true")
          .attribute("max", Long.toString(management.longest().toSeconds()));
    }
    return enabled.build();
  }

  static Element resumed(String id, StanzaCount handled) {
    return Element.named("resumed", STREAM_MANAGEMENT)
        .attribute("previd", id)
        .attribute("h", handled.toString())
        .build();
  }

  static Element acknowledged(StanzaCount handled) {
    return Element.named("a", STREAM_MANAGEMENT).attribute("h", handled.toString()).build();
  }

  /// It was out of order (XEP-0198 §3, §5).
  public static Element unexpected() {
    return failed("unexpected-request", Optional.empty());
  }

  /// It has no such session.
  ///
  /// @param handled how many stanzas that session had dealt with, if that is still known
  public static Element notFound(Optional<StanzaCount> handled) {
    return failed("item-not-found", handled);
  }

  /// It cannot be understood.
  public static Element malformed() {
    return failed("bad-request", Optional.empty());
  }

  private static Element failed(String condition, Optional<StanzaCount> handled) {
    return Element.named("failed", STREAM_MANAGEMENT)
        .attribute("h", handled.map(StanzaCount::toString))
        .child(condition, Namespaces.STANZA_ERRORS)
        .build();
  }

  /// The client acknowledges what was never sent (XEP-0198 §4).
  public static Element impossible(StanzaCount claimed, StanzaCount sent) {
    return StreamCondition.UNDEFINED_CONDITION.error(
        Optional.of(
            Element.named("handled-count-too-high", STREAM_MANAGEMENT)
                .attribute("h", claimed.toString())
                .attribute("send-count", sent.toString())
                .build()));
  }
}

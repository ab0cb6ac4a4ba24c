// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.management.StanzaCount;
import java.util.Optional;

/// XEP-0198's elements, as a client says and reads them.
final class ManagementElements {
  private static final String NS = Namespaces.STREAM_MANAGEMENT;
  private static final String TOO_HIGH = "handled-count-too-high";

  private ManagementElements() {}

  /// Asks for management of a session that can be resumed (§3).
  static Element enable() {
    return Element.named("enable", NS).attribute("resume", "true").build();
  }

  /// Asks to go on with a session (§5).
  static Element resume(Resumable session) {
    return Element.named("resume", NS)
        .attribute("previd", session.id())
        .attribute("h", session.handled().toString())
        .build();
  }

  /// Asks how many stanzas were handled (§4).
  static Element request() {
    return Element.empty("r", NS);
  }

  /// Says how many were (§4).
  static Element acknowledgement(StanzaCount handled) {
    return Element.named("a", NS).attribute("h", handled.toString()).build();
  }

  /// Ends a stream whose other side counts what cannot be (§4).
  ///
  /// @param told what it says it has handled, if that is a number
  /// @param sent how many were sent
  static Element impossible(Optional<StanzaCount> told, StanzaCount sent) {
    return Element.named("error", Namespaces.STREAMS)
        .child("undefined-condition", Namespaces.STREAM_ERRORS)
        .child(
            told.map(
                h ->
                    Element.named(TOO_HIGH, NS)
                        .attribute("h", h.toString())
                        .attribute("send-count", sent.toString())
                        .build()))
        .build();
  }

  /// Whether the server ended the stream because of a count of ours.
  static boolean saysTooHigh(StreamErrorException error) {
    return error.application().filter(element -> element.is(TOO_HIGH, NS)).isPresent();
  }

  /// The `h` of an element.
  static Optional<StanzaCount> handled(Element element) {
    return element.attribute("h").flatMap(StanzaCount::parse);
  }

  /// What `<enabled/>` promises.
  static Management enabled(Element enabled) {
    boolean resumable =
        enabled
            .attribute("resume")
            .filter(word -> word.equals("true") || word.equals("1"))
            .isPresent();
    return new Management(enabled.attribute("id").filter(id -> resumable && !id.isEmpty()));
  }
}

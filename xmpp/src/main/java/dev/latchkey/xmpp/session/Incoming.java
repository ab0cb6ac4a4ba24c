// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.chat.stanza.Stanzas;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.element.Node;
import dev.latchkey.wire.framing.StreamEvent;
import dev.latchkey.wire.management.StanzaCount;
import dev.latchkey.wire.socket.Connection;
import dev.latchkey.xmpp.stream.StreamCondition;
import java.util.Optional;
import java.util.Set;

/// What becomes of each thing that a session's client says: a stanza is the backend's, stream
/// management is the session's own, what has no place here ends the stream.
///
/// Used in the session's [Turn] only, by one thread at a time. It keeps no state and takes no lock:
/// a stanza may be handled for long, and meanwhile others deliver to the session.
final class Incoming {
  private static final String LANGUAGE = "xml:lang";

  private final Session session;
  private final SessionRegistry registry;

  Incoming(Session session, SessionRegistry registry) {
    this.session = session;
    this.registry = registry;
  }

  /// Handles one thing that came, before the next is looked at.
  void handle(StreamEvent event) {
    switch (event) {
      case StreamEvent.Received(Element element) -> handle(element);
      case StreamEvent.Closed _ -> session.end(EndReason.CLOSED);
      case StreamEvent.Disconnected _ -> session.lost(EndReason.DISCONNECTED);
      case StreamEvent.Opened _ ->
          refuse(StreamCondition.BAD_FORMAT.word(), "a stream header in a session");
      case StreamEvent.Refused(String condition, String rule) -> refuse(condition, rule);
    }
  }

  private void refuse(String condition, String rule) {
    tell(StreamCondition.error(condition, Optional.empty()), condition, rule);
    session.end(EndReason.CLOSED);
  }

  private void tell(Element error, String condition, String rule) {
    session
        .connection()
        .ifPresent(open -> registry.log().streamRefused(open.peer(), condition, rule));
    session.send(error);
  }

  private void handle(Element element) {
    if (session.isResumedStream() && asksToBind(element)) {
      outOfPlace(element);
    } else if (Stanzas.isStanza(element)) {
      stanza(element);
      session.handledOne();
    } else if (element.namespace().equals(Namespaces.STREAM_MANAGEMENT)) {
      manage(element);
    } else if (!session.attachment().handleOther(element)) {
      outOfPlace(element);
    }
  }

  private static boolean asksToBind(Element element) {
    return element.name().equals("iq") && element.child("bind", Namespaces.BIND).isPresent();
  }

  private void stanza(Element element) {
    for (Node node : element.nodes()) {
      if (node instanceof Element child && child.namespace().equals(Namespaces.LATCHKEY_EVENTS)) {
        dropped(element); // rule 37: only the server tells of credentials
        return;
      }
    }
    session.attachment().handle(inItsLanguage(element.with("from", session.jid().toString())));
  }

  /// RFC 6120 §8.1.5: the receiver does not know what the sender's stream declared.
  private Element inItsLanguage(Element stanza) {
    return stanza.attribute(LANGUAGE).isPresent()
        ? stanza
        : session
            .connection()
            .flatMap(Connection::language)
            .map(language -> stanza.with(LANGUAGE, language))
            .orElse(stanza);
  }

  /// RFC 6120 §8.2.3: a request is answered, whatever becomes of it.
  private void dropped(Element stanza) {
    if (stanza.name().equals("iq") && Stanzas.mayAnswer(stanza)) {
      session.deliver(
          Stanzas.error(
              stanza.with("from", session.jid().toString()), StanzaError.SERVICE_UNAVAILABLE));
    }
  }

  private void manage(Element element) {
    switch (element.name()) {
      case "r" ->
          session
              .handled()
              .ifPresent(count -> session.send(ManagementElements.acknowledged(count)));
      case "a" ->
          element
              .attribute("h")
              .flatMap(StanzaCount::parse)
              .ifPresentOrElse(
                  this::acknowledged,
                  () -> refuse(StreamCondition.BAD_FORMAT.word(), "an h that is no count"));
      case "enable" -> {
        // XEP-0198 §3: once; what it has goes on.
        if (session.isResumedStream() || !registry.enable(session, element, true).isPresent()) {
          unexpected(element);
        }
      }
      // XEP-0198 §5: instead of binding, not after it.
      case "resume" -> unexpected(element);
      default -> outOfPlace(element);
    }
  }

  /// Rule 45: behind a resumption nothing that signs in is borne.
  private void unexpected(Element element) {
    if (session.isResumedStream()) {
      outOfPlace(element);
    } else {
      session.send(ManagementElements.unexpected());
    }
  }

  private void acknowledged(StanzaCount count) {
    session
        .acknowledged(count)
        .ifPresent(
            sent -> {
              tell(
                  ManagementElements.impossible(count, sent),
                  StreamCondition.UNDEFINED_CONDITION.word(),
                  "more acknowledged than was sent");
              session.end(EndReason.CLOSED);
            });
  }

  /// XEP-0388 §3.1: once authenticated, a further attempt is a stream error. Behind `<resumed/>` it
  /// costs the connection only: somebody pipelined it, and the session sleeps again (rule 45).
  private void outOfPlace(Element element) {
    boolean signsIn =
        Set.of(Namespaces.SASL, Namespaces.SASL2, Namespaces.STREAM_MANAGEMENT)
                .contains(element.namespace())
            || asksToBind(element);
    StreamCondition condition =
        signsIn ? StreamCondition.POLICY_VIOLATION : StreamCondition.UNSUPPORTED_STANZA_TYPE;
    tell(
        condition.error(Optional.empty()),
        condition.word(),
        signsIn ? "sign-in in a session" : "neither message, presence nor iq");
    if (signsIn && session.isResumedStream()) {
      session.lost(EndReason.CLOSED);
    } else {
      session.end(EndReason.CLOSED);
    }
  }
}

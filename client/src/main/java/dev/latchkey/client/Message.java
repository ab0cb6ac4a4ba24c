// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

/// A message with a body (RFC 6121 §5).
///
/// @param from who sent it; the server vouches for it
/// @param to to which of our addresses
/// @param type `chat`, `normal`, `groupchat`, `headline` or `error`
/// @param id the sender's id for it
/// @param body its text
/// @param stamp when it was sent, if it was stored on its way, else when it came
/// @param delayed whether it was stored on its way (XEP-0203)
/// @param archived where it stands in the own account's archive (XEP-0359), for
///   [LatchkeyClient#shown]
/// @param condition why it came back, if its type is `error` (RFC 6120 §8.3.3)
public record Message(
    Optional<Jid> from,
    Optional<Jid> to,
    String type,
    Optional<String> id,
    String body,
    Instant stamp,
    boolean delayed,
    Optional<String> archived,
    Optional<String> condition) {
  private static final String DELAY = "urn:xmpp:delay";

  /// Reads a `<message/>`; nothing if it has no body, unless it says that one of ours came back:
  /// then the body may be missing.
  ///
  /// @param arrival when it came
  static Optional<Message> read(Element stanza, Instant arrival) {
    Optional<Instant> sent =
        stanza
            .child("delay", DELAY)
            .flatMap(delay -> delay.attribute("stamp"))
            .flatMap(Message::instant);
    Optional<String> text = stanza.child("body", Namespaces.CLIENT).map(Element::text);
    boolean cameBack = stanza.attribute("type").equals(Optional.of("error"));
    return text.or(() -> cameBack ? Optional.of("") : Optional.empty())
        .map(
            body ->
                new Message(
                    stanza.attribute("from").flatMap(Jid::tryParse),
                    stanza.attribute("to").flatMap(Jid::tryParse),
                    stanza.attribute("type").orElse("normal"),
                    stanza.attribute("id"),
                    body,
                    sent.orElse(arrival),
                    sent.isPresent(),
                    Optional.empty(),
                    cameBack
                        ? Optional.of(StanzaErrorException.of(stanza).condition())
                        : Optional.empty()));
  }

  /// The same, and where it stands in the archive.
  Message archivedAs(String place) {
    return new Message(from, to, type, id, body, stamp, delayed, Optional.of(place), condition);
  }

  /// The same, as the archive gives it.
  ///
  /// @param kept when it was kept, if the archive says so
  Message outOfArchive(String place, Optional<Instant> kept) {
    return new Message(
        from, to, type, id, body, kept.orElse(stamp), true, Optional.of(place), condition);
  }

  /// XEP-0082's DateTime.
  static Optional<Instant> instant(String text) {
    try {
      return Optional.of(OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeException not) {
      return Optional.empty();
    }
  }
}

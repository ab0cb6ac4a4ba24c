// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.management.StanzaCount;
import java.util.Optional;

/// What came of a wish to resume a session.
public sealed interface Resumption {
  /// A wish: `<resume/>`.
  ///
  /// @param id of the session
  /// @param handled how many of the server's stanzas the client has dealt with
  record Wish(String id, StanzaCount handled) {
    /// Reads one; nothing if it says no id, or no count that is one (rule 46).
    public static Optional<Wish> read(Element resume) {
      return resume
          .attribute("h")
          .flatMap(StanzaCount::parse)
          .flatMap(count -> resume.attribute("previd").map(id -> new Wish(id, count)));
    }
  }

  /// How the client is told.
  @FunctionalInterface
  interface Answer {
    /// The element that says it.
    ///
    /// @param jid the session's full JID
    /// @param resumed `<resumed/>`, which must stand in it, or be it
    Element to(Jid jid, Element resumed);
  }

  /// The session goes on over the new connection, and the client was told.
  record Resumed(Session session) implements Resumption {}

  /// It was not resumed; the client may go on without it.
  ///
  /// @param answer what it is told
  record Failed(Element answer) implements Resumption {}

  /// It acknowledged what was never sent: its stream ends, the session is as it was (rule 46).
  ///
  /// @param error what it is told
  record Impossible(Element error) implements Resumption {}
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.management.StanzaCount;
import dev.latchkey.wire.management.Unacknowledged;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// The sessions that a [FakeServer] keeps: XEP-0198's other side. Each is used by one connection at
/// a time.
final class FakeSessions {
  private static final String SM = Namespaces.STREAM_MANAGEMENT;

  /// One of them.
  static final class Kept {
    final String id;
    StanzaCount handled = StanzaCount.ZERO;
    Unacknowledged<Element> sent = new Unacknowledged<>();

    Kept(String id) {
      this.id = id;
    }
  }

  private final Map<String, Kept> sessions = new ConcurrentHashMap<>();
  private final AtomicInteger ids = new AtomicInteger();

  /// Ids of sessions that were resumed, in order.
  final AtomicInteger resumptions = new AtomicInteger();

  Kept begin() {
    Kept session = new Kept("session-" + ids.incrementAndGet());
    sessions.put(session.id, session);
    return session;
  }

  static Element enabled(Kept session) {
    return Element.named("enabled", SM)
        .attribute("id", session.id)
        .attribute("resume", "true")
        .attribute("max", "300")
        .build();
  }

  /// The session that a `<resume/>` names, if it is there and `h` can be.
  ///
  /// @param remembers whether sessions outlive their connections
  Optional<Kept> find(Element resume, boolean remembers) {
    return resume
        .attribute("previd")
        .flatMap(id -> Optional.ofNullable(sessions.get(id)))
        .filter(session -> remembers)
        .filter(
            session ->
                session.sent.acknowledge(
                        StanzaCount.parse(resume.attribute("h").orElse("")).orElseThrow())
                    instanceof Unacknowledged.Outcome.Arrived<Element>);
  }

  Element resumed(Kept session) {
    resumptions.incrementAndGet();
    return Element.named("resumed", SM)
        .attribute("previd", session.id)
        .attribute("h", session.handled.toString())
        .build();
  }

  /// Says so each time it is asked, since the answer may be lost.
  ///
  /// @param tells whether to say how many were handled
  Element failed(Element resume, boolean tells) {
    Optional<Kept> old =
        resume.attribute("previd").flatMap(id -> Optional.ofNullable(sessions.get(id)));
    return Element.named("failed", SM)
        .attribute("h", old.filter(it -> tells).map(it -> it.handled.toString()))
        .child("item-not-found", Namespaces.STANZA_ERRORS)
        .build();
  }
}

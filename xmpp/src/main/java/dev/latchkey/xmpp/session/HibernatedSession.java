// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.credential.Resource;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.management.StanzaCount;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A session as it is kept while the server is stopped.
///
/// @param id by which it is resumed
/// @param identity who it is; checked again before it lives on (rule 39)
/// @param resource its resource
/// @param longest how long it may wait for its client
/// @param since from when on it has been waiting
/// @param handled how many of the client's stanzas were dealt with
/// @param acknowledged how many of its own the client has acknowledged
/// @param waiting what the client has not acknowledged, in order
/// @param place what the backend knows of it
public record HibernatedSession(
    String id,
    SessionIdentity identity,
    Resource resource,
    Duration longest,
    Instant since,
    StanzaCount handled,
    StanzaCount acknowledged,
    List<Waiting> waiting,
    Element place) {
  /// Copies.
  public HibernatedSession {
    waiting = List.copyOf(waiting);
  }

  /// One stanza that waits.
  ///
  /// @param xml its text
  /// @param receipt what was said of it
  public record Waiting(String xml, Optional<Receipt> receipt) {}
}

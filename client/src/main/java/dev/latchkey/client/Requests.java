// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Requests that wait for their answers (RFC 6120 §8.2.3). Thread-safe.
final class Requests {
  /// One of them.
  final class Asked implements AutoCloseable {
    private final String id;
    private final Optional<Jid> to;
    private final CompletableFuture<Element> answer = new CompletableFuture<>();
    private volatile Optional<Outgoing> sent = Optional.empty();

    private Asked(String id, Optional<Jid> to) {
      this.id = id;
      this.to = to;
    }

    /// It is on its way.
    void sent(Outgoing outgoing) {
      sent = Optional.of(outgoing);
    }

    /// Waits for the answer.
    ///
    /// @throws ClientException why there will be none
    /// @throws TimeoutException if none came within that time
    Element await(Duration patience) throws InterruptedException, TimeoutException {
      try {
        return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      } catch (ExecutionException ended) {
        throw ended.getCause() instanceof ClientException why
            ? why
            : new ClientException("the request broke", ended);
      }
    }

    /// Nobody waits any more.
    @Override
    public void close() {
      waiting.remove(id, this);
    }

    private boolean wasSentBefore(int session) {
      return sent.filter(out -> out.session() > 0 && out.session() < session).isPresent();
    }
  }

  private final ConcurrentMap<String, Asked> waiting = new ConcurrentHashMap<>();

  /// Somebody is about to ask.
  ///
  /// @throws ClientException if a request with this id waits already
  Asked asking(String id, Optional<Jid> to) {
    Asked asked = new Asked(id, to);
    if (waiting.putIfAbsent(id, asked) != null) {
      throw new ClientException("a request with the id " + id + " waits for its answer already");
    }
    return asked;
  }

  /// An answer came.
  ///
  /// @param me our full JID
  void answered(Element stanza, Jid me) {
    Asked asked = waiting.get(stanza.attribute("id").orElse(""));
    // RFC 6120 §8.1.2.1: an answer counts only if it comes from whom was asked.
    if (asked != null && isFrom(stanza, asked.to, me)) {
      asked.answer.complete(stanza);
    }
  }

  private static boolean isFrom(Element stanza, Optional<Jid> asked, Jid me) {
    Optional<String> from = stanza.attribute("from");
    Jid account = me.bare();
    if (asked.isPresent() && !asked.get().equals(account)) {
      return from.flatMap(Jid::tryParse).equals(asked);
    }
    return from.isEmpty()
        || from.flatMap(Jid::tryParse)
            .filter(
                jid ->
                    jid.equals(account) || jid.equals(me) || jid.equals(Jid.of(account.domain())))
            .isPresent();
  }

  /// A new session has begun: the answers to what was asked before it went with the old one.
  void renewed(int session) {
    for (Asked asked : waiting.values()) {
      if (asked.wasSentBefore(session)) {
        asked.answer.completeExceptionally(
            new ConnectionLostException(
                "the session ended before the answer came: whether it was done is not known"));
      }
    }
  }

  /// There will be no answers any more.
  void end(ClientException why) {
    waiting.values().forEach(asked -> asked.answer.completeExceptionally(why));
  }
}

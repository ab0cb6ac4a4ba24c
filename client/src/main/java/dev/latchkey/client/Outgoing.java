// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A stanza on its way out, and what becomes of it. Thread-safe.
final class Outgoing {
  private final Element stanza;
  private final CompletableFuture<Delivery.Known> fate = new CompletableFuture<>();
  private volatile int session;
  private int octets = -1;

  Outgoing(Element stanza) {
    this.stanza = stanza;
  }

  Element stanza() {
    return stanza;
  }

  /// How long it is. Belongs to the [Outbox] that keeps it: what is not kept is not measured.
  int octets() {
    if (octets < 0) {
      octets = stanza.toXml().getBytes(StandardCharsets.UTF_8).length;
    }
    return octets;
  }

  /// In which session it was written, counted from one; zero before that.
  int session() {
    return session;
  }

  void writtenIn(int number) {
    session = number;
  }

  void becomes(Delivery.Known known) {
    fate.complete(known);
  }

  /// What became of it; nothing if that is not known within that time.
  Optional<Delivery.Known> await(Duration patience) throws InterruptedException {
    try {
      return Optional.of(fate.get(patience.toNanos(), TimeUnit.NANOSECONDS));
    } catch (TimeoutException late) {
      return Optional.empty();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /// The id of a message of ours.
  Optional<String> messageId() {
    return stanza.is("message", Namespaces.CLIENT) ? stanza.attribute("id") : Optional.empty();
  }

  /// Whether it says to everybody whether we are there (RFC 6121 §4.2).
  static boolean isBroadcastPresence(Element stanza) {
    return stanza.is("presence", Namespaces.CLIENT) && stanza.attribute("to").isEmpty();
  }
}

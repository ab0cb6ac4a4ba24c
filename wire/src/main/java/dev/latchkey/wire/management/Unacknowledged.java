// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.management;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// What one side has sent and the other has not acknowledged, in order (XEP-0198 §4).
///
/// Not thread-safe: guarded by whoever owns the session.
///
/// @param <S> how a sent stanza is kept
public final class Unacknowledged<S> {
  private final Deque<S> waiting;
  private StanzaCount acknowledged;

  /// Nothing was sent yet.
  public Unacknowledged() {
    this(StanzaCount.ZERO, List.of());
  }

  /// As it stood.
  ///
  /// @param acknowledged what the other side has acknowledged
  /// @param waiting what was sent since, in order
  public Unacknowledged(StanzaCount acknowledged, List<S> waiting) {
    this.acknowledged = acknowledged;
    this.waiting = new ArrayDeque<>(waiting);
  }

  /// One more was sent.
  public void sent(S stanza) {
    waiting.addLast(stanza);
  }

  /// What became of an acknowledgement.
  ///
  /// @param <S> how a sent stanza is kept
  public sealed interface Outcome<S> {
    /// It is good.
    ///
    /// @param arrived what it acknowledges that was not acknowledged before, in order
    record Arrived<S>(List<S> arrived) implements Outcome<S> {}

    /// It acknowledges what was never sent, or takes back what was acknowledged; nothing changed.
    ///
    /// @param sent how many were sent
    record Impossible<S>(StanzaCount sent) implements Outcome<S> {}
  }

  /// The other side has handled so many.
  public Outcome<S> acknowledge(StanzaCount handled) {
    if (!allows(handled)) {
      return new Outcome.Impossible<>(sent());
    }
    int count = (int) handled.since(acknowledged);
    List<S> arrived = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      arrived.add(waiting.removeFirst());
    }
    acknowledged = handled;
    return new Outcome.Arrived<>(arrived);
  }

  /// Whether the other side can have handled so many: no fewer than it said before, no more than
  /// were sent. Modulo 2^32 the first of these is a case of the second.
  public boolean allows(StanzaCount handled) {
    return handled.since(acknowledged) <= waiting.size();
  }

  /// How many were sent.
  public StanzaCount sent() {
    return acknowledged.plus(waiting.size());
  }

  /// How many the other side has acknowledged.
  public StanzaCount acknowledged() {
    return acknowledged;
  }

  /// What is not acknowledged, in the order in which it was sent.
  public List<S> waiting() {
    return List.copyOf(waiting);
  }

  /// How many are not.
  public int size() {
    return waiting.size();
  }

  /// Whether all is.
  public boolean isEmpty() {
    return waiting.isEmpty();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.management.StanzaCount;
import dev.latchkey.wire.management.Unacknowledged;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// What goes out: stanzas that wait for a connection, and stanzas that were written and are not
/// known to have arrived (XEP-0198 §4). What is counted is written under one lock, so that both
/// sides count in one order.
///
/// Bounded in number and size; who sends more waits. Without stream management nothing is kept that
/// was written. Thread-safe.
final class Outbox {
  /// So many stanzas.
  static final int MOST_STANZAS = 1_000;

  /// So many octets; all of it must fit at once into what a connection holds for a slow reader.
  static final int MOST_OCTETS = 1 << 18;

  /// What became of the stanzas of a session that is gone.
  ///
  /// @param session the number of the new one
  /// @param sentAgain how many were written in it again
  /// @param unknown of which nobody knows
  record Renewal(int session, int sentAgain, List<Outgoing> unknown) {}

  /// What is left when all is over.
  ///
  /// @param notSent what the server does not have
  /// @param unknown of which nobody knows
  record Leftover(List<Outgoing> notSent, List<Outgoing> unknown) {}

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();

  // All that follows belongs to the lock.
  private Unacknowledged<Outgoing> written = new Unacknowledged<>();

  private final Deque<Outgoing> waiting = new ArrayDeque<>();

  private Optional<Consumer<Element>> wire = Optional.empty();

  private Optional<Element> presence = Optional.empty();

  private Optional<ClientException> end = Optional.empty();

  private int octets;

  private int session;

  private boolean managed;

  private boolean asked;

  /// Sends; waits while too much is on its way.
  ///
  /// @throws ClientException if there is no room within that time, or all has ended
  @CanIgnoreReturnValue
  Outgoing send(Element stanza, Duration patience) throws InterruptedException {
    Outgoing outgoing = new Outgoing(stanza);
    long left = patience.toNanos();
    lock.lockInterruptibly();
    try {
      while (end.isEmpty() && !hasRoomFor(outgoing)) {
        if (left <= 0) {
          throw new ClientException(
              "%d stanzas are on their way and the server has acknowledged none of them for %d seconds: this one was not sent"
                  .formatted(onTheirWay(), patience.toSeconds()));
        }
        left = room.awaitNanos(left);
      }
      if (end.isPresent()) {
        throw end.get();
      }
      add(outgoing);
      return outgoing;
    } finally {
      lock.unlock();
    }
  }

  /// Sends what answers the other side: whoever reads cannot wait for room that only reading makes.
  ///
  /// @throws ConnectionLostException if the other side asks more and more and acknowledges nothing
  void answer(Element stanza) {
    Outgoing outgoing = new Outgoing(stanza);
    lock.lock();
    try {
      if (end.isPresent()) {
        return;
      }
      if (onTheirWay() >= 2 * MOST_STANZAS || octets >= 2 * MOST_OCTETS) {
        throw new ConnectionLostException(
            "the server asks on and acknowledges no answer: the connection is given up");
      }
      add(outgoing);
    } finally {
      lock.unlock();
    }
  }

  private boolean hasRoomFor(Outgoing outgoing) {
    return onTheirWay() == 0
        || (onTheirWay() < MOST_STANZAS && octets + outgoing.octets() <= MOST_OCTETS);
  }

  private int onTheirWay() {
    return written.size() + waiting.size();
  }

  private void add(Outgoing outgoing) {
    if (Outgoing.isBroadcastPresence(outgoing.stanza())) {
      presence = Optional.of(outgoing.stanza());
    }
    if (wire.isPresent() && !managed) {
      outgoing.writtenIn(session);
      wire.get().accept(outgoing.stanza());
      outgoing.becomes(Delivery.Known.UNKNOWN);
      return;
    }
    octets += outgoing.octets();
    if (wire.isPresent()) {
      write(outgoing, wire.get());
      ask();
    } else {
      waiting.addLast(outgoing);
    }
  }

  private void write(Outgoing outgoing, Consumer<Element> to) {
    outgoing.writtenIn(session);
    to.accept(outgoing.stanza());
    if (managed) {
      written.sent(outgoing);
    } else {
      settle(outgoing, Delivery.Known.UNKNOWN);
    }
  }

  private void settle(Outgoing outgoing, Delivery.Known known) {
    octets -= outgoing.octets();
    outgoing.becomes(known);
    room.signalAll();
  }

  /// One question is on its way at a time: its answer covers all that was sent before it.
  private void ask() {
    if (managed && !asked && !written.isEmpty()) {
      asked = true;
      wire.ifPresent(to -> to.accept(ManagementElements.request()));
    }
  }

  /// Asks whether the other side is there, whether or not anything is on its way.
  ///
  /// @return whether it can be asked so; only with stream management
  boolean probe() {
    lock.lock();
    try {
      if (managed && wire.isPresent()) {
        asked = true;
        wire.get().accept(ManagementElements.request());
      }
      return managed;
    } finally {
      lock.unlock();
    }
  }

  /// Whether the other side owes an acknowledgement.
  boolean awaitsAnswer() {
    lock.lock();
    try {
      return asked;
    } finally {
      lock.unlock();
    }
  }

  /// Writes what is not counted; nothing without a connection.
  void nonza(Element element) {
    lock.lock();
    try {
      wire.ifPresent(to -> to.accept(element));
    } finally {
      lock.unlock();
    }
  }

  /// The other side says that it has handled so many.
  ///
  /// @return whether that can be
  boolean acknowledged(StanzaCount handled) {
    lock.lock();
    try {
      asked = false;
      if (end.isPresent()) {
        return true; // what was sent is forgotten, so nothing is too much
      }
      boolean possible = arrived(handled);
      if (possible) {
        ask();
      }
      return possible;
    } finally {
      lock.unlock();
    }
  }

  private boolean arrived(StanzaCount handled) {
    return switch (written.acknowledge(handled)) {
      case Unacknowledged.Outcome.Arrived<Outgoing>(List<Outgoing> arrived) -> {
        arrived.forEach(outgoing -> settle(outgoing, Delivery.Known.ARRIVED));
        yield true;
      }
      case Unacknowledged.Outcome.Impossible<Outgoing> _ -> false;
    };
  }

  /// How many were sent in this session.
  StanzaCount sent() {
    lock.lock();
    try {
      return written.sent();
    } finally {
      lock.unlock();
    }
  }

  /// Takes back what was not written yet.
  ///
  /// @return whether it was not
  @CanIgnoreReturnValue
  boolean withdraw(Outgoing outgoing) {
    lock.lock();
    try {
      boolean there = waiting.remove(outgoing);
      if (there) {
        settle(outgoing, Delivery.Known.NOT_SENT);
      }
      return there;
    } finally {
      lock.unlock();
    }
  }

  /// The connection is gone; what comes now waits for the next one.
  void disconnected() {
    lock.lock();
    try {
      wire = Optional.empty();
      asked = false;
    } finally {
      lock.unlock();
    }
  }

  /// The session goes on over a new connection. What the server did not handle is written again, in
  /// order, then what waited (XEP-0198 §5).
  ///
  /// @return how many were written again; nothing, and nothing was written, if the server cannot
  ///   have handled so many
  Optional<Integer> resumed(Consumer<Element> to, StanzaCount handled) {
    lock.lock();
    try {
      if (!arrived(handled)) {
        return Optional.empty();
      }
      wire = Optional.of(to);
      List<Outgoing> again = written.waiting();
      again.forEach(outgoing -> to.accept(outgoing.stanza()));
      writeWaiting(to);
      return Optional.of(again.size());
    } finally {
      lock.unlock();
    }
  }

  /// A new session has begun: the first, or one after another that is gone. What the old one surely
  /// did not handle is written again before what waited. Nobody knows about the rest, so it is not:
  /// it might arrive twice.
  ///
  /// @param counts whether the new one is managed
  /// @param handled how many stanzas of the old one the server has handled, if it says so
  Renewal renewed(Consumer<Element> to, boolean counts, Optional<StanzaCount> handled) {
    lock.lock();
    try {
      boolean known = handled.isPresent() && arrived(handled.get());
      List<Outgoing> old = written.waiting();
      List<Outgoing> unknown = new ArrayList<>();
      int again = 0;
      for (Outgoing outgoing : old.reversed()) {
        if (known) {
          waiting.addFirst(outgoing);
          again++;
        } else {
          settle(outgoing, Delivery.Known.UNKNOWN);
          unknown.addFirst(outgoing);
        }
      }
      written = new Unacknowledged<>();
      managed = counts;
      session++;
      wire = Optional.of(to);
      presence.ifPresent(last -> repeat(last, to));
      writeWaiting(to);
      return new Renewal(session, again, unknown);
    } finally {
      lock.unlock();
    }
  }

  /// Which of our presences was the last is known better than by sending all of them again.
  private void repeat(Element last, Consumer<Element> to) {
    for (Outgoing older : List.copyOf(waiting)) {
      if (Outgoing.isBroadcastPresence(older.stanza())) {
        waiting.remove(older);
        settle(older, Delivery.Known.NOT_SENT);
      }
    }
    Outgoing repeated = new Outgoing(last);
    octets += repeated.octets();
    write(repeated, to);
  }

  private void writeWaiting(Consumer<Element> to) {
    for (Outgoing next = waiting.poll(); next != null; next = waiting.poll()) {
      write(next, to);
    }
    ask();
  }

  /// All is over: who waits for room is told so, and nothing more is sent.
  ///
  /// @return what is left, the first time
  Leftover end(ClientException why) {
    lock.lock();
    try {
      Leftover left = new Leftover(List.copyOf(waiting), written.waiting());
      if (end.isEmpty()) {
        end = Optional.of(why);
      }
      left.notSent().forEach(outgoing -> settle(outgoing, Delivery.Known.NOT_SENT));
      left.unknown().forEach(outgoing -> settle(outgoing, Delivery.Known.UNKNOWN));
      waiting.clear();
      written = new Unacknowledged<>();
      room.signalAll();
      return left;
    } finally {
      lock.unlock();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.latchkey.credential.Bytes;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.management.StanzaCount;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// The line to the server: one connection, or, for a client that stays, one after another. It owns
/// who we are, the session's counts and what goes out.
///
/// One virtual thread reads what comes, hands stanzas to the [Receiver], and, when the connection
/// is lost, makes the next one. Sending may be done by any thread.
final class Line implements AutoCloseable {
  /// So long nothing may come before we ask whether the server is still there.
  private static final Duration SILENCE = Duration.ofMinutes(2);

  private static final Duration CLOSING = Duration.ofSeconds(4);

  /// So often at most it is looked whether we must sign in again, which reads the home.
  private static final Duration LOOK = Duration.ofMinutes(1);

  /// Who gets what comes. Called by the reader, so nothing comes while it does not return.
  interface Receiver {
    /// A stanza came.
    void take(Element stanza) throws InterruptedException;

    /// A new session has begun; what was asked in those before it stays without an answer.
    ///
    /// @param session its number
    void renewed(int session);

    /// All is over; said once or more, the first reason counts.
    void ended(ClientException why);
  }

  /// How to sign in.
  interface Door {
    /// Signs in; resumes a session if that is wanted and possible.
    Arrival arrive(Optional<Resumable> old);

    /// Whether what it signs in with has grown old, and is given anew only to who signs in.
    default boolean isAgeing(Instant now) {
      return false;
    }

    /// How long at least to wait before another attempt, because each uses something up.
    default Duration rest(Instant now) {
      return Duration.ZERO;
    }
  }

  /// What it takes to stay.
  private record Return(Door door, Staying staying, Attempts attempts) {
    static Return of(Door door, Staying staying, ClientEnvironment environment) {
      return new Return(door, staying, attempting(door, staying, environment));
    }
  }

  private final ClientEnvironment environment;
  private final Optional<Return> comingBack;
  private final Outbox outbox = new Outbox();
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile ClientStream stream;
  private volatile WhoAmI identity;
  private volatile Optional<Management> management;
  private volatile StanzaCount handled = StanzaCount.ZERO;
  private volatile boolean away;
  private volatile boolean closing;
  private volatile @Nullable Receiver receiver;
  private volatile @Nullable Thread reader;

  // The reader's own.
  private Instant connectedAt;
  private Duration connected;
  private Duration looked;
  private List<Element> early;

  private Line(Arrival.Bound first, Optional<Return> comingBack, ClientEnvironment environment) {
    this.environment = environment;
    this.comingBack = comingBack;
    this.stream = first.stream();
    this.identity = first.identity();
    this.management = first.management();
    this.early = first.early();
    this.connectedAt = environment.clock().instant();
    this.connected = environment.ticker().reading();
    this.looked = connected;
    outbox.renewed(stream::send, management.isPresent(), Optional.empty());
  }

  /// A line that ends with its only connection.
  static Line once(Arrival.Bound first, ClientEnvironment environment) {
    return new Line(first, Optional.empty(), environment);
  }

  /// A line that comes back; makes its first connection.
  ///
  /// @param how see [Staying#inTurn]
  /// @throws ClientException if there is none, see [Staying#within]
  static Line staying(Door door, Staying how, ClientEnvironment environment) {
    Arrival.Bound first;
    try {
      first =
          how.within().isPresent()
              ? attempting(door, how, environment).first(() -> first(door))
              : first(door);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new ClientException("interrupted while connecting", interrupted);
    }
    return new Line(first, Optional.of(Return.of(door, how, environment)), environment);
  }

  private static Attempts attempting(Door door, Staying how, ClientEnvironment environment) {
    return new Attempts(how, environment, () -> door.rest(environment.clock().instant()));
  }

  private static Arrival.Bound first(Door door) {
    return switch (door.arrive(Optional.empty())) {
      case Arrival.Bound bound -> bound;
      case Arrival.Resumed _, Arrival.Mistaken _ ->
          throw new IllegalStateException("not asked for");
    };
  }

  /// Begins to read.
  void start(Receiver to) {
    receiver = to;
    tell(new ConnectionEvent.Connected(identity.jid()));
    reader = Thread.ofVirtual().name("latchkey-client-reader").start(() -> run(to));
  }

  WhoAmI identity() {
    return identity;
  }

  /// Whether a connection stands.
  boolean stands() {
    return !away && !ended.get();
  }

  /// Whether it comes back when its connection is lost.
  boolean stays() {
    return comingBack.isPresent();
  }

  /// Sends a stanza, or keeps it until there is a connection again; waits while too much is on its
  /// way.
  ///
  /// @throws ClientException if there is no room for long, or all has ended
  @CanIgnoreReturnValue
  Outgoing send(Element stanza) {
    try {
      return outbox.send(stanza, environment.patience());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new ClientException("interrupted while waiting", interrupted);
    }
  }

  /// Answers the other side, from [Receiver#take].
  void answer(Element stanza) {
    outbox.answer(stanza);
  }

  /// Takes back a stanza, if it was not written yet.
  @CanIgnoreReturnValue
  boolean withdraw(Outgoing outgoing) {
    return outbox.withdraw(outgoing);
  }

  /// Tells who listens.
  void tell(ConnectionEvent event) {
    comingBack.ifPresent(it -> it.staying().listener().accept(event));
  }

  /// Ends the stream, so that the server ends the session, and closes the connection.
  @Override
  public void close() {
    closing = true;
    end(closed());
    ClientStream last = stream;
    if (management.isPresent()) {
      // What was handed on need not be kept for this device any longer.
      outbox.nonza(ManagementElements.acknowledgement(handled));
    }
    last.connection().close();
    Thread running = reader;
    if (running == null || running.equals(Thread.currentThread())) {
      return;
    }
    if (away) {
      running.interrupt();
    }
    try {
      // The reader ends when the socket is closed: until then what was sent is on its way.
      if (!running.join(CLOSING)) {
        stream.connection().abort();
      }
    } catch (InterruptedException interrupted) {
      stream.connection().abort();
      Thread.currentThread().interrupt();
    }
  }

  private static ClientException closed() {
    return new ClientException("this client was closed");
  }

  private void run(Receiver to) {
    ClientException why = new ConnectionLostException("the connection ended");
    try {
      while (true) {
        ClientException lost = converse(to);
        stream.close();
        outbox.disconnected();
        if (closing || comingBack.isEmpty() || !Attempts.canHelpAfter(lost)) {
          why = lost;
          return;
        }
        comeBack(comingBack.get(), lost, to);
      }
    } catch (ClientException pointless) {
      why = pointless;
    } catch (InterruptedException _) {
      // Nobody but us knows this thread; it ends either way.
    } finally {
      end(why);
      stream.close();
    }
  }

  private void end(ClientException why) {
    boolean first = ended.compareAndSet(false, true);
    Outbox.Leftover left = outbox.end(why);
    Receiver to = receiver;
    if (to != null) {
      to.ended(why);
    }
    if (first) {
      if (why instanceof StreamErrorException error && error.takenOver()) {
        tell(new ConnectionEvent.TakenOver(error));
      }
      tell(new ConnectionEvent.Ended(why, messages(left.notSent()), messages(left.unknown())));
    }
  }

  private static List<String> messages(List<Outgoing> stanzas) {
    return stanzas.stream().flatMap(stanza -> stanza.messageId().stream()).toList();
  }

  // One connection.

  /// Reads until the connection has ended.
  ///
  /// @return why
  private ClientException converse(Receiver to) throws InterruptedException {
    try {
      for (Element stanza : early) {
        to.take(stanza);
      }
      Duration silent = Duration.ZERO;
      boolean pinged = false;
      while (true) {
        if (isDue()) {
          stream.connection().abort(); // not closed in order: the session is to be resumed
          return new ConnectionLostException(
              identity.jid().domain() + ": left, to come back with a new token");
        }
        boolean owed = pinged || outbox.awaitsAnswer();
        Optional<Element> element = stream.next(environment.patience());
        if (element.isPresent()) {
          silent = Duration.ZERO;
          pinged = false;
          handle(element.get(), to);
          continue;
        }
        if (owed) {
          return new ConnectionLostException(
              identity.jid().domain() + ": the server is silent; the connection is given up");
        }
        silent = silent.plus(environment.patience());
        if (silent.compareTo(SILENCE) >= 0 && !outbox.probe()) {
          pinged = true;
          outbox.nonza(ping());
        }
      }
    } catch (ClientException lost) {
      return lost;
    }
  }

  /// A token is given anew only in a sign-in (XEP-0484 §3.4), so a device that has nothing else
  /// signs in again before its own ends. Once for each connection: a server that gives no new one
  /// is not asked again and again.
  private boolean isDue() {
    Duration now = environment.ticker().reading();
    if (comingBack.isEmpty() || management.isEmpty() || now.minus(looked).compareTo(LOOK) < 0) {
      return false;
    }
    looked = now;
    Door door = comingBack.get().door();
    return door.isAgeing(environment.clock().instant()) && !door.isAgeing(connectedAt);
  }

  private Element ping() {
    return Element.named("iq", Namespaces.CLIENT)
        .attribute("type", "get")
        .attribute("id", Bytes.random(10, environment.random()).toHex())
        .child("ping", Namespaces.PING)
        .build();
  }

  private void handle(Element element, Receiver to) throws InterruptedException {
    if (management.isEmpty()) {
      to.take(element);
    } else if (element.namespace().equals(Namespaces.CLIENT)) {
      to.take(element);
      handled = handled.next(); // not before: then it is ours, and the server forgets it
    } else if (element.is("r", Namespaces.STREAM_MANAGEMENT)) {
      outbox.nonza(ManagementElements.acknowledgement(handled));
    } else if (element.is("a", Namespaces.STREAM_MANAGEMENT)) {
      Optional<StanzaCount> told = ManagementElements.handled(element);
      if (told.isEmpty() || !outbox.acknowledged(told.get())) {
        throw mistaken(stream, told, "it acknowledges what was not sent");
      }
    }
  }

  /// Ends a stream on which the counts went wrong. The session is forgotten: nothing it says about
  /// what arrived can be relied on.
  private ConnectionLostException mistaken(
      ClientStream with, Optional<StanzaCount> told, String what) {
    management = Optional.empty();
    with.send(ManagementElements.impossible(told, outbox.sent()));
    with.close();
    return new ConnectionLostException(identity.jid().domain() + ": the server miscounts: " + what);
  }

  // From one to the next.

  private void comeBack(Return how, ClientException lost, Receiver to) throws InterruptedException {
    away = true;
    if (closing) {
      return;
    }
    how.staying().listener().accept(new ConnectionEvent.Lost(lost));
    forgetIfMiscounted(lost);
    how.attempts().lostAfter(environment.ticker().reading().minus(connected));
    ConnectionEvent back = how.attempts().after(lost, () -> settle(arrive(how.door()), to));
    connectedAt = environment.clock().instant();
    connected = environment.ticker().reading();
    away = false;
    tell(back);
  }

  private Arrival arrive(Door door) {
    try {
      return door.arrive(management.flatMap(Management::id).map(id -> new Resumable(id, handled)));
    } catch (ClientException refused) {
      forgetIfMiscounted(refused);
      throw refused;
    }
  }

  private void forgetIfMiscounted(ClientException refused) {
    if (refused instanceof StreamErrorException error && ManagementElements.saysTooHigh(error)) {
      management = Optional.empty();
    }
  }

  private ConnectionEvent settle(Arrival arrival, Receiver to) {
    stream = arrival.stream();
    if (closing) {
      // Who closes sets that before it reads the stream: one of us two sees the other's.
      throw closed();
    }
    early = List.of();
    return switch (arrival) {
      case Arrival.Bound bound -> renewed(bound, to);
      case Arrival.Resumed(ClientStream with, StanzaCount theirs) ->
          outbox
              .resumed(with::send, theirs)
              .map(ConnectionEvent.Resumed::new)
              .orElseThrow(
                  () -> mistaken(with, Optional.of(theirs), "it resumes with what was not sent"));
      case Arrival.Mistaken(ClientStream with, String what) ->
          throw mistaken(with, Optional.empty(), what);
    };
  }

  private ConnectionEvent renewed(Arrival.Bound bound, Receiver to) {
    identity = bound.identity();
    management = bound.management();
    handled = StanzaCount.ZERO;
    early = bound.early();
    Outbox.Renewal renewal =
        outbox.renewed(bound.stream()::send, management.isPresent(), bound.handled());
    to.renewed(renewal.session());
    return new ConnectionEvent.Renewed(
        identity.jid(), renewal.sentAgain(), messages(renewal.unknown()));
  }
}

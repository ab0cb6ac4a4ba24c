// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.transport;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.framing.StreamHeader;
import dev.latchkey.wire.socket.Connection;
import dev.latchkey.wire.socket.EventLoops;
import dev.latchkey.wire.socket.Listener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/// The ports for clients. Each connection is negotiated on a virtual thread of its own; only so
/// many have not signed in at a time, so that strangers cannot fill the memory. Thread-safe.
public final class ClientPorts implements AutoCloseable {
  private static final String CROWDED = "resource-constraint";
  private static final String TOO_MANY = "too many streams without a session";

  private final EventLoops loops;
  private final Semaphore room;
  private final Negotiations negotiations;
  private final Refusals log;

  /// Who has taken room, be it still for the handshake of direct TLS.
  private final Set<Connection> strangers = ConcurrentHashMap.newKeySet();

  /// Who is negotiated with, and would have to be told of an end.
  private final Set<Connection> negotiating = ConcurrentHashMap.newKeySet();

  private final List<Listener> listeners = new ArrayList<>();
  private volatile boolean closing;

  /// Is told of who was refused at the door.
  @FunctionalInterface
  public interface Refusals {
    /// Somebody was.
    ///
    /// @param condition the stream error that says so
    /// @param rule which rule refused it
    void refused(InetSocketAddress peer, String condition, String rule);
  }

  /// Takes a connection to its session or its end.
  @FunctionalInterface
  public interface Negotiations {
    /// Does so.
    ///
    /// @param signedIn run when somebody has signed in, who is a stranger no more: what follows may
    ///   take as long as the session is busy
    void negotiate(Connection connection, Runnable signedIn);
  }

  /// @param loops do the input and output
  /// @param mostStrangers how many connections may be without a sign-in at a time, on all ports
  /// @param log is told of whom it does not take
  public ClientPorts(EventLoops loops, int mostStrangers, Negotiations negotiations, Refusals log) {
    this.loops = loops;
    this.room = new Semaphore(mostStrangers);
    this.negotiations = negotiations;
    this.log = log;
  }

  /// Opens a port.
  ///
  /// @return where it listens
  /// @throws IOException if the address is not to be had
  public synchronized InetSocketAddress open(InetSocketAddress address, Listener.Settings settings)
      throws IOException {
    Listener listener =
        Listener.open(loops, address, settings, host(settings.directTls().isPresent()));
    listeners.add(listener);
    return listener.address();
  }

  /// @param directTls whether a handshake, the dearest that a stranger can ask for, comes before
  ///   the stream in which to say that there is no room: then nothing is said
  private Listener.Host host(boolean directTls) {
    return new Listener.Host() {
      @Override
      public boolean admits(Connection connection) {
        boolean admitted = !directTls || enters(connection);
        if (!admitted) {
          log.refused(connection.peer(), CROWDED, TOO_MANY);
        }
        return admitted;
      }

      @Override
      public void serve(Connection connection) {
        negotiating.add(connection);
        try {
          if (closing) {
            refuse(connection, "system-shutdown", "the server stops");
          } else if (!directTls && !enters(connection)) {
            refuse(connection, CROWDED, TOO_MANY);
          } else {
            negotiations.negotiate(connection, () -> settled(connection));
          }
        } finally {
          settled(connection);
        }
      }

      @Override
      public void left(Connection connection) {
        leaves(connection);
      }
    };
  }

  private boolean enters(Connection connection) {
    return room.tryAcquire() && strangers.add(connection);
  }

  private void leaves(Connection connection) {
    if (strangers.remove(connection)) {
      room.release();
    }
  }

  /// It has signed in, or will not.
  private void settled(Connection connection) {
    negotiating.remove(connection);
    leaves(connection);
  }

  /// RFC 6120 §4.9.1.2: even who is refused at the door gets a stream to be refused in.
  private void refuse(Connection connection, String condition, String rule) {
    log.refused(connection.peer(), condition, rule);
    connection.open(
        new StreamHeader(
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of("1.0"),
            Optional.empty(),
            Namespaces.CLIENT));
    end(connection, condition);
  }

  private static void end(Connection connection, String condition) {
    connection.send(
        Element.named("error", Namespaces.STREAMS)
            .child(condition, Namespaces.STREAM_ERRORS)
            .build());
    connection.close();
  }

  /// Takes nobody any more and ends what is in negotiation; sessions are ended by their registry.
  @Override
  public synchronized void close() {
    closing = true;
    listeners.forEach(Listener::close);
    negotiating.forEach(connection -> end(connection, "system-shutdown"));
  }

  /// Waits until every connection is closed, so that those who are told why read it to its end.
  ///
  /// @param patience how long to wait for each port
  public void awaitClosed(Duration patience) throws InterruptedException {
    for (Listener listener : ports()) {
      var _ = listener.awaitClosed(patience);
    }
  }

  private synchronized List<Listener> ports() {
    return List.copyOf(listeners);
  }
}

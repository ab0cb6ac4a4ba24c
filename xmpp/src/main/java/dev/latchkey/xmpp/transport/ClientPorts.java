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
import java.util.function.Consumer;

/// The ports for clients. Each connection is negotiated on a virtual thread of its own; only so
/// many are in negotiation at a time, so that strangers cannot fill the memory. Thread-safe.
public final class ClientPorts implements AutoCloseable {
  private final EventLoops loops;
  private final int mostNegotiations;
  private final Consumer<Connection> negotiation;
  private final Refusals log;
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

  /// @param loops do the input and output
  /// @param mostNegotiations how many connections may be without a session at a time
  /// @param negotiation takes a connection to its session or its end
  /// @param log is told of whom it does not take
  public ClientPorts(
      EventLoops loops, int mostNegotiations, Consumer<Connection> negotiation, Refusals log) {
    this.loops = loops;
    this.mostNegotiations = mostNegotiations;
    this.negotiation = negotiation;
    this.log = log;
  }

  /// Opens a port.
  ///
  /// @return where it listens
  /// @throws IOException if the address is not to be had
  public synchronized InetSocketAddress open(InetSocketAddress address, Listener.Settings settings)
      throws IOException {
    Listener listener = Listener.open(loops, address, settings, this::negotiate);
    listeners.add(listener);
    return listener.address();
  }

  private void negotiate(Connection connection) {
    negotiating.add(connection);
    try {
      if (closing) {
        refuse(connection, "system-shutdown", "the server stops");
      } else if (negotiating.size() > mostNegotiations) {
        refuse(connection, "resource-constraint", "too many streams without a session");
      } else {
        negotiation.accept(connection);
      }
    } finally {
      negotiating.remove(connection);
    }
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

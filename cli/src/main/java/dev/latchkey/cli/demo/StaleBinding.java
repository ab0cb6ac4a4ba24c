// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.demo;

import dev.latchkey.credential.Bytes;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.framing.StreamEvent;
import dev.latchkey.wire.socket.Connection;
import dev.latchkey.wire.socket.ForwardingConnection;
import dev.latchkey.wire.tls.TlsFacts;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/// A connection that keeps, for what is bound to the channel, to the channel on which somebody last
/// signed in by token. For breaking a protection on purpose.
final class StaleBinding extends ForwardingConnection {
  private final AtomicReference<Optional<Bytes>> kept;

  /// @param connection what it stands for
  /// @param kept tls-exporter of that channel; shared by all connections of a server
  StaleBinding(Connection connection, AtomicReference<Optional<Bytes>> kept) {
    super(connection);
    this.kept = kept;
  }

  @Override
  public Optional<TlsFacts> tls() {
    return super.tls().map(this::stale);
  }

  private TlsFacts stale(TlsFacts tls) {
    return new TlsFacts(
        tls.protocol(),
        kept.get().or(tls::exporter),
        tls.unique(),
        tls.serverEndPoint(),
        tls.serverName(),
        tls.peerChain(),
        tls.resumed());
  }

  @Override
  public Optional<StreamEvent> next(Duration patience) throws InterruptedException {
    Optional<StreamEvent> event = super.next(patience);
    if (event.isPresent()
        && event.get() instanceof StreamEvent.Received(Element element)
        && element.child("fast", Namespaces.FAST).isPresent()) {
      kept.compareAndSet(Optional.empty(), super.tls().flatMap(TlsFacts::exporter));
    }
    return event;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.demo;

import dev.latchkey.credential.Bytes;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.framing.StreamEvent;
import dev.latchkey.wire.framing.StreamHeader;
import dev.latchkey.wire.framing.StreamLimits;
import dev.latchkey.wire.socket.Connection;
import dev.latchkey.wire.socket.TlsException;
import dev.latchkey.wire.tls.TlsFacts;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLEngine;

/// A connection that keeps, for what is bound to the channel, to the channel on which somebody last
/// signed in by token. For breaking a protection on purpose.
///
/// @param connection what it stands for
/// @param kept tls-exporter of that channel; shared by all connections of a server
record StaleBinding(Connection connection, AtomicReference<Optional<Bytes>> kept)
    implements Connection {
  @Override
  public Optional<TlsFacts> tls() {
    return connection.tls().map(this::stale);
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
    Optional<StreamEvent> event = connection.next(patience);
    if (event.isPresent()
        && event.get() instanceof StreamEvent.Received(Element element)
        && element.child("fast", Namespaces.FAST).isPresent()) {
      kept.compareAndSet(Optional.empty(), connection.tls().flatMap(TlsFacts::exporter));
    }
    return event;
  }

  @Override
  public TlsFacts startTls(SSLEngine engine, Optional<Element> last, Duration patience)
      throws InterruptedException, TlsException {
    return connection.startTls(engine, last, patience);
  }

  @Override
  public InetSocketAddress peer() {
    return connection.peer();
  }

  @Override
  public Optional<StreamEvent> poll() {
    return connection.poll();
  }

  @Override
  public void onReadable(Runnable readable) {
    connection.onReadable(readable);
  }

  @Override
  public void open(StreamHeader header) {
    connection.open(header);
  }

  @Override
  public void sendSoon(String xml) {
    connection.sendSoon(xml);
  }

  @Override
  public void sendWritten(String xml) {
    connection.sendWritten(xml);
  }

  @Override
  public void send(Element element) {
    connection.send(element);
  }

  @Override
  public boolean awaitRoom(Duration patience) throws InterruptedException {
    return connection.awaitRoom(patience);
  }

  @Override
  public void close() {
    connection.close();
  }

  @Override
  public void abort() {
    connection.abort();
  }

  @Override
  public boolean awaitClosed(Duration patience) throws InterruptedException {
    return connection.awaitClosed(patience);
  }

  @Override
  public boolean isOpen() {
    return connection.isOpen();
  }

  @Override
  public void restart(StreamLimits limits) {
    connection.restart(limits);
  }

  @Override
  public void limits(StreamLimits limits) {
    connection.limits(limits);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.socket;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.framing.StreamEvent;
import dev.latchkey.wire.framing.StreamHeader;
import dev.latchkey.wire.framing.StreamLimits;
import dev.latchkey.wire.tls.TlsFacts;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLEngine;

/// Passes everything on to another connection: for who does one thing of it otherwise. As
/// thread-safe as that one.
public abstract class ForwardingConnection implements Connection {
  private final Connection connection;

  /// @param connection to which everything is passed on
  protected ForwardingConnection(Connection connection) {
    this.connection = connection;
  }

  @Override
  public Optional<TlsFacts> tls() {
    return connection.tls();
  }

  @Override
  public Optional<String> language() {
    return connection.language();
  }

  @Override
  public Optional<StreamEvent> next(Duration patience) throws InterruptedException {
    return connection.next(patience);
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
  public void start(Runnable work) {
    connection.start(work);
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

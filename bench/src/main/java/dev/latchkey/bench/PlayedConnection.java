// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.framing.StreamEvent;
import dev.latchkey.wire.framing.StreamHeader;
import dev.latchkey.wire.framing.StreamLimits;
import dev.latchkey.wire.socket.Connection;
import dev.latchkey.wire.tls.TlsFacts;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import javax.net.ssl.SSLEngine;

/// A connection without a socket: what is sent goes nowhere. Used by one thread.
final class PlayedConnection implements Connection {
  private static final InetSocketAddress HERE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

  private final Queue<StreamEvent> inbox = new ArrayDeque<>();
  private Runnable readable = () -> {};
  private boolean open = true;

  /// The client says something.
  void say(Element element) {
    inbox.add(new StreamEvent.Received(element));
    readable.run();
  }

  /// The network is gone, and it was noticed.
  void breakDown() {
    open = false;
    readable.run();
  }

  @Override
  public InetSocketAddress peer() {
    return HERE;
  }

  @Override
  public Optional<TlsFacts> tls() {
    return Optional.empty();
  }

  @Override
  public Optional<String> language() {
    return Optional.empty();
  }

  @Override
  public Optional<StreamEvent> next(Duration patience) {
    return poll();
  }

  @Override
  public Optional<StreamEvent> poll() {
    StreamEvent event = inbox.poll();
    return event == null && !open
        ? Optional.of(new StreamEvent.Disconnected())
        : Optional.ofNullable(event);
  }

  @Override
  public void onReadable(Runnable told) {
    readable = told;
  }

  @Override
  public void start(Runnable work) {
    Thread.startVirtualThread(work);
  }

  @Override
  public void open(StreamHeader header) {}

  @Override
  public void send(Element element) {}

  @Override
  public void sendSoon(String xml) {}

  @Override
  public void sendWritten(String xml) {}

  @Override
  public boolean awaitRoom(Duration patience) {
    return open;
  }

  @Override
  public void close() {
    open = false;
  }

  @Override
  public void abort() {
    open = false;
  }

  @Override
  public boolean awaitClosed(Duration patience) {
    return !open;
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void restart(StreamLimits limits) {}

  @Override
  public void limits(StreamLimits limits) {}

  @Override
  public TlsFacts startTls(SSLEngine engine, Optional<Element> last, Duration patience) {
    throw new UnsupportedOperationException("a played connection has no TLS");
  }
}

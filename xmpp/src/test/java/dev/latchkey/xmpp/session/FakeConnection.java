// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.framing.StreamEvent;
import dev.latchkey.wire.framing.StreamHeader;
import dev.latchkey.wire.framing.StreamLimits;
import dev.latchkey.wire.framing.WrittenElement;
import dev.latchkey.wire.socket.Connection;
import dev.latchkey.wire.tls.TlsFacts;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/// A connection without a socket: what comes in is put there by the test, what goes out is kept.
final class FakeConnection implements Connection {
  final List<Element> sent = new CopyOnWriteArrayList<>();

  /// Until it is at zero the client reads nothing of what it is sent.
  volatile CountDownLatch reads = new CountDownLatch(0);

  /// What its stream says its texts are written in.
  Optional<String> language = Optional.empty();

  private final Queue<StreamEvent> inbox = new ConcurrentLinkedQueue<>();
  private volatile @Nullable Runnable readable;
  private final Executor threads;
  private volatile boolean open = true;

  /// Whoever puts something in does what it causes.
  FakeConnection() {
    this(Runnable::run);
  }

  /// @param threads do what is told to the reader
  FakeConnection(Executor threads) {
    this.threads = threads;
  }

  void arrive(StreamEvent event) {
    inbox.add(event);
    tell();
  }

  /// The network is gone, and it was noticed.
  void breakDown() {
    open = false;
    tell();
  }

  private void tell() {
    Runnable told = readable;
    if (told != null) {
      threads.execute(told);
    }
  }

  @Override
  public InetSocketAddress peer() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
  }

  @Override
  public Optional<TlsFacts> tls() {
    return Optional.empty();
  }

  @Override
  public Optional<String> language() {
    return language;
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
  public void onReadable(Runnable readable) {
    this.readable = readable;
    if (!inbox.isEmpty()) {
      tell();
    }
  }

  @Override
  public void start(Runnable work) {
    threads.execute(work);
  }

  @Override
  public void open(StreamHeader header) {}

  @Override
  public boolean awaitRoom(Duration patience) throws InterruptedException {
    return reads.await(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void send(Element element) {
    if (open) {
      sent.add(element);
    }
  }

  @Override
  public void sendSoon(String xml) {
    sendWritten(xml);
  }

  @Override
  public void sendWritten(String xml) {
    new WrittenElement().readAll(xml).forEach(this::send);
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
    throw new UnsupportedOperationException("a fake has no TLS");
  }
}

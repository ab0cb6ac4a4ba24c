// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.socket;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.framing.StreamEvent;
import dev.latchkey.wire.framing.StreamFraming;
import dev.latchkey.wire.framing.StreamHeader;
import dev.latchkey.wire.framing.StreamLimits;
import dev.latchkey.wire.tls.EndPoints;
import dev.latchkey.wire.tls.Hellos;
import dev.latchkey.wire.tls.TlsFacts;
import dev.latchkey.wire.tls.UntrustedServerException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A connection over Netty.
///
/// The inbox holds octets, not events: they become events when the reader asks, so that [#restart]
/// and [#limits] hold for everything that stands behind the event that was taken last, however the
/// peer packed it.
@SuppressWarnings(
    "FutureReturnValueIgnored") // a channel that closes or fails tells channelInactive
final class NettyConnection extends ChannelInboundHandlerAdapter implements Connection {
  private static final Logger LOG = LoggerFactory.getLogger(NettyConnection.class);

  /// Octets in the inbox, from which on no more is read.
  static final int INBOX = 65_536;

  /// Octets that may wait for a peer that does not read.
  static final int OUTBOX = 1 << 20;

  /// Up to so many there is room for somebody who has much to send: one element more, however
  /// large, fits.
  private static final int ROOM = OUTBOX / 4;

  /// What one record of TLS holds (RFC 8446 §5.1).
  private static final int RECORD = 1 << 14;

  /// RFC 5646 §2.1, and short: it comes to stand in every stanza.
  private static final Pattern LANGUAGE = Pattern.compile("[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8}){0,6}");

  private static final Duration FAREWELL = Duration.ofSeconds(2);
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final EndPoints endPoints;
  private final ThreadFactory threads;
  private final Channel channel;
  private final InetSocketAddress peer;

  // The inbox.
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Deque<ByteBuffer> inbox = new ArrayDeque<>();
  private int waiting;
  private boolean paused;
  private boolean gone;
  private @Nullable Runnable readable;
  private final AtomicInteger untold = new AtomicInteger();

  // The reader's own.
  private final StreamFraming framing;
  private StreamLimits limits;
  private ByteBuffer current = NOTHING;
  private boolean over;
  private Optional<String> language = Optional.empty();

  // The outbox.
  private final Queue<byte[]> outbox = new ConcurrentLinkedQueue<>();
  private final AtomicInteger unwritten = new AtomicInteger();
  private final ReentrantLock outboxLock = new ReentrantLock();
  private final Condition written = outboxLock.newCondition();
  private final AtomicInteger senders = new AtomicInteger();
  private final AtomicBoolean draining = new AtomicBoolean();
  private final AtomicBoolean closing = new AtomicBoolean();
  private volatile boolean opened;

  private volatile @Nullable TlsFacts tls;

  /// @param channel registered with one of the loops
  NettyConnection(EventLoops loops, Channel channel, InetSocketAddress peer, StreamLimits limits) {
    this.endPoints = loops.endPoints();
    this.threads = loops.threads(channel.eventLoop());
    this.channel = channel;
    this.peer = peer;
    this.limits = limits;
    this.framing = new StreamFraming(limits);
  }

  @Override
  public InetSocketAddress peer() {
    return peer;
  }

  @Override
  public Optional<TlsFacts> tls() {
    return Optional.ofNullable(tls);
  }

  // Reading.

  @Override
  public Optional<String> language() {
    return language;
  }

  @Override
  public Optional<StreamEvent> next(Duration patience) throws InterruptedException {
    long left = patience.toNanos();
    while (true) {
      Optional<StreamEvent> event = poll();
      if (event.isPresent()) {
        return event;
      }
      lock.lockInterruptibly();
      try {
        while (inbox.isEmpty() && !gone) {
          if (left <= 0) {
            return Optional.empty();
          }
          left = arrived.awaitNanos(left);
        }
      } finally {
        lock.unlock();
      }
    }
  }

  @Override
  public Optional<StreamEvent> poll() {
    while (true) {
      if (over || closing.get()) {
        return Optional.of(new StreamEvent.Disconnected());
      }
      Optional<StreamEvent> event = framing.next(current);
      if (event.isPresent()) {
        over = event.get() instanceof StreamEvent.Refused;
        if (event.get() instanceof StreamEvent.Opened(StreamHeader header)) {
          language = header.language().filter(LANGUAGE.asMatchPredicate());
        }
        return event;
      }
      boolean roomAgain;
      lock.lock();
      try {
        ByteBuffer chunk = inbox.poll();
        if (chunk == null) {
          current = NOTHING;
          if (!gone) {
            break;
          }
          over = true;
          continue;
        }
        current = chunk;
        waiting -= chunk.remaining();
        roomAgain = paused && waiting < INBOX / 2;
        paused &= !roomAgain;
      } finally {
        lock.unlock();
      }
      if (roomAgain) {
        execute(this::pauseOrGoOn);
      }
    }
    handOver(); // the peer may wait for what was not urgent
    return Optional.empty();
  }

  @Override
  public void onReadable(Runnable readable) {
    boolean now;
    lock.lock();
    try {
      this.readable = readable;
      now = gone || !inbox.isEmpty() || current.hasRemaining();
    } finally {
      lock.unlock();
    }
    if (now) {
      tell();
    }
  }

  @Override
  public void restart(StreamLimits limits) {
    this.limits = limits;
    framing.restart(limits);
    opened = false;
  }

  @Override
  public void limits(StreamLimits limits) {
    this.limits = limits;
    framing.limits(limits);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf octets = (ByteBuf) message;
    byte[] chunk = new byte[octets.readableBytes()];
    octets.readBytes(chunk);
    octets.release();
    if (chunk.length == 0 || closing.get()) {
      return;
    }
    boolean heard;
    boolean full;
    lock.lock();
    try {
      heard = readable != null;
      inbox.add(ByteBuffer.wrap(chunk));
      waiting += chunk.length;
      full = waiting >= INBOX && !paused;
      paused |= full;
      arrived.signal();
    } finally {
      lock.unlock();
    }
    if (full) {
      pauseOrGoOn();
    }
    if (heard) {
      tell();
    }
  }

  /// On the event loop, so that the last word on it is what was decided last. Not under the lock:
  /// it may wait for another, as the event loop then would for this one.
  private void pauseOrGoOn() {
    boolean pause;
    lock.lock();
    try {
      pause = paused;
    } finally {
      lock.unlock();
    }
    channel.config().setAutoRead(!pause);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    end();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    // The peer ended TLS: what comes behind that is nobody's word.
    if (event instanceof SslCloseCompletionEvent) {
      SslHandler handler = channel.pipeline().get(SslHandler.class);
      if (handler != null && handler.engine().isInboundDone()) {
        channel.close();
      }
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("connection to {} broke: {}", peer, cause.toString());
    channel.close();
  }

  private void end() {
    if (markGone()) {
      tell();
    }
  }

  /// @return whether it was not gone until now
  private boolean markGone() {
    lock.lock();
    try {
      boolean now = !gone;
      gone = true;
      arrived.signal();
      return now;
    } finally {
      lock.unlock();
    }
  }

  /// Has the reader told, on one thread at a time.
  private void tell() {
    if (untold.getAndIncrement() == 0) {
      start(
          () -> {
            boolean told = false;
            try {
              tellAll();
              told = true;
            } finally {
              if (!told) {
                untold.set(0); // it is to hear of its end, too
              }
            }
          });
    }
  }

  private void tellAll() {
    int before;
    do {
      before = untold.get();
      readable().ifPresent(Runnable::run);
    } while (!untold.compareAndSet(before, 0));
  }

  private Optional<Runnable> readable() {
    lock.lock();
    try {
      return Optional.ofNullable(readable);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void start(Runnable work) {
    threads.newThread(() -> run(work)).start();
  }

  private void run(Runnable work) {
    boolean done = false;
    try {
      work.run();
      done = true;
    } catch (RuntimeException bug) {
      LOG.error("a connection was cut because its host failed", bug);
    } finally {
      if (!done) {
        abort(); // whatever was thrown, an error too
      }
    }
  }

  // Writing.

  @Override
  public void open(StreamHeader header) {
    Element.Builder stream =
        Element.named("stream", Namespaces.STREAMS)
            .attribute("to", header.to())
            .attribute("from", header.from())
            .attribute("id", header.id())
            .attribute("version", header.version())
            .attribute("xml:lang", header.language())
            .attribute("xmlns", header.contentNamespace())
            .attribute("xmlns:stream", Namespaces.STREAMS);
    String empty = stream.build().toXml();
    opened = true;
    enqueue("<?xml version='1.0'?>" + empty.substring(0, empty.length() - 2) + ">");
  }

  @Override
  public void send(Element element) {
    write(element.toXml());
  }

  @Override
  public void sendSoon(String xml) {
    enqueue(xml);
  }

  @Override
  public void sendWritten(String xml) {
    write(xml);
  }

  private void write(String xml) {
    enqueue(xml);
    handOver();
  }

  private void enqueue(String xml) {
    if (closing.get() || !channel.isOpen()) {
      return;
    }
    byte[] octets = xml.getBytes(StandardCharsets.UTF_8);
    int before = unwritten.getAndAdd(octets.length);
    if (before > ROOM && before + octets.length > OUTBOX) {
      LOG.debug("connection to {} cut off: it does not read", peer);
      abort();
      return;
    }
    outbox.add(octets);
  }

  private void handOver() {
    if (!outbox.isEmpty() && draining.compareAndSet(false, true)) {
      execute(this::drain);
    }
  }

  private void drain() {
    draining.set(false);
    byte[] next = outbox.poll();
    if (next == null) {
      return;
    }
    while (next != null) {
      // What was said at once goes at once, in as few records as hold it.
      int room = Math.max(next.length, Math.min(unwritten.get(), RECORD));
      ByteBuf together = channel.alloc().directBuffer(room, room);
      do {
        together.writeBytes(next);
        next = outbox.poll();
      } while (next != null && next.length <= together.writableBytes());
      int length = together.readableBytes();
      channel.write(together).addListener(done -> wrote(length));
    }
    channel.flush();
  }

  private void wrote(int length) {
    if (unwritten.addAndGet(-length) <= ROOM) {
      wakeSenders();
    }
  }

  private void wakeSenders() {
    if (senders.get() > 0) {
      outboxLock.lock();
      try {
        written.signalAll();
      } finally {
        outboxLock.unlock();
      }
    }
  }

  @Override
  public boolean awaitRoom(Duration patience) throws InterruptedException {
    senders.incrementAndGet(); // before the first look, so that nobody's writing is missed
    outboxLock.lockInterruptibly();
    try {
      long left = patience.toNanos();
      while (unwritten.get() > ROOM && isOpen() && left > 0) {
        left = written.awaitNanos(left);
      }
      return unwritten.get() <= ROOM && isOpen();
    } finally {
      outboxLock.unlock();
      senders.decrementAndGet();
    }
  }

  @Override
  public void close() {
    if (closing.compareAndSet(false, true)) {
      forget();
      if (channel.isOpen()) {
        execute(this::farewell);
      }
    }
  }

  private void farewell() {
    drain();
    ScheduledFuture<?> late =
        channel.eventLoop().schedule(this::cut, FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
    // Else it would hold this connection in memory for as long as that.
    channel.closeFuture().addListener(closed -> late.cancel(false));
    ByteBuf last =
        opened
            ? Unpooled.copiedBuffer("</stream:stream>", StandardCharsets.UTF_8)
            : Unpooled.EMPTY_BUFFER;
    channel
        .writeAndFlush(last)
        .addListener(
            written -> {
              SslHandler handler = channel.pipeline().get(SslHandler.class);
              if (handler == null) {
                hangUp();
              } else {
                handler.closeOutbound().addListener(notified -> hangUp());
              }
            });
    // Reading goes on until the peer hangs up, too: closing a socket with unread octets resets the
    // connection, and the peer might lose what was sent last.
    channel.config().setAutoRead(true);
  }

  private void hangUp() {
    if (channel instanceof SocketChannel socket && socket.isActive()) {
      socket.shutdownOutput();
    } else {
      channel.close();
    }
  }

  /// Closes at once. Not through the TLS handler, which would want to say goodbye and wait until
  /// the peer has read that.
  private void cut() {
    ChannelHandlerContext first = channel.pipeline().firstContext();
    if (first == null) {
      channel.close();
    } else {
      first.close();
    }
  }

  @Override
  public void abort() {
    closing.set(true);
    outbox.clear();
    forget();
    execute(this::cut);
  }

  @Override
  public boolean awaitClosed(Duration patience) throws InterruptedException {
    return channel.closeFuture().await(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen() && !closing.get();
  }

  /// Nothing more is read from here on.
  private void forget() {
    boolean now;
    lock.lock();
    try {
      inbox.clear();
      waiting = 0;
      now = markGone();
    } finally {
      lock.unlock();
    }
    wakeSenders();
    if (now) {
      tell();
    }
  }

  private void execute(Runnable task) {
    try {
      channel.eventLoop().execute(task);
    } catch (java.util.concurrent.RejectedExecutionException ended) {
      LOG.debug("the event loops have ended");
    }
  }

  // TLS.

  @Override
  public TlsFacts startTls(SSLEngine engine, Optional<Element> last, Duration patience)
      throws InterruptedException, TlsException {
    current = NOTHING;
    restart(limits);
    CompletableFuture<TlsFacts> finished = new CompletableFuture<>();
    execute(
        () -> {
          drain();
          last.ifPresent(
              element ->
                  channel.writeAndFlush(
                      Unpooled.copiedBuffer(element.toXml(), StandardCharsets.UTF_8)));
          lock.lock();
          try {
            inbox.clear();
            waiting = 0;
            paused = false;
          } finally {
            lock.unlock();
          }
          secure(engine, List.of(), patience)
              .whenComplete(
                  (facts, failed) -> {
                    if (failed == null) {
                      finished.complete(facts);
                    } else {
                      finished.completeExceptionally(failed);
                    }
                  });
          channel.config().setAutoRead(true);
        });
    try {
      return finished.get(patience.plus(FAREWELL).toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException failed) {
      abort();
      throw failure(failed.getCause());
    } catch (TimeoutException ended) {
      abort(); // the handler itself gives up earlier, unless its event loop has ended
      throw failure(ended);
    } catch (InterruptedException interrupted) {
      abort();
      throw interrupted;
    }
  }

  /// Puts TLS under the stream; on the event loop.
  ///
  /// @param protocols what a client that names protocols must name; none if it is all the same
  CompletableFuture<TlsFacts> secure(SSLEngine engine, List<String> protocols, Duration patience) {
    CompletableFuture<TlsFacts> finished = new CompletableFuture<>();
    if (!channel.isOpen()) {
      finished.completeExceptionally(new java.nio.channels.ClosedChannelException());
      return finished;
    }
    Hellos hellos = new Hellos();
    SslHandler handler = new SslHandler(engine);
    handler.setHandshakeTimeoutMillis(Math.max(1, patience.toMillis()));
    handler
        .handshakeFuture()
        .addListener(
            done -> {
              if (done.isSuccess()) {
                TlsFacts facts = TlsFacts.of(engine, hellos, endPoints);
                tls = facts;
                finished.complete(facts);
              } else {
                finished.completeExceptionally(done.cause());
              }
            });
    // Below TLS first, so that it sees the client's hello, which is written at once.
    HelloWatch watch = new HelloWatch(hellos, engine.getUseClientMode(), protocols);
    channel.pipeline().addFirst("hellos", watch).addAfter("hellos", "tls", handler);
    return finished;
  }

  private static TlsException failure(@Nullable Throwable cause) {
    Throwable known = cause == null ? new java.nio.channels.ClosedChannelException() : cause;
    for (Throwable inner = known; inner != null; inner = inner.getCause()) {
      if (inner instanceof UntrustedServerException untrusted) {
        return new TlsException(String.valueOf(untrusted.getMessage()), known);
      }
    }
    return new TlsException("the TLS handshake failed: " + known.getMessage(), known);
  }
}

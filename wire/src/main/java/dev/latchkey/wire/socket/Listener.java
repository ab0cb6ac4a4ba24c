// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.socket;

import dev.latchkey.wire.framing.StreamLimits;
import dev.latchkey.wire.tls.ServerTls;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes connections on one address and hands each to a fresh virtual thread. Thread-safe.
@SuppressWarnings("FutureReturnValueIgnored") // a channel that closes tells its handlers
public final class Listener implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);

  /// So long a client is waited for before a thread waits for it.
  private static final Duration SILENCE = Duration.ofMillis(100);

  /// Whom the connections are for. Thread-safe.
  @FunctionalInterface
  public interface Host {
    /// Serves a connection; called on a virtual thread of its own, with direct TLS after the
    /// handshake. It answers for closing it; if it throws, the connection is cut.
    void serve(Connection connection);

    /// Whether a connection is taken; asked on an event loop, so it must not wait, and before
    /// anything is spent on a handshake. One that is not is closed without a word.
    default boolean admits(Connection connection) {
      return true;
    }

    /// One that was admitted is closed, be it during the handshake; told on an event loop.
    default void left(Connection connection) {}
  }

  /// How connections are taken.
  ///
  /// @param directTls with whom TLS starts at once, asked for each connection; nothing where the
  ///   stream agrees on STARTTLS
  /// @param handshake how long the handshake of direct TLS may take
  /// @param perAddress how many connections one [Source] may have at a time
  /// @param limits for streams in which nobody has signed in yet
  /// @param turnedAway told of each connection that its address had too many for
  public record Settings(
      Optional<Supplier<ServerTls>> directTls,
      Duration handshake,
      int perAddress,
      StreamLimits limits,
      Consumer<InetSocketAddress> turnedAway) {
    /// For STARTTLS.
    public static Settings startTls() {
      return new Settings(
          Optional.empty(), Duration.ofSeconds(10), 256, StreamLimits.UNAUTHENTICATED, _ -> {});
    }

    /// For direct TLS (XEP-0368).
    public static Settings directTls(Supplier<ServerTls> tls) {
      return new Settings(
          Optional.of(tls), Duration.ofSeconds(10), 256, StreamLimits.UNAUTHENTICATED, _ -> {});
    }

    /// The same with another number of connections.
    public Settings perAddress(int connections) {
      return new Settings(directTls, handshake, connections, limits, turnedAway);
    }

    /// The same with another patience.
    public Settings handshake(Duration patience) {
      return new Settings(directTls, patience, perAddress, limits, turnedAway);
    }
  }

  private final EventLoops loops;
  private final Settings settings;
  private final Host host;
  private final Map<Source, Integer> taken = new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition emptied = lock.newCondition();
  private final Channel channel;

  private Listener(EventLoops loops, InetSocketAddress address, Settings settings, Host host)
      throws IOException {
    this.loops = loops;
    this.settings = settings;
    this.host = host;
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops.group())
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, 1024)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childHandler(
                new ChannelInitializer<NioSocketChannel>() {
                  @Override
                  protected void initChannel(NioSocketChannel child) {
                    accept(child);
                  }
                })
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      Throwable cause = bound.cause();
      throw new IOException(
          address.isUnresolved() ? "there is no such host" : String.valueOf(cause.getMessage()),
          cause);
    }
    this.channel = bound.channel();
  }

  /// Begins to listen.
  ///
  /// @param address port 0 takes any
  /// @throws IOException if the address is not to be had; the message says why
  public static Listener open(
      EventLoops loops, InetSocketAddress address, Settings settings, Host host)
      throws IOException {
    return new Listener(loops, address, settings, host);
  }

  /// Where it listens.
  public InetSocketAddress address() {
    return (InetSocketAddress) channel.localAddress();
  }

  /// Takes no more connections; those that were taken stay.
  @Override
  public void close() {
    channel.close().awaitUninterruptibly();
  }

  /// Waits until all connections that were taken are closed: what was sent to them last is on its
  /// way then.
  ///
  /// @param patience how long to wait
  /// @return whether they are
  public boolean awaitClosed(Duration patience) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = patience.toNanos();
      while (!taken.isEmpty() && left > 0) {
        left = emptied.awaitNanos(left);
      }
      return taken.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  private void accept(NioSocketChannel child) {
    InetSocketAddress peer = child.remoteAddress();
    if (peer == null) {
      child.close(); // gone already
      return;
    }
    Source source = Source.of(peer);
    if (taken.merge(source, 1, Integer::sum) > settings.perAddress()) {
      release(source);
      settings.turnedAway().accept(peer);
      child.close();
      return;
    }
    child.closeFuture().addListener(closed -> release(source));
    NettyConnection connection = new NettyConnection(loops, child, peer, settings.limits());
    child.pipeline().addLast(connection);
    if (!host.admits(connection)) {
      child.close();
      return;
    }
    child.closeFuture().addListener(closed -> host.left(connection));
    if (settings.directTls().isEmpty()) {
      begin(connection);
      return;
    }
    connection
        .secure(
            settings.directTls().get().get().engine(true),
            ServerTls.directProtocols(),
            settings.handshake())
        .whenComplete(
            (facts, failed) -> {
              if (failed == null) {
                beginWhenHeard(connection, child.eventLoop());
              } else {
                LOG.debug("TLS handshake with {} failed: {}", peer, failed.getMessage());
              }
            });
  }

  /// Begins when the client's first words are there, all that came with them, so that the thread
  /// finds something to do: nearly every client speaks at once. Who keeps silent gets his thread,
  /// and with it its patience, a little later.
  private void beginWhenHeard(NettyConnection connection, EventLoop loop) {
    ScheduledFuture<?> late =
        loop.schedule(() -> begin(connection), SILENCE.toMillis(), TimeUnit.MILLISECONDS);
    connection.onReadable(
        () -> {
          if (late.cancel(false)) {
            host.serve(connection);
          }
        });
  }

  private void begin(NettyConnection connection) {
    connection.start(() -> host.serve(connection));
  }

  private void release(Source source) {
    taken.computeIfPresent(source, (same, count) -> count > 1 ? count - 1 : null);
    if (taken.isEmpty()) {
      lock.lock();
      try {
        emptied.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}

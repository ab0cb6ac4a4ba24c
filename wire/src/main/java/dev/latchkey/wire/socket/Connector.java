// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.socket;

import dev.latchkey.wire.framing.StreamLimits;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Makes connections to servers. Thread-safe.
@SuppressWarnings("FutureReturnValueIgnored") // a channel that closes tells its handlers
public final class Connector {
  private final EventLoops loops;
  private final StreamLimits limits;

  /// Connections whose streams may be as large as a session's.
  public Connector(EventLoops loops) {
    this(loops, StreamLimits.AUTHENTICATED);
  }

  /// Connections whose streams are held to the given limits.
  public Connector(EventLoops loops, StreamLimits limits) {
    this.loops = loops;
    this.limits = limits;
  }

  /// Connects. TLS is the caller's to start: at once, or when the stream agreed on it.
  ///
  /// @param patience how long it may take
  /// @throws IOException if it fails or takes too long
  public Connection connect(InetSocketAddress server, Duration patience)
      throws IOException, InterruptedException {
    CompletableFuture<Connection> connected = new CompletableFuture<>();
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loops.group())
            .channel(NioSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.SO_KEEPALIVE, true)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                Math.clamp(patience.toMillis(), 1, Integer.MAX_VALUE))
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new NettyConnection(loops, channel, server, limits));
                  }
                });
    ChannelFuture attempt = bootstrap.connect(server);
    attempt.addListener(
        done -> {
          if (done.isSuccess()) {
            connected.complete(attempt.channel().pipeline().get(NettyConnection.class));
          } else {
            connected.completeExceptionally(done.cause());
          }
        });
    try {
      return connected.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException refused) {
      throw new IOException("no connection to " + server, refused.getCause());
    } catch (TimeoutException late) {
      attempt.channel().close();
      throw new SocketTimeoutException("no connection to " + server + " in " + patience);
    } catch (InterruptedException interrupted) {
      attempt.channel().close();
      throw interrupted;
    }
  }
}

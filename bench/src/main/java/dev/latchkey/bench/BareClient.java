// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import dev.latchkey.wire.tls.ClientTls;
import dev.latchkey.wire.tls.TlsIdentity;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// One TLS handshake and six octets each way. Thread-safe.
@SuppressWarnings("FutureReturnValueIgnored") // a channel that closes tells its handlers
final class BareClient implements Attempt {
  private static final byte[] SIX = {1, 2, 3, 4, 5, 6};
  private static final long PATIENCE_SECONDS = 10;

  private final EventLoopGroup loops;
  private final InetSocketAddress server;
  private final Supplier<ClientTls> contexts;

  private BareClient(
      EventLoopGroup loops, BareServer.Address server, Supplier<ClientTls> contexts) {
    this.loops = loops;
    this.server = server.socket();
    this.contexts = contexts;
  }

  /// Whose handshakes are full ones: a context of its own for each.
  ///
  /// @param server whose handshakes they are
  /// @param identity what is shown, as the login that this is compared to shows it
  static BareClient shakingFully(
      EventLoopGroup loops, BareServer.Address server, Optional<TlsIdentity> identity) {
    return new BareClient(loops, server, () -> Members.tls(server.pin(), identity));
  }

  /// Whose handshakes resume the one before: all from one context.
  static BareClient resuming(
      EventLoopGroup loops, BareServer.Address server, Optional<TlsIdentity> identity) {
    ClientTls tls = Members.tls(server.pin(), identity);
    return new BareClient(loops, server, () -> tls);
  }

  @Override
  public Ending run() throws Exception {
    ClientTls tls = contexts.get();
    CompletableFuture<Channel> done = new CompletableFuture<>();
    new Bootstrap()
        .group(loops)
        .channel(NioSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        .handler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new SslHandler(tls.engine(true)), new Six(done));
              }
            })
        .connect(server)
        .addListener(
            connected -> {
              if (!connected.isSuccess()) {
                done.completeExceptionally(connected.cause());
              }
            });
    Channel channel = done.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    return () -> channel.close().sync();
  }

  /// Sends six octets when the handshake is done, and waits for as many.
  private static final class Six extends SimpleChannelInboundHandler<ByteBuf> {
    private final CompletableFuture<Channel> done;
    private int received;

    Six(CompletableFuture<Channel> done) {
      this.done = done;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
        context.writeAndFlush(Unpooled.wrappedBuffer(SIX));
      }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf message) {
      received += message.readableBytes();
      if (received == SIX.length) {
        done.complete(context.channel());
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      done.completeExceptionally(cause);
      context.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      done.completeExceptionally(new IOException("the server closed the connection"));
    }
  }
}

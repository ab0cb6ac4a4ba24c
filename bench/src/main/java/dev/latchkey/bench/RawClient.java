// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import dev.latchkey.credential.Bytes;
import dev.latchkey.wire.tls.ClientTls;
import dev.latchkey.wire.tls.EndPoints;
import dev.latchkey.wire.tls.Hellos;
import dev.latchkey.wire.tls.TlsFacts;
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
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/// TLS with octets in it and nothing else, so that a client costs the machine next to nothing: what
/// comes is not parsed, only searched. Thread-safe.
@SuppressWarnings("FutureReturnValueIgnored") // a channel that closes tells its handlers
final class RawClient implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 30;

  private final Channel channel;
  private final Ears ears;

  private RawClient(Channel channel, Ears ears) {
    this.channel = channel;
    this.ears = ears;
  }

  /// Connects and shakes hands.
  static RawClient connect(EventLoopGroup loops, InetSocketAddress server, ClientTls tls)
      throws Exception {
    Ears ears = new Ears();
    CompletableFuture<Channel> secured = ears.secured;
    new Bootstrap()
        .group(loops)
        .channel(NioSocketChannel.class)
        .option(ChannelOption.TCP_NODELAY, true)
        .handler(
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new SslHandler(tls.engine(true)), ears);
              }
            })
        .connect(server)
        .addListener(
            connected -> {
              if (!connected.isSuccess()) {
                secured.completeExceptionally(connected.cause());
              }
            });
    return new RawClient(await(secured), ears);
  }

  /// What the connection can be bound to (RFC 9266), from the client's own end of it.
  Bytes exporter() throws Exception {
    SSLEngine engine = channel.pipeline().get(SslHandler.class).engine();
    return channel
        .eventLoop()
        .submit(() -> TlsFacts.of(engine, new Hellos(), new EndPoints()).exporter().orElseThrow())
        .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /// Sends octets.
  void send(byte[] octets) {
    channel.writeAndFlush(Unpooled.wrappedBuffer(octets));
  }

  /// Sends text and waits until a word has come.
  ///
  /// @return what came, up to the word
  String ask(String text, String word) throws Exception {
    CompletableFuture<String> heard = new CompletableFuture<>();
    channel.eventLoop().execute(() -> ears.record(word, heard));
    send(text.getBytes(StandardCharsets.UTF_8));
    return await(heard);
  }

  /// From now on does something each time a word has come; on the event loop.
  ///
  /// @param lost what to do when the connection has ended
  void each(String word, Runnable heard, Runnable lost) {
    channel
        .eventLoop()
        .submit(
            () -> {
              ears.each(word, heard);
              ears.lost = lost;
            })
        .syncUninterruptibly();
  }

  /// From now on it only holds its connection: what TLS needs for it is given back, so that many of
  /// these fit into one process.
  void fallSilent() throws Exception {
    channel
        .eventLoop()
        .submit(
            () -> {
              ears.each("", () -> {});
              SSLEngine engine = channel.pipeline().remove(SslHandler.class).engine();
              free(engine);
              return engine;
            })
        .sync();
  }

  /// Conscrypt frees what an engine has outside of Java, with two open files, once it has sent and
  /// got its end. Nobody is sent this one.
  private static void free(SSLEngine engine) throws SSLException {
    engine.closeOutbound();
    ByteBuffer nowhere = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    var _ = engine.wrap(ByteBuffer.allocate(0), nowhere);
    try {
      engine.closeInbound();
    } catch (SSLException expected) {
      // The server has not said goodbye.
    }
  }

  @Override
  public void close() {
    ears.lost = () -> {};
    channel.close().syncUninterruptibly();
  }

  private static <T> T await(CompletableFuture<T> future) throws Exception {
    try {
      return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException failed) {
      throw failed.getCause() instanceof Exception known ? known : failed;
    }
  }

  /// Listens for one word at a time. Used on the event loop.
  private static final class Ears extends SimpleChannelInboundHandler<ByteBuf> {
    final CompletableFuture<Channel> secured = new CompletableFuture<>();
    private final StringBuilder recorded = new StringBuilder();
    private CompletableFuture<String> record = new CompletableFuture<>();
    private boolean recording;
    private byte[] word = {};
    private int matched;
    private Runnable heard = () -> {};
    private volatile Runnable lost = () -> {};

    void record(String wanted, CompletableFuture<String> into) {
      word = wanted.getBytes(StandardCharsets.US_ASCII);
      matched = 0;
      record = into;
      recorded.setLength(0);
      recording = true;
      heard =
          () -> {
            recording = false;
            into.complete(recorded.toString());
          };
      lost = () -> into.completeExceptionally(new IOException("the server closed the connection"));
    }

    void each(String wanted, Runnable then) {
      word = wanted.getBytes(StandardCharsets.US_ASCII);
      matched = 0;
      recording = false;
      heard = then;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof SslHandshakeCompletionEvent handshake) {
        if (handshake.isSuccess()) {
          secured.complete(context.channel());
        } else {
          secured.completeExceptionally(handshake.cause());
        }
      }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf message) {
      while (message.isReadable()) {
        byte octet = message.readByte();
        if (recording) {
          recorded.append((char) (octet & 0xFF));
        }
        if (word.length > 0) {
          search(octet);
        }
      }
    }

    /// The words begin with a character that they do not have again.
    private void search(byte octet) {
      if (octet == word[matched]) {
        matched++;
        if (matched == word.length) {
          matched = 0;
          heard.run();
        }
      } else {
        matched = octet == word[0] ? 1 : 0;
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      secured.completeExceptionally(cause);
      record.completeExceptionally(cause);
      context.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      secured.completeExceptionally(new IOException("the server closed the connection"));
      lost.run();
    }
  }
}

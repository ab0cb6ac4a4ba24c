// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import dev.latchkey.authority.issue.TryOutIdentity;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Domain;
import dev.latchkey.wire.socket.EventLoops;
import dev.latchkey.wire.tls.ServerTls;
import dev.latchkey.wire.tls.TlsIdentity;
import dev.latchkey.wire.tls.TlsProvider;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// TLS and nothing else: the engines of Latchkey's server under Netty's handler, which send back
/// what they are sent. What a login costs beyond this is Latchkey's.
@SuppressWarnings("FutureReturnValueIgnored") // a channel that closes tells its handlers
final class BareServer implements AutoCloseable {
  /// As many threads as [EventLoops#start()] gives Latchkey's server: the fewer there are, the
  /// busier each is, and the cheaper is what it does.
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          Runtime.getRuntime().availableProcessors(), NioIoHandler.newFactory());

  private final TryOutIdentity identity =
      TryOutIdentity.create(
          new Domain(MeasuredServer.DOMAIN), new SecureRandom(), InstantSource.system().instant());
  private final Channel channel;

  /// Where a client finds one.
  ///
  /// @param port on this machine
  /// @param pin of its root
  record Address(int port, Bytes pin) {
    /// As another process wrote it.
    static Address read(String words) {
      String[] told = words.split(" ", 2);
      return new Address(Integer.parseInt(told[0]), Bytes.hex(told[1]));
    }

    /// In one line, for another process.
    String words() {
      return port + " " + pin.toHex();
    }

    InetSocketAddress socket() {
      return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }
  }

  private BareServer(TlsProvider provider) throws GeneralSecurityException {
    TlsIdentity shown = new TlsIdentity(identity.key(), certificates(identity.chain()));
    ServerTls tls = ServerTls.of(provider, name -> shown);
    channel =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, 1024)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel child) {
                    child.pipeline().addLast(new SslHandler(tls.engine(true)), new Echo());
                  }
                })
            .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .syncUninterruptibly()
            .channel();
  }

  /// Starts one on a free port of this machine.
  static BareServer start(TlsProvider provider) throws GeneralSecurityException {
    return new BareServer(provider);
  }

  private static List<X509Certificate> certificates(List<Bytes> chain)
      throws GeneralSecurityException {
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    List<X509Certificate> certificates = new ArrayList<>();
    for (Bytes der : chain) {
      certificates.add(
          (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der.toArray())));
    }
    return certificates;
  }

  /// Where it is.
  Address address() {
    return new Address(((InetSocketAddress) channel.localAddress()).getPort(), identity.pin());
  }

  @Override
  public void close() {
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  /// Sends everything back, and says goodbye to whoever does (RFC 8446 §6.1: each party must).
  private static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.writeAndFlush(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof SslCloseCompletionEvent) {
        context.close();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}

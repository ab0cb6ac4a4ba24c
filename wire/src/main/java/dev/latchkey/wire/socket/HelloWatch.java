// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.socket;

import dev.latchkey.wire.tls.Hellos;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.util.List;

/// Shows the first octets of TLS to [Hellos], below the handler that does TLS, and then steps out.
@SuppressWarnings("FutureReturnValueIgnored") // what fails here closes the channel
final class HelloWatch extends ChannelDuplexHandler {
  /// A fatal no_application_protocol alert, in clear (RFC 8446 §6).
  private static final byte[] NO_APPLICATION_PROTOCOL = {21, 3, 3, 0, 2, 2, 120};

  private final Hellos hellos;
  private final boolean client;
  private final List<String> protocols;

  /// @param client whether we are the client
  /// @param protocols what a client that names protocols must name; none if it is all the same
  HelloWatch(Hellos hellos, boolean client, List<String> protocols) {
    this.hellos = hellos;
    this.client = client;
    this.protocols = protocols;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    ByteBuf octets = (ByteBuf) message;
    if (client) {
      hellos.fromServer(octets.nioBuffer());
    } else {
      hellos.fromClient(octets.nioBuffer());
      // RFC 7301 §3.2 asks for this alert. Conscrypt would go on without a protocol.
      if (!protocols.isEmpty() && hellos.namesOnlyOthersThan(protocols)) {
        octets.release();
        context
            .writeAndFlush(Unpooled.wrappedBuffer(NO_APPLICATION_PROTOCOL))
            .addListener(ChannelFutureListener.CLOSE);
        return;
      }
    }
    stepOut(context);
    super.channelRead(context, message);
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise)
      throws Exception {
    if (message instanceof ByteBuf octets) {
      if (client) {
        hellos.fromClient(octets.nioBuffer());
      } else {
        hellos.fromServer(octets.nioBuffer());
      }
      stepOut(context);
    }
    super.write(context, message, promise);
  }

  private void stepOut(ChannelHandlerContext context) {
    if (hellos.complete() && !context.isRemoved()) {
      context.pipeline().remove(this);
    }
  }
}

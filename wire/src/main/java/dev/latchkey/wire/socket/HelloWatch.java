// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.socket;

import dev.latchkey.wire.tls.Hellos;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;

/// Shows the first octets of TLS to [Hellos], below the handler that does TLS, and then steps out.
final class HelloWatch extends ChannelDuplexHandler {
  private final Hellos hellos;
  private final boolean client;

  HelloWatch(Hellos hellos, boolean client) {
    this.hellos = hellos;
    this.client = client;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    look(context, message, !client);
    super.channelRead(context, message);
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise)
      throws Exception {
    look(context, message, client);
    super.write(context, message, promise);
  }

  private void look(ChannelHandlerContext context, Object message, boolean fromClient) {
    if (message instanceof ByteBuf octets) {
      if (fromClient) {
        hellos.fromClient(octets.nioBuffer());
      } else {
        hellos.fromServer(octets.nioBuffer());
      }
      if (hellos.complete() && !context.isRemoved()) {
        context.pipeline().remove(this);
      }
    }
  }
}

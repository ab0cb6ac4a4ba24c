// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import dev.latchkey.wire.tls.ClientTls;
import dev.latchkey.wire.tls.TlsIdentity;
import io.netty.channel.EventLoopGroup;
import java.util.Optional;
import java.util.function.Supplier;

/// One TLS handshake and six octets each way, by the client that signs in, too. Thread-safe.
final class BareClient implements Attempt {
  private static final String SIX = "<echo>";

  private final EventLoopGroup loops;
  private final BareServer.Address server;
  private final Supplier<ClientTls> contexts;

  private BareClient(
      EventLoopGroup loops, BareServer.Address server, Supplier<ClientTls> contexts) {
    this.loops = loops;
    this.server = server;
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
    RawClient client = RawClient.connect(loops, server.socket(), contexts.get());
    var _ = client.ask(SIX, SIX);
    return client::close;
  }
}

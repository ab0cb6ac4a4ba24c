// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.socket;

import dev.latchkey.credential.Domain;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.framing.StreamEvent;
import dev.latchkey.wire.framing.StreamHeader;
import dev.latchkey.wire.tls.ClientTls;
import dev.latchkey.wire.tls.ServerTls;
import dev.latchkey.wire.tls.ServerTrust;
import dev.latchkey.wire.tls.TestCertificates;
import dev.latchkey.wire.tls.TlsIdentity;
import dev.latchkey.wire.tls.TlsProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Both ends on the loopback, for tests.
final class Wire implements AutoCloseable {
  static final Duration SOON = Duration.ofSeconds(10);
  static final Domain DOMAIN = new Domain("localhost");
  static final TlsIdentity SERVER = TestCertificates.server("localhost");
  static final StreamHeader HEADER =
      new StreamHeader(
          Optional.of("localhost"),
          Optional.empty(),
          Optional.empty(),
          Optional.of("1.0"),
          Optional.empty(),
          Namespaces.CLIENT);
  static final Element STARTTLS = Element.empty("starttls", Namespaces.TLS);
  static final Element PROCEED = Element.empty("proceed", Namespaces.TLS);

  final EventLoops loops = EventLoops.start(2);
  final List<Listener> listeners = new ArrayList<>();
  final LinkedBlockingQueue<Connection> accepted = new LinkedBlockingQueue<>();

  Listener listen(Listener.Settings settings) throws Exception {
    Listener listener =
        Listener.open(
            loops,
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            settings,
            accepted::add);
    listeners.add(listener);
    return listener;
  }

  Connection connect(Listener listener) throws Exception {
    return new Connector(loops).connect(listener.address(), SOON);
  }

  /// Opens a stream on which nothing follows for now.
  static void open(Connection connection) {
    connection.open(HEADER);
    connection.sendWritten("");
  }

  Connection accepted() throws Exception {
    Connection connection = accepted.poll(SOON.toSeconds(), TimeUnit.SECONDS);
    if (connection == null) {
      throw new AssertionError("no connection was taken");
    }
    return connection;
  }

  static ServerTls server(TlsProvider provider) {
    return ServerTls.of(provider, name -> SERVER);
  }

  static ClientTls client(TlsProvider provider, Optional<TlsIdentity> identity) {
    return ClientTls.of(
        provider,
        DOMAIN,
        identity,
        new ServerTrust.Pinned(ServerTrust.pinOf(SERVER.chain().getFirst())));
  }

  static StreamEvent next(Connection connection) throws InterruptedException {
    return connection.next(SOON).orElseThrow(() -> new AssertionError("nothing came in " + SOON));
  }

  @Override
  public void close() {
    listeners.forEach(Listener::close);
    loops.close();
  }
}

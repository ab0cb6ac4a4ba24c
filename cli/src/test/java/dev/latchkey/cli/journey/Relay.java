// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A network between a client and a server that can be cut: carries octets both ways and knows
/// nothing of what they mean. Thread-safe.
final class Relay implements AutoCloseable {
  private final InetSocketAddress server;
  private final ServerSocket listener;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean down;

  private Relay(InetSocketAddress server) throws IOException {
    this.server = server;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    var _ = Thread.ofVirtual().start(this::accept);
  }

  /// A network to a server.
  static Relay to(InetSocketAddress server) throws IOException {
    return new Relay(server);
  }

  /// Where clients connect to.
  String address() {
    return "127.0.0.1:" + listener.getLocalPort();
  }

  /// Cuts all connections, and carries no new ones.
  void goDown() {
    down = true;
    cut();
  }

  /// Carries new connections.
  void comeUp() {
    down = false;
  }

  /// Cuts all connections.
  void cut() {
    sockets.forEach(Relay::close);
  }

  @Override
  public void close() throws IOException {
    listener.close();
    goDown();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        if (down) {
          close(client);
          continue;
        }
        Socket upstream = new Socket(server.getAddress(), server.getPort());
        sockets.add(client);
        sockets.add(upstream);
        var _ = Thread.ofVirtual().start(() -> carry(client, upstream));
        var _ = Thread.ofVirtual().start(() -> carry(upstream, client));
      }
    } catch (IOException closed) {
      goDown();
    }
  }

  private void carry(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException cut) {
      // Both ends learn it from their sockets.
    } finally {
      sockets.remove(from);
      sockets.remove(to);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.setSoLinger(true, 0); // a reset: nobody says goodbye on a network that is cut
      socket.close();
    } catch (IOException gone) {
      // That was the point.
    }
  }
}

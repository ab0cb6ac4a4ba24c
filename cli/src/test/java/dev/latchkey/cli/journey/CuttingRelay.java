// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// A network between clients and a server that can be lost: it passes octets on, and cuts
/// connections on both sides when it is told to or at a certain octet. Thread-safe.
public final class CuttingRelay implements AutoCloseable {
  /// Where octets go.
  public enum Direction {
    TO_SERVER,
    TO_CLIENT
  }

  private final InetSocketAddress server;
  private final ServerSocket entrance;
  private final List<Link> links = new ArrayList<>();
  private final Map<Direction, Long> next = new EnumMap<>(Direction.class);

  private CuttingRelay(InetSocketAddress server) throws IOException {
    this.server = server;
    this.entrance = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    var _ = Thread.startVirtualThread(this::accept);
  }

  /// Opens one.
  ///
  /// @param server where connections lead
  public static CuttingRelay to(InetSocketAddress server) throws IOException {
    return new CuttingRelay(server);
  }

  /// Where clients connect.
  public InetSocketAddress address() {
    return new InetSocketAddress(entrance.getInetAddress(), entrance.getLocalPort());
  }

  /// Cuts all connections that stand.
  public synchronized void cut() {
    links.forEach(Link::cut);
  }

  /// Cuts the next connection behind so many octets in a direction: no more than these arrive.
  public synchronized void cutNextBehind(Direction direction, long octets) {
    next.put(direction, octets);
  }

  /// How many octets the last connection has passed on.
  public synchronized long passed(Direction direction) {
    return links.getLast().passed(direction);
  }

  /// How many connections there were.
  public synchronized int connections() {
    return links.size();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = entrance.accept();
        synchronized (this) {
          links.add(new Link(client, Map.copyOf(next)));
          next.clear();
        }
      }
    } catch (IOException closed) {
      // The test is over, or the server takes no connections: then the client is cut off.
    }
  }

  /// One connection.
  private final class Link {
    private final Socket client;
    private final Socket onward;
    private final Map<Direction, Long> bounds;
    private final Map<Direction, Long> passed = new EnumMap<>(Direction.class);

    Link(Socket client, Map<Direction, Long> bounds) throws IOException {
      this.client = client;
      this.onward = new Socket(server.getAddress(), server.getPort());
      this.bounds = bounds;
      client.setTcpNoDelay(true);
      onward.setTcpNoDelay(true);
      var _ = Thread.startVirtualThread(() -> pass(Direction.TO_SERVER, client, onward));
      var _ = Thread.startVirtualThread(() -> pass(Direction.TO_CLIENT, onward, client));
    }

    private void pass(Direction direction, Socket from, Socket to) {
      byte[] octets = new byte[8192];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        while (true) {
          int count = in.read(octets);
          if (count < 0) {
            break;
          }
          long left = bounds.getOrDefault(direction, Long.MAX_VALUE) - passed(direction);
          int some = (int) Math.min(count, left);
          out.write(octets, 0, some);
          add(direction, some);
          if (some == left) {
            break;
          }
        }
      } catch (IOException gone) {
        // One side hung up, or it was cut.
      }
      cut();
    }

    private synchronized void add(Direction direction, int count) {
      passed.merge(direction, (long) count, Long::sum);
    }

    synchronized long passed(Direction direction) {
      return passed.getOrDefault(direction, 0L);
    }

    void cut() {
      for (Socket socket : List.of(client, onward)) {
        try {
          socket.close();
        } catch (IOException broken) {
          throw new UncheckedIOException(broken);
        }
      }
    }
  }

  @Override
  public void close() {
    try {
      entrance.close();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
    cut();
  }
}

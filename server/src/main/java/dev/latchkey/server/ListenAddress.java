// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import com.google.errorprone.annotations.Immutable;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/// Where a listener waits, as it was written: `HOST:PORT`, an IPv6 address in brackets.
///
/// @param host a name or an address, without brackets
/// @param port 0 lets the system choose
@Immutable
public record ListenAddress(String host, int port) {
  /// Checks.
  ///
  /// @throws IllegalArgumentException if the port is none
  public ListenAddress {
    if (host.isEmpty() || port < 0 || port > 65_535) {
      throw new IllegalArgumentException("a listener needs HOST:PORT");
    }
  }

  /// Reads one, or nothing if the text is none.
  public static Optional<ListenAddress> parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 1 || !text.substring(colon + 1).matches("[0-9]{1,5}")) {
      return Optional.empty();
    }
    String host = text.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    if (bracketed) {
      host = host.substring(1, host.length() - 1);
    }
    int port = Integer.parseInt(text.substring(colon + 1));
    return host.isEmpty() || port > 65_535 || (host.contains(":") && !bracketed)
        ? Optional.empty()
        : Optional.of(new ListenAddress(host, port));
  }

  /// The address of a listener that stands.
  public static ListenAddress of(InetSocketAddress bound) {
    return new ListenAddress(bound.getAddress().getHostAddress(), bound.getPort());
  }

  /// For binding; a name is looked up.
  public InetSocketAddress toSocketAddress() {
    return new InetSocketAddress(host, port);
  }

  /// Whether only this machine reaches it.
  public boolean isLoopback() {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException unknown) {
      return false;
    }
  }

  /// The form that [#parse] reads.
  @Override
  public String toString() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}

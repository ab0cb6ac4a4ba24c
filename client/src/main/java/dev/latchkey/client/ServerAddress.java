// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import com.google.errorprone.annotations.Immutable;

/// Where a server listens.
///
/// SECURITY: this only says where to knock. The certificate is checked against the domain of the
/// account (or the pin), never against this host (RFC 6120 §13.7.2.1).
///
/// @param host a name or an IP address, IPv6 without brackets
/// @param port 1 to 65535
/// @param directTls whether TLS begins at once (XEP-0368) rather than after STARTTLS
@Immutable
public record ServerAddress(String host, int port, boolean directTls) {
  /// The port of STARTTLS.
  public static final int STARTTLS_PORT = 5222;

  /// The port of direct TLS.
  public static final int DIRECT_TLS_PORT = 5223;

  /// Checks.
  ///
  /// @throws InvalidInputException if it is no address
  public ServerAddress {
    if (host.isBlank() || !host.matches("[\\p{Alnum}\\p{L}._:%-]+")) {
      throw new InvalidInputException(
          "a server address has a host name or an IP address: HOST:PORT or tls:HOST:PORT");
    }
    if (port < 1 || port > 65_535) {
      throw new InvalidInputException("a port is 1 to 65535, not " + port);
    }
  }

  /// Reads `HOST[:PORT]` or `tls:HOST[:PORT]`; port 5223 is direct TLS, anything else STARTTLS. An
  /// IPv6 address stands in brackets.
  ///
  /// @throws InvalidInputException if it is none of these
  public static ServerAddress parse(String text) {
    boolean direct = text.startsWith("tls:");
    String rest = direct ? text.substring("tls:".length()) : text;
    int defaultPort = direct ? DIRECT_TLS_PORT : STARTTLS_PORT;
    String host;
    String port;
    int bracket = rest.indexOf(']');
    if (rest.startsWith("[") && bracket > 0) {
      host = rest.substring(1, bracket);
      port = rest.substring(bracket + 1);
    } else {
      int colon = rest.indexOf(':');
      host = colon < 0 ? rest : rest.substring(0, colon);
      port = colon < 0 ? "" : rest.substring(colon);
    }
    if (!port.isEmpty() && !port.matches(":[0-9]{1,5}")) {
      throw new InvalidInputException(
          "a server address is HOST:PORT or tls:HOST:PORT, an IPv6 address in brackets");
    }
    int number = port.isEmpty() ? defaultPort : Integer.parseInt(port.substring(1));
    return new ServerAddress(host, number, direct || number == DIRECT_TLS_PORT);
  }

  /// The form that [#parse] reads.
  @Override
  public String toString() {
    String bracketed = host.contains(":") ? "[" + host + "]" : host;
    String prefix = directTls && port != DIRECT_TLS_PORT ? "tls:" : "";
    return prefix + bracketed + ":" + port;
  }
}

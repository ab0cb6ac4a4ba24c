// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.tls;

import dev.latchkey.credential.Bytes;
import java.util.List;
import java.util.Optional;

/// What a finished handshake told, computed once, when it finished: later the provider may answer
/// wrongly (a resumed TLS 1.2 session shares its randoms with others).
///
/// @param protocol `TLSv1.3` or `TLSv1.2`
/// @param exporter tls-exporter, 32 octets (RFC 9266); absent where the provider cannot compute it
/// @param serverEndPoint tls-server-end-point (RFC 5929 §4.1); absent where it is not defined
/// @param serverName the name that the client asked for by SNI
/// @param peerChain the DER of the certificates that the peer showed, leaf first; empty if none
/// @param resumed whether the session was resumed
public record TlsFacts(
    String protocol,
    Optional<Bytes> exporter,
    Optional<Bytes> serverEndPoint,
    Optional<String> serverName,
    List<Bytes> peerChain,
    boolean resumed) {
  /// Copies.
  public TlsFacts {
    peerChain = List.copyOf(peerChain);
  }
}

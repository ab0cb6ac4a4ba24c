// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.tls;

import dev.latchkey.credential.Bytes;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/// What a finished handshake told, computed once, when it finished: later the provider may answer
/// wrongly (a resumed TLS 1.2 session shares its randoms with others).
///
/// @param protocol `TLSv1.3` or `TLSv1.2`
/// @param exporter tls-exporter, 32 octets (RFC 9266); absent where the provider cannot compute it
/// @param unique tls-unique (RFC 5929 §3); absent in TLS 1.3, which has none, and where the
///   provider does not tell
/// @param serverEndPoint tls-server-end-point (RFC 5929 §4.1); absent where it is not defined
/// @param serverName the name that the client asked for by SNI
/// @param peerChain the DER of the certificates that the peer showed, leaf first; empty if none. A
///   server keeps of a client's only the leaf: who signed it does not matter to it, and the others
///   could be as long as they like for as long as the connection stands
/// @param resumed whether the session was resumed
public record TlsFacts(
    String protocol,
    Optional<Bytes> exporter,
    Optional<Bytes> unique,
    Optional<Bytes> serverEndPoint,
    Optional<String> serverName,
    List<Bytes> peerChain,
    boolean resumed) {
  /// Copies.
  public TlsFacts {
    peerChain = List.copyOf(peerChain);
  }

  /// The DER of the certificate that the peer showed.
  public Optional<Bytes> peerCertificate() {
    return peerChain.isEmpty() ? Optional.empty() : Optional.of(peerChain.getFirst());
  }

  /// Reads a handshake that has just finished. Call it once, from the callback that says so.
  ///
  /// @param hellos has seen the handshake's first messages
  /// @param endPoints hashes the server's certificate
  public static TlsFacts of(SSLEngine engine, Hellos hellos, EndPoints endPoints) {
    SSLSession session = engine.getSession();
    boolean none =
        !engine.getUseClientMode() && !hellos.resumed() && ServerTls.sawNoCertificate(engine);
    List<X509Certificate> peer = none ? List.of() : peer(session);
    Optional<Bytes> exporter = Exporter.channelBinding(engine, hellos.extendedMasterSecret());
    List<Bytes> chain = new ArrayList<>();
    try {
      for (X509Certificate certificate : engine.getUseClientMode() ? peer : leaf(peer)) {
        chain.add(Bytes.of(certificate.getEncoded()));
      }
    } catch (CertificateEncodingException unreadable) {
      chain.clear();
    }
    Optional<X509Certificate> server =
        engine.getUseClientMode() ? peer.stream().findFirst() : local(session);
    return new TlsFacts(
        session.getProtocol(),
        exporter,
        Unique.channelBinding(engine, hellos.extendedMasterSecret()),
        server.flatMap(endPoints::of),
        hellos.serverName(),
        chain,
        hellos.resumed());
  }

  private static List<X509Certificate> leaf(List<X509Certificate> chain) {
    return chain.subList(0, Math.min(1, chain.size()));
  }

  private static Optional<X509Certificate> local(SSLSession session) {
    Certificate[] chain = session.getLocalCertificates();
    return chain != null && chain.length > 0 && chain[0] instanceof X509Certificate leaf
        ? Optional.of(leaf)
        : Optional.empty();
  }

  private static List<X509Certificate> peer(SSLSession session) {
    List<X509Certificate> chain = new ArrayList<>();
    try {
      for (Certificate certificate : session.getPeerCertificates()) {
        if (certificate instanceof X509Certificate x509) {
          chain.add(x509);
        }
      }
    } catch (SSLPeerUnverifiedException none) {
      return List.of();
    }
    return chain;
  }
}

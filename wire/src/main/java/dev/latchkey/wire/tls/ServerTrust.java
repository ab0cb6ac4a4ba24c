// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.tls;

import dev.latchkey.credential.Bytes;
import java.security.cert.X509Certificate;
import java.util.Set;

/// Why a client believes a server. Either way the certificate must be valid and name the domain.
public sealed interface ServerTrust {
  /// Because one of the JDK's trust anchors vouches for it.
  static ServerTrust publicly() {
    return new AgainstDomain(Set.of());
  }

  /// The pin of a certificate: the SHA-256 of its SubjectPublicKeyInfo.
  static Bytes pinOf(X509Certificate certificate) {
    return Bytes.of(certificate.getPublicKey().getEncoded()).sha256();
  }

  /// Because one of the anchors vouches for it.
  ///
  /// @param anchors if none is given, those of the JDK
  record AgainstDomain(Set<X509Certificate> anchors) implements ServerTrust {
    /// Copies.
    public AgainstDomain {
      anchors = Set.copyOf(anchors);
    }
  }

  /// Because a certificate of the chain that it sends has this key; that certificate is then the
  /// only trust anchor. It may be the server's own.
  ///
  /// @param pin SHA-256 of its SubjectPublicKeyInfo
  record Pinned(Bytes pin) implements ServerTrust {
    /// Whether this certificate has the key.
    public boolean matches(X509Certificate certificate) {
      return pinOf(certificate).equals(pin);
    }
  }
}

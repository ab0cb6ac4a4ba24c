// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/// Who one is in TLS.
///
/// @param key secret; may be a handle to a token
/// @param chain the certificates to send, leaf first
public record TlsIdentity(PrivateKey key, List<X509Certificate> chain) {
  /// Copies.
  ///
  /// @throws IllegalArgumentException if there is no certificate, or the key is of another kind
  public TlsIdentity {
    chain = List.copyOf(chain);
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("an identity needs a certificate");
    }
    if (!Keys.algorithm(key).equals(Keys.algorithm(chain.getFirst().getPublicKey()))) {
      throw new IllegalArgumentException(
          "a %s key cannot belong to a certificate with a %s key"
              .formatted(key.getAlgorithm(), chain.getFirst().getPublicKey().getAlgorithm()));
    }
  }

  @Override
  public String toString() {
    return "TlsIdentity[" + chain.getFirst().getSubjectX500Principal() + "]";
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.tls;

import dev.latchkey.credential.Bytes;
import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.security.spec.PSSParameterSpec;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// tls-server-end-point (RFC 5929 §4.1): the hash of the server's certificate. Remembers the last
/// one, because a server shows the same at each handshake. Thread-safe.
public final class EndPoints {
  private volatile @Nullable Last last;

  private record Last(X509Certificate certificate, Optional<Bytes> hash) {}

  /// Nothing where the certificate's signature names no hash, as EdDSA's does not.
  @SuppressWarnings("ReferenceEquality") // to compare certificates costs as much as to hash one
  Optional<Bytes> of(X509Certificate certificate) {
    Last known = last;
    if (known == null || known.certificate != certificate) {
      known = new Last(certificate, compute(certificate));
      last = known;
    }
    return known.hash;
  }

  private static Optional<Bytes> compute(X509Certificate certificate) {
    try {
      Optional<String> hash = hash(certificate);
      if (hash.isEmpty()) {
        return Optional.empty();
      }
      return Optional.of(
          Bytes.of(MessageDigest.getInstance(hash.get()).digest(certificate.getEncoded())));
    } catch (GeneralSecurityException | IOException unknown) {
      return Optional.empty();
    }
  }

  private static Optional<String> hash(X509Certificate certificate)
      throws GeneralSecurityException, IOException {
    // By number, because the providers name the algorithms differently.
    return switch (certificate.getSigAlgOID()) {
      case "1.2.840.113549.1.1.4", // RSA with MD5 and with SHA-1: RFC 5929 wants SHA-256
          "1.2.840.113549.1.1.5",
          "1.2.840.10045.4.1",
          "1.2.840.113549.1.1.11",
          "1.2.840.10045.4.3.2" ->
          Optional.of("SHA-256");
      case "1.2.840.113549.1.1.14", "1.2.840.10045.4.3.1" -> Optional.of("SHA-224");
      case "1.2.840.113549.1.1.12", "1.2.840.10045.4.3.3" -> Optional.of("SHA-384");
      case "1.2.840.113549.1.1.13", "1.2.840.10045.4.3.4" -> Optional.of("SHA-512");
      case "1.2.840.113549.1.1.10" -> pss(certificate.getSigAlgParams());
      default -> Optional.empty();
    };
  }

  private static Optional<String> pss(byte @Nullable [] encoded)
      throws GeneralSecurityException, IOException {
    if (encoded == null) {
      return Optional.of("SHA-256"); // RFC 4055 §3.1: the default is SHA-1
    }
    AlgorithmParameters parameters = AlgorithmParameters.getInstance("RSASSA-PSS");
    parameters.init(encoded);
    String hash = parameters.getParameterSpec(PSSParameterSpec.class).getDigestAlgorithm();
    return Optional.of(hash.equals("SHA-1") ? "SHA-256" : hash);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Jid;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// What the kit reads of certificates.
final class Certificates {
  private static final int OTHER_NAME = 0;
  private static final String XMPP_ADDR = "1.3.6.1.5.5.7.8.5";

  private Certificates() {}

  static X509Certificate read(Bytes der) throws CertificateException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(der.toArray()));
  }

  static Bytes der(X509Certificate certificate) {
    try {
      return Bytes.of(certificate.getEncoded());
    } catch (CertificateException never) {
      throw new IllegalStateException("a certificate that was read can be written", never);
    }
  }

  /// The SHA-256 of the SubjectPublicKeyInfo, as a pin holds it.
  static Bytes pin(X509Certificate certificate) {
    return Bytes.of(certificate.getPublicKey().getEncoded()).sha256();
  }

  /// The XMPP addresses that a certificate is for (RFC 6120 §13.7.1.4). One that is no address is
  /// kept as nothing, so that it is not overlooked.
  static List<Optional<Jid>> addresses(X509Certificate certificate)
      throws CertificateParsingException {
    List<Optional<Jid>> addresses = new ArrayList<>();
    Collection<List<?>> names = certificate.getSubjectAlternativeNames();
    if (names == null) {
      return addresses;
    }
    for (List<?> name : names) {
      // The platform decodes an otherName to its DER, its OID and, where it is text, the text.
      if (name.getFirst() instanceof Integer kind
          && kind == OTHER_NAME
          && name.contains(XMPP_ADDR)) {
        addresses.add(
            name.getLast() instanceof String text && !text.equals(XMPP_ADDR)
                ? Jid.tryParse(text)
                : Optional.empty());
      }
    }
    return addresses;
  }
}

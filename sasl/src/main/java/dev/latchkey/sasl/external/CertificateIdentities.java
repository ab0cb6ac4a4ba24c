// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.external;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Jid;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// What a certificate says of itself. None of it adds an account; it only restricts (rule 2).
///
/// @param addresses its id-on-xmppAddr names (RFC 6120 §13.7.1.4), in their order
/// @param notBefore when it begins to be valid
/// @param notAfter when it ends
public record CertificateIdentities(List<Jid> addresses, Instant notBefore, Instant notAfter) {
  private static final int OTHER_NAME = 0;
  private static final String XMPP_ADDRESS = "1.3.6.1.5.5.7.8.5";

  /// Copies.
  public CertificateIdentities {
    addresses = List.copyOf(addresses);
  }

  /// Reads a certificate.
  ///
  /// @param der exactly one certificate
  /// @return nothing if it cannot be read, or one of its XMPP addresses is none: leaving such a
  ///   name out would lift the restriction it stands for
  public static Optional<CertificateIdentities> of(Bytes der) {
    try {
      ByteArrayInputStream octets = new ByteArrayInputStream(der.toArray());
      X509Certificate certificate =
          (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(octets);
      if (octets.available() > 0) {
        return Optional.empty();
      }
      List<Jid> addresses = new ArrayList<>();
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      for (List<?> name : names == null ? List.<List<?>>of() : names) {
        if (isXmppAddress(name)) {
          Optional<Jid> address =
              name.size() > 3 && name.get(3) instanceof String text
                  ? Jid.tryParse(text)
                  : Optional.empty();
          if (address.isEmpty()) {
            return Optional.empty();
          }
          addresses.add(address.get());
        }
      }
      return Optional.of(
          new CertificateIdentities(
              addresses,
              certificate.getNotBefore().toInstant(),
              certificate.getNotAfter().toInstant()));
    } catch (CertificateException unreadable) {
      return Optional.empty();
    }
  }

  /// An otherName is a list of its type, its DER, its object identifier and its decoded value.
  private static boolean isXmppAddress(List<?> name) {
    return name.getFirst().equals(OTHER_NAME)
        && name.size() > 2
        && XMPP_ADDRESS.equals(name.get(2));
  }

  /// The different bare addresses.
  List<Jid> bareAddresses() {
    return addresses.stream().map(Jid::bare).distinct().toList();
  }
}

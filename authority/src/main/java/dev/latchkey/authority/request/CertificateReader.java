// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority.request;

import dev.latchkey.authority.RequestFault;
import dev.latchkey.credential.Bytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1UTF8String;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.OtherName;
import org.bouncycastle.asn1.x509.TBSCertificate;

/// Reads certificates that a client showed in TLS to have them enrolled (30.C way i). Never throws,
/// whatever the octets are; thread-safe.
public final class CertificateReader {
  /// id-on-xmppAddr (RFC 6120 §13.7.1.4).
  private static final ASN1ObjectIdentifier XMPP_ADDRESS =
      new ASN1ObjectIdentifier("1.3.6.1.5.5.7.8.5");

  private CertificateReader() {}

  /// Reads one.
  ///
  /// @param der what was shown
  public static ReadCertificate read(Bytes der) {
    if (der.length() > RequestReader.LONGEST || !StrictDer.holds(der)) {
      return new ReadCertificate.Refused(RequestFault.MALFORMED);
    }
    try {
      return readSkeleton(der);
    } catch (IOException | RuntimeException notACertificate) {
      // As with requests: the parser has a dozen kinds of exceptions for it.
      return new ReadCertificate.Refused(RequestFault.MALFORMED);
    }
  }

  private static ReadCertificate readSkeleton(Bytes der) throws IOException {
    Certificate certificate = Certificate.getInstance(ASN1Primitive.fromByteArray(der.toArray()));
    Optional<SubjectKey> key = SubjectKey.of(certificate.getSubjectPublicKeyInfo());
    if (key.isEmpty()) {
      return new ReadCertificate.Refused(RequestFault.WEAK_KEY);
    }
    TBSCertificate signed = certificate.getTBSCertificate();
    return new ReadCertificate.Read(
        new ShownCertificate(
            der,
            key.get().der(),
            key.get().kind(),
            xmppAddresses(signed),
            signed.getStartDate().getDate().toInstant(),
            signed.getEndDate().getDate().toInstant(),
            isSelfSigned(certificate, key.get())));
  }

  private static boolean isSelfSigned(Certificate certificate, SubjectKey key) throws IOException {
    return certificate.getIssuer().equals(certificate.getSubject())
        && key.verifies(
            certificate.getSignatureAlgorithm(),
            certificate.getTBSCertificate().getEncoded(),
            certificate.getSignature().getBytes());
  }

  private static List<String> xmppAddresses(TBSCertificate signed) {
    List<String> addresses = new ArrayList<>();
    if (signed.getExtensions() == null) {
      return addresses;
    }
    GeneralNames names =
        GeneralNames.fromExtensions(signed.getExtensions(), Extension.subjectAlternativeName);
    for (GeneralName name : names == null ? new GeneralName[0] : names.getNames()) {
      if (name.getTagNo() == GeneralName.otherName) {
        OtherName other = OtherName.getInstance(name.getName());
        if (XMPP_ADDRESS.equals(other.getTypeID())) {
          addresses.add(ASN1UTF8String.getInstance(other.getValue()).getString());
        }
      }
    }
    return addresses;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// Signs certificates for the fake server, right ones and wrong ones.
final class TestAuthority {
  private static final Instant MADE = Instant.parse("2026-01-01T00:00:00Z");

  private final KeyPair pair;
  private final X509Certificate certificate;

  private TestAuthority(KeyPair pair, X509Certificate certificate) {
    this.pair = pair;
    this.certificate = certificate;
  }

  static TestAuthority make() {
    KeyPair pair = pair();
    return new TestAuthority(
        pair, sign(pair, "authority", pair.getPublic(), "authority", Optional.empty(), true));
  }

  X509Certificate certificate() {
    return certificate;
  }

  /// A certificate for a device.
  X509Certificate device(PublicKey key, List<String> addresses) {
    ASN1EncodableVector names = new ASN1EncodableVector();
    for (String address : addresses) {
      ASN1EncodableVector other = new ASN1EncodableVector();
      other.add(new ASN1ObjectIdentifier("1.3.6.1.5.5.7.8.5"));
      other.add(new DERTaggedObject(true, 0, new DERUTF8String(address)));
      names.add(new DERTaggedObject(false, 0, new DERSequence(other)));
    }
    return sign(
        pair,
        "authority",
        key,
        "device",
        addresses.isEmpty()
            ? Optional.empty()
            : Optional.of(GeneralNames.getInstance(new DERSequence(names))),
        false);
  }

  /// A certificate for a server.
  X509Certificate server(PublicKey key, String domain) {
    return sign(
        pair,
        "authority",
        key,
        domain,
        Optional.of(new GeneralNames(new GeneralName(GeneralName.dNSName, domain))),
        false);
  }

  static KeyPair pair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException broken) {
      throw new IllegalStateException(broken);
    }
  }

  private static X509Certificate sign(
      KeyPair issuer,
      String issuerName,
      PublicKey key,
      String subject,
      Optional<GeneralNames> names,
      boolean authority) {
    try {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              new X500Name("CN=" + issuerName),
              new BigInteger(64, new java.security.SecureRandom()),
              Date.from(MADE),
              Date.from(MADE.plus(Duration.ofDays(3_650))),
              new X500Name("CN=" + subject),
              key);
      if (authority) {
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
      }
      if (names.isPresent()) {
        builder.addExtension(Extension.subjectAlternativeName, false, names.get());
      }
      return new JcaX509CertificateConverter()
          .getCertificate(
              builder.build(
                  new JcaContentSignerBuilder("SHA256withECDSA").build(issuer.getPrivate())));
    } catch (IOException | GeneralSecurityException | OperatorCreationException broken) {
      throw new IllegalStateException(broken);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import dev.latchkey.credential.Bytes;
import dev.latchkey.wire.tls.TlsIdentity;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;

/// Certificates and requests that say what they like.
final class Forgery {
  private static final ASN1ObjectIdentifier XMPP_ADDRESS =
      new ASN1ObjectIdentifier("1.3.6.1.5.5.7.8.5");

  private Forgery() {}

  static KeyPair key(String kind, int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(kind);
      if (bits > 0) {
        generator.initialize(bits);
      }
      return generator.generateKeyPair();
    } catch (GeneralSecurityException absent) {
      throw new IllegalStateException(absent);
    }
  }

  static KeyPair key() {
    return key("EC", 256);
  }

  /// What somebody shows who signed for himself.
  static TlsIdentity selfSigned(KeyPair key, String... addresses) {
    return signed(key, "CN=myself", key, addresses);
  }

  /// What somebody shows for whom an authority signed.
  ///
  /// @param name what the authority calls itself
  static TlsIdentity signed(KeyPair authority, String name, KeyPair key, String... addresses) {
    return signed(
        authority,
        name,
        key,
        addresses.length > 0 ? Optional.of(names(addresses)) : Optional.empty());
  }

  private static TlsIdentity signed(
      KeyPair authority, String name, KeyPair key, Optional<GeneralNames> names) {
    Instant now = InstantSource.system().instant();
    try {
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              new X500Name(name),
              new BigInteger(64, new SecureRandom()).add(BigInteger.ONE),
              Date.from(now.minus(Duration.ofDays(1))),
              Date.from(now.plus(Duration.ofDays(30))),
              new X500Name("CN=nina"),
              key.getPublic());
      if (names.isPresent()) {
        builder.addExtension(Extension.subjectAlternativeName, false, names.get());
      }
      X509Certificate certificate =
          new JcaX509CertificateConverter()
              .getCertificate(
                  builder.build(
                      new JcaContentSignerBuilder("SHA256withECDSA")
                          .build(authority.getPrivate())));
      return new TlsIdentity(key.getPrivate(), List.of(certificate));
    } catch (IOException | GeneralSecurityException | OperatorCreationException broken) {
      throw new IllegalStateException(broken);
    }
  }

  /// What somebody shows who says he is a server.
  static TlsIdentity server(String host) {
    KeyPair key = key();
    return signed(
        key,
        "CN=" + host,
        key,
        Optional.of(new GeneralNames(new GeneralName(GeneralName.dNSName, host))));
  }

  /// A request to sign a key.
  ///
  /// @param key what the request is for
  /// @param signer whose signature it bears
  static Bytes request(KeyPair key, KeyPair signer, String... addresses) {
    try {
      PKCS10CertificationRequestBuilder builder =
          new PKCS10CertificationRequestBuilder(
              new X500Name(""), SubjectPublicKeyInfo.getInstance(key.getPublic().getEncoded()));
      if (addresses.length > 0) {
        ExtensionsGenerator extensions = new ExtensionsGenerator();
        extensions.addExtension(Extension.subjectAlternativeName, false, names(addresses));
        builder.addAttribute(
            PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
      }
      String algorithm =
          switch (signer.getPrivate().getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> "Ed25519";
          };
      return Bytes.of(
          builder
              .build(new JcaContentSignerBuilder(algorithm).build(signer.getPrivate()))
              .getEncoded());
    } catch (IOException | OperatorCreationException broken) {
      throw new IllegalStateException(broken);
    }
  }

  private static GeneralNames names(String... addresses) {
    ASN1EncodableVector names = new ASN1EncodableVector();
    for (String address : addresses) {
      ASN1EncodableVector name = new ASN1EncodableVector();
      name.add(XMPP_ADDRESS);
      name.add(new DERTaggedObject(true, 0, new DERUTF8String(address)));
      names.add(new DERTaggedObject(false, 0, new DERSequence(name)));
    }
    return GeneralNames.getInstance(new DERSequence(names));
  }
}

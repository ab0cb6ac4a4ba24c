// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.tls;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// Certificates for tests.
public final class TestCertificates {
  private static final AtomicLong SERIAL = new AtomicLong(1);

  private final String subject;
  private final List<GeneralName> names = new ArrayList<>();
  private String key = "EC";
  private String hash = "SHA256";
  private boolean authority;
  private KeyPurposeId purpose = KeyPurposeId.id_kp_serverAuth;
  private Instant from = Instant.ofEpochSecond(1_700_000_000);
  private Instant until = Instant.ofEpochSecond(4_000_000_000L);

  private TestCertificates(String subject) {
    this.subject = subject;
  }

  /// One for a server, to be told more about.
  public static TestCertificates named(String subject) {
    return new TestCertificates(subject);
  }

  /// A server's own with a DNS name.
  public static TlsIdentity server(String name) {
    return named(name).dns(name).selfSigned();
  }

  /// A client's own.
  public static TlsIdentity client(String keyKind) {
    return named("device").key(keyKind).purpose(KeyPurposeId.id_kp_clientAuth).selfSigned();
  }

  /// Adds a dNSName.
  public TestCertificates dns(String name) {
    names.add(new GeneralName(GeneralName.dNSName, name));
    return this;
  }

  /// Adds an iPAddress.
  public TestCertificates address(String address) {
    names.add(new GeneralName(GeneralName.iPAddress, address));
    return this;
  }

  /// Adds an xmppAddr.
  public TestCertificates xmpp(String address) {
    return other("1.3.6.1.5.5.7.8.5", new DERUTF8String(address));
  }

  /// Adds an SRV-ID.
  public TestCertificates service(String name) {
    return other("1.3.6.1.5.5.7.8.7", new DERIA5String(name));
  }

  private TestCertificates other(String type, org.bouncycastle.asn1.ASN1Encodable value) {
    names.add(
        new GeneralName(
            GeneralName.otherName,
            new DERSequence(
                new org.bouncycastle.asn1.ASN1Encodable[] {
                  new ASN1ObjectIdentifier(type), new DERTaggedObject(true, 0, value)
                })));
    return this;
  }

  /// `EC`, `RSA` or `Ed25519`.
  public TestCertificates key(String kind) {
    key = kind;
    return this;
  }

  /// `SHA256`, `SHA384`, `SHA512`, `SHA1`.
  public TestCertificates hash(String name) {
    hash = name;
    return this;
  }

  /// What it is for.
  public TestCertificates purpose(KeyPurposeId what) {
    purpose = what;
    return this;
  }

  /// That it may issue others.
  public TestCertificates authority() {
    authority = true;
    return this;
  }

  /// How long it is valid.
  public TestCertificates valid(Instant start, Instant end) {
    from = start;
    until = end;
    return this;
  }

  /// Signed by itself.
  public TlsIdentity selfSigned() {
    return make(null);
  }

  /// Signed by another, whose chain it carries.
  public TlsIdentity signedBy(TlsIdentity issuer) {
    return make(issuer);
  }

  private TlsIdentity make(@org.jspecify.annotations.Nullable TlsIdentity issuer) {
    try {
      KeyPair pair = pair();
      X500Principal name = new X500Principal("CN=" + subject);
      X500Principal by =
          issuer == null ? name : issuer.chain().getFirst().getSubjectX500Principal();
      JcaX509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              by,
              BigInteger.valueOf(SERIAL.getAndIncrement()),
              Date.from(from),
              Date.from(until),
              name,
              pair.getPublic());
      builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
      if (!authority) {
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
      }
      if (!names.isEmpty()) {
        builder.addExtension(
            Extension.subjectAlternativeName,
            false,
            new GeneralNames(names.toArray(GeneralName[]::new)));
      }
      var signer = issuer == null ? pair.getPrivate() : issuer.key();
      String algorithm =
          switch (signer.getAlgorithm()) {
            case "EC" -> hash + "withECDSA";
            case "RSA" -> hash + "withRSA";
            default -> "Ed25519";
          };
      byte[] der = builder.build(new JcaContentSignerBuilder(algorithm).build(signer)).getEncoded();
      List<X509Certificate> chain = new ArrayList<>();
      chain.add(
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(der)));
      if (issuer != null) {
        chain.addAll(issuer.chain());
      }
      return new TlsIdentity(pair.getPrivate(), chain);
    } catch (Exception broken) {
      throw new AssertionError(broken);
    }
  }

  private KeyPair pair() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(key);
    if (key.equals("EC")) {
      generator.initialize(new ECGenParameterSpec("secp256r1"));
    } else if (key.equals("RSA")) {
      generator.initialize(2048);
    }
    return generator.generateKeyPair();
  }
}

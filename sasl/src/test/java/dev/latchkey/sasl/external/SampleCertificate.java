// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.external;

import dev.latchkey.credential.Bytes;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// Self-signed certificates for tests.
final class SampleCertificate {
  private static final ASN1ObjectIdentifier XMPP_ADDRESS =
      new ASN1ObjectIdentifier("1.3.6.1.5.5.7.8.5");

  private SampleCertificate() {}

  static GeneralName xmppAddress(String address) {
    return xmppAddress(new DERUTF8String(address));
  }

  static GeneralName xmppAddress(ASN1Encodable value) {
    return otherName(XMPP_ADDRESS, value);
  }

  static GeneralName otherName(ASN1ObjectIdentifier type, ASN1Encodable value) {
    ASN1EncodableVector name = new ASN1EncodableVector();
    name.add(type);
    name.add(new DERTaggedObject(true, 0, value));
    return new GeneralName(GeneralName.otherName, new DERSequence(name));
  }

  static Bytes of(Instant notBefore, Instant notAfter, GeneralName... names) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair keys = generator.generateKeyPair();
    X509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            new X500Name("CN=nina@chat.example"),
            BigInteger.ONE,
            Date.from(notBefore),
            Date.from(notAfter),
            new X500Name("CN=nina@chat.example"),
            keys.getPublic());
    if (names.length > 0) {
      builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names));
    }
    return Bytes.of(
        builder
            .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
            .getEncoded());
  }
}

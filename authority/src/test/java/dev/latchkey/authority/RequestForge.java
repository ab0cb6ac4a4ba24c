// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.latchkey.credential.Bytes;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.OtherName;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;

/// Makes certificate requests, good ones and others.
public final class RequestForge {
  private static final ASN1ObjectIdentifier XMPP_ADDRESS =
      new ASN1ObjectIdentifier("1.3.6.1.5.5.7.8.5");

  // Never registered: it has the curves that the JDK has dropped.
  private static final BouncyCastleProvider PROVIDER = new BouncyCastleProvider();

  private final KeyPair pair;
  private final String algorithm;
  private X500Name subject = new X500Name("");
  private final List<GeneralName> names = new ArrayList<>();
  private final ExtensionsGenerator extensions = new ExtensionsGenerator();
  private SubjectPublicKeyInfo shown;

  private RequestForge(KeyPair pair, String algorithm) {
    this.pair = pair;
    this.algorithm = algorithm;
    this.shown = SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded());
  }

  public static RequestForge p256() {
    return elliptic("secp256r1", "SHA256withECDSA");
  }

  public static RequestForge elliptic(String curve, String algorithm) {
    return new RequestForge(pair("EC", new ECGenParameterSpec(curve)), algorithm);
  }

  public static RequestForge rsa(int bits, long exponent, String algorithm) {
    return new RequestForge(
        pair("RSA", new RSAKeyGenParameterSpec(bits, java.math.BigInteger.valueOf(exponent))),
        algorithm);
  }

  public static RequestForge signedWith(KeyPair pair, String algorithm) {
    return new RequestForge(pair, algorithm);
  }

  private static KeyPair pair(String kind, AlgorithmParameterSpec spec) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(kind, PROVIDER);
      generator.initialize(spec);
      return generator.generateKeyPair();
    } catch (java.security.GeneralSecurityException wrong) {
      throw new AssertionError(wrong);
    }
  }

  /// Puts something else where the key stands, and signs with the key nevertheless.
  @CanIgnoreReturnValue
  public RequestForge showing(SubjectPublicKeyInfo other) {
    shown = other;
    return this;
  }

  @CanIgnoreReturnValue
  public RequestForge subject(String name) {
    subject = new X500Name(name);
    return this;
  }

  @CanIgnoreReturnValue
  public RequestForge address(String jid) {
    names.add(
        new GeneralName(
            GeneralName.otherName, new OtherName(XMPP_ADDRESS, new DERUTF8String(jid))));
    return this;
  }

  @CanIgnoreReturnValue
  public RequestForge host(String name) {
    names.add(new GeneralName(GeneralName.dNSName, name));
    return this;
  }

  @CanIgnoreReturnValue
  public RequestForge extension(
      ASN1ObjectIdentifier id, org.bouncycastle.asn1.ASN1Encodable value) {
    try {
      extensions.addExtension(id, true, value);
    } catch (java.io.IOException wrong) {
      throw new AssertionError(wrong);
    }
    return this;
  }

  public SubjectPublicKeyInfo key() {
    return shown;
  }

  public Bytes der() {
    try {
      if (!names.isEmpty()) {
        extensions.addExtension(
            Extension.subjectAlternativeName,
            false,
            new GeneralNames(names.toArray(GeneralName[]::new)));
      }
      PKCS10CertificationRequestBuilder builder =
          new PKCS10CertificationRequestBuilder(subject, shown);
      if (!extensions.isEmpty()) {
        builder.addAttribute(
            PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate());
      }
      return Bytes.of(
          builder
              .build(
                  new JcaContentSignerBuilder(algorithm)
                      .setProvider(PROVIDER)
                      .build(pair.getPrivate()))
              .getEncoded());
    } catch (java.io.IOException | org.bouncycastle.operator.OperatorCreationException wrong) {
      throw new AssertionError(wrong);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority.issue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.latchkey.credential.Bytes;
import java.io.IOException;
import java.math.BigInteger;
import java.security.PrivateKey;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.random.RandomGenerator;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// A certificate before it is signed: version 3, a serial number of 128 random bits, and what all
/// of ours have in common (RFC 5280 §4.1, §4.2). Not thread-safe.
final class CertificateDraft {
  /// RFC 5280, appendix A.1: ub-common-name.
  private static final int LONGEST_COMMON_NAME = 64;

  private static final int KEY_IDENTIFIER_OCTETS = 20;

  private final X509v3CertificateBuilder builder;

  private CertificateDraft(X509v3CertificateBuilder builder) {
    this.builder = builder;
  }

  /// Starts one that the key itself signs.
  static CertificateDraft selfSigned(
      String commonName,
      SubjectPublicKeyInfo publicKey,
      Validity validity,
      RandomGenerator random) {
    return started(name(commonName), name(commonName), publicKey, validity, random);
  }

  /// Starts one that an authority signs.
  static CertificateDraft signedBy(
      X509CertificateHolder issuer,
      String commonName,
      SubjectPublicKeyInfo publicKey,
      Validity validity,
      RandomGenerator random) {
    CertificateDraft draft =
        started(issuer.getSubject(), name(commonName), publicKey, validity, random);
    return draft.with(
        Extension.authorityKeyIdentifier,
        false,
        new AuthorityKeyIdentifier(
            SubjectKeyIdentifier.fromExtensions(issuer.getExtensions()).getKeyIdentifier()));
  }

  private static CertificateDraft started(
      X500Name issuer,
      X500Name subject,
      SubjectPublicKeyInfo publicKey,
      Validity validity,
      RandomGenerator random) {
    X509v3CertificateBuilder builder =
        new X509v3CertificateBuilder(
            issuer,
            serial(random),
            Date.from(validity.from()),
            Date.from(validity.until()),
            subject,
            publicKey);
    return new CertificateDraft(builder)
        .with(Extension.subjectKeyIdentifier, false, keyIdentifier(publicKey));
  }

  /// Makes it an authority.
  ///
  /// @param pathLength how many authorities may stand below it
  @CanIgnoreReturnValue
  CertificateDraft asAuthority(int pathLength) {
    with(Extension.basicConstraints, true, new BasicConstraints(pathLength));
    return with(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
  }

  /// Makes it an end-entity that signs and does nothing else.
  @CanIgnoreReturnValue
  CertificateDraft asEndEntity() {
    with(Extension.basicConstraints, true, new BasicConstraints(false));
    return with(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
  }

  /// Adds an extension.
  @CanIgnoreReturnValue
  CertificateDraft with(ASN1ObjectIdentifier id, boolean critical, ASN1Encodable value) {
    try {
      builder.addExtension(id, critical, value);
      return this;
    } catch (IOException cannotHappen) {
      throw new IllegalStateException("an extension of our own is not DER", cannotHappen);
    }
  }

  /// Signs it by ECDSA with SHA-256.
  X509CertificateHolder sign(PrivateKey key) {
    try {
      return builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key));
    } catch (OperatorCreationException refused) {
      throw new IllegalStateException("the authority's key does not sign", refused);
    }
  }

  /// RFC 7093 §2, method 1: the same length as the usual form, without SHA-1.
  private static SubjectKeyIdentifier keyIdentifier(SubjectPublicKeyInfo publicKey) {
    Bytes hash = Bytes.of(publicKey.getPublicKeyData().getBytes()).sha256();
    return new SubjectKeyIdentifier(hash.slice(0, KEY_IDENTIFIER_OCTETS).toArray());
  }

  /// RFC 5280 §4.1.2.2: positive, at most 20 octets; this many random bits are never drawn twice.
  private static BigInteger serial(RandomGenerator random) {
    return new BigInteger(1, Bytes.random(16, random).toArray()).max(BigInteger.ONE);
  }

  private static X500Name name(String commonName) {
    int length = commonName.codePointCount(0, commonName.length());
    String fitting =
        length <= LONGEST_COMMON_NAME
            ? commonName
            : commonName.substring(0, commonName.offsetByCodePoints(0, LONGEST_COMMON_NAME));
    return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, fitting).build();
  }

  /// From when to when; whole seconds, as certificates have no other.
  ///
  /// @param from the first moment
  /// @param until the last
  record Validity(Instant from, Instant until) {
    Validity {
      from = from.truncatedTo(ChronoUnit.SECONDS);
      until = until.truncatedTo(ChronoUnit.SECONDS);
    }
  }
}

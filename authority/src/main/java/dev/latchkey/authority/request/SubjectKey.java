// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority.request;

import dev.latchkey.authority.KeyKind;
import dev.latchkey.credential.Bytes;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.edec.EdECObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/// A public key that is strong enough to be signed, in the one form that its kind has here: two
/// encodings of one key would pass for two keys (rule 24).
///
/// @param der its SubjectPublicKeyInfo
/// @param kind its kind
/// @param key itself
record SubjectKey(Bytes der, KeyKind kind, PublicKey key) {
  private static final BigInteger SMALLEST_EXPONENT = BigInteger.valueOf(65537);

  /// Long exponents serve nobody and make every verification slow.
  private static final int LONGEST_EXPONENT = 64;

  private static final Map<ASN1ObjectIdentifier, String> ECDSA =
      Map.of(
          X9ObjectIdentifiers.ecdsa_with_SHA256, "SHA256withECDSA",
          X9ObjectIdentifiers.ecdsa_with_SHA384, "SHA384withECDSA",
          X9ObjectIdentifiers.ecdsa_with_SHA512, "SHA512withECDSA");

  private static final Map<ASN1ObjectIdentifier, String> EDDSA =
      Map.of(EdECObjectIdentifiers.id_Ed25519, "Ed25519");

  private static final Map<ASN1ObjectIdentifier, String> RSA =
      Map.of(
          PKCSObjectIdentifiers.sha256WithRSAEncryption, "SHA256withRSA",
          PKCSObjectIdentifiers.sha384WithRSAEncryption, "SHA384withRSA",
          PKCSObjectIdentifiers.sha512WithRSAEncryption, "SHA512withRSA");

  /// The key, or nothing if it is weak, of another kind, or in another form.
  ///
  /// @throws IOException if it cannot be encoded, which is a bug
  static Optional<SubjectKey> of(SubjectPublicKeyInfo info) throws IOException {
    Optional<KeyKind> kind = kindOf(info);
    if (kind.isEmpty() || info.getPublicKeyData().getPadBits() != 0) {
      return Optional.empty();
    }
    byte[] data = info.getPublicKeyData().getBytes();
    boolean sound =
        switch (kind.get()) {
          case P_256, P_384 -> isPoint(info, data);
          case ED25519 -> isEdwardsPoint(data);
          case RSA -> isStrongRsa(data);
        };
    if (!sound) {
      return Optional.empty();
    }
    byte[] der = info.getEncoded(ASN1Encoding.DER);
    String algorithm =
        switch (kind.get()) {
          case P_256, P_384 -> "EC";
          case ED25519 -> "Ed25519";
          case RSA -> "RSA";
        };
    try {
      PublicKey key = KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(der));
      return Optional.of(new SubjectKey(Bytes.of(der), kind.get(), key));
    } catch (GeneralSecurityException refused) {
      return Optional.empty();
    }
  }

  /// Whether this key made the signature, by an algorithm that fits it and uses no broken hash.
  boolean verifies(AlgorithmIdentifier algorithm, byte[] signed, byte[] signature) {
    Map<ASN1ObjectIdentifier, String> allowed =
        switch (kind) {
          case P_256, P_384 -> ECDSA;
          case ED25519 -> EDDSA;
          case RSA -> RSA;
        };
    String name = allowed.get(algorithm.getAlgorithm());
    // RFC 5758 §3.2, RFC 8410 §3: no parameters; RFC 4055 §5: NULL.
    boolean parametersFit =
        kind == KeyKind.RSA
            ? DERNull.INSTANCE.equals(algorithm.getParameters())
            : algorithm.getParameters() == null;
    if (name == null || !parametersFit) {
      return false;
    }
    try {
      Signature verifier = Signature.getInstance(name);
      verifier.initVerify(key);
      verifier.update(signed);
      return verifier.verify(signature);
    } catch (SignatureException malformed) {
      return false;
    } catch (GeneralSecurityException refused) {
      throw new IllegalStateException("every Java platform verifies " + name, refused);
    }
  }

  private static Optional<KeyKind> kindOf(SubjectPublicKeyInfo info) {
    ASN1ObjectIdentifier algorithm = info.getAlgorithm().getAlgorithm();
    ASN1Encodable parameters = info.getAlgorithm().getParameters();
    if (X9ObjectIdentifiers.id_ecPublicKey.equals(algorithm)) {
      // RFC 5480 §2.1.1: only the named form; parameters that are spelled out may be anything.
      if (SECObjectIdentifiers.secp256r1.equals(parameters)) {
        return Optional.of(KeyKind.P_256);
      }
      return SECObjectIdentifiers.secp384r1.equals(parameters)
          ? Optional.of(KeyKind.P_384)
          : Optional.empty();
    }
    if (EdECObjectIdentifiers.id_Ed25519.equals(algorithm)) {
      return parameters == null ? Optional.of(KeyKind.ED25519) : Optional.empty();
    }
    return PKCSObjectIdentifiers.rsaEncryption.equals(algorithm)
            && DERNull.INSTANCE.equals(parameters)
        ? Optional.of(KeyKind.RSA)
        : Optional.empty();
  }

  /// The uncompressed form only: TLS 1.3 knows no other (RFC 8446 §4.2.8.2). Both curves have prime
  /// order, so that any point of theirs is good.
  private static boolean isPoint(SubjectPublicKeyInfo info, byte[] data) {
    if (data.length == 0 || data[0] != 4) {
      return false;
    }
    ASN1ObjectIdentifier curve =
        ASN1ObjectIdentifier.getInstance(info.getAlgorithm().getParameters());
    try {
      return ECNamedCurveTable.getByOID(curve).getCurve().decodePoint(data).isValid();
    } catch (IllegalArgumentException notOnTheCurve) {
      return false;
    }
  }

  /// In the subgroup of prime order: a point of small order makes signatures that anybody can
  /// forge.
  private static boolean isEdwardsPoint(byte[] data) {
    return data.length == Ed25519.PUBLIC_KEY_SIZE && Ed25519.validatePublicKeyFull(data, 0);
  }

  private static boolean isStrongRsa(byte[] data) {
    if (!StrictDer.holds(Bytes.of(data))) {
      return false;
    }
    RSAPublicKey key;
    try {
      key = RSAPublicKey.getInstance(data);
    } catch (IllegalArgumentException notAKey) {
      return false;
    }
    BigInteger modulus = key.getModulus();
    BigInteger exponent = key.getPublicExponent();
    return modulus.signum() > 0
        && modulus.testBit(0)
        && modulus.bitLength() >= 2048
        && modulus.bitLength() <= 4096
        && exponent.testBit(0)
        && exponent.compareTo(SMALLEST_EXPONENT) >= 0
        && exponent.bitLength() <= LONGEST_EXPONENT;
  }
}

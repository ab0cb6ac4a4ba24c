// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority.issue;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Secret;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;

/// Making P-256 keys, and the form in which keys and certificates are kept: a word that says what
/// it is, then PKCS#8 and DER, a length before each, and a checksum.
final class KeptKeys {
  private static final int CHECKSUM_OCTETS = 32;

  private KeptKeys() {}

  /// A new P-256 pair.
  static KeyPair p256(SecureRandom random) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), random);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException absent) {
      throw new IllegalStateException("every Java platform has P-256", absent);
    }
  }

  /// The public half as a certificate holds it.
  static SubjectPublicKeyInfo info(KeyPair pair) {
    return SubjectPublicKeyInfo.getInstance(pair.getPublic().getEncoded());
  }

  static Bytes der(X509CertificateHolder certificate) {
    try {
      return Bytes.of(certificate.getEncoded());
    } catch (IOException cannotHappen) {
      throw new IllegalStateException("a certificate in memory has no DER", cannotHappen);
    }
  }

  static Bytes pkcs8(PrivateKey key) {
    return Bytes.of(key.getEncoded());
  }

  static Secret write(String word, Bytes... parts) {
    Bytes all = Bytes.concat(Bytes.lengthPrefixed(Bytes.utf8(word)), Bytes.lengthPrefixed(parts));
    return Secret.of(Bytes.concat(all, all.sha256()));
  }

  /// The parts behind the word.
  ///
  /// @throws IllegalArgumentException if it is not, octet for octet, what was written under this
  ///   word; says nothing of what is in it
  static List<Bytes> read(String word, int count, Secret kept) {
    Bytes written = kept.reveal();
    int end = written.length() - CHECKSUM_OCTETS;
    if (end < 0 || !written.slice(0, end).sha256().equals(written.slice(end, CHECKSUM_OCTETS))) {
      throw unreadable(word);
    }
    List<Bytes> parts = new ArrayList<>();
    int at = 0;
    while (end - at >= 4) {
      int length = ByteBuffer.wrap(written.slice(at, 4).toArray()).getInt();
      at += 4;
      if (length < 0 || length > end - at) {
        throw unreadable(word);
      }
      parts.add(written.slice(at, length));
      at += length;
    }
    if (at != end || parts.size() != count + 1 || !parts.getFirst().equals(Bytes.utf8(word))) {
      throw unreadable(word);
    }
    return parts.subList(1, parts.size());
  }

  static X509CertificateHolder certificate(String word, Bytes der) {
    try {
      return new X509CertificateHolder(der.toArray());
    } catch (IOException | RuntimeException notACertificate) {
      throw unreadable(word);
    }
  }

  /// A private key, after making sure that the certificate is about it.
  static PrivateKey privateKey(String word, Bytes pkcs8, X509CertificateHolder certificate) {
    try {
      PrivateKey key =
          KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8.toArray()));
      byte[] probe = {1};
      Signature signer = Signature.getInstance("SHA256withECDSA");
      signer.initSign(key);
      signer.update(probe);
      byte[] signature = signer.sign();
      Signature verifier = Signature.getInstance("SHA256withECDSA");
      verifier.initVerify(
          KeyFactory.getInstance("EC")
              .generatePublic(
                  new java.security.spec.X509EncodedKeySpec(
                      certificate.getSubjectPublicKeyInfo().getEncoded())));
      verifier.update(probe);
      if (!verifier.verify(signature)) {
        throw unreadable(word);
      }
      return key;
    } catch (GeneralSecurityException | IOException | RuntimeException notAKey) {
      throw unreadable(word);
    }
  }

  /// Makes sure that one certificate signed the other, octet for octet: the other parser would
  /// verify what it makes of a certificate, not the certificate.
  static void requireSignedBy(String word, Bytes certificate, Bytes issuer) {
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      factory
          .generateCertificate(new ByteArrayInputStream(certificate.toArray()))
          .verify(
              factory
                  .generateCertificate(new ByteArrayInputStream(issuer.toArray()))
                  .getPublicKey());
    } catch (GeneralSecurityException | RuntimeException refused) {
      throw unreadable(word);
    }
  }

  // Without a cause: an exception of a parser may quote what it could not read. The parser has many
  // kinds of them, all of which mean the same here.
  private static IllegalArgumentException unreadable(String word) {
    return new IllegalArgumentException("this is not what was kept as \"" + word + "\"");
  }
}

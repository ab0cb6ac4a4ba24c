// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority.issue;

import dev.latchkey.authority.issue.CertificateDraft.Validity;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Secret;
import java.net.IDN;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.util.IPAddress;

/// A TLS identity of the server's own, for trying things out where the operator has given none: a
/// private root, and a certificate for the domain. The root is sent along, so that a client can pin
/// it. It has nothing to do with the authorities that sign for devices.
///
/// The root outlives the server's certificate: [#renewedAt] makes a new one that the same pin fits.
/// Immutable; [#toString] shows none of it.
public final class TryOutIdentity {
  private static final String WORD = "latchkey try-out identity 0";
  private static final Duration SKEW = Duration.ofMinutes(5);
  private static final Duration ROOT_YEARS = Duration.ofDays(20L * 365 + 5);
  private static final Duration LEAF_YEAR = Duration.ofDays(365);

  private final Domain domain;
  private final X509CertificateHolder root;
  private final PrivateKey rootKey;
  private final X509CertificateHolder leaf;
  private final PrivateKey leafKey;

  private TryOutIdentity(
      Domain domain,
      X509CertificateHolder root,
      PrivateKey rootKey,
      X509CertificateHolder leaf,
      PrivateKey leafKey) {
    this.domain = domain;
    this.root = root;
    this.rootKey = rootKey;
    this.leaf = leaf;
    this.leafKey = leafKey;
  }

  /// Makes both, P-256: the root for 20 years, the server's certificate for one.
  public static TryOutIdentity create(Domain domain, SecureRandom random, Instant now) {
    KeyPair pair = KeptKeys.p256(random);
    X509CertificateHolder root =
        CertificateDraft.selfSigned(
                "Latchkey try-out root, " + domain,
                KeptKeys.info(pair),
                new Validity(now.minus(SKEW), now.plus(ROOT_YEARS)),
                random)
            .asAuthority(0)
            .sign(pair.getPrivate());
    return withNewLeaf(domain, root, pair.getPrivate(), random, now);
  }

  /// Another certificate with another key, under the same root.
  public TryOutIdentity renewedAt(Instant now, SecureRandom random) {
    return withNewLeaf(domain, root, rootKey, random, now);
  }

  private static TryOutIdentity withNewLeaf(
      Domain domain,
      X509CertificateHolder root,
      PrivateKey rootKey,
      SecureRandom random,
      Instant now) {
    KeyPair pair = KeptKeys.p256(random);
    X509CertificateHolder leaf =
        CertificateDraft.signedBy(
                root,
                "Latchkey try-out, " + domain,
                KeptKeys.info(pair),
                new Validity(now.minus(SKEW), now.plus(LEAF_YEAR)),
                random)
            .asEndEntity()
            .with(
                Extension.extendedKeyUsage,
                false,
                new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
            .with(Extension.subjectAlternativeName, false, new GeneralNames(nameOf(domain)))
            .sign(rootKey);
    return new TryOutIdentity(domain, root, rootKey, leaf, pair.getPrivate());
  }

  private static GeneralName nameOf(Domain domain) {
    String address = domain.name().replaceAll("^\\[(.*)]$", "$1");
    return IPAddress.isValid(address)
        ? new GeneralName(GeneralName.iPAddress, address)
        : new GeneralName(GeneralName.dNSName, IDN.toASCII(domain.name()));
  }

  /// Reads what [#encode] gave.
  ///
  /// @throws IllegalArgumentException if it is something else, or the parts do not belong together
  public static TryOutIdentity decode(Secret kept) {
    List<Bytes> parts = KeptKeys.read(WORD, 5, kept);
    Domain domain =
        new Domain(
            parts.get(0).toUtf8().orElseThrow(() -> new IllegalArgumentException("no domain")));
    X509CertificateHolder root = KeptKeys.certificate(WORD, parts.get(1));
    X509CertificateHolder leaf = KeptKeys.certificate(WORD, parts.get(3));
    KeptKeys.requireSignedBy(WORD, parts.get(1), parts.get(1));
    KeptKeys.requireSignedBy(WORD, parts.get(3), parts.get(1));
    return new TryOutIdentity(
        domain,
        root,
        KeptKeys.privateKey(WORD, parts.get(2), root),
        leaf,
        KeptKeys.privateKey(WORD, parts.get(4), leaf));
  }

  /// All of it, to be sealed and kept.
  public Secret encode() {
    return KeptKeys.write(
        WORD,
        Bytes.utf8(domain.name()),
        KeptKeys.der(root),
        KeptKeys.pkcs8(rootKey),
        KeptKeys.der(leaf),
        KeptKeys.pkcs8(leafKey));
  }

  /// The domain it is for.
  public Domain domain() {
    return domain;
  }

  /// The private key of the server's certificate. SECURITY: goes into the TLS context and nowhere
  /// else.
  public PrivateKey key() {
    return leafKey;
  }

  /// What the server sends: its certificate, then the root; DER.
  public List<Bytes> chain() {
    return List.of(KeptKeys.der(leaf), KeptKeys.der(root));
  }

  /// SHA-256 of the root's SubjectPublicKeyInfo: the `pin` of an invitation.
  public Bytes pin() {
    try {
      return Bytes.of(root.getSubjectPublicKeyInfo().getEncoded()).sha256();
    } catch (java.io.IOException cannotHappen) {
      throw new IllegalStateException("a certificate in memory has no DER", cannotHappen);
    }
  }

  /// When the server's certificate expires.
  public Instant notAfter() {
    return leaf.getNotAfter().toInstant();
  }

  @Override
  public String toString() {
    return "TryOutIdentity[" + domain + "]";
  }
}

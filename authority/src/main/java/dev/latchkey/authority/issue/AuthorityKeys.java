// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority.issue;

import dev.latchkey.authority.issue.CertificateDraft.Validity;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Secret;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.cert.X509CertificateHolder;

/// The two authorities of one domain's devices: a root that signs nothing but the issuing
/// authority, and the issuing authority that signs for devices. Apart from the server's TLS
/// certificate, and never among the roots of the public web.
///
/// The root's private key is needed only to make an issuing authority and may be kept elsewhere.
/// Immutable; [#toString] shows none of it.
public final class AuthorityKeys {
  private static final String WORD = "latchkey authority 0";
  private static final Duration SKEW = Duration.ofMinutes(5);
  private static final Duration ROOT_YEARS = Duration.ofDays(20L * 365 + 5);
  private static final Duration ISSUING_YEARS = Duration.ofDays(10L * 365 + 3);

  private final Domain domain;
  private final X509CertificateHolder root;
  private final Optional<PrivateKey> rootKey;
  private final X509CertificateHolder issuing;
  private final PrivateKey issuingKey;

  private AuthorityKeys(
      Domain domain,
      X509CertificateHolder root,
      Optional<PrivateKey> rootKey,
      X509CertificateHolder issuing,
      PrivateKey issuingKey) {
    this.domain = domain;
    this.root = root;
    this.rootKey = rootKey;
    this.issuing = issuing;
    this.issuingKey = issuingKey;
  }

  /// Makes both: P-256, the root for 20 years (at most one authority between it and a device), the
  /// issuing authority for 10 (none).
  ///
  /// There are no name constraints on xmppAddr: a constraint on an otherName must be critical, and
  /// stacks that do not know this form then refuse every path (RFC 5280 §4.2.1.10). The registry
  /// decides the account anyway (rule 2).
  public static AuthorityKeys create(Domain domain, SecureRandom random, Instant now) {
    Instant from = now.minus(SKEW);
    KeyPair rootPair = KeptKeys.p256(random);
    X509CertificateHolder root =
        CertificateDraft.selfSigned(
                "Latchkey devices root, " + domain,
                KeptKeys.info(rootPair),
                new Validity(from, now.plus(ROOT_YEARS)),
                random)
            .asAuthority(1)
            .sign(rootPair.getPrivate());
    KeyPair issuingPair = KeptKeys.p256(random);
    X509CertificateHolder issuing =
        CertificateDraft.signedBy(
                root,
                "Latchkey devices, " + domain,
                KeptKeys.info(issuingPair),
                new Validity(from, now.plus(ISSUING_YEARS)),
                random)
            .asAuthority(0)
            .sign(rootPair.getPrivate());
    return new AuthorityKeys(
        domain, root, Optional.of(rootPair.getPrivate()), issuing, issuingPair.getPrivate());
  }

  /// Reads what [#encode] gave.
  ///
  /// @throws IllegalArgumentException if it is something else, or the parts do not belong together
  public static AuthorityKeys decode(Secret kept) {
    List<Bytes> parts = KeptKeys.read(WORD, 5, kept);
    Domain domain =
        new Domain(
            parts.get(0).toUtf8().orElseThrow(() -> new IllegalArgumentException("no domain")));
    X509CertificateHolder root = KeptKeys.certificate(WORD, parts.get(1));
    X509CertificateHolder issuing = KeptKeys.certificate(WORD, parts.get(2));
    KeptKeys.requireSignedBy(WORD, parts.get(1), parts.get(1));
    KeptKeys.requireSignedBy(WORD, parts.get(2), parts.get(1));
    PrivateKey issuingKey = KeptKeys.privateKey(WORD, parts.get(3), issuing);
    Optional<PrivateKey> rootKey =
        parts.get(4).isEmpty()
            ? Optional.empty()
            : Optional.of(KeptKeys.privateKey(WORD, parts.get(4), root));
    return new AuthorityKeys(domain, root, rootKey, issuing, issuingKey);
  }

  /// All of it, to be sealed and kept.
  public Secret encode() {
    return KeptKeys.write(
        WORD,
        Bytes.utf8(domain.name()),
        root(),
        issuing(),
        KeptKeys.pkcs8(issuingKey),
        rootKey.map(KeptKeys::pkcs8).orElse(Bytes.EMPTY));
  }

  /// The same without the root's private key.
  public AuthorityKeys withoutRootKey() {
    return new AuthorityKeys(domain, root, Optional.empty(), issuing, issuingKey);
  }

  /// Whether the root's private key is here.
  public boolean hasRootKey() {
    return rootKey.isPresent();
  }

  /// The domain whose devices they sign for.
  public Domain domain() {
    return domain;
  }

  /// The root's certificate, DER.
  public Bytes root() {
    return KeptKeys.der(root);
  }

  /// The issuing authority's certificate, DER.
  public Bytes issuing() {
    return KeptKeys.der(issuing);
  }

  X509CertificateHolder issuingCertificate() {
    return issuing;
  }

  PrivateKey issuingKey() {
    return issuingKey;
  }

  @Override
  public String toString() {
    return "AuthorityKeys[" + domain + "]";
  }
}

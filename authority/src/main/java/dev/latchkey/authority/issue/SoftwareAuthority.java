// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority.issue;

import dev.latchkey.authority.CertificateAuthority;
import dev.latchkey.authority.IssueOrder;
import dev.latchkey.authority.IssuedCertificate;
import dev.latchkey.authority.issue.CertificateDraft.Validity;
import dev.latchkey.credential.Jid;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.OtherName;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;

/// An authority whose key lies in this process's memory.
///
/// What it signs is a client and nothing else: it cannot pose as a server, nor as an authority. All
/// but the public key is made here; nothing is copied from a request. The address stands in the
/// subject alternative name only; the subject holds just the credential's id, so that a certificate
/// tells about its owner what it must and no more.
public final class SoftwareAuthority implements CertificateAuthority {
  /// How long a device's certificate is good, if nothing else is configured.
  public static final Duration VALIDITY = Duration.ofDays(90);

  /// For devices whose clocks are a little slow.
  private static final Duration SKEW = Duration.ofMinutes(5);

  /// id-on-xmppAddr (RFC 6120 §13.7.1.4).
  private static final ASN1ObjectIdentifier XMPP_ADDRESS =
      new ASN1ObjectIdentifier("1.3.6.1.5.5.7.8.5");

  private final AuthorityKeys keys;
  private final RandomGenerator random;
  private final Duration validity;
  private final Optional<URI> revocationList;

  /// Signs for 90 days and names no revocation list.
  ///
  /// @param keys the keys of its domain
  /// @param random where serial numbers come from; safe for several threads
  public SoftwareAuthority(AuthorityKeys keys, RandomGenerator random) {
    this(keys, random, VALIDITY, Optional.empty());
  }

  /// @param keys the keys of its domain
  /// @param random where serial numbers come from; safe for several threads
  /// @param validity how long certificates are good; never longer than the authority's own
  /// @param revocationList where third parties find the revocation list, if anywhere
  public SoftwareAuthority(
      AuthorityKeys keys, RandomGenerator random, Duration validity, Optional<URI> revocationList) {
    if (!validity.isPositive()) {
      throw new IllegalArgumentException("a validity must be positive: " + validity);
    }
    this.keys = keys;
    this.random = random;
    this.validity = validity;
    this.revocationList = revocationList;
  }

  /// @throws IllegalArgumentException if the account is of another domain
  /// @throws IllegalStateException if the issuing authority itself has expired
  @Override
  public IssuedCertificate issue(IssueOrder order) {
    if (!order.account().domain().equals(keys.domain())) {
      throw new IllegalArgumentException(
          "the authority of %s does not sign for %s".formatted(keys.domain(), order.account()));
    }
    Validity term = term(order.now());
    CertificateDraft draft =
        CertificateDraft.signedBy(
                keys.issuingCertificate(),
                order.credential().value(),
                SubjectPublicKeyInfo.getInstance(order.publicKey().toArray()),
                term,
                random)
            .asEndEntity()
            .with(
                Extension.extendedKeyUsage,
                false,
                new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth))
            .with(Extension.subjectAlternativeName, false, address(order));
    revocationList.ifPresent(
        uri -> draft.with(Extension.cRLDistributionPoints, false, distributionPoint(uri)));
    X509CertificateHolder leaf = draft.sign(keys.issuingKey());
    return new IssuedCertificate(KeptKeys.der(leaf), keys.issuing(), term.until());
  }

  private Validity term(Instant now) {
    Instant end = keys.issuingCertificate().getNotAfter().toInstant();
    if (!now.isBefore(end)) {
      throw new IllegalStateException(
          "the issuing authority of %s expired at %s".formatted(keys.domain(), end));
    }
    Instant until = now.plus(validity);
    return new Validity(now.minus(SKEW), until.isBefore(end) ? until : end);
  }

  private static GeneralNames address(IssueOrder order) {
    Jid jid = order.resource().map(order.account()::with).orElseGet(order.account()::jid);
    OtherName name = new OtherName(XMPP_ADDRESS, new DERUTF8String(jid.toString()));
    return new GeneralNames(new GeneralName(GeneralName.otherName, name));
  }

  private static CRLDistPoint distributionPoint(URI uri) {
    GeneralName name = new GeneralName(GeneralName.uniformResourceIdentifier, uri.toASCIIString());
    return new CRLDistPoint(
        new DistributionPoint[] {
          new DistributionPoint(new DistributionPointName(new GeneralNames(name)), null, null)
        });
  }

  @Override
  public String toString() {
    return "SoftwareAuthority[" + keys.domain() + "]";
  }
}

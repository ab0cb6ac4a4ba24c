// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority.issue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.authority.IssueOrder;
import dev.latchkey.authority.IssuedCertificate;
import dev.latchkey.authority.Openssl;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Resource;
import dev.latchkey.credential.Secret;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.cert.X509CertificateHolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SoftwareAuthorityTest {
  private static final Instant NOW = Instant.parse("2026-11-21T20:00:00.123Z");
  private static final Domain DOMAIN = new Domain("chat.example");
  private static final AccountJid NINA = AccountJid.parse("nina@chat.example");
  private static final AuthorityKeys KEYS = AuthorityKeys.create(DOMAIN, new SecureRandom(), NOW);
  private static final KeyPair DEVICE = KeptKeys.p256(new SecureRandom());

  @TempDir Path folder;

  private final SoftwareAuthority authority =
      new SoftwareAuthority(
          KEYS,
          new SecureRandom(),
          SoftwareAuthority.VALIDITY,
          Optional.of(URI.create("http://chat.example/crl")));

  private static IssueOrder order(Optional<Resource> resource, Instant now) {
    return new IssueOrder(
        Bytes.of(DEVICE.getPublic().getEncoded()),
        NINA,
        resource,
        new CredentialId("cred-7f3"),
        now);
  }

  private static X509Certificate certificate(Bytes der) throws CertificateException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(der.toArray()));
  }

  private static void validate(Bytes anchor, Instant at, Bytes... path) throws Exception {
    List<X509Certificate> certificates = new java.util.ArrayList<>();
    for (Bytes der : path) {
      certificates.add(certificate(der));
    }
    CertPath chain = CertificateFactory.getInstance("X.509").generateCertPath(certificates);
    PKIXParameters parameters =
        new PKIXParameters(Set.of(new TrustAnchor(certificate(anchor), null)));
    parameters.setRevocationEnabled(false);
    parameters.setDate(Date.from(at));
    assertThat(CertPathValidator.getInstance("PKIX").validate(chain, parameters)).isNotNull();
  }

  @Test
  @Spec(doc = "latchkey", section = "27", rule = "the fields of a device's certificate")
  void writesTheFieldsOfTheTable() throws Exception {
    IssuedCertificate issued = authority.issue(order(Optional.empty(), NOW));
    X509Certificate leaf = certificate(issued.leaf());
    assertThat(leaf.getVersion()).isEqualTo(3);
    assertThat(leaf.getSerialNumber().signum()).isPositive();
    assertThat(leaf.getSerialNumber().toByteArray().length).isLessThanOrEqualTo(20);
    assertThat(leaf.getSubjectX500Principal().getName()).isEqualTo("CN=cred-7f3");
    assertThat(leaf.getSigAlgName()).isEqualTo("SHA256withECDSA");
    assertThat(leaf.getPublicKey()).isEqualTo(DEVICE.getPublic());
    assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
    assertThat(leaf.getKeyUsage())
        .containsExactly(true, false, false, false, false, false, false, false, false);
    assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
    assertThat(leaf.getCriticalExtensionOIDs()).containsExactlyInAnyOrder("2.5.29.15", "2.5.29.19");
    assertThat(leaf.getNonCriticalExtensionOIDs())
        .containsExactlyInAnyOrder("2.5.29.14", "2.5.29.35", "2.5.29.17", "2.5.29.37", "2.5.29.31");
    assertThat(leaf.getNotBefore().toInstant()).isEqualTo("2026-11-21T19:55:00Z");
    assertThat(leaf.getNotAfter().toInstant()).isEqualTo("2027-02-19T20:00:00Z");
    assertThat(issued.notAfter()).isEqualTo(leaf.getNotAfter().toInstant());
    assertThat(addresses(leaf)).containsExactly("1.3.6.1.5.5.7.8.5=nina@chat.example");
  }

  private static List<String> addresses(X509Certificate leaf) throws Exception {
    return leaf.getSubjectAlternativeNames().stream()
        .map(
            name -> {
              // Kind 0 is an otherName: kind, DER, type, decoded value.
              assertThat(name.get(0)).isEqualTo(0);
              return name.get(2) + "=" + name.get(3);
            })
        .toList();
  }

  @Test
  void namesTheResourceOfLockedDevice() throws Exception {
    Optional<Resource> lock = Optional.of(new Resource("kitchen bot"));
    X509Certificate leaf = certificate(authority.issue(order(lock, NOW)).leaf());
    assertThat(addresses(leaf)).containsExactly("1.3.6.1.5.5.7.8.5=nina@chat.example/kitchen bot");
  }

  @Test
  void namesNoRevocationListUnlessThereIsOne() throws Exception {
    X509Certificate leaf =
        certificate(
            new SoftwareAuthority(KEYS, new SecureRandom())
                .issue(order(Optional.empty(), NOW))
                .leaf());
    assertThat(leaf.getNonCriticalExtensionOIDs()).doesNotContain("2.5.29.31");
  }

  @Test
  void neverOutlivesTheIssuingAuthority() throws Exception {
    Instant end = certificate(KEYS.issuing()).getNotAfter().toInstant();
    IssuedCertificate late =
        authority.issue(order(Optional.empty(), end.minus(Duration.ofDays(1))));
    assertThat(late.notAfter()).isEqualTo(end);
    assertThatIllegalStateException()
        .isThrownBy(() -> authority.issue(order(Optional.empty(), end)));
  }

  @Test
  void refusesOrderForAnotherDomain() {
    IssueOrder foreign =
        new IssueOrder(
            Bytes.of(DEVICE.getPublic().getEncoded()),
            AccountJid.parse("nina@other.example"),
            Optional.empty(),
            new CredentialId("cred-1"),
            NOW);
    assertThatIllegalArgumentException().isThrownBy(() -> authority.issue(foreign));
  }

  @Test
  void drawsSerialNumbersFromItsRandomness() throws Exception {
    SeededRandom random = SeededRandom.announced();
    SoftwareAuthority seeded = new SoftwareAuthority(KEYS, random);
    assertThat(certificate(seeded.issue(order(Optional.empty(), NOW)).leaf()).getSerialNumber())
        .isNotEqualTo(
            certificate(seeded.issue(order(Optional.empty(), NOW)).leaf()).getSerialNumber());
  }

  @Test
  void rootAndIssuingAuthorityStandInOneLine() throws Exception {
    X509Certificate root = certificate(KEYS.root());
    X509Certificate issuing = certificate(KEYS.issuing());
    assertThat(root.getBasicConstraints()).isEqualTo(1);
    assertThat(issuing.getBasicConstraints()).isZero();
    for (X509Certificate authority : List.of(root, issuing)) {
      assertThat(authority.getKeyUsage())
          .containsExactly(false, false, false, false, false, true, true, false, false);
      assertThat(authority.getCriticalExtensionOIDs())
          .containsExactlyInAnyOrder("2.5.29.15", "2.5.29.19");
    }
    assertThat(root.getNotAfter().toInstant()).isAfter(NOW.plus(Duration.ofDays(20 * 365)));
    assertThat(issuing.getNotAfter().toInstant()).isAfter(NOW.plus(Duration.ofDays(10 * 365)));
    Bytes leaf = authority.issue(order(Optional.empty(), NOW)).leaf();
    validate(KEYS.root(), NOW, leaf, KEYS.issuing());
  }

  @Test
  void leafOfAnotherAuthorityDoesNotFit() {
    AuthorityKeys others = AuthorityKeys.create(DOMAIN, new SecureRandom(), NOW);
    Bytes leaf = authority.issue(order(Optional.empty(), NOW)).leaf();
    assertThatThrownBy(() -> validate(others.root(), NOW, leaf, others.issuing()))
        .isInstanceOf(CertPathValidatorException.class);
  }

  @Test
  @Spec(doc = "RFC 5280", section = "4.2.1.9", rule = "an end-entity signs no certificates")
  void leafCannotActAsAnAuthority() throws Exception {
    X509CertificateHolder leaf =
        new X509CertificateHolder(authority.issue(order(Optional.empty(), NOW)).leaf().toArray());
    Bytes forged = signedBelow(leaf, DEVICE);
    assertThatThrownBy(
            () -> validate(KEYS.root(), NOW, forged, Bytes.of(leaf.getEncoded()), KEYS.issuing()))
        .isInstanceOf(CertPathValidatorException.class);
  }

  @Test
  @Spec(doc = "RFC 5280", section = "4.2.1.9", rule = "the path length below an authority")
  void issuingAuthorityCannotMakeAnotherOne() throws Exception {
    KeyPair pair = KeptKeys.p256(new SecureRandom());
    X509CertificateHolder below =
        CertificateDraft.signedBy(
                KEYS.issuingCertificate(),
                "below",
                KeptKeys.info(pair),
                new CertificateDraft.Validity(NOW, NOW.plus(Duration.ofDays(1))),
                new SecureRandom())
            .asAuthority(0)
            .sign(KEYS.issuingKey());
    Bytes leaf = signedBelow(below, pair);
    assertThatThrownBy(() -> validate(KEYS.root(), NOW, leaf, KeptKeys.der(below), KEYS.issuing()))
        .isInstanceOf(CertPathValidatorException.class);
  }

  private static Bytes signedBelow(X509CertificateHolder issuer, KeyPair key) {
    return KeptKeys.der(
        CertificateDraft.signedBy(
                issuer,
                "forged",
                KeptKeys.info(KeptKeys.p256(new SecureRandom())),
                new CertificateDraft.Validity(NOW, NOW.plus(Duration.ofDays(1))),
                new SecureRandom())
            .asEndEntity()
            .sign(key.getPrivate()));
  }

  @Test
  void opensslReadsAndVerifiesWhatWasIssued() throws Exception {
    IssuedCertificate issued = authority.issue(order(Optional.of(new Resource("tablet")), NOW));
    write("leaf.pem", issued.leaf());
    write("issuing.pem", issued.issuing());
    write("root.pem", KEYS.root());
    Openssl.Said text = Openssl.run(folder, "x509", "-in", "leaf.pem", "-noout", "-text");
    assertThat(text.code()).as(text.text()).isZero();
    assertThat(text.text())
        .contains("Subject: CN = cred-7f3")
        .contains("othername: XmppAddr::nina@chat.example/tablet")
        .contains("TLS Web Client Authentication")
        .contains("CA:FALSE")
        .contains("URI:http://chat.example/crl")
        .contains("Digital Signature")
        .contains("ecdsa-with-SHA256")
        .doesNotContain("TLS Web Server Authentication");
    String at = Long.toString(NOW.getEpochSecond());
    Openssl.Said client = verify(at, "sslclient");
    assertThat(client.code()).as(client.text()).isZero();
    Openssl.Said server = verify(at, "sslserver");
    assertThat(server.code()).as(server.text()).isNotZero();
    String late = Long.toString(issued.notAfter().plusSeconds(1).getEpochSecond());
    assertThat(verify(late, "sslclient").code()).isNotZero();
  }

  private Openssl.Said verify(String at, String purpose) throws Exception {
    return Openssl.run(
        folder,
        "verify",
        "-x509_strict",
        "-attime",
        at,
        "-purpose",
        purpose,
        "-CAfile",
        "root.pem",
        "-untrusted",
        "issuing.pem",
        "leaf.pem");
  }

  private void write(String name, Bytes der) throws Exception {
    Files.writeString(
        folder.resolve(name),
        "-----BEGIN CERTIFICATE-----\n"
            + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der.toArray())
            + "\n-----END CERTIFICATE-----\n");
  }

  @Test
  void keysComeBackFromStorage() throws Exception {
    AuthorityKeys back = AuthorityKeys.decode(KEYS.encode());
    assertThat(back.domain()).isEqualTo(DOMAIN);
    assertThat(back.root()).isEqualTo(KEYS.root());
    assertThat(back.hasRootKey()).isTrue();
    Bytes leaf =
        new SoftwareAuthority(back, new SecureRandom()).issue(order(Optional.empty(), NOW)).leaf();
    validate(KEYS.root(), NOW, leaf, KEYS.issuing());
  }

  @Test
  void signsWithoutTheKeyOfTheRoot() throws Exception {
    AuthorityKeys back = AuthorityKeys.decode(KEYS.withoutRootKey().encode());
    assertThat(back.hasRootKey()).isFalse();
    Bytes leaf =
        new SoftwareAuthority(back, new SecureRandom()).issue(order(Optional.empty(), NOW)).leaf();
    validate(KEYS.root(), NOW, leaf, back.issuing());
  }

  @Test
  void refusesKeptKeysThatWereChanged() {
    Bytes kept = KEYS.encode().reveal();
    SeededRandom random = SeededRandom.announced();
    for (int round = 0; round < 200; round++) {
      byte[] octets = kept.toArray();
      octets[random.nextInt(octets.length)] ^= (byte) (1 << random.nextInt(8));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> AuthorityKeys.decode(Secret.of(Bytes.of(octets))))
          .withNoCause();
    }
    for (int length : new int[] {0, 3, 4, kept.length() / 2, kept.length() - 1}) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  AuthorityKeys.decode(Secret.of(Bytes.of(Arrays.copyOf(kept.toArray(), length)))));
    }
  }

  @Test
  void refusesKeyOfAnotherAuthority() {
    AuthorityKeys others = AuthorityKeys.create(DOMAIN, new SecureRandom(), NOW);
    var mixed =
        KeptKeys.write(
            "latchkey authority 0",
            Bytes.utf8(DOMAIN.name()),
            KEYS.root(),
            KEYS.issuing(),
            KeptKeys.pkcs8(others.issuingKey()),
            Bytes.EMPTY);
    assertThatIllegalArgumentException().isThrownBy(() -> AuthorityKeys.decode(mixed));
  }

  @Test
  void showsNothing() {
    assertThat(KEYS).hasToString("AuthorityKeys[chat.example]");
    assertThat(KEYS.encode()).hasToString("[secret]");
    assertThat(authority).hasToString("SoftwareAuthority[chat.example]");
  }

  @Test
  void bearsVeryLongDomains() throws Exception {
    String label = "a".repeat(60);
    Domain domain = new Domain(label + "." + label + "." + label + ".example");
    AuthorityKeys keys = AuthorityKeys.create(domain, new SecureRandom(), NOW);
    assertThat(certificate(keys.root()).getSubjectX500Principal().getName())
        .hasSizeLessThanOrEqualTo("CN=".length() + 64 + 1);
    assertThat(AuthorityKeys.decode(keys.encode()).domain()).isEqualTo(domain);
  }
}

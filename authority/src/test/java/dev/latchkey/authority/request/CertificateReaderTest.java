// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.authority.IssueOrder;
import dev.latchkey.authority.KeyKind;
import dev.latchkey.authority.Openssl;
import dev.latchkey.authority.RequestFault;
import dev.latchkey.authority.RequestForge;
import dev.latchkey.authority.issue.AuthorityKeys;
import dev.latchkey.authority.issue.SoftwareAuthority;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.Domain;
import dev.latchkey.testkit.SeededRandom;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CertificateReaderTest {
  private static final Instant NOW = Instant.parse("2026-11-21T20:00:00Z");

  @TempDir Path folder;

  private Bytes selfSigned(String... key) throws Exception {
    List<String> command = new ArrayList<>(List.of("req", "-x509", "-new", "-newkey"));
    command.addAll(List.of(key));
    command.addAll(
        List.of("-noenc", "-keyout", "device.key", "-subj", "/CN=tablet", "-days", "30"));
    command.addAll(
        List.of(
            "-addext",
            "subjectAltName=otherName:1.3.6.1.5.5.7.8.5;UTF8:nina@chat.example,DNS:chat.example"));
    command.addAll(List.of("-outform", "DER", "-out", "device.der"));
    Openssl.Said said = Openssl.run(folder, command.toArray(String[]::new));
    assertThat(said.code()).as(said.text()).isZero();
    return Bytes.of(Files.readAllBytes(folder.resolve("device.der")));
  }

  @Test
  void readsSelfSignedCertificate() throws Exception {
    Bytes der = selfSigned("ec", "-pkeyopt", "ec_paramgen_curve:P-256");
    assertThat(CertificateReader.read(der))
        .isInstanceOfSatisfying(
            ReadCertificate.Read.class,
            found -> {
              ShownCertificate read = found.certificate();
              assertThat(read.kind()).isEqualTo(KeyKind.P_256);
              assertThat(read.selfSigned()).isTrue();
              assertThat(read.xmppAddresses()).containsExactly("nina@chat.example");
              assertThat(read.notAfter()).isAfter(read.notBefore());
            });
  }

  @Test
  void tellsOurOwnFromSelfSigned() {
    AuthorityKeys keys = AuthorityKeys.create(new Domain("chat.example"), new SecureRandom(), NOW);
    Bytes publicKey = publicKey();
    Bytes leaf =
        new SoftwareAuthority(keys, new SecureRandom())
            .issue(
                new IssueOrder(
                    publicKey,
                    AccountJid.parse("nina@chat.example"),
                    Optional.empty(),
                    new CredentialId("cred-1"),
                    NOW))
            .leaf();
    assertThat(CertificateReader.read(leaf))
        .isInstanceOfSatisfying(
            ReadCertificate.Read.class,
            found -> {
              ShownCertificate read = found.certificate();
              assertThat(read.selfSigned()).isFalse();
              assertThat(read.publicKey()).isEqualTo(publicKey);
              assertThat(read.notAfter()).isEqualTo("2027-02-19T20:00:00Z");
            });
  }

  private static Bytes publicKey() {
    ReadRequest read = RequestReader.read(RequestForge.p256().der());
    return ((ReadRequest.Read) read).request().publicKey();
  }

  @Test
  void doesNotTakeChangedCertificateForSelfSigned() throws Exception {
    byte[] der = selfSigned("ec", "-pkeyopt", "ec_paramgen_curve:P-384").toArray();
    der[der.length - 1] ^= 1;
    assertThat(CertificateReader.read(Bytes.of(der)))
        .isInstanceOfSatisfying(
            ReadCertificate.Read.class,
            read -> assertThat(read.certificate().selfSigned()).isFalse());
  }

  @Test
  void refusesWeakKey() throws Exception {
    assertThat(CertificateReader.read(selfSigned("rsa:1024")))
        .isEqualTo(new ReadCertificate.Refused(RequestFault.WEAK_KEY));
  }

  @Test
  void refusesWhatIsNoCertificate() {
    assertThat(CertificateReader.read(Bytes.utf8("no certificate")))
        .isEqualTo(new ReadCertificate.Refused(RequestFault.MALFORMED));
    assertThat(CertificateReader.read(RequestForge.p256().der()))
        .isEqualTo(new ReadCertificate.Refused(RequestFault.MALFORMED));
  }

  @Test
  void survivesFlippedBits() throws Exception {
    SeededRandom random = SeededRandom.announced();
    Bytes good = selfSigned("ec", "-pkeyopt", "ec_paramgen_curve:P-256");
    for (int round = 0; round < 1000; round++) {
      byte[] octets = good.toArray();
      octets[random.nextInt(octets.length)] ^= (byte) (1 << random.nextInt(8));
      assertThat(CertificateReader.read(Bytes.of(octets))).isNotNull();
    }
  }
}

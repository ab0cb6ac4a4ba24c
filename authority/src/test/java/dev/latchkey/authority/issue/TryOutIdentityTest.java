// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority.issue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.latchkey.authority.Openssl;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Domain;
import dev.latchkey.testkit.Spec;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TryOutIdentityTest {
  private static final Instant NOW = Instant.parse("2026-11-21T20:00:00Z");

  @TempDir Path folder;

  private static TryOutIdentity create(String domain) {
    return TryOutIdentity.create(new Domain(domain), new SecureRandom(), NOW);
  }

  private static X509Certificate certificate(Bytes der) throws Exception {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(der.toArray()));
  }

  @ParameterizedTest
  @CsvSource({
    "localhost, 2, localhost",
    "chat.example, 2, chat.example",
    "müller.example, 2, xn--mller-kva.example",
    "127.0.0.1, 7, 127.0.0.1",
    "[::1], 7, 0:0:0:0:0:0:0:1"
  })
  void namesItsDomain(String domain, int kind, String name) throws Exception {
    X509Certificate leaf = certificate(create(domain).chain().getFirst());
    assertThat(leaf.getSubjectAlternativeNames())
        .singleElement()
        .satisfies(
            entry -> {
              assertThat(entry.get(0)).isEqualTo(kind);
              assertThat(entry.get(1)).isEqualTo(name);
            });
  }

  @Test
  void opensslVerifiesItAsServerUnderItsRootOnly() throws Exception {
    TryOutIdentity identity = create("localhost");
    write("leaf.pem", identity.chain().getFirst());
    write("root.pem", identity.chain().getLast());
    assertThat(verify("sslserver").code()).as(verify("sslserver").text()).isZero();
    assertThat(verify("sslclient").code()).isNotZero();
    write("root.pem", create("localhost").chain().getLast());
    assertThat(verify("sslserver").code()).isNotZero();
  }

  private Openssl.Said verify(String purpose) throws Exception {
    return Openssl.run(
        folder,
        "verify",
        "-x509_strict",
        "-attime",
        Long.toString(NOW.getEpochSecond()),
        "-purpose",
        purpose,
        "-verify_hostname",
        "localhost",
        "-CAfile",
        "root.pem",
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
  @Spec(doc = "latchkey", section = "22", rule = "a pin outlives the server's certificate")
  void keepsItsPinWhenRenewed() throws Exception {
    TryOutIdentity first = create("localhost");
    Instant later = NOW.plus(Duration.ofDays(350));
    TryOutIdentity second = first.renewedAt(later, new SecureRandom());
    assertThat(second.pin()).isEqualTo(first.pin());
    assertThat(second.chain().getLast()).isEqualTo(first.chain().getLast());
    assertThat(second.chain().getFirst()).isNotEqualTo(first.chain().getFirst());
    assertThat(second.notAfter()).isEqualTo(later.plus(Duration.ofDays(365)));
    assertThat(certificate(second.chain().getLast()).getPublicKey().getEncoded())
        .satisfies(key -> assertThat(Bytes.of(key).sha256()).isEqualTo(second.pin()));
  }

  @Test
  void comesBackFromStorage() {
    TryOutIdentity identity = create("localhost");
    TryOutIdentity back = TryOutIdentity.decode(identity.encode());
    assertThat(back.chain()).isEqualTo(identity.chain());
    assertThat(back.key()).isEqualTo(identity.key());
    assertThat(back.domain()).isEqualTo(identity.domain());
    assertThat(back).hasToString("TryOutIdentity[localhost]");
  }

  @Test
  void isNotAnAuthorityOfDevices() {
    TryOutIdentity identity = create("localhost");
    assertThatIllegalArgumentException().isThrownBy(() -> AuthorityKeys.decode(identity.encode()));
    AuthorityKeys keys = AuthorityKeys.create(new Domain("localhost"), new SecureRandom(), NOW);
    assertThatIllegalArgumentException().isThrownBy(() -> TryOutIdentity.decode(keys.encode()));
  }
}

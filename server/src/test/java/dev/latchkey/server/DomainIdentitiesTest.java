// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.AesGcmSealer;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.MasterKey;
import dev.latchkey.server.Configuration.ServedDomain;
import dev.latchkey.server.Configuration.TlsFiles;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.wire.tls.TlsIdentity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DomainIdentitiesTest {
  private static final String[] P256 = {"ec", "-pkeyopt", "ec_paramgen_curve:P-256"};
  private static final Domain FIRST = new Domain("first.example");
  private static final Domain CHAT = new Domain("chat.example");

  @TempDir Path folder;
  private final SecureRandom random = new SecureRandom();
  private final ManualClock clock = new ManualClock();

  @Test
  void servesTheNamedDomainAndTheFirstToEverybodyElse() throws Exception {
    DomainIdentities identities = identities(OpenSsl.selfSigned(folder, "own", P256));
    TlsIdentity own = identities.of(Optional.of("chat.example"));
    TlsIdentity first = identities.of(Optional.of("first.example"));
    assertThat(own).isNotEqualTo(first);
    assertThat(identities.of(Optional.of("CHAT.example"))).isEqualTo(own);
    assertThat(identities.of(Optional.empty())).isEqualTo(first);
    assertThat(identities.of(Optional.of("unknown.example"))).isEqualTo(first);
    assertThat(identities.of(Optional.of("not a name"))).isEqualTo(first);
    assertThat(identities.isTryOut(FIRST)).isTrue();
    assertThat(identities.isTryOut(CHAT)).isFalse();
    assertThat(identities.pin(FIRST)).isPresent().isNotEqualTo(identities.pin(CHAT));
    assertThat(identities.pin(new Domain("unknown.example"))).isEmpty();
  }

  @Test
  void followsTheFiles() throws Exception {
    TlsFiles files = OpenSsl.selfSigned(folder, "own", P256);
    DomainIdentities identities = identities(files);
    TlsIdentity old = identities.of(Optional.of("chat.example"));
    assertThat(identities.refresh()).isFalse();
    assertThat(identities.of(Optional.of("chat.example"))).isEqualTo(old);
    replace(files, OpenSsl.selfSigned(folder, "new", "rsa:2048"));
    assertThat(identities.refresh()).isTrue();
    assertThat(identities.of(Optional.of("chat.example")).key().getAlgorithm()).isEqualTo("RSA");
  }

  @Test
  void makesTheCertificateForTryingOutNewInTime() throws Exception {
    DomainIdentities identities = identities(OpenSsl.selfSigned(folder, "own", P256));
    TlsIdentity old = identities.of(Optional.of("first.example"));
    clock.advance(Duration.ofDays(300));
    assertThat(identities.refresh()).isFalse();
    assertThat(identities.of(Optional.of("first.example"))).isSameAs(old);
    clock.advance(Duration.ofDays(40));
    assertThat(identities.refresh()).isTrue();
    assertThat(identities.of(Optional.of("first.example"))).isNotEqualTo(old);
    assertThat(identities.refresh()).isFalse();
  }

  @Test
  void newFilesThatCannotBeUsedLeaveTheOldIdentity() throws Exception {
    TlsFiles files = OpenSsl.selfSigned(folder, "own", P256);
    DomainIdentities identities = identities(files);
    TlsIdentity old = identities.of(Optional.of("chat.example"));
    TlsFiles next = OpenSsl.selfSigned(folder, "next", "rsa:2048");
    Files.copy(next.chain(), files.chain(), StandardCopyOption.REPLACE_EXISTING);
    assertThat(identities.refresh()).isFalse();
    assertThat(identities.of(Optional.of("chat.example"))).isEqualTo(old);
    Files.delete(files.key());
    assertThat(identities.refresh()).isFalse();
    assertThat(identities.of(Optional.of("chat.example"))).isEqualTo(old);
    replace(files, next);
    assertThat(identities.refresh()).isTrue();
    assertThat(identities.of(Optional.of("chat.example"))).isNotEqualTo(old);
  }

  @Test
  void refusesToStartWithFilesThatCannotBeUsed() {
    TlsFiles absent = new TlsFiles(folder.resolve("no.crt"), folder.resolve("no.key"));
    assertThatThrownBy(() -> identities(absent))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("does not exist");
  }

  private static void replace(TlsFiles files, TlsFiles by) throws Exception {
    Files.copy(by.chain(), files.chain(), StandardCopyOption.REPLACE_EXISTING);
    Files.copy(
        by.key(),
        files.key(),
        StandardCopyOption.REPLACE_EXISTING,
        StandardCopyOption.COPY_ATTRIBUTES);
  }

  private DomainIdentities identities(TlsFiles files) {
    return new DomainIdentities(
        new DomainKeys(
            folder, new AesGcmSealer(List.of(MasterKey.draw(random)), random), random, clock),
        List.of(
            new ServedDomain(FIRST, Optional.empty(), List.of(), Map.of()),
            new ServedDomain(CHAT, Optional.of(files), List.of(), Map.of())));
  }
}

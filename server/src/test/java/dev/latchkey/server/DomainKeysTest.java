// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.AesGcmSealer;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.MasterKey;
import dev.latchkey.credential.SealException;
import dev.latchkey.credential.Sealer;
import dev.latchkey.testkit.ManualClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DomainKeysTest {
  private static final Domain CHAT = new Domain("chat.example");
  private static final Domain OTHER = new Domain("other.example");

  @TempDir Path data;
  private final SecureRandom random = new SecureRandom();
  private final ManualClock clock = new ManualClock();
  private final AesGcmSealer sealer = new AesGcmSealer(List.of(MasterKey.draw(random)), random);

  @Test
  void makesAuthoritiesOnceForEachDomain() {
    assertThat(keys().authority(CHAT).root()).isEqualTo(keys().authority(CHAT).root());
    assertThat(keys().authority(CHAT).root()).isNotEqualTo(keys().authority(OTHER).root());
  }

  @Test
  void nobodyElseReadsTheFilesAndNothingIsInTheClear() throws IOException {
    keys().authority(CHAT);
    Path file = data.resolve("authority/chat.example.sealed");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
        .isEqualTo("rwx------");
    assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).doesNotContain("chat.example");
  }

  @Test
  void fileOfAnotherDomainDoesNotOpen() throws IOException {
    keys().authority(CHAT);
    keys().authority(OTHER);
    Files.copy(
        data.resolve("authority/other.example.sealed"),
        data.resolve("authority/chat.example.sealed"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> keys().authority(CHAT)).isInstanceOf(SealException.class);
  }

  @Test
  void anotherMasterKeyDoesNotOpen() {
    keys().authority(CHAT);
    Sealer another = new AesGcmSealer(List.of(MasterKey.draw(random)), random);
    assertThatThrownBy(() -> new DomainKeys(data, another, random, clock).authority(CHAT))
        .isInstanceOf(SealException.class);
  }

  @Test
  void damagedFileIsNotReplacedByNewKeys() throws IOException {
    keys().authority(CHAT);
    Path file = data.resolve("authority/chat.example.sealed");
    Files.write(file, new byte[] {1, 2, 3});
    assertThatThrownBy(() -> keys().authority(CHAT)).isInstanceOf(SealException.class);
    assertThat(Files.readAllBytes(file)).containsExactly(1, 2, 3);
  }

  @Test
  void tryOutCertificateIsMadeNewInTimeUnderTheSamePin() {
    Bytes pin = keys().tryOut(CHAT).pin();
    List<Bytes> chain = keys().tryOut(CHAT).chain();
    clock.advance(Duration.ofDays(300));
    assertThat(keys().tryOut(CHAT).chain()).isEqualTo(chain);
    clock.advance(Duration.ofDays(40));
    assertThat(keys().tryOut(CHAT).chain().getFirst()).isNotEqualTo(chain.getFirst());
    assertThat(keys().tryOut(CHAT).pin()).isEqualTo(pin);
    assertThat(keys().tryOut(CHAT).chain()).isEqualTo(keys().tryOut(CHAT).chain());
  }

  @ParameterizedTest
  @ValueSource(strings = {"bücher.example", "[::1]", "127.0.0.1"})
  void oddDomainsHaveFilesOfTheirOwn(String name) throws IOException {
    Domain domain = new Domain(name);
    assertThat(keys().authority(domain).root()).isEqualTo(keys().authority(domain).root());
    try (var files = Files.list(data.resolve("authority"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .singleElement()
          .asString()
          .matches("[_a-z0-9.-]+\\.sealed");
    }
  }

  @Test
  void sealsEverythingAnewAndTellsOfNothingLeft() {
    List<Domain> domains =
        Stream.of("chat.example", "bücher.example", "[::1]", "127.0.0.1").map(Domain::new).toList();
    DomainKeys keys = keys();
    List<Object> before =
        domains.stream()
            .<Object>flatMap(
                domain -> Stream.of(keys.authority(domain).root(), keys.tryOut(domain).pin()))
            .toList();
    MasterKey next = MasterKey.draw(random);
    sealer.sealWith(next);
    AtomicLong told = new AtomicLong();

    assertThat(keys.reseal(told::addAndGet)).isEqualTo(8);
    assertThat(told).hasValue(8);
    assertThat(keys.reseal(told::addAndGet)).isZero();
    assertThat(keys.left()).isEmpty();

    DomainKeys opened =
        new DomainKeys(data, new AesGcmSealer(List.of(next), random), random, clock);
    assertThat(
            domains.stream()
                .<Object>flatMap(
                    domain ->
                        Stream.of(opened.authority(domain).root(), opened.tryOut(domain).pin())))
        .isEqualTo(before);
  }

  @Test
  void sealsAnewWhatBelongsToDomainsThatAreNotServedAsFarAsItCanTell() {
    for (String name : List.of("chat.example", "bücher.example", "[::1]")) {
      keys().authority(new Domain(name));
    }
    sealer.sealWith(MasterKey.draw(random));
    DomainKeys others = keys();

    assertThat(others.reseal(_ -> {})).isEqualTo(2);
    assertThat(others.left())
        .singleElement()
        .asString()
        .matches(".*/authority/_[0-9a-f]{64}\\.sealed belongs to a domain that is not served; .*");
    others.authority(new Domain("[::1]"));
    assertThat(others.reseal(_ -> {})).isEqualTo(1);
    assertThat(others.left()).isEmpty();
  }

  private DomainKeys keys() {
    return new DomainKeys(data, sealer, random, clock);
  }
}

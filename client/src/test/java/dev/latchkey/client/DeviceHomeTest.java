// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.MachineSecret;
import dev.latchkey.credential.Resource;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DeviceHomeTest {
  private static final AccountJid NINA = AccountJid.parse("nina@chat.example");
  private static final MachineSecret CODE = MachineSecret.draw(new SeededRandom(1));

  @TempDir Path folder;
  private Path place;
  private DeviceHome home;
  private final DeviceKey key = DeviceKey.make();
  private final TestAuthority authority = TestAuthority.make();

  @BeforeEach
  void choose() {
    place = folder.resolve("deep/down/latchkey");
    home = DeviceHome.at(place);
  }

  private PendingEnrolment pending() {
    return new PendingEnrolment(
        NINA,
        PendingEnrolment.fingerprint(CODE),
        Optional.of("Nina's \"tablet\" = #1\nnew line"),
        Optional.of("nina-pc"),
        Optional.of(new Resource("tablet")),
        "0d1b7e2f-6f0a-4f4b-9f0e-0123456789ab",
        new PendingEnrolment.Wish.OfCertificate(
            key, key.request(NINA, Optional.of(new Resource("tablet")))));
  }

  private DeviceAccount account() {
    return new DeviceAccount(
        NINA,
        new DeviceId("dev-1"),
        CredentialKind.CERTIFICATE,
        new CredentialId("cred-1"),
        Instant.parse("2026-10-03T00:00:00Z"),
        Instant.parse("2027-01-01T00:00:00Z"),
        "Küche",
        Optional.of(new Resource("tablet")),
        "0d1b7e2f-6f0a-4f4b-9f0e-0123456789ab",
        Optional.of(new ServerAddress("127.0.0.1", 15223, true)),
        Optional.of(Bytes.utf8("key").sha256()));
  }

  private List<X509Certificate> chain(DeviceKey of) throws Exception {
    java.security.PublicKey publicKey =
        java.security.KeyFactory.getInstance("EC")
            .generatePublic(
                new java.security.spec.X509EncodedKeySpec(of.publicKeyInfo().toArray()));
    return List.of(
        authority.device(publicKey, List.of("nina@chat.example/tablet")), authority.certificate());
  }

  private void complete() throws Exception {
    home.complete(account(), key, chain(key), Optional.of(authority.certificate()));
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void onlyTheOwnerReadsIt() throws Exception {
    home.begin(pending());
    assertThat(mode(place)).isEqualTo("rwx------");
    assertThat(mode(place.resolve("pending.properties"))).isEqualTo("rw-------");
    complete();
    try (Stream<Path> files = Files.list(place)) {
      for (Path file : files.toList()) {
        assertThat(mode(file)).describedAs(file.toString()).isEqualTo("rw-------");
      }
    }
  }

  @Test
  void tightensAnEmptyFolderAndLeavesAFullOneAlone() throws Exception {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Files.setPosixFilePermissions(empty, PosixFilePermissions.fromString("rwxr-xr-x"));
    DeviceHome.at(empty).begin(pending());
    assertThat(mode(empty)).isEqualTo("rwx------");

    Path full = Files.createDirectory(folder.resolve("full"));
    Files.createFile(full.resolve("somebody's"));
    Files.setPosixFilePermissions(full, PosixFilePermissions.fromString("rwxr-xr-x"));
    DeviceHome.at(full).begin(pending());
    assertThat(mode(full)).isEqualTo("rwxr-xr-x");
    assertThat(mode(full.resolve("pending.properties"))).isEqualTo("rw-------");
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 8", rule = "what is pending can be sent again as it was")
  void keepsWhatIsPending() {
    home.begin(pending());
    PendingEnrolment kept = home.pending().orElseThrow();
    PendingEnrolment begun = pending();
    assertThat(kept.jid()).isEqualTo(NINA);
    assertThat(kept.name()).isEqualTo(begun.name());
    assertThat(kept.resource()).isEqualTo(begun.resource());
    assertThat(kept.userAgent()).isEqualTo(begun.userAgent());
    PendingEnrolment.Wish.OfCertificate wish = (PendingEnrolment.Wish.OfCertificate) kept.wish();
    assertThat(wish.key().publicKeyInfo()).isEqualTo(key.publicKeyInfo());
    assertThat(kept.isOf(LoginUri.parse("xmpp:nina@chat.example?login;token=" + text(CODE))))
        .isTrue();
    MachineSecret other = MachineSecret.draw(new SeededRandom(2));
    assertThat(kept.isOf(LoginUri.parse("xmpp:nina@chat.example?login;token=" + text(other))))
        .isFalse();
    assertThat(kept.isOf(LoginUri.parse("xmpp:bob@chat.example?login;token=" + text(CODE))))
        .isFalse();
  }

  private static String text(MachineSecret code) {
    return code.canonical().revealText();
  }

  @Test
  void doesNotWriteTheCodeDown() throws IOException {
    home.begin(pending());
    assertThat(Files.readString(place.resolve("pending.properties"))).doesNotContain(text(CODE));
  }

  @Test
  void remembersWhatItIs() throws Exception {
    assertThat(home.isEnrolled()).isFalse();
    home.begin(pending());
    assertThat(home.isEnrolled()).isFalse();
    complete();
    assertThat(home.isEnrolled()).isTrue();
    assertThat(home.pending()).isEmpty();
    assertThat(home.account()).isEqualTo(account());
    assertThat(home.certificates()).isEqualTo(chainOnDisk());
    assertThat(home.serverAnchor()).contains(authority.certificate());
    assertThat(home.privateKey().getEncoded()).isEqualTo(key.privateKey().getEncoded());
  }

  private List<X509Certificate> chainOnDisk() throws Exception {
    return List.of(
        Certificates.read(
            Pem.read("CERTIFICATE", Files.readString(place.resolve("device.crt"))).getFirst()),
        authority.certificate());
  }

  @Test
  void leavesNothingHalfWritten() throws Exception {
    home.begin(pending());
    complete();
    try (Stream<Path> files = Files.list(place)) {
      assertThat(files.map(file -> String.valueOf(file.getFileName())))
          .containsExactlyInAnyOrder(
              "account.properties",
              "archive.properties",
              "device.key",
              "device.crt",
              "device.p12",
              "server-ca.crt");
    }
  }

  @Test
  void writesToWhatALinkLeadsTo() throws Exception {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Path target = elsewhere.resolve("key");
    Path link = folder.resolve("link");
    Files.createSymbolicLink(link, target);
    Files.writeString(target, "old");
    PrivateFiles.write(link, new byte[] {'n', 'e', 'w'});
    assertThat(Files.isSymbolicLink(link)).isTrue();
    assertThat(target).hasContent("new");
    assertThat(elsewhere).isDirectoryContaining(target::equals);
    assertThat(elsewhere.toFile().list()).hasSize(1);
  }

  @Test
  void removesSecretsThatAKilledProgramHadBegunToWrite() throws Exception {
    home.begin(pending());
    List<Path> secrets =
        Stream.of("device.key", "device.p12", "tokens.properties", "client-key.properties")
            .map(name -> place.resolve("." + name + "123.new"))
            .toList();
    Path begun = place.resolve(".pending.properties123.new");
    Path another = place.resolve(".archive.properties123.new"); // it is written without the lock
    for (Path left : secrets) {
      Files.writeString(left, "secret");
    }
    Files.writeString(begun, "secret");
    Files.writeString(another, "no secret");
    try (HomeLock _ = home.lock(ClientEnvironment.ofThisMachine())) {
      assertThat(secrets).noneMatch(Files::exists);
      assertThat(begun).as("somebody may be enrolling").exists();
      complete();
    }
    assertThat(begun).doesNotExist();
    assertThat(another).exists();
  }

  @Test
  void dropsTheAnchorOfAnEarlierDevice() throws Exception {
    complete();
    home.complete(account(), key, chain(key), Optional.empty());
    assertThat(home.serverAnchor()).isEmpty();
    assertThat(place.resolve("server-ca.crt")).doesNotExist();
  }

  @Test
  void isStillPendingAfterACrashInTheMidst() throws Exception {
    home.begin(pending());
    complete();
    home.begin(pending());
    Files.delete(place.resolve("account.properties")); // written last
    assertThat(home.isEnrolled()).isFalse();
    assertThat(home.pending()).isPresent();
    assertThatThrownBy(home::account)
        .isInstanceOf(ClientException.class)
        .hasMessageContaining("same invitation");
  }

  @Test
  void opensslReadsKeyAndCertificate() throws Exception {
    complete();
    Path root = folder.resolve("root.pem");
    Files.writeString(root, Pem.write("CERTIFICATE", Certificates.der(authority.certificate())));
    assertThat(
            OpenSsl.run(
                "verify", "-CAfile", root.toString(), place.resolve("device.crt").toString()))
        .satisfies(run -> assertThat(run.said()).contains("OK"));
    OpenSsl.Run fromKey =
        OpenSsl.run("pkey", "-in", place.resolve("device.key").toString(), "-pubout");
    OpenSsl.Run fromCertificate =
        OpenSsl.run("x509", "-in", place.resolve("device.crt").toString(), "-pubkey", "-noout");
    assertThat(fromKey.said())
        .startsWith("-----BEGIN PUBLIC KEY")
        .isEqualTo(fromCertificate.said());
  }

  @Test
  void opensslReadsThePkcs12FileWithTheDocumentedPassword() throws Exception {
    complete();
    String file = place.resolve("device.p12").toString();
    OpenSsl.Run run = OpenSsl.run("pkcs12", "-in", file, "-passin", "pass:latchkey", "-nodes");
    assertThat(run.exit()).describedAs(run.said()).isZero();
    assertThat(run.said()).contains("BEGIN PRIVATE KEY").contains("CN = device");
    assertThat(run.said().split("BEGIN CERTIFICATE", -1)).hasSize(3);
    assertThat(OpenSsl.run("pkcs12", "-in", file, "-passin", "pass:other", "-nodes").exit())
        .isNotZero();
  }

  @Test
  void refusesKeyThatOthersMayRead() throws Exception {
    complete();
    Files.setPosixFilePermissions(
        place.resolve("device.key"), PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(home::privateKey)
        .isInstanceOf(ClientException.class)
        .hasMessageContaining("chmod 600");
  }

  @Test
  void refusesKeyOfAnotherDevice() throws Exception {
    complete();
    PrivateFiles.write(
        place.resolve("device.key"),
        Pem.write("PRIVATE KEY", Bytes.of(DeviceKey.make().privateKey().getEncoded()))
            .getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertThatThrownBy(home::privateKey)
        .isInstanceOf(ClientException.class)
        .hasMessageContaining("device.key is damaged");
  }

  @Test
  void namesTheFileThatIsDamaged() throws Exception {
    complete();
    PrivateFiles.write(place.resolve("account.properties"), new byte[] {'x', '\n'});
    assertThatThrownBy(home::account)
        .isInstanceOf(ClientException.class)
        .hasMessageContaining("account.properties is damaged: `jid` is missing");
    PrivateFiles.write(place.resolve("device.crt"), new byte[0]);
    assertThatThrownBy(home::certificates)
        .isInstanceOf(ClientException.class)
        .hasMessageContaining("device.crt is damaged");
  }

  @Test
  void saysWhichFileIsMissing() throws Exception {
    complete();
    Files.delete(place.resolve("device.key"));
    assertThatThrownBy(home::privateKey)
        .isInstanceOf(ClientException.class)
        .hasMessage(
            "%s is missing. Enrol this device anew into another folder, or put the file back",
            place.resolve("device.key"));
  }

  @Test
  void saysThatAFileIsNoFolder() throws Exception {
    Files.createDirectories(place.getParent());
    Files.writeString(place, "somebody's");
    assertThatThrownBy(() -> home.begin(pending()))
        .isInstanceOf(ClientException.class)
        .hasMessage("%s cannot be written: it is a file and no folder", place);
  }

  @Test
  void saysInPlainWordsWhyItCannotBeWritten() {
    assertThat(
            PrivateFiles.reason(
                new FileSystemException("/home/nina/lock", null, "Read-only file system")))
        .isEqualTo("Read-only file system");
    assertThat(PrivateFiles.reason(new AccessDeniedException("/home/nina")))
        .isEqualTo("permission denied");
    assertThat(PrivateFiles.reason(new IOException("No space left on device")))
        .isEqualTo("No space left on device");
    assertThat(PrivateFiles.reason(new IOException())).isEqualTo("java.io.IOException");
  }

  @Test
  void saysWhatToDoWhereNothingIsEnrolled() {
    assertThatThrownBy(home::account)
        .isInstanceOf(ClientException.class)
        .hasMessageContaining("no device is enrolled here")
        .hasMessageContaining("--home");
  }

  @Test
  void liesInTheUsualPlace() {
    assertThat(DeviceHome.usual(Map.of(), Path.of("/home/nina")).folder())
        .isEqualTo(Path.of("/home/nina/.config/latchkey"));
    assertThat(
            DeviceHome.usual(Map.of("XDG_CONFIG_HOME", "/etc/nina"), Path.of("/home/nina"))
                .folder())
        .isEqualTo(Path.of("/etc/nina/latchkey"));
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.Bytes;
import dev.latchkey.server.Configuration.TlsFiles;
import dev.latchkey.testkit.Spec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PemIdentityTest {
  private static final String[] P256 = {"ec", "-pkeyopt", "ec_paramgen_curve:P-256"};

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"rsa:2048", "ec -pkeyopt ec_paramgen_curve:P-256", "ed25519"})
  @Spec(
      doc = "latchkey",
      section = "22",
      rule = "the pin is the SHA-256 of the SPKI as openssl says")
  void readsEveryKindOfKeyAndPinsWhatIsNotPubliclyTrusted(String kind) throws Exception {
    TlsFiles files = OpenSsl.selfSigned(folder, "own", kind.split(" "));
    PemIdentity identity = PemIdentity.read(files);
    Path spki = folder.resolve("spki.der");
    OpenSsl.run(
        List.of(
            "pkey",
            "-in",
            files.key().toString(),
            "-pubout",
            "-outform",
            "DER",
            "-out",
            spki.toString()));
    assertThat(identity.pin()).contains(Bytes.of(Files.readAllBytes(spki)).sha256());
    assertThat(identity.identity().chain()).hasSize(1);
  }

  @Test
  void refusesKeyOfAnotherCertificate() throws Exception {
    TlsFiles one = OpenSsl.selfSigned(folder, "one", P256);
    TlsFiles two = OpenSsl.selfSigned(folder, "two", P256);
    assertRefused(new TlsFiles(one.chain(), two.key()), "is not the key of the first certificate");
  }

  @Test
  void refusesKeyOfAnotherKind() throws Exception {
    TlsFiles one = OpenSsl.selfSigned(folder, "one", P256);
    TlsFiles two = OpenSsl.selfSigned(folder, "two", "rsa:2048");
    assertRefused(new TlsFiles(one.chain(), two.key()), "is not the key of the first certificate");
  }

  @Test
  void refusesKeyWithPassword() throws Exception {
    TlsFiles files = OpenSsl.selfSigned(folder, "one", P256);
    Path sealed = folder.resolve("sealed.key");
    OpenSsl.run(
        List.of(
            "pkcs8",
            "-topk8",
            "-passout",
            "pass:x",
            "-in",
            files.key().toString(),
            "-out",
            sealed.toString()));
    assertRefused(new TlsFiles(files.chain(), sealed), "holds no private key in PKCS#8");
  }

  @Test
  void refusesKeyThatEverybodyCanRead() throws Exception {
    TlsFiles files = OpenSsl.selfSigned(folder, "one", P256);
    Files.setPosixFilePermissions(files.key(), PosixFilePermissions.fromString("rw-r--r--"));
    assertRefused(files, "can be read by everybody");
  }

  @Test
  void refusesFilesThatAreAbsentEmptyOrBroken() throws Exception {
    TlsFiles files = OpenSsl.selfSigned(folder, "one", P256);
    Path absent = folder.resolve("absent");
    Path empty = Files.writeString(folder.resolve("empty"), "");
    Path broken =
        Files.writeString(
            folder.resolve("broken"),
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    assertRefused(new TlsFiles(absent, files.key()), "does not exist");
    assertRefused(new TlsFiles(empty, files.key()), "holds no certificate");
    assertRefused(new TlsFiles(broken, files.key()), "holds a certificate that cannot be read");
    assertRefused(new TlsFiles(files.key(), files.key()), "holds no certificate");
    assertRefused(new TlsFiles(files.chain(), absent), "does not exist");
  }

  private static void assertRefused(TlsFiles files, String problem) {
    assertThatThrownBy(() -> PemIdentity.read(files))
        .isInstanceOf(PemIdentityException.class)
        .hasMessageContaining(problem);
  }
}

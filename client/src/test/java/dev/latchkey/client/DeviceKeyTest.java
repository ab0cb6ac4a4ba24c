// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Resource;
import dev.latchkey.testkit.Spec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Optional;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DeviceKeyTest {
  private static final AccountJid NINA = AccountJid.parse("nina@chat.example");

  @Test
  @Spec(doc = "RFC 2986", section = "4", rule = "a request is signed by the key that it names")
  void opensslVerifiesTheRequest(@TempDir Path folder) throws Exception {
    Bytes request = DeviceKey.make().request(NINA, Optional.of(new Resource("Küche")));
    Path file = folder.resolve("request.der");
    Files.write(file, request.toArray());
    OpenSsl.Run run =
        OpenSsl.run("req", "-inform", "DER", "-in", file.toString(), "-verify", "-noout", "-text");
    assertThat(run.exit()).describedAs(run.said()).isZero();
    assertThat(run.said())
        .contains("verify OK")
        .contains("prime256v1")
        .contains("X509v3 Subject Alternative Name");
  }

  @Test
  void requestNamesTheAddressAndNothingElse() throws Exception {
    DeviceKey key = DeviceKey.make();
    PKCS10CertificationRequest request =
        new PKCS10CertificationRequest(
            key.request(NINA, Optional.of(new Resource("tablet"))).toArray());
    assertThat(request.getSubject().getRDNs()).isEmpty();
    assertThat(Bytes.of(request.getSubjectPublicKeyInfo().getEncoded()))
        .isEqualTo(key.publicKeyInfo());
    assertThat(request.getAttributes()).hasSize(1);
    Extensions extensions =
        Extensions.getInstance(
            request
                .getAttributes(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest)[0]
                .getAttrValues()
                .getObjectAt(0));
    assertThat(extensions.getExtensionOIDs()).containsExactly(Extension.subjectAlternativeName);
    assertThat(
            new String(
                extensions
                    .getExtension(Extension.subjectAlternativeName)
                    .getExtnValue()
                    .getOctets(),
                java.nio.charset.StandardCharsets.UTF_8))
        .endsWith("nina@chat.example/tablet");
  }

  @Test
  void requestWithLongNamesIsWellFormed() throws Exception {
    Bytes request = DeviceKey.make().request(NINA, Optional.of(new Resource("r".repeat(1_000))));
    assertThat(new PKCS10CertificationRequest(request.toArray()).toASN1Structure().getEncoded())
        .isEqualTo(request.toArray());
  }

  @Test
  void refusesHalvesOfDifferentKeys() {
    DeviceKey one = DeviceKey.make();
    DeviceKey other = DeviceKey.make();
    assertThatThrownBy(
            () -> DeviceKey.read(Bytes.of(one.privateKey().getEncoded()), other.publicKeyInfo()))
        .isInstanceOf(GeneralSecurityException.class);
  }
}

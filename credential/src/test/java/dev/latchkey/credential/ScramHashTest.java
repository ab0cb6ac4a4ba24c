// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.testkit.Spec;
import org.junit.jupiter.api.Test;

class ScramHashTest {
  @Test
  @Spec(doc = "RFC 6070", section = "2", rule = "Hi is PBKDF2 with HMAC-SHA-1")
  void derivesAsThePublishedVectorsDo() {
    Secret password = Secret.ofText("password");
    Bytes salt = Bytes.utf8("salt");
    assertThat(ScramHash.SHA_1.saltedPassword(password, salt, 1).reveal().toHex())
        .isEqualTo("0c60c80f961f0e71f3a9b524af6012062fe037a6");
    assertThat(ScramHash.SHA_1.saltedPassword(password, salt, 2).reveal().toHex())
        .isEqualTo("ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957");
    assertThat(ScramHash.SHA_1.saltedPassword(password, salt, 4096).reveal().toHex())
        .isEqualTo("4b007901b765489abead49d926f721d065a429c1");
  }

  @Test
  @Spec(doc = "RFC 7914", section = "11", rule = "PBKDF2 with HMAC-SHA-256")
  void derivesAsThePublishedVectorsDoWithSha256() {
    assertThat(
            ScramHash.SHA_256
                .saltedPassword(Secret.ofText("passwd"), Bytes.utf8("salt"), 1)
                .reveal()
                .toHex())
        .isEqualTo("55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc");
  }

  @Test
  @Spec(doc = "RFC 2104", section = "2", rule = "a short key is filled up with zeros")
  void takesAnEmptyKey() {
    assertThat(ScramHash.SHA_256.hmac(Bytes.EMPTY, Bytes.EMPTY).toHex())
        .isEqualTo("b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
  }

  @Test
  void tellsItsLength() {
    for (ScramHash hash : ScramHash.values()) {
      assertThat(hash.hash(Bytes.EMPTY).length()).isEqualTo(hash.length());
      assertThat(hash.hmac(Bytes.utf8("k"), Bytes.EMPTY).length()).isEqualTo(hash.length());
    }
  }

  @Test
  @Spec(doc = "RFC 5802", section = "3", rule = "StoredKey and ServerKey from SaltedPassword")
  void verifierHoldsStoredKeyAndServerKey() {
    Secret salted = Secret.of(Bytes.hex("1d96ee3a529b5a5f9e47c01f229a2cb8a6e15f7d"));
    ScramVerifier verifier = ScramVerifier.ofSaltedPassword(ScramHash.SHA_1, salted);
    assertThat(verifier.storedKey().toHex()).isEqualTo("e9d94660c39d65c38fbad91c358f14da0eef2bd6");
    assertThat(verifier.serverKey().reveal().toHex())
        .isEqualTo("0fe09258b3ac852ba502cc62ba903eaacdbf7d31");
    assertThat(verifier.toString()).doesNotContain("0fe0");
  }
}

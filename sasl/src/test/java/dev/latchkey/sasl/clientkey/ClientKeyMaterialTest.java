// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.clientkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Secret;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientKeyMaterialTest {
  private final SeededRandom random = SeededRandom.announced();
  private final Secret validationKey = Secret.of(Bytes.random(32, random));

  @ParameterizedTest
  @ValueSource(ints = {0, 20, 31, 33, 64})
  @Spec(doc = "latchkey", section = "57", rule = "a ValidationKey has exactly 32 octets")
  void refusesAKeyOfAnotherLength(int length) {
    refuses(Secret.of(Bytes.random(length, random)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"00", "ff", "a5"})
  @Spec(doc = "latchkey", section = "57", rule = "not all octets equal")
  void refusesAKeyOfOneOctetRepeated(String octet) {
    refuses(Secret.of(Bytes.hex(octet.repeat(32))));
  }

  private void refuses(Secret unfit) {
    assertThat(ClientKeyMaterial.isFit(unfit)).isFalse();
    assertThatThrownBy(() -> ClientKeyMaterial.make(unfit, random))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void oneOctetThatDiffersIsEnough() {
    assertThat(ClientKeyMaterial.isFit(Secret.of(Bytes.hex("00".repeat(31) + "01")))).isTrue();
    assertThat(ClientKeyMaterial.isFit(validationKey)).isTrue();
  }

  @Test
  @Spec(
      doc = "draft-cridland-kitten-clientkey-00",
      section = "3",
      rule = "neither database alone has the Secret")
  void bothPartsTogetherMakeTheSecret() {
    ClientKeyMaterial material = ClientKeyMaterial.make(validationKey, random);
    HeldClientKey held =
        HeldClientKey.registered("phone", validationKey, material.encryptedSecret()).orElseThrow();
    assertThat(held.secret()).isEqualTo(material.secret(validationKey));
    assertThat(held.secret()).isNotEqualTo(material.encryptedSecret());
    assertThat(material.toString() + held)
        .doesNotContain(held.secret().reveal().toHex())
        .contains("[secret]");
  }

  @Test
  @Spec(doc = "latchkey", section = "57", rule = "a key that matches the Validator: the same again")
  void knowsTheKeyThatItWasMadeOf() {
    ClientKeyMaterial material = ClientKeyMaterial.make(validationKey, random);
    assertThat(material.isOf(validationKey)).isTrue();
    assertThat(material.isOf(Secret.of(Bytes.random(32, random)))).isFalse();
  }

  @Test
  void everySecretIsDrawnAnew() {
    assertThat(ClientKeyMaterial.make(validationKey, random).encryptedSecret())
        .isNotEqualTo(ClientKeyMaterial.make(validationKey, random).encryptedSecret());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 20, 31, 33})
  void aClientTakesNoAnswerOfAnotherLength(int length) {
    assertThat(
            HeldClientKey.registered(
                "phone", validationKey, Secret.of(Bytes.random(length, random))))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\0", "pho\0ne"})
  void aClientIdHoldsNoNul(String id) {
    assertThatThrownBy(() -> new HeldClientKey(id, validationKey, validationKey))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aClientKeepsNoShortKey() {
    Secret tooShort = Secret.of(Bytes.random(31, random));
    assertThatThrownBy(() -> new HeldClientKey("phone", tooShort, validationKey))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new HeldClientKey("phone", validationKey, tooShort))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

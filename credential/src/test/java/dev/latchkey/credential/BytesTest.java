// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BytesTest {
  @Test
  void keepsItsOwnCopyOnTheWayIn() {
    byte[] octets = {1, 2, 3};
    Bytes bytes = Bytes.of(octets);
    octets[0] = 9;
    assertThat(bytes).isEqualTo(Bytes.of((byte) 1, (byte) 2, (byte) 3));
  }

  @Test
  void givesACopyOnTheWayOut() {
    Bytes bytes = Bytes.hex("010203");
    bytes.toArray()[0] = 9;
    assertThat(bytes.toHex()).isEqualTo("010203");
  }

  @Test
  void isEqualOnlyToTheSameOctets() {
    assertThat(Bytes.hex("0102"))
        .isEqualTo(Bytes.of((byte) 1, (byte) 2))
        .hasSameHashCodeAs(Bytes.of((byte) 1, (byte) 2))
        .isNotEqualTo(Bytes.hex("0103"))
        .isNotEqualTo(Bytes.hex("010200"))
        .isNotEqualTo(Bytes.EMPTY)
        .isNotEqualTo("0102");
  }

  @Test
  void showsItsLengthOnly() {
    assertThat(Bytes.utf8("hunter2")).hasToString("Bytes[7]");
  }

  @Test
  @Spec(doc = "latchkey", section = "47", rule = "lp(x) is a four-octet length and the octets")
  void putsALengthBeforeEachPart() {
    assertThat(Bytes.lengthPrefixed(Bytes.utf8("ab"), Bytes.EMPTY, Bytes.utf8("c")).toHex())
        .isEqualTo("00000002" + "6162" + "00000000" + "00000001" + "63");
  }

  @Test
  void givesDifferentListsDifferentForms() {
    assertThat(Bytes.lengthPrefixed(Bytes.utf8("ab"), Bytes.utf8("c")))
        .isNotEqualTo(Bytes.lengthPrefixed(Bytes.utf8("a"), Bytes.utf8("bc")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"YQ", "YQ=", "YWI=\n", " YWI=", "Y*==", "YWI-", "=", "YQ==YQ=="})
  @Spec(doc = "RFC 4648", section = "4", rule = "padded, one alphabet, nothing else")
  void refusesWhatIsNotBase64(String text) {
    assertThat(Bytes.base64(text)).isEmpty();
  }

  @Test
  void readsBase64ThatItWrote() {
    SeededRandom random = SeededRandom.announced();
    for (int length = 0; length < 70; length++) {
      Bytes bytes = Bytes.random(length, random);
      assertThat(Bytes.base64(bytes.toBase64())).contains(bytes);
      assertThat(Bytes.hex(bytes.toHex())).isEqualTo(bytes);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"c0af", "eda080", "f5808080", "80", "c3", "e28"})
  void refusesTextThatIsNotStrictUtf8(String hex) {
    if (hex.length() % 2 == 1) {
      assertThatThrownBy(() -> Bytes.hex(hex)).isInstanceOf(IllegalArgumentException.class);
    } else {
      assertThat(Bytes.hex(hex).toUtf8()).isEmpty();
    }
  }

  @Test
  void cutsWithinItsBoundsOnly() {
    Bytes bytes = Bytes.hex("00010203");
    assertThat(bytes.slice(1, 2)).isEqualTo(Bytes.hex("0102"));
    assertThatThrownBy(() -> bytes.slice(2, 3)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> bytes.slice(-1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void mixesEqualLengthsOnly() {
    assertThat(Bytes.hex("ff00").xor(Bytes.hex("0ff0"))).isEqualTo(Bytes.hex("f0f0"));
    assertThatThrownBy(() -> Bytes.hex("ff").xor(Bytes.hex("ffff")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("exclusive or of 1 and 2 octets");
  }

  @Test
  void hashesAsThePublishedVectorDoes() {
    // FIPS 180-2, appendix B.1
    assertThat(Bytes.utf8("abc").sha256().toHex())
        .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  }

  @Test
  void secretsAreNotShown() {
    Secret secret = Secret.ofText("hunter2");
    assertThat(secret).hasToString("[secret]").isEqualTo(Secret.of(Bytes.utf8("hunter2")));
    assertThat(secret).isNotEqualTo(Secret.ofText("hunter3"));
    assertThat(secret.hashCode()).isEqualTo(Secret.ofText("other").hashCode());
    assertThat(secret.revealText()).isEqualTo("hunter2");
    assertThatThrownBy(() -> Secret.of(Bytes.hex("ff")).revealText())
        .isInstanceOf(IllegalStateException.class);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class AesGcmSealerTest {
  private static final Bytes PLACE = Bytes.utf8("table.column row");

  private final SeededRandom random = SeededRandom.announced();
  private final MasterKey key = MasterKey.draw(random);
  private final AesGcmSealer sealer = new AesGcmSealer(List.of(key), random);

  @Test
  void opensWhatItSealed() {
    for (int length : new int[] {0, 1, 20, 32, 1000}) {
      Secret plain = Secret.of(Bytes.random(length, random));
      assertThat(sealer.open(sealer.seal(plain, PLACE), PLACE)).isEqualTo(plain);
    }
  }

  @Test
  void sealsTheSameOctetsDifferentlyEachTime() {
    Secret plain = Secret.ofText("the same");
    assertThat(sealer.seal(plain, PLACE)).isNotEqualTo(sealer.seal(plain, PLACE));
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 7",
      rule = "A sealed value that is moved to another place does not open")
  void refusesToOpenAtAnotherPlace() {
    Bytes sealed = sealer.seal(Secret.ofText("mine"), PLACE);
    assertThatThrownBy(() -> sealer.open(sealed, Bytes.utf8("table.column other row")))
        .isInstanceOf(SealException.class);
  }

  @Test
  void refusesEverySingleDamagedOctet() {
    Bytes sealed = sealer.seal(Secret.ofText("whole"), PLACE);
    for (int i = 0; i < sealed.length(); i++) {
      byte[] octets = sealed.toArray();
      octets[i] ^= 1;
      assertThatThrownBy(() -> sealer.open(Bytes.of(octets), PLACE))
          .isInstanceOf(SealException.class);
    }
    for (int length = 0; length < sealed.length(); length++) {
      Bytes cut = sealed.slice(0, length);
      assertThatThrownBy(() -> sealer.open(cut, PLACE)).isInstanceOf(SealException.class);
    }
  }

  @Test
  void manyAtOnceDoNotDisturbEachOtherNorDoesWhatIsDamaged() {
    Bytes damaged = sealer.seal(Secret.ofText("whole"), PLACE);
    assertThat(
            IntStream.range(0, 2_000)
                .parallel()
                .filter(
                    i -> {
                      Bytes place = Bytes.utf8("place " + i);
                      Secret plain = Secret.ofText("secret " + i);
                      Bytes sealed = sealer.seal(plain, place);
                      assertThatThrownBy(() -> sealer.open(damaged, place))
                          .isInstanceOf(SealException.class);
                      return sealer.open(sealed, place).equals(plain);
                    })
                .count())
        .isEqualTo(2_000);
  }

  @Test
  void namesTheKeyItLacks() {
    Bytes sealed =
        new AesGcmSealer(List.of(MasterKey.draw(random)), random)
            .seal(Secret.ofText("theirs"), PLACE);
    assertThatThrownBy(() -> sealer.open(sealed, PLACE))
        .isInstanceOf(SealException.class)
        .hasMessageContaining(sealed.slice(1, 8).toHex())
        .hasMessageNotContaining("theirs");
  }

  @Test
  void opensUnderAnOlderKeyAndSealsUnderTheFirst() {
    Secret plain = Secret.ofText("kept");
    Bytes old = sealer.seal(plain, PLACE);
    MasterKey next = MasterKey.draw(random);
    AesGcmSealer rotated = new AesGcmSealer(List.of(next, key), random);
    assertThat(rotated.open(old, PLACE)).isEqualTo(plain);
    assertThat(rotated.seal(plain, PLACE).slice(1, 8)).isEqualTo(next.id());
  }

  @Test
  void refusesToBeWithoutAKey() {
    assertThatThrownBy(() -> new AesGcmSealer(List.of(), random))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesAKeyOfAnotherLength() {
    for (int length : new int[] {0, 16, 31, 33}) {
      Secret octets = Secret.of(Bytes.random(length, random));
      assertThatThrownBy(() -> MasterKey.of(octets)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void showsNothingOfAKey() {
    assertThat(key.toString()).isEqualTo("MasterKey[" + key.id().toHex() + "]");
    assertThat(MasterKey.of(key.octets()).id()).isEqualTo(key.id());
    assertThat(key.octets().reveal().toHex()).doesNotContain(key.id().toHex());
  }
}

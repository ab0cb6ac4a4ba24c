// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.testkit.SeededRandom;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SecretTest {
  private final SeededRandom random = SeededRandom.announced();
  private final AesGcmSealer sealer = new AesGcmSealer(List.of(MasterKey.draw(random)), random);
  private final Bytes place = Bytes.utf8("table.column");
  private final Secret plain = Secret.ofText("token");

  @Test
  void isNotShownWhetherSealedOrNot() {
    Secret sealed = Secret.sealed(sealer, sealer.seal(plain, place), place);
    assertThat(sealed).hasToString("[secret]").hasSameHashCodeAs(plain);
    assertThat(sealed.reveal()).isEqualTo(plain.reveal());
    assertThat(sealed).hasToString("[secret]").isEqualTo(plain);
    assertThat(plain).isEqualTo(sealed);
  }

  @Test
  void doesNotOpenElsewhereAndSaysSoEachTime() {
    Secret moved = Secret.sealed(sealer, sealer.seal(plain, place), Bytes.utf8("table.other"));
    assertThatThrownBy(moved::reveal).isInstanceOf(SealException.class);
    assertThatThrownBy(moved::revealText).isInstanceOf(SealException.class);
  }

  @Test
  void opensWhatWasSealedBeforeTheKeyChanged() {
    Bytes before = sealer.seal(plain, place);
    Secret read = Secret.sealed(sealer, before, place);
    sealer.sealWith(MasterKey.draw(random));
    assertThat(read.revealText()).isEqualTo("token");
    assertThat(sealer.isCurrent(before)).isFalse();
    assertThat(sealer.isCurrent(sealer.seal(plain, place))).isTrue();
    assertThat(sealer.isCurrent(Bytes.EMPTY)).isFalse();
    assertThat(sealer.keys()).hasSize(2);
  }
}

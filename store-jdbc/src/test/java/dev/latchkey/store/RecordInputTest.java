// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.management.ThreadMXBean;
import dev.latchkey.chat.history.KeptId;
import dev.latchkey.credential.Bytes;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class RecordInputTest {
  private static final KeptId ID = new KeptId(0x0102030405060708L, -9);
  private static final String TEXT = "romeo@montague.example/straße ☃";
  private static final Bytes OCTETS = Bytes.of((byte) 0, (byte) -1, (byte) 0x80);

  private final SeededRandom random = SeededRandom.announced();

  /// One of each.
  private static Bytes record() {
    return new RecordOutput().small(255).number(-1).id(ID).text(TEXT).octets(OCTETS).toBytes();
  }

  private static void readAll(RecordInput input) {
    var _ = input.small();
    var _ = input.number();
    var _ = input.id();
    var _ = input.text();
    var _ = input.octets();
  }

  private static void refuses(Bytes octets, Consumer<RecordInput> read) {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .as("%s", octets.toHex())
        .isThrownBy(() -> read.accept(new RecordInput(octets)));
  }

  @Test
  void refusesARecordWhereverItIsCutOff() {
    Bytes record = record();
    for (int length = 0; length < record.length(); length++) {
      refuses(record.slice(0, length), RecordInputTest::readAll);
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design",
      rule = "a length in a file that somebody may have changed reserves no memory")
  void refusesLengthsBeyondWhatIsThereAndReservesNothingForThem() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (int length :
        List.of(Integer.MIN_VALUE, -1, 4, 1 << 24, Integer.MAX_VALUE - 8, Integer.MAX_VALUE)) {
      Bytes octets = lengthThen(length, Bytes.utf8("abc"));
      refuses(octets, RecordInput::octets); // so that classes are loaded
      long before = threads.getCurrentThreadAllocatedBytes();
      refuses(octets, RecordInput::octets);
      refuses(octets, RecordInput::text);
      assertThat(threads.getCurrentThreadAllocatedBytes() - before)
          .as("%d", length)
          .isLessThan(1 << 20);
    }
  }

  private static Bytes lengthThen(int length, Bytes octets) {
    return Bytes.concat(Bytes.hex("%08x".formatted(length)), octets);
  }

  @Test
  void refusesTextThatIsNotUtf8() {
    for (String hex : List.of("80", "c3", "c0af", "e29883e298", "eda080", "f4908080", "ff")) {
      Bytes octets = Bytes.hex(hex);
      Bytes record = lengthThen(octets.length(), octets);
      refuses(record, RecordInput::text);
      assertThat(new RecordInput(record).octets()).isEqualTo(octets);
    }
  }

  @Test
  void refusesAnIdBefore1970() {
    for (long micros : List.of(-1L, Long.MIN_VALUE)) {
      Bytes record = new RecordOutput().number(micros).number(0).toBytes();
      refuses(record, RecordInput::id);
      assertThat(new RecordInput(record).number()).isEqualTo(micros);
    }
  }

  @Test
  void readsOrRefusesWhateverIsChanged() {
    byte[] sound = record().toArray();
    for (int i = 0; i < 2_000; i++) {
      byte[] changed = sound.clone();
      for (int many = random.nextInt(1, 4); many > 0; many--) {
        changed[random.nextInt(changed.length)] = (byte) random.nextInt();
      }
      Bytes octets = Bytes.of(changed);
      try {
        readAll(new RecordInput(octets));
      } catch (IllegalArgumentException expected) {
        assertThat(expected).hasMessageNotContaining("romeo");
      } catch (RuntimeException other) {
        throw new AssertionError(octets.toHex(), other);
      }
    }
  }

  @Test
  void readsWhatWasWritten() {
    Bytes record =
        Bytes.concat(record(), new RecordOutput().text("").octets(Bytes.EMPTY).small(0).toBytes());
    RecordInput input = new RecordInput(record);
    assertThat(input.small()).isEqualTo(255);
    assertThat(input.number()).isEqualTo(-1);
    assertThat(input.id()).isEqualTo(ID);
    assertThat(input.text()).isEqualTo(TEXT);
    assertThat(input.octets()).isEqualTo(OCTETS);
    assertThat(input.text()).isEmpty();
    assertThat(input.octets()).isEqualTo(Bytes.EMPTY);
    assertThat(input.isAtEnd()).isFalse();
    assertThat(input.small()).isZero();
    assertThat(input.isAtEnd()).isTrue();
  }

  @Test
  void numbersAreBigEndianAndLengthsStandBeforeOctets() {
    assertThat(
            new RecordOutput()
                .small(2)
                .number(3)
                .id(new KeptId(4, -2))
                .text("é")
                .octets(Bytes.hex("00ff"))
                .toBytes()
                .toHex())
        .isEqualTo(
            "02"
                + "0000000000000003"
                + "0000000000000004fffffffe"
                + "00000002c3a9"
                + "0000000200ff");
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.latchkey.chat.history.KeptId;
import dev.latchkey.credential.Bytes;
import dev.latchkey.testkit.Spec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ArrivalRecordTest {
  private static final Bytes STANZA = Bytes.utf8("<message>grüße ☃</message>");
  private static final ArrivalRecord BY_NOBODY = new ArrivalRecord.Kept(STANZA, List.of());
  private static final ArrivalRecord BY_ONE =
      new ArrivalRecord.Kept(
          Bytes.EMPTY,
          List.of(place(Long.MAX_VALUE, "romeo@montague.example/straße", false, true)));
  private static final ArrivalRecord BY_TWO =
      new ArrivalRecord.Kept(
          STANZA,
          List.of(
              place(1, "romeo@montague.example/orchard", true, true),
              place(2, "capulet.example", true, false)));
  private static final ArrivalRecord DELIVERED =
      new ArrivalRecord.Delivered(1, new KeptId(1_001, -1));

  /// Each of them, and such as differ only in what comes before.
  private static final List<ArrivalRecord> ALL =
      List.of(BY_NOBODY, BY_ONE, DELIVERED, BY_TWO, DELIVERED, BY_NOBODY);

  private static ArrivalRecord.Place place(
      long account, String peer, boolean archived, boolean waits) {
    return new ArrivalRecord.Place(account, new KeptId(1_000, -1), peer, archived, waits);
  }

  private static Bytes written(List<ArrivalRecord> all) {
    RecordOutput records = new RecordOutput();
    all.forEach(record -> ArrivalRecord.write(record, records));
    return records.toBytes();
  }

  private static void refuses(Bytes octets) {
    assertThatExceptionOfType(StoreException.class)
        .as("%s", octets.toHex())
        .isThrownBy(() -> ArrivalRecord.read(octets))
        .withMessageContaining("restore it from a backup")
        .withMessageNotContaining("grüße");
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design",
      rule = "what was promised to be kept and cannot be read is not passed over")
  void refusesWhatIsCutOffWithinARecord() {
    Bytes octets = written(ALL);
    List<Integer> ends = new ArrayList<>();
    for (int many = 0; many <= ALL.size(); many++) {
      ends.add(written(ALL.subList(0, many)).length());
    }
    for (int length = 0; length <= octets.length(); length++) {
      Bytes cut = octets.slice(0, length);
      int whole = ends.indexOf(length);
      if (whole < 0) {
        refuses(cut);
      } else {
        assertThat(ArrivalRecord.read(cut)).isEqualTo(ALL.subList(0, whole));
      }
    }
  }

  @Test
  void refusesKindsThatItDoesNotKnow() {
    Bytes delivered = written(List.of(DELIVERED));
    for (int kind = 0; kind < 256; kind++) {
      Bytes changed =
          Bytes.concat(Bytes.of((byte) kind), delivered.slice(1, delivered.length() - 1));
      if (kind == 2) {
        assertThat(ArrivalRecord.read(changed)).containsExactly(DELIVERED);
      } else {
        refuses(changed);
        refuses(Bytes.concat(delivered, changed));
      }
    }
  }

  @Test
  void refusesIdsAndPeersThatAreNone() {
    Bytes keptByOne = written(List.of(BY_ONE));
    int id = 1 + 4 + 1 + 8;
    int peer = id + 12 + 4;
    for (int at : List.of(id, peer)) {
      byte[] changed = keptByOne.toArray();
      changed[at] = (byte) 0xff;
      refuses(Bytes.of(changed));
    }
  }

  @Test
  void readsWhatWasWritten() {
    assertThat(ArrivalRecord.read(written(ALL))).isEqualTo(ALL);
    for (ArrivalRecord record : ALL) {
      assertThat(ArrivalRecord.read(written(List.of(record)))).containsExactly(record);
    }
    assertThat(ArrivalRecord.read(Bytes.EMPTY)).isEmpty();
  }

  @Test
  void tellsWhoseMessagesItHappenedTo() {
    assertThat(ALL)
        .extracting(ArrivalRecord::accounts)
        .containsExactly(
            List.of(),
            List.of(Long.MAX_VALUE),
            List.of(1L),
            List.of(1L, 2L),
            List.of(1L),
            List.of());
  }

  @Test
  void tellsWhatIsArchivedFromWhatWaits() {
    for (boolean archived : List.of(true, false)) {
      for (boolean waits : List.of(true, false)) {
        ArrivalRecord kept =
            new ArrivalRecord.Kept(STANZA, List.of(place(1, "a.example", archived, waits)));
        assertThat(ArrivalRecord.read(written(List.of(kept)))).containsExactly(kept);
      }
    }
  }
}

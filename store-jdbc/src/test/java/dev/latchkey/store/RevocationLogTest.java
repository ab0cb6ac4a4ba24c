// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Withdrawal;
import dev.latchkey.testkit.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RevocationLogTest {
  private static final List<Revocation> THREE =
      List.of(
          new Revocation(1, new Withdrawal.OfDevice(new DeviceId("dev-1"), 2)),
          new Revocation(2, new Withdrawal.OfCode(new CredentialId("cred-1"))),
          new Revocation(3, new Withdrawal.OfCertificate(Bytes.utf8("der").sha256())));

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("revocations.log");
  }

  private void write(List<Revocation> revocations) throws IOException {
    try (RevocationLog log = RevocationLog.open(file)) {
      log.append(revocations);
    }
  }

  private List<Revocation> read() throws IOException {
    try (RevocationLog log = RevocationLog.open(file)) {
      assertThat(log.lastSeq()).isEqualTo(log.found().size());
      return log.found();
    }
  }

  @Test
  void readsBackWhatItWrote() throws Exception {
    assertThat(read()).isEmpty();
    write(THREE.subList(0, 1));
    write(THREE.subList(1, 3));
    write(List.of());
    assertThat(read()).isEqualTo(THREE);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void onlyAdds() throws Exception {
    write(THREE.subList(0, 2));
    String before = Files.readString(file);
    write(THREE.subList(2, 3));
    assertThat(Files.readString(file)).startsWith(before).hasLineCount(3);
  }

  @Test
  void refusesAGap() throws Exception {
    write(THREE.subList(0, 1));
    assertThatThrownBy(() -> write(THREE.subList(2, 3))).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> write(THREE.subList(0, 1))).isInstanceOf(IOException.class);
    assertThat(read()).isEqualTo(THREE.subList(0, 1));
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 40",
      rule = "A last line that a crash cut short is cut off; it was acknowledged to nobody")
  void cutsOffALastLineThatIsNotWhole() throws Exception {
    write(THREE);
    String whole = Files.readString(file);
    int start = whole.lastIndexOf('\n', whole.length() - 2) + 1;
    for (int end = start; end < whole.length(); end++) {
      Files.writeString(file, whole.substring(0, end));
      assertThat(read()).isEqualTo(THREE.subList(0, 2));
      assertThat(Files.readString(file)).isEqualTo(whole.substring(0, start));
    }
    write(THREE.subList(2, 3));
    assertThat(Files.readString(file)).isEqualTo(whole);
    Files.write(file, new byte[64], StandardOpenOption.APPEND);
    assertThat(read()).isEqualTo(THREE);
    assertThat(Files.readString(file)).isEqualTo(whole);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 40", rule = "A damaged line is refused")
  void refusesEveryOtherDamage() throws Exception {
    write(THREE);
    List<String> lines = Files.readAllLines(file);
    List<List<String>> damaged = new ArrayList<>();
    damaged.add(List.of(lines.get(1), lines.get(2)));
    damaged.add(List.of(lines.get(0), lines.get(2)));
    damaged.add(List.of(lines.get(0), lines.get(0), lines.get(1)));
    damaged.add(List.of(lines.get(0), "", lines.get(1)));
    damaged.add(List.of(lines.get(0), lines.get(1), lines.get(2).replace(" 0 ", " 1 ")));
    damaged.add(List.of(lines.get(0).replace("dev-1", "dev-2"), lines.get(1)));
    damaged.add(List.of(lines.get(0).substring(1), lines.get(1)));
    for (List<String> broken : damaged) {
      String text = String.join("\n", broken) + "\n";
      Files.writeString(file, text);
      assertThatThrownBy(this::read)
          .isInstanceOf(StoreException.class)
          .hasMessageContaining(file.toString());
      assertThat(Files.readString(file)).isEqualTo(text);
    }
  }
}

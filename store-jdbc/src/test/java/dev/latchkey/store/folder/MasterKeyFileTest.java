// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.MasterKey;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MasterKeyFileTest {
  private final SeededRandom random = SeededRandom.announced();
  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("master.key");
  }

  @Test
  void makesOneKeyAndReadsItAgain() throws Exception {
    List<MasterKey> made = MasterKeyFile.open(file, random);
    List<MasterKey> read = MasterKeyFile.open(file, random);
    assertThat(made).hasSize(1);
    assertThat(read).extracting(MasterKey::octets).containsExactly(made.getFirst().octets());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void readsOlderKeysBehindTheFirst() throws Exception {
    MasterKey old = MasterKeyFile.open(file, random).getFirst();
    MasterKey next = MasterKey.draw(random);
    List<String> lines = Files.readAllLines(file);
    Files.write(
        file,
        List.of(
            lines.get(0),
            next.id().toHex() + " " + next.octets().reveal().toBase64(),
            lines.get(1)));
    assertThat(MasterKeyFile.open(file, random))
        .extracting(MasterKey::id)
        .containsExactly(next.id(), old.id());
  }

  @Test
  void putsOtherKeysInThePlaceOfThoseThatAreThere() throws Exception {
    MasterKey old = MasterKeyFile.open(file, random).getFirst();
    MasterKey next = MasterKey.draw(random);
    MasterKeyFile.write(file, List.of(next, old));
    assertThat(MasterKeyFile.open(file, random))
        .extracting(MasterKey::octets)
        .containsExactly(next.octets(), old.octets());
    MasterKeyFile.write(file, List.of(next));
    assertThat(MasterKeyFile.open(file, random))
        .extracting(MasterKey::id)
        .containsExactly(next.id());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "keys at rest",
      rule = "a server that is killed while it writes the keys leaves no copy of them for ever")
  void leavesNoCopyThatSomebodyWasWriting() throws Exception {
    MasterKey old = MasterKeyFile.open(file, random).getFirst();
    Path unfinished = folder.resolve("master.key.new");
    Files.copy(file, unfinished); // as a kill just before the move leaves it, but for the mode
    Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(MasterKeyFile.open(file, random))
        .extracting(MasterKey::id)
        .containsExactly(old.id());
    assertThat(unfinished).doesNotExist();

    Files.createSymbolicLink(unfinished, Files.createFile(folder.resolve("elsewhere")));
    MasterKey next = MasterKey.draw(random);
    MasterKeyFile.write(file, List.of(next));
    assertThat(unfinished).doesNotExist();
    assertThat(folder.resolve("elsewhere")).isEmptyFile();
    assertThat(MasterKeyFile.open(file, random))
        .extracting(MasterKey::id)
        .containsExactly(next.id());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void readsAgainOnlyWhereTheKeyInUseIs() throws Exception {
    MasterKey inUse = MasterKey.draw(random);
    assertThatThrownBy(() -> MasterKeyFile.readAgain(file, inUse))
        .isInstanceOf(DataFolderException.class)
        .hasMessageStartingWith(file + ": is not there")
        .hasMessageContaining(inUse.id().toHex());
    assertThat(file).doesNotExist();

    MasterKey other = MasterKeyFile.open(file, random).getFirst();
    assertThatThrownBy(() -> MasterKeyFile.readAgain(file, inUse))
        .isInstanceOf(DataFolderException.class)
        .hasMessageStartingWith(file + ": holds only " + other.id().toHex())
        .hasMessageContaining(inUse.id().toHex());

    MasterKeyFile.write(file, List.of(other, inUse));
    assertThat(MasterKeyFile.readAgain(file, inUse))
        .extracting(MasterKey::id)
        .containsExactly(other.id(), inUse.id());
  }

  @Test
  void changesNothingWhereItCannotWrite() throws Exception {
    MasterKey old = MasterKeyFile.open(file, random).getFirst();
    Path nowhere = folder.resolve("no/such/master.key");
    assertThatThrownBy(() -> MasterKeyFile.write(nowhere, List.of(old)))
        .isInstanceOf(DataFolderException.class)
        .hasMessageContaining(nowhere.toString());
    assertThat(MasterKeyFile.open(file, random))
        .extracting(MasterKey::id)
        .containsExactly(old.id());
  }

  @Test
  void refusesAKeyThatOthersCanRead() throws Exception {
    MasterKeyFile.open(file, random);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThatThrownBy(() -> MasterKeyFile.open(file, random))
        .isInstanceOf(DataFolderException.class)
        .hasMessage(file + ": has mode 640, so others can read it. Say: chmod 600 " + file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw----r--"));
    assertThatThrownBy(() -> MasterKeyFile.open(file, random))
        .isInstanceOf(DataFolderException.class)
        .hasMessageContaining("604");
  }

  @Test
  void refusesALink() throws Exception {
    Path elsewhere = folder.resolve("elsewhere");
    MasterKeyFile.open(elsewhere, random);
    Files.createSymbolicLink(file, elsewhere);
    assertThatThrownBy(() -> MasterKeyFile.open(file, random))
        .isInstanceOf(DataFolderException.class)
        .hasMessageContaining("is a link");
    Files.delete(elsewhere);
    assertThatThrownBy(() -> MasterKeyFile.open(file, random))
        .isInstanceOf(DataFolderException.class);
    assertThat(elsewhere).doesNotExist();
  }

  @Test
  void refusesADamagedFileWithoutShowingIt() throws Exception {
    MasterKeyFile.open(file, random);
    List<String> lines = Files.readAllLines(file);
    String key = lines.get(1).split(" ", -1)[1];
    String other = MasterKey.draw(random).octets().reveal().toBase64();
    for (List<String> damaged :
        List.of(
            List.<String>of(),
            List.of(lines.get(0)),
            List.of(lines.get(1)),
            List.of("latchkey-master-key 2", lines.get(1)),
            List.of(lines.get(0), key),
            List.of(lines.get(0), lines.get(1) + " "),
            List.of(lines.get(0), lines.get(1).substring(0, lines.get(1).length() - 4)),
            List.of(lines.get(0), lines.get(1).replace(key, other)),
            List.of(lines.get(0), lines.get(1), ""))) {
      Files.write(file, damaged);
      assertThatThrownBy(() -> MasterKeyFile.open(file, random))
          .isInstanceOf(DataFolderException.class)
          .hasMessageContaining(file.toString())
          .hasMessageNotContaining(key);
    }
  }
}

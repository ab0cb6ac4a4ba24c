// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataFolderTest {
  @TempDir private Path temporary;
  private Path path;

  @BeforeEach
  void name() {
    path = temporary.resolve("a/b/data");
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void makesAFolderThatOnlyItsOwnerMayUse() throws Exception {
    try (DataFolder folder = DataFolder.open(path)) {
      assertThat(mode(folder.path())).isEqualTo("rwx------");
      assertThat(mode(folder.path().resolve("lock"))).isEqualTo("rw-------");
      assertThat(folder.database().getParent()).isEqualTo(folder.path());
      assertThat(folder.masterKeyFile().getParent()).isEqualTo(folder.path());
      assertThat(folder.revocationLog().getParent()).isEqualTo(folder.path());
    }
  }

  @Test
  void refusesAFolderThatOthersCanRead() throws Exception {
    DataFolder.open(path).close();
    for (String mode : new String[] {"rwxr-----", "rwx---r--", "rwx--x---", "rwxrwxrwx"}) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
      assertThatThrownBy(() -> DataFolder.open(path))
          .isInstanceOf(DataFolderException.class)
          .hasMessageContaining(path + ": has mode 7")
          .hasMessageEndingWith("chmod 700 " + path);
      assertThat(mode(path)).isEqualTo(mode);
    }
  }

  @Test
  void refusesAFile() throws Exception {
    Files.createDirectories(path.getParent());
    Files.writeString(path, "");
    assertThatThrownBy(() -> DataFolder.open(path))
        .isInstanceOf(DataFolderException.class)
        .hasMessageContaining("is not a folder");
  }

  @Test
  void refusesASecondServer() {
    try (DataFolder first = DataFolder.open(path)) {
      assertThatThrownBy(() -> DataFolder.open(first.path()))
          .isInstanceOf(DataFolderException.class)
          .hasMessageContaining(
              "in use by another server (process " + ProcessHandle.current().pid() + ")");
    }
    DataFolder.open(path).close();
  }

  @Test
  void refusesALockThatIsALink() throws Exception {
    DataFolder.open(path).close();
    Path victim = temporary.resolve("victim");
    Files.writeString(victim, "precious");
    Files.delete(path.resolve("lock"));
    Files.createSymbolicLink(path.resolve("lock"), victim);
    assertThatThrownBy(() -> DataFolder.open(path)).isInstanceOf(DataFolderException.class);
    assertThat(victim).hasContent("precious");
  }

  @Test
  void removesAnUnfinishedDatabaseWhoseMakerIsGone() throws Exception {
    Path unfinished;
    try (DataFolder folder = DataFolder.open(path)) {
      Files.writeString(folder.database(), "precious");
      Files.setPosixFilePermissions(
          folder.database(), PosixFilePermissions.fromString("rw-------"));
      unfinished = folder.unfinishedDatabase();
      Files.writeString(unfinished.resolveSibling(unfinished.getFileName() + "-wal"), "log");
      assertThat(mode(unfinished)).isEqualTo("rw-------");
      assertThatThrownBy(() -> DataFolder.open(path)).isInstanceOf(DataFolderException.class);
      assertThat(unfinished).as("its maker holds the lock").exists();
    }
    try (DataFolder folder = DataFolder.open(path)) {
      try (Stream<Path> files = Files.list(path)) {
        assertThat(files).containsExactlyInAnyOrder(folder.database(), path.resolve("lock"));
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A backup on its way into a file: its name is taken first, so that nothing is written over; the
/// copy grows beside it and takes its place when it is whole.
///
/// Used once, by one thread.
final class Backup {
  private static final Logger LOG = LoggerFactory.getLogger(Backup.class);

  static final FileAttribute<Set<PosixFilePermission>> MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path file;

  Backup(Path file) {
    this.file = file;
  }

  long write(Database database) {
    Path folder = file.getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new BackupException(
          "\"%s\" cannot be written: there is no folder \"%s\".".formatted(file, folder));
    }
    take();
    boolean whole = false;
    try {
      Path unfinished = Files.createTempFile(folder, ".latchkey-backup-", ".part", MODE);
      try {
        long octets = database.copyTo(unfinished);
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        sync(folder);
        whole = true;
        return octets;
      } finally {
        Files.deleteIfExists(unfinished);
      }
    } catch (IOException broken) {
      throw new BackupException("\"%s\" cannot be written: %s".formatted(file, broken), broken);
    } finally {
      if (!whole) {
        giveBack();
      }
    }
  }

  private void take() {
    try {
      Files.createFile(file, MODE);
    } catch (FileAlreadyExistsException there) {
      throw new BackupException(
          "\"%s\" is there already: a backup writes over nothing. Give another name, or move it away."
              .formatted(file),
          there);
    } catch (IOException broken) {
      throw new BackupException(
          "\"%s\" cannot be written by the server: %s".formatted(file, broken), broken);
    }
  }

  private void giveBack() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException left) {
      LOG.warn("{} is empty and cannot be removed", file, left);
    }
  }

  static void sync(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /// Whether something is there, be it a link that leads nowhere.
  static boolean isThere(Path file) {
    return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
  }
}

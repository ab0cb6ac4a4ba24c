// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store.folder;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The folder a server keeps its state in, locked for this process until it is closed.
///
/// Nobody but the server's own user may look into it. Thread-safe.
public final class DataFolder implements AutoCloseable {
  private static final Set<PosixFilePermission> FOLDER =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");
  private static final String UNFINISHED = "latchkey.db.restoring-";
  private static final int LONGEST_PID = 20;

  private final Path path;
  private final FileChannel lock;

  private DataFolder(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /// Opens and locks the folder; makes it, with mode 0700, if it is not there.
  ///
  /// @throws DataFolderException if others may look into it or into its files, or another server
  ///   uses it
  public static DataFolder open(Path folder) {
    Path path = folder.toAbsolutePath().normalize();
    try {
      make(path);
      refuseOthers(path, FOLDER, "700");
      DataFolder opened = new DataFolder(path, lock(path));
      opened.lookThrough();
      return opened;
    } catch (IOException broken) {
      throw new DataFolderException(
          "%s: cannot be used as data folder: %s. Name another one, or let the server's user write there."
              .formatted(path, reason(broken)),
          broken);
    }
  }

  private static String reason(IOException broken) {
    return switch (broken) {
      case AccessDeniedException denied -> denied.getFile() + " may not be written";
      case NoSuchFileException none -> none.getFile() + " cannot be made";
      case FileAlreadyExistsException file -> file.getFile() + " is no folder";
      default -> String.valueOf(broken.getMessage());
    };
  }

  private static void make(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      return;
    }
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      throw new DataFolderException(
          "%s: is not a folder. Name another one, or move it away.".formatted(path));
    }
    Path parent = path.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Files.createDirectory(path, PosixFilePermissions.asFileAttribute(FOLDER));
  }

  /// Refuses a folder or file that anybody but its owner may use.
  static void refuseOthers(Path path, Set<PosixFilePermission> allowed, String mode)
      throws IOException {
    Set<PosixFilePermission> found = Files.getPosixFilePermissions(path);
    if (!allowed.containsAll(found)) {
      throw new DataFolderException(
          "%s: has mode %s, so others can read it. Say: chmod %s %s"
              .formatted(path, octal(found), mode, path));
    }
  }

  private void lookThrough() throws IOException {
    try {
      refuseOthersFiles();
      removeUnfinished();
    } catch (IOException | RuntimeException refused) {
      lock.close();
      throw refused;
    }
  }

  /// What somebody copied into the folder may have a mode of its own; whoever loosens the folder's
  /// later would show it.
  private void refuseOthersFiles() throws IOException {
    for (Path file : List.of(database(), revocationLog())) {
      if (Files.exists(file)) {
        refuseOthers(file, FILE, "600");
      }
    }
  }

  /// Whoever was making these is gone: the folder is locked.
  private void removeUnfinished() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path, UNFINISHED + "*")) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }

  private static String octal(Set<PosixFilePermission> mode) {
    int bits = 0;
    for (PosixFilePermission permission : EnumSet.allOf(PosixFilePermission.class)) {
      bits = bits << 1 | (mode.contains(permission) ? 1 : 0);
    }
    return "%03o".formatted(bits);
  }

  private static FileChannel lock(Path folder) throws IOException {
    FileChannel channel =
        FileChannel.open(
            folder.resolve("lock"),
            Set.of(
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS),
            PosixFilePermissions.asFileAttribute(FILE));
    try {
      if (tryLock(channel).isEmpty()) {
        throw new DataFolderException(
            "%s: is in use by another server (process %s). Stop it, or name another folder."
                .formatted(folder, pid(channel)));
      }
      channel.truncate(0);
      channel.write(StandardCharsets.US_ASCII.encode(ProcessHandle.current().pid() + "\n"), 0);
      return channel;
    } catch (IOException | RuntimeException broken) {
      channel.close();
      throw broken;
    }
  }

  private static Optional<FileLock> tryLock(FileChannel channel) throws IOException {
    try {
      return Optional.ofNullable(channel.tryLock());
    } catch (OverlappingFileLockException inThisProcess) {
      return Optional.empty();
    }
  }

  private static String pid(FileChannel channel) throws IOException {
    ByteBuffer read = ByteBuffer.allocate(LONGEST_PID);
    channel.read(read, 0);
    String text = StandardCharsets.US_ASCII.decode(read.flip()).toString().strip();
    return text.matches("[0-9]+") ? text : "unknown";
  }

  /// The folder.
  public Path path() {
    return path;
  }

  /// Where the database is.
  public Path database() {
    return path.resolve("latchkey.db");
  }

  /// Makes an empty file, with mode 0600, for a database that is to take the place of [#database].
  /// If it is still there when the folder is opened next, with what SQLite laid beside it, it is
  /// removed: it holds what the database holds, and nobody would look for it.
  ///
  /// @throws IOException if it cannot be made
  public Path unfinishedDatabase() throws IOException {
    return Files.createTempFile(path, UNFINISHED, "", PosixFilePermissions.asFileAttribute(FILE));
  }

  /// Where the master key is.
  public Path masterKeyFile() {
    return path.resolve("master.key");
  }

  /// Where the revocation log is.
  public Path revocationLog() {
    return path.resolve("revocations.log");
  }

  /// Lets another server use the folder.
  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException broken) {
      throw new DataFolderException("%s: cannot be unlocked".formatted(path), broken);
    }
  }
}

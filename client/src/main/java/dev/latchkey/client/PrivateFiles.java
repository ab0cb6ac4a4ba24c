// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import java.io.IOException;
import java.nio.ByteBuffer;
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
import java.util.stream.Stream;

/// Files that only their owner reads, written so that after a crash the old or the new one is
/// there, whole.
final class PrivateFiles {
  private static final Set<PosixFilePermission> OWNER_FOLDER =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> OWNER_FILE =
      PosixFilePermissions.fromString("rw-------");

  private PrivateFiles() {}

  private static boolean posix(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  /// Makes a folder for its owner only. One that is there and empty becomes so too; one that holds
  /// something is left as it is: it is somebody's, and the files say themselves who may read them.
  static void folder(Path folder) throws IOException {
    if (!posix(folder)) {
      Files.createDirectories(folder);
      return;
    }
    FileAttribute<?> mode = PosixFilePermissions.asFileAttribute(OWNER_FOLDER);
    Path parent = folder.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    try {
      Files.createDirectory(folder, mode);
    } catch (FileAlreadyExistsException there) {
      if (!Files.isDirectory(folder)) {
        throw there;
      }
      try (Stream<Path> content = Files.list(folder)) {
        if (content.findAny().isEmpty()) {
          Files.setPosixFilePermissions(folder, OWNER_FOLDER);
        }
      }
    }
  }

  /// Writes a file: under another name with mode 0600, flushed, then renamed over the old one, and
  /// the folder flushed.
  static void write(Path file, byte[] content) throws IOException {
    replace(file, content, true);
  }

  /// Writes a file that is written often, as [#write] but without waiting for the disk: after a
  /// power loss it may be an older one, or damaged.
  static void writeLightly(Path file, byte[] content) throws IOException {
    replace(file, content, false);
  }

  private static void replace(Path file, byte[] content, boolean durable) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IOException(file + " is no file in a folder");
    }
    Path fresh = Files.createTempFile(folder, "." + file.getFileName(), ".new", attributes(folder));
    try {
      try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        ByteBuffer rest = ByteBuffer.wrap(content);
        while (rest.hasRemaining()) {
          channel.write(rest);
        }
        if (durable) {
          channel.force(true);
        }
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      if (durable) {
        flush(folder);
      }
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  /// Opens a file, which is made if it is not there.
  static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file,
        Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
        attributes(file.toAbsolutePath()));
  }

  /// Deletes a file, if it is there, for good.
  static void delete(Path file) throws IOException {
    if (Files.deleteIfExists(file)) {
      Path folder = file.toAbsolutePath().getParent();
      if (folder != null) {
        flush(folder);
      }
    }
  }

  /// Whether others than the owner may read a file.
  static boolean othersMayRead(Path file) throws IOException {
    return posix(file)
        && !OWNER_FILE.containsAll(
            Files.getPosixFilePermissions(file, new LinkOption[0]).stream()
                .filter(bit -> bit != PosixFilePermission.OWNER_EXECUTE)
                .toList());
  }

  private static FileAttribute<?>[] attributes(Path folder) {
    return posix(folder)
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_FILE)}
        : new FileAttribute<?>[0];
  }

  /// A rename is durable when the folder is.
  private static void flush(Path folder) throws IOException {
    if (posix(folder)) {
      try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }
}

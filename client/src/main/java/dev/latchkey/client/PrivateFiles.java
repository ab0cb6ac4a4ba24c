// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
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

  /// How the name of a file ends that is being written.
  private static final String BEGUN = ".new";

  private PrivateFiles() {}

  /// A file cannot be read.
  static ClientException unreadable(Path path, IOException failed) {
    return new ClientException(path + " cannot be read: " + reason(failed), failed);
  }

  /// A file or a folder cannot be written.
  static ClientException unwritable(Path path, Exception failed) {
    return new ClientException(path + " cannot be written: " + reason(failed), failed);
  }

  /// Why a file or a folder cannot be read or written, for a person who knows which one it is.
  static String reason(Exception failed) {
    String said =
        failed instanceof FileSystemException file ? file.getReason() : failed.getMessage();
    return switch (failed) {
      case AccessDeniedException _ -> "permission denied";
      case FileAlreadyExistsException _ -> "it is a file and no folder";
      default -> said == null ? failed.toString() : said;
    };
  }

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
  /// the folder flushed. Where a link leads to the old one, that is what is replaced, not the link:
  /// whoever reads it by its own name must see the same.
  static void write(Path file, byte[] content) throws IOException {
    replace(file, content, true);
  }

  /// Writes a file that is written often, as [#write] but without waiting for the disk: after a
  /// power loss it may be an older one, or damaged.
  static void writeLightly(Path file, byte[] content) throws IOException {
    replace(file, content, false);
  }

  private static void replace(Path named, byte[] content, boolean durable) throws IOException {
    Path file = real(named);
    Path folder = folderOf(file);
    Path fresh = Files.createTempFile(folder, begunName(file), BEGUN, attributes(folder));
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

  private static Path real(Path named) throws IOException {
    return Files.exists(named) ? named.toRealPath() : named.toAbsolutePath();
  }

  private static Path folderOf(Path file) throws IOException {
    Path folder = file.getParent();
    if (folder == null) {
      throw new IOException(file + " is no file in a folder");
    }
    return folder;
  }

  private static String begunName(Path file) {
    return "." + file.getFileName();
  }

  /// Deletes what was begun to be written to a file and never renamed, because the program was
  /// killed: it holds what the file holds. Nobody may write to the file meanwhile.
  static void sweep(Path named) throws IOException {
    Path file = real(named);
    try (DirectoryStream<Path> begun =
        Files.newDirectoryStream(
            folderOf(file),
            other -> {
              String name = String.valueOf(other.getFileName());
              return name.startsWith(begunName(file)) && name.endsWith(BEGUN);
            })) {
      for (Path left : begun) {
        Files.deleteIfExists(left);
      }
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

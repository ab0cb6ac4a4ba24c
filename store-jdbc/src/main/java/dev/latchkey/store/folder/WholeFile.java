// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store.folder;

import dev.latchkey.credential.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// Files of mode 0600 that are there whole or not at all, and are not lost with the power.
///
/// Each is written beside its place, always under the same name there: what a kill leaves of it is
/// gone with the next that is written, and is nothing that nobody would look for. One thread at a
/// time may write a file.
public final class WholeFile {
  private WholeFile() {}

  /// Puts octets into a file, in the place of those that are there.
  ///
  /// @throws IOException if that cannot be done; then the file is as it was
  public static void write(Path file, Bytes octets) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Path unfinished = unfinished(file);
    Files.deleteIfExists(unfinished); // it may have another mode, or be a link
    try {
      try (FileChannel channel =
          FileChannel.open(
              unfinished,
              Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
        ByteBuffer left = ByteBuffer.wrap(octets.toArray());
        while (left.hasRemaining()) {
          channel.write(left);
        }
        channel.force(true);
      }
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(unfinished);
    }
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /// Removes what is left of a file that somebody was writing who is gone.
  static void removeUnfinished(Path file) throws IOException {
    Files.deleteIfExists(unfinished(file));
  }

  private static Path unfinished(Path file) {
    return file.resolveSibling(file.getFileName() + ".new");
  }
}

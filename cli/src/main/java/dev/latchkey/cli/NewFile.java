// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// A file that was not there before, for its owner only. If it is closed without having been
/// written, it is gone again. Not thread-safe.
final class NewFile implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;
  private boolean written;

  private NewFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /// Makes it.
  ///
  /// @throws CommandException if it cannot be made, or is there
  static NewFile create(Path path) {
    FileAttribute<?>[] ownerOnly =
        path.getFileSystem().supportedFileAttributeViews().contains("posix")
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    try {
      return new NewFile(
          path,
          FileChannel.open(
              path, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), ownerOnly));
    } catch (FileAlreadyExistsException there) {
      throw new CommandException(path + " is there already; name a new file.");
    } catch (IOException refused) {
      throw new CommandException(path + " cannot be written: " + refused);
    }
  }

  /// Writes all of it.
  ///
  /// @throws CommandException if the disk does not take it
  void write(byte[] content) {
    try {
      ByteBuffer rest = ByteBuffer.wrap(content);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
      channel.force(true);
      written = true;
    } catch (IOException refused) {
      throw new CommandException(path + " cannot be written: " + refused);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
      if (!written) {
        Files.deleteIfExists(path);
      }
    } catch (IOException left) {
      throw new CommandException(path + " cannot be removed: " + left);
    }
  }
}

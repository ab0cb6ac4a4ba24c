// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What may be wrong with the files of a home.
final class HomeFiles {
  /// The longest name that a file has: none that is longer can be made beside it.
  private static final String LONGEST = "x".repeat(255);

  private HomeFiles() {}

  /// Leaves a file readable, but lets no write to it succeed, as on a full disk; not even root's.
  static void makeUnwritable(Path file) throws IOException {
    Path target = file.resolveSibling(LONGEST);
    Files.move(file, target);
    Files.createSymbolicLink(file, target);
  }

  /// Lets nobody lock a home, as where it cannot be written; not even root.
  static void makeUnlockable(Path home) throws IOException {
    Path lock = home.resolve("lock");
    Files.deleteIfExists(lock);
    Files.createDirectory(lock);
  }
}

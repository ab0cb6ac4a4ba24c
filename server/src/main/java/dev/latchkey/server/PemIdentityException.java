// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import java.nio.file.Path;

/// A certificate or its key cannot be used. The message says what was found and what to do; it
/// holds nothing of the key.
final class PemIdentityException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient Path file;

  PemIdentityException(Path file, String problem) {
    super("\"%s\" %s".formatted(file, problem));
    this.file = file;
  }

  /// Which of the two files.
  Path file() {
    return file;
  }
}

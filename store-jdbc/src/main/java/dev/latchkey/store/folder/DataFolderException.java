// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store.folder;

/// The data folder, or a file in it, is not fit for use. The message is one sentence for the
/// operator: which file, what was found, what to do.
public final class DataFolderException extends RuntimeException {
  DataFolderException(String message) {
    super(message);
  }

  DataFolderException(String message, Throwable cause) {
    super(message, cause);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

/// A backup was not made or not put back, and nothing was changed. The message is a sentence for
/// the operator.
public final class BackupException extends StoreException {
  BackupException(String message) {
    super(message);
  }

  BackupException(String message, Throwable cause) {
    super(message, cause);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

/// The store cannot do its work: broken I/O, a damaged file, or it is closed. Messages are for the
/// operator and hold no secrets.
public class StoreException extends RuntimeException {
  StoreException(String message) {
    super(message);
  }

  StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}

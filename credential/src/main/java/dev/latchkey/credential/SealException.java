// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

/// A sealed value does not open. The message tells the id of the key at most, nothing of the value.
public final class SealException extends RuntimeException {
  SealException(String message) {
    super(message);
  }
}

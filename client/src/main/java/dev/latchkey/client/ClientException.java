// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import org.jspecify.annotations.Nullable;

/// Something did not work, said so that a person can act on it. Subclasses tell apart what a
/// program may want to tell apart. Never holds a key, a code or a password.
public class ClientException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// @param message where, what was found, what to do
  public ClientException(String message) {
    super(message);
  }

  /// @param message where, what was found, what to do
  /// @param cause what broke underneath; holds no secret
  public ClientException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

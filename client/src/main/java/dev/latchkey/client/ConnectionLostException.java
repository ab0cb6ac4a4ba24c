// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import org.jspecify.annotations.Nullable;

/// The server was not reached, went away, or did not answer in time. Trying again may help.
public final class ConnectionLostException extends ClientException {
  private static final long serialVersionUID = 1L;

  /// @param message which server, and what happened
  public ConnectionLostException(String message) {
    super(message);
  }

  /// @param message which server, and what happened
  /// @param cause what broke underneath
  public ConnectionLostException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

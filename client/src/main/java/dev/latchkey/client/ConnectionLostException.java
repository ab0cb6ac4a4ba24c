// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import org.jspecify.annotations.Nullable;

/// The server was not reached, went away, or did not answer in time, or another program kept the
/// device's home to itself for so long. Trying again may help.
public sealed class ConnectionLostException extends ClientException permits HomeBusyException {
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

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.socket;

import java.io.IOException;

/// A TLS handshake failed.
public final class TlsException extends IOException {
  private static final long serialVersionUID = 1L;

  /// @param message what failed, for people
  /// @param cause what the TLS provider said
  public TlsException(String message, Throwable cause) {
    super(message, cause);
  }
}

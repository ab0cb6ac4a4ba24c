// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import org.jspecify.annotations.Nullable;

/// The other side is not the server it should be, or changed what it must not change: somebody may
/// stand in between. The connection is closed and nothing that came over it is kept.
public final class ServerNotTrustedException extends ClientException {
  private static final long serialVersionUID = 1L;

  /// @param message which check failed
  public ServerNotTrustedException(String message) {
    super(message);
  }

  /// @param message which check failed
  /// @param cause what the check said
  public ServerNotTrustedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

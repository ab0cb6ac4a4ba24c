// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import dev.latchkey.credential.Bytes;
import java.util.Optional;

/// The client's half of one exchange. Owned by one thread; not thread-safe.
public interface ClientMechanism {
  /// The mechanism's name.
  MechanismName name();

  /// The initial response; nothing if the server speaks first.
  Optional<Bytes> initialResponse();

  /// Answers a challenge.
  ///
  /// @throws SaslServerException if the server's message is not to be trusted: abort
  Bytes respond(Bytes challenge);

  /// Checks what came with success (or with a `<continue/>`); until it returns, the server is not
  /// authenticated.
  ///
  /// @param additionalData what came; nothing if there was none
  /// @throws SaslServerException if the server did not prove itself: close the connection
  void verify(Optional<Bytes> additionalData);
}

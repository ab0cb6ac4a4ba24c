// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import dev.latchkey.credential.Bytes;
import java.util.Optional;

/// One exchange on the server. Owned by the stream's thread; not thread-safe.
public interface SaslExchange {
  /// Takes the client's next message.
  ///
  /// @param message its octets, base64 already undone; nothing if the client sent no initial
  ///   response (an empty one is present and empty)
  /// @return what follows; after [SaslStep.Success] or [SaslStep.Failure] it is not called again
  SaslStep next(Optional<Bytes> message);
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.clientkey;

import dev.latchkey.credential.Bytes;
import java.util.Optional;

/// What both sides compute MACs of (draft §4, 30.L). The counter is in it and not in the message,
/// so the server has to try.
///
/// @param authcid the prepared localpart
/// @param clientId the key's name
/// @param bindingData the raw cb-data of a -PLUS mechanism, which stands last, since it alone may
///   hold a NUL
record MacInput(String authcid, String clientId, Optional<Bytes> bindingData) {
  /// What the client proves itself by.
  Bytes response(long counter) {
    return of("Client Response", counter);
  }

  /// What the server proves itself by: of the same counter.
  Bytes answer(long counter) {
    return of("Server Response", counter);
  }

  private Bytes of(String label, long counter) {
    Bytes text = Bytes.utf8(String.join("\0", label, authcid, clientId, Long.toString(counter)));
    return bindingData.map(data -> Bytes.concat(text, Bytes.of((byte) 0), data)).orElse(text);
  }
}

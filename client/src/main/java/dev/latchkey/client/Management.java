// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import java.util.Optional;

/// Both sides count stanzas (XEP-0198).
///
/// @param id under which the session can be resumed, if it can be; who knows it and is this device
///   gets the session, so it is told nobody
record Management(Optional<String> id) {
  @Override
  public String toString() {
    return "Management[" + (id.isPresent() ? "resumable" : "acknowledgements only") + "]";
  }
}

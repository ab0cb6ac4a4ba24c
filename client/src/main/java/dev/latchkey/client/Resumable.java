// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.wire.management.StanzaCount;

/// A session that may be gone on with (XEP-0198 §5).
///
/// @param id which
/// @param handled how many of its stanzas were handed on
record Resumable(String id, StanzaCount handled) {
  @Override
  public String toString() {
    return "Resumable[handled=" + handled + "]";
  }
}

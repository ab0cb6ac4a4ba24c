// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import java.time.Instant;
import java.util.Optional;

/// How far a device has shown its account's archive (XEP-0313).
///
/// @param since when the device came to be: what is older was never for it
/// @param after the id of the last archived message it has shown; nothing before the first
record ArchivePosition(Instant since, Optional<String> after) {
  ArchivePosition after(String id) {
    return new ArchivePosition(since, Optional.of(id));
  }

  /// As if nothing had been shown yet.
  ArchivePosition fromTheStart() {
    return new ArchivePosition(since, Optional.empty());
  }
}

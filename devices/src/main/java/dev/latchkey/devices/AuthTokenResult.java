// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Secret;
import java.util.Set;

/// What came of a wish for an X-TOKEN.
public sealed interface AuthTokenResult {
  /// A token; shown once.
  ///
  /// @param entry what stands of it in a list
  /// @param token its text
  /// @param seenBy the devices that see it in their list
  record Issued(AuthTokenEntry entry, Secret token, Set<DeviceId> seenBy)
      implements AuthTokenResult {
    /// Copies.
    public Issued {
      seenBy = Set.copyOf(seenBy);
    }
  }

  /// None.
  record Refused(Refusal refusal) implements AuthTokenResult {}
}

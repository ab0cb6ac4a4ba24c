// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Permission;
import java.util.List;
import java.util.Optional;

/// What came of a revocation.
public sealed interface RevocationResult {
  /// Durable, and the connections are dead (but the acting device's own).
  ///
  /// @param revoked which, the one asked for first
  /// @param descendantsLeft what it had let in, itself or through others, and is still there (rule
  ///   32)
  record Revoked(List<DeviceId> revoked, List<Device> descendantsLeft) implements RevocationResult {
    /// Copies.
    public Revoked {
      revoked = List.copyOf(revoked);
      descendantsLeft = List.copyOf(descendantsLeft);
    }
  }

  /// Nothing is changed.
  ///
  /// @param refusal why
  /// @param missing the permission that the device lacks, if that is why
  record Refused(Refusal refusal, Optional<Permission> missing) implements RevocationResult {
    Refused(Refusal refusal) {
      this(refusal, Optional.empty());
    }
  }

  /// There is no such account or device.
  record NotFound() implements RevocationResult {}
}

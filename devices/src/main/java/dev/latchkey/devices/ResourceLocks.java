// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Resource;
import java.util.Optional;

/// Whether a resource can be locked to a device (rule 36).
final class ResourceLocks {
  private ResourceLocks() {}

  /// Whether nobody else has it: no device that is not revoked has it locked, and none has it bound
  /// now. The second holds for revoked devices too: until their connections are gone, what is sent
  /// to the resource is theirs.
  ///
  /// @param owner the device that wants it, if it exists already
  static boolean isFree(
      Resource resource, AccountSnapshot account, LiveSessions sessions, Optional<DeviceId> owner) {
    boolean locked =
        account.devices().stream()
            .filter(device -> device.status() != DeviceStatus.REVOKED)
            .filter(device -> !owner.equals(Optional.of(device.id())))
            .anyMatch(device -> device.resourceLock().equals(Optional.of(resource)));
    return !locked
        && sessions
            .holderOf(account.account().id(), resource)
            .filter(holder -> !owner.equals(Optional.of(holder)))
            .isEmpty();
  }
}

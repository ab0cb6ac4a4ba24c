// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Resource;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// Which resources a device may have (rule 36).
///
/// @param lock the only one, if it is locked
/// @param reserved those that other live devices are locked to
public record ResourceRules(Optional<Resource> lock, Set<Resource> reserved) {
  /// Copies.
  public ResourceRules {
    reserved = Set.copyOf(reserved);
  }

  /// Those that the account's devices make.
  public static ResourceRules of(AccountSnapshot account, DeviceId device) {
    Set<Resource> reserved = new HashSet<>();
    for (Device other : account.devices()) {
      if (!other.id().equals(device) && other.status() != DeviceStatus.REVOKED) {
        other.resourceLock().ifPresent(reserved::add);
      }
    }
    return new ResourceRules(account.device(device).flatMap(Device::resourceLock), reserved);
  }
}

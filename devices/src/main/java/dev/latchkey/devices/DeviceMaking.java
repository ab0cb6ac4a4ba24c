// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.authority.RequestFault;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.DeviceOrigin;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Permissions;
import dev.latchkey.credential.Resource;
import dev.latchkey.credential.Verifier;
import java.util.Optional;

/// Writes down new devices; commits nothing.
final class DeviceMaking {
  static final String DEFAULT_NAME = "Device";

  private final Surroundings surroundings;
  private final LiveSessions sessions;
  private final EnrolmentPolicy policy;

  DeviceMaking(Surroundings surroundings, LiveSessions sessions, EnrolmentPolicy policy) {
    this.surroundings = surroundings;
    this.sessions = sessions;
    this.policy = policy;
  }

  /// Where a device comes from.
  ///
  /// @param origin by what
  /// @param permissions its flags
  /// @param parent who lets it in
  /// @param unbound whether that is tied neither to the channel nor to the code (rule 7)
  record Origin(
      DeviceOrigin origin, Permissions permissions, Optional<DeviceId> parent, boolean unbound) {
    /// By a code. Rule 13: its flags are what the code grants and the issuer has now, not what it
    /// had.
    static Origin ofCode(AccountSnapshot account, Verifier.Grant grant, boolean bound) {
      Optional<DeviceId> issuer = grant.issuer().map(Verifier.Issuer::device);
      Permissions present =
          issuer
              .map(id -> account.device(id).map(Device::permissions).orElse(Permissions.NONE))
              .map(grant.allow()::and)
              .orElse(grant.allow());
      return new Origin(DeviceOrigin.ONE_TIME, bound ? present : Permissions.NONE, issuer, !bound);
    }
  }

  /// A new device that no request is judged for, if there is room for one more.
  Making deviceOfToken(
      AccountSnapshot account, Optional<String> name, Optional<Resource> resource, Origin origin) {
    long standing =
        account.devices().stream()
            .filter(device -> device.status() != DeviceStatus.REVOKED)
            .count();
    return standing >= policy.devices()
        ? new Making.Fault(RequestFault.QUOTA, "the account has enough devices")
        : device(account, name, resource, origin);
  }

  /// A new device, if the name is one and the resource is free.
  Making device(
      AccountSnapshot account, Optional<String> name, Optional<Resource> resource, Origin origin) {
    Optional<String> prepared = DeviceNames.prepare(name.orElse(DEFAULT_NAME));
    if (prepared.isEmpty()) {
      return new Making.Fault(RequestFault.BAD_NAME, "this is no name for a device");
    }
    if (resource.isPresent()
        && !ResourceLocks.isFree(resource.get(), account, sessions, Optional.empty())) {
      return new Making.Fault(RequestFault.RESOURCE_IN_USE, "another device has the resource");
    }
    return new Making.Made(
        new Device(
            DeviceId.draw(surroundings.random()),
            account.account().id(),
            DeviceNames.unique(prepared.get(), account),
            DeviceStatus.ACTIVE,
            0,
            origin.permissions(),
            resource,
            origin.parent(),
            origin.origin(),
            origin.unbound(),
            surroundings.now(),
            Optional.empty()),
        Optional.empty());
  }
}

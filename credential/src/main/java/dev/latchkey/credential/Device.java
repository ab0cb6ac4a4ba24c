// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import java.time.Instant;
import java.util.Optional;

/// One device of an account: the unit of permissions, generation, cascade and revocation.
///
/// @param id its id
/// @param account whose it is
/// @param name unique in the account, shown to people
/// @param status what it may do
/// @param generation goes up when it is revoked; whatever was derived from it carries the
///   generation it was derived at, and is dead when they differ
/// @param permissions its flags
/// @param resourceLock the only resource it may bind; nobody else gets it
/// @param parent the device that let it in, if one did
/// @param origin how it came in
/// @param unbound whether it came in without a tie to the channel or to the code (rule 7)
/// @param firstSeen when it was enrolled
/// @param lastSeen when it last signed in; may lag a little
public record Device(
    DeviceId id,
    AccountId account,
    String name,
    DeviceStatus status,
    long generation,
    Permissions permissions,
    Optional<Resource> resourceLock,
    Optional<DeviceId> parent,
    DeviceOrigin origin,
    boolean unbound,
    Instant firstSeen,
    Optional<Instant> lastSeen) {

  /// The same, revoked: one generation on, so that all that was derived from it is dead.
  public Device revoked() {
    return new Device(
        id,
        account,
        name,
        DeviceStatus.REVOKED,
        generation + 1,
        permissions,
        resourceLock,
        parent,
        origin,
        unbound,
        firstSeen,
        lastSeen);
  }

  /// The same in another state that is not final.
  public Device withStatus(DeviceStatus status) {
    return new Device(
        id,
        account,
        name,
        status,
        generation,
        permissions,
        resourceLock,
        parent,
        origin,
        unbound,
        firstSeen,
        lastSeen);
  }

  /// The same under another parent, or under none.
  public Device withParent(Optional<DeviceId> parent) {
    return new Device(
        id,
        account,
        name,
        status,
        generation,
        permissions,
        resourceLock,
        parent,
        origin,
        unbound,
        firstSeen,
        lastSeen);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// "Last seen" that is not in the database yet. It may lag there (design, "State and storage"), but
/// readers of this process are told at once. Thread-safe.
final class Touches {
  /// What is held at one moment. Maps only grow and are dropped whole, so a view that was taken
  /// before a read knows all that the read may not find in the database.
  record View(ConcurrentMap<DeviceId, Instant> fresh, Map<DeviceId, Instant> beingWritten) {
    /// The account with its devices as last seen.
    AccountSnapshot on(AccountSnapshot account) {
      return with(account, account.devices().stream().map(this::on).toList());
    }

    /// The device as last seen.
    Device on(Device device) {
      Optional<Instant> latest = device.lastSeen();
      for (Map<DeviceId, Instant> held : List.of(fresh, beingWritten)) {
        Optional<Instant> seen = Optional.ofNullable(held.get(device.id()));
        if (seen.isPresent() && latest.map(seen.get()::isAfter).orElse(true)) {
          latest = seen;
        }
      }
      return latest.equals(device.lastSeen()) ? device : seen(device, latest);
    }
  }

  /// The account with one device as last seen at a time, if that is the latest.
  static AccountSnapshot seen(AccountSnapshot account, DeviceId seen, Instant at) {
    List<Device> devices = new ArrayList<>(account.devices());
    devices.replaceAll(
        device ->
            device.id().equals(seen) && device.lastSeen().map(at::isAfter).orElse(true)
                ? seen(device, Optional.of(at))
                : device);
    return with(account, devices);
  }

  private static AccountSnapshot with(AccountSnapshot account, List<Device> devices) {
    return new AccountSnapshot(account.account(), devices, account.credentials());
  }

  private static Device seen(Device device, Optional<Instant> at) {
    return new Device(
        device.id(),
        device.account(),
        device.name(),
        device.status(),
        device.generation(),
        device.permissions(),
        device.resourceLock(),
        device.parent(),
        device.origin(),
        device.unbound(),
        device.firstSeen(),
        at);
  }

  private volatile View view = new View(new ConcurrentHashMap<>(), Map.of());

  /// Holds a time, if it is the latest of the device.
  synchronized void add(DeviceId device, Instant at) {
    view.fresh().merge(device, at, Touches::later);
  }

  /// What is held now.
  View view() {
    return view;
  }

  /// Whether anything is held.
  boolean isWaiting() {
    View now = view;
    return !now.fresh().isEmpty() || !now.beingWritten().isEmpty();
  }

  /// Begins to write: gives all that is held, and holds it until [#written].
  synchronized Map<DeviceId, Instant> begin() {
    Map<DeviceId, Instant> all = new HashMap<>(view.beingWritten());
    view.fresh().forEach((device, at) -> all.merge(device, at, Touches::later));
    view = new View(new ConcurrentHashMap<>(), Map.copyOf(all));
    return view.beingWritten();
  }

  /// What was begun is in the database.
  synchronized void written() {
    view = new View(view.fresh(), Map.of());
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.CredentialStore;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.Permission;
import java.util.List;
import java.util.Optional;

/// Lists devices with their credentials, revoked ones too. Thread-safe; waits for the store.
public final class DeviceLists {
  private final CredentialStore store;
  private final LiveSessions sessions;

  /// Reads from the given store.
  public DeviceLists(CredentialStore store, LiveSessions sessions) {
    this.store = store;
    this.sessions = sessions;
  }

  /// All devices of an account, for the operator.
  ///
  /// @return nothing if there is no such account
  public Optional<List<DeviceEntry>> of(AccountJid account) {
    return store
        .find(account)
        .map(
            snapshot ->
                snapshot.devices().stream().map(device -> entry(snapshot, device)).toList());
  }

  /// What a device may see: all, if it may manage; else itself. Nothing, if it is no longer live.
  public List<DeviceEntry> forActing(Acting actor) {
    Optional<AccountSnapshot> account = store.find(actor.account());
    Optional<Device> acting =
        account.flatMap(snapshot -> snapshot.acting(actor.device(), actor.generation()));
    if (account.isEmpty() || acting.isEmpty()) {
      return List.of();
    }
    AccountSnapshot snapshot = account.get();
    List<Device> seen =
        acting.get().permissions().allow(Permission.MANAGE)
            ? snapshot.devices()
            : List.of(acting.get());
    return seen.stream().map(device -> entry(snapshot, device)).toList();
  }

  private DeviceEntry entry(AccountSnapshot snapshot, Device device) {
    return new DeviceEntry(
        device,
        snapshot.credentialsOf(device.id()).filter(it -> !isTombstone(it)).toList(),
        sessions.isConnected(device.id()));
  }

  /// A dead token is kept for him who holds it, and tells nobody else anything.
  private static boolean isTombstone(Credential credential) {
    return credential.kind() == CredentialKind.FAST
        && credential.status() != CredentialStatus.ACTIVE;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.Actor;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialChange;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.DeviceOrigin;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Event;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.MachineSecret;
import dev.latchkey.credential.Permissions;
import dev.latchkey.credential.ScramVerifier;
import dev.latchkey.credential.Verifier;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Makes device passwords, for clients that can do no better.
///
/// Thread-safe. Waits for the store, and computes for some hundredths of a second.
public final class DevicePasswords {
  /// Rule 15: so many may be live in an account.
  private static final int MOST = 20;

  private static final String DEFAULT_NAME = "Device password";

  private final Surroundings surroundings;
  private final ScramKeys keys;

  /// Makes passwords of the given keys.
  public DevicePasswords(Surroundings surroundings, ScramKeys keys) {
    this.surroundings = surroundings;
    this.keys = keys;
  }

  /// The operator makes a password, and with it a device without permissions (rule 17). An account
  /// that is not there is made; it is active at once, also if it was reserved.
  ///
  /// @param account for whom
  /// @param name the name of the device
  public PasswordResult issue(AccountJid account, Optional<String> name) {
    Optional<String> prepared = DeviceNames.prepare(name.orElse(DEFAULT_NAME));
    if (prepared.isEmpty()) {
      return new PasswordResult.Refused(Refusal.BAD_NAME);
    }
    MachineSecret password = MachineSecret.draw(surroundings.random());
    List<ScramVerifier> verifiers = keys.ofPassword(account, password);
    return Decision.settle(
        surroundings.store(), () -> decide(account, prepared.get(), password, verifiers));
  }

  private Decision<PasswordResult> decide(
      AccountJid jid, String name, MachineSecret password, List<ScramVerifier> verifiers) {
    Instant now = surroundings.now();
    Reservation reservation = Reservation.of(surroundings, jid, AccountStatus.ACTIVE);
    AccountSnapshot account = reservation.snapshot();
    if (account.account().status() == AccountStatus.DISABLED) {
      return Decision.answer(new PasswordResult.Refused(Refusal.CONFLICT));
    }
    long live =
        account.credentials().stream()
            .filter(credential -> credential.verifier() instanceof Verifier.Password)
            .filter(credential -> account.isLive(credential, now))
            .count();
    if (live >= MOST) {
      return Decision.answer(new PasswordResult.Refused(Refusal.RESOURCE_CONSTRAINT));
    }
    Device device =
        new Device(
            DeviceId.draw(surroundings.random()),
            account.account().id(),
            DeviceNames.unique(name, account),
            DeviceStatus.ACTIVE,
            0,
            Permissions.NONE,
            Optional.empty(),
            Optional.empty(),
            DeviceOrigin.OPERATOR,
            false,
            now,
            Optional.empty());
    Credential credential =
        new Credential(
            CredentialId.draw(surroundings.random()),
            account.account().id(),
            Optional.of(device.id()),
            CredentialStatus.ACTIVE,
            device.generation(),
            now,
            Optional.empty(),
            new Verifier.Password(verifiers));
    List<CredentialChange> changes = new ArrayList<>(reservation.opening());
    if (account.account().status() == AccountStatus.RESERVED) {
      changes.add(
          new CredentialChange.PutAccount(account.account().withStatus(AccountStatus.ACTIVE)));
    }
    changes.add(new CredentialChange.PutDevice(device));
    changes.add(new CredentialChange.PutCredential(credential));
    changes.add(
        new CredentialChange.Append(
            new Event(
                0,
                account.account().id(),
                now,
                EventKind.PASSWORD_ISSUED,
                new Actor.Operator(),
                Optional.of(device.id()),
                Optional.of(credential.id()),
                Optional.empty())));
    return new Decision<>(
        changes, new PasswordResult.Issued(jid, reservation.created(), device.id(), password));
  }
}

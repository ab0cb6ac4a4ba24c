// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountEdit;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.Actor;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialChange;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.DeviceOrigin;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Event;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.Permission;
import dev.latchkey.credential.Permissions;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Verifier;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Registers, lists and revokes client keys (XEP-0399, rule 57), and makes devices that have one
/// from the beginning.
///
/// Thread-safe; waits for the store.
public final class ClientKeys {
  /// So many live ones a device may have.
  private static final int MOST = 8;

  private static final String DEFAULT_NAME = "Device";

  private final Surroundings surroundings;
  private final Revocation revocation;
  private final ClientKeyMaking keys;

  /// @param revocation revokes their devices
  /// @param validator makes what they are checked against
  /// @param longestLife how long one may be good
  public ClientKeys(
      Surroundings surroundings,
      Revocation revocation,
      ClientKeyValidator validator,
      Duration longestLife) {
    this.surroundings = surroundings;
    this.revocation = revocation;
    this.keys = new ClientKeyMaking(surroundings, validator, longestLife);
  }

  /// Registers a key for the asking device, which needs no permission for it: the key dies with the
  /// device. None is given for what must not beget one (decision 0017).
  ///
  /// The same id and ValidationKey again get the same answer, so that a lost one does no harm; the
  /// id with another key is a conflict. The device's keys that have expired are forgotten then:
  /// else each device could let its account grow as it likes.
  ///
  /// @param proven what of the device was proven when the session began; nothing if it was a code
  public ClientKeyResult register(Acting actor, Optional<CredentialId> proven, ClientKeyWish wish) {
    Optional<Refusal> fault = keys.fault(wish);
    if (fault.isPresent()) {
      return new ClientKeyResult.Refused(fault.get());
    }
    return Decision.settle(
        surroundings.store(),
        () ->
            surroundings
                .store()
                .find(actor.account())
                .map(account -> decide(account, actor, proven, wish))
                .orElse(refuse(Refusal.FORBIDDEN)));
  }

  private Decision<ClientKeyResult> decide(
      AccountSnapshot account, Acting actor, Optional<CredentialId> proven, ClientKeyWish wish) {
    Optional<Device> device = account.acting(actor.device(), actor.generation());
    Instant now = surroundings.now();
    if (device.isEmpty()) {
      return refuse(Refusal.FORBIDDEN);
    }
    Optional<Credential> before = keys.live(account, wish.id());
    if (before.isPresent()) {
      return keys.isSame(before.get(), actor.device(), wish.key())
          ? Decision.answer(registered(before.get()))
          : refuse(Refusal.CONFLICT);
    }
    if (!Descent.allowsKey(account, actor.device(), proven.flatMap(account::credential), now)) {
      return refuse(Refusal.FORBIDDEN);
    }
    List<Credential> own =
        account
            .credentialsOf(actor.device())
            .filter(credential -> credential.verifier() instanceof Verifier.ClientKey)
            .toList();
    if (own.stream().filter(key -> account.isLive(key, now)).count() >= MOST) {
      return refuse(Refusal.RESOURCE_CONSTRAINT);
    }
    Credential made = keys.make(device.get(), wish);
    AccountEdit edit = account.edit(new Actor.OfDevice(actor.device(), actor.generation()), now);
    own.stream().filter(key -> key.isExpired(now)).forEach(edit::remove);
    return new Decision<>(
        edit.put(made)
            .record(
                EventKind.ADDED,
                Optional.of(actor.device()),
                Optional.of(made.id()),
                Optional.empty())
            .changes(),
        registered(made));
  }

  private static ClientKeyResult registered(Credential credential) {
    return new ClientKeyResult.Registered(
        credential.id(),
        ((Verifier.ClientKey) credential.verifier()).encryptedSecret(),
        credential.expires().orElseThrow());
  }

  private static Decision<ClientKeyResult> refuse(Refusal refusal) {
    return Decision.answer(new ClientKeyResult.Refused(refusal));
  }

  /// The live keys that a device may see: all, if it may manage; else its own. None, if it is no
  /// longer live.
  public List<ClientKeyEntry> list(Acting actor) {
    Optional<AccountSnapshot> found = surroundings.store().find(actor.account());
    Optional<Device> acting =
        found.flatMap(account -> account.acting(actor.device(), actor.generation()));
    if (found.isEmpty() || acting.isEmpty()) {
      return List.of();
    }
    AccountSnapshot account = found.get();
    boolean all = acting.get().permissions().allow(Permission.MANAGE);
    return account.credentials().stream()
        .filter(key -> all || key.device().equals(Optional.of(actor.device())))
        .filter(key -> account.isLive(key, surroundings.now()))
        .flatMap(key -> entry(account, key).stream())
        .toList();
  }

  private static Optional<ClientKeyEntry> entry(AccountSnapshot account, Credential credential) {
    return credential.verifier() instanceof Verifier.ClientKey key
        ? Optional.of(
            new ClientKeyEntry(
                credential.id(),
                key.clientId(),
                key.name(),
                credential.expires().orElseThrow(),
                credential.device().flatMap(account::device).orElseThrow()))
        : Optional.empty();
  }

  /// Revokes the device that a key belongs to (design: the device is the unit). A device that may
  /// not manage can name its own keys only, and does not learn of others.
  ///
  /// @param id the client's name for it; if several had it, the newest is meant
  public RevocationResult revoke(Acting actor, String id) {
    Optional<AccountSnapshot> account = surroundings.store().find(actor.account());
    Optional<Device> acting = account.flatMap(it -> it.acting(actor.device(), actor.generation()));
    if (account.isEmpty() || acting.isEmpty()) {
      return new RevocationResult.Refused(Refusal.FORBIDDEN);
    }
    Optional<DeviceId> device =
        account.get().credentials().reversed().stream()
            .filter(
                credential ->
                    credential.verifier() instanceof Verifier.ClientKey key
                        && key.clientId().equals(id))
            .findFirst()
            .flatMap(Credential::device);
    boolean manages = acting.get().permissions().allow(Permission.MANAGE);
    if (!manages && !device.equals(Optional.of(actor.device()))) {
      return new RevocationResult.Refused(Refusal.FORBIDDEN, Optional.of(Permission.MANAGE));
    }
    return device
        .map(owner -> revocation.revoke(actor, owner, false, Optional.empty()))
        .orElse(new RevocationResult.NotFound());
  }

  /// The operator makes a device with a key, for somebody to put on it; it has every permission, as
  /// one that an invitation lets in (rule 33). An account that is not there is made; it is active
  /// at once, also if it was reserved.
  ///
  /// @param jid for whom
  /// @param name the name of the device
  public ProvisionResult provision(AccountJid jid, Optional<String> name) {
    Optional<String> prepared = DeviceNames.prepare(name.orElse(DEFAULT_NAME));
    if (prepared.isEmpty()) {
      return new ProvisionResult.Refused(Refusal.BAD_NAME);
    }
    Bytes secret = Bytes.random(ClientKeyMaking.OCTETS, surroundings.random());
    ClientKeyWish wish =
        new ClientKeyWish(
            Bytes.random(16, surroundings.random()).toHex(),
            prepared.get(),
            Secret.of(Bytes.random(ClientKeyMaking.OCTETS, surroundings.random())),
            Optional.empty());
    return Decision.settle(surroundings.store(), () -> decideProvision(jid, wish, secret));
  }

  private Decision<ProvisionResult> decideProvision(
      AccountJid jid, ClientKeyWish wish, Bytes secret) {
    Instant now = surroundings.now();
    Reservation reservation = Reservation.of(surroundings, jid, AccountStatus.ACTIVE);
    AccountSnapshot account = reservation.snapshot();
    if (account.account().status() == AccountStatus.DISABLED) {
      return Decision.answer(new ProvisionResult.Refused(Refusal.CONFLICT));
    }
    Device device =
        new Device(
            DeviceId.draw(surroundings.random()),
            account.account().id(),
            DeviceNames.unique(wish.name(), account),
            DeviceStatus.ACTIVE,
            0,
            Permissions.ALL,
            Optional.empty(),
            Optional.empty(),
            DeviceOrigin.OPERATOR,
            false,
            now,
            Optional.empty());
    Credential key = keys.make(device, wish, secret);
    List<CredentialChange> changes = new ArrayList<>(reservation.opening());
    if (account.account().status() == AccountStatus.RESERVED) {
      changes.add(
          new CredentialChange.PutAccount(account.account().withStatus(AccountStatus.ACTIVE)));
    }
    changes.add(new CredentialChange.PutDevice(device));
    changes.add(new CredentialChange.PutCredential(key));
    changes.add(
        new CredentialChange.Append(
            new Event(
                0,
                account.account().id(),
                now,
                EventKind.ADDED,
                new Actor.Operator(),
                Optional.of(device.id()),
                Optional.of(key.id()),
                Optional.empty())));
    return new Decision<>(
        changes,
        new ProvisionResult.Provisioned(
            jid,
            reservation.created(),
            device.id(),
            device.name(),
            key.id(),
            wish.id(),
            Secret.of(secret),
            wish.key(),
            0,
            now,
            key.expires().orElseThrow()));
  }
}

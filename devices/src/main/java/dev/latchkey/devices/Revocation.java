// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountEdit;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Actor;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.Permission;
import dev.latchkey.credential.Verifier;
import dev.latchkey.credential.Waypoint;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// Cuts devices off (rule 39): durable first, then every connection, then the answer.
///
/// Thread-safe. Waits for the store, and for the connections to die. Revoking what is revoked
/// already is no error. Where the store fails, the connections die all the same, for the revocation
/// may be written.
public final class Revocation {
  private final Surroundings surroundings;
  private final LiveSessions sessions;

  /// Revokes in the given store and ends the given sessions.
  public Revocation(Surroundings surroundings, LiveSessions sessions) {
    this.surroundings = surroundings;
    this.sessions = sessions;
  }

  /// The operator revokes a device.
  ///
  /// @param account whose
  /// @param device which
  /// @param cascade whether everything that it let in goes with it
  /// @param reason why, for the history
  /// @param force whether it may be the last active device of its account
  public RevocationResult revokeByOperator(
      AccountJid account,
      DeviceId device,
      boolean cascade,
      Optional<String> reason,
      boolean force) {
    return settle(
        () ->
            surroundings
                .store()
                .find(account)
                .map(it -> decideForOperator(it, device, cascade, reason, force))
                .orElse(Outcome.nothing(new RevocationResult.NotFound())));
  }

  private Decision<Outcome> decideForOperator(
      AccountSnapshot account,
      DeviceId id,
      boolean cascade,
      Optional<String> reason,
      boolean force) {
    Optional<Device> target = account.device(id);
    if (target.isEmpty()) {
      return Outcome.nothing(new RevocationResult.NotFound());
    }
    Plan plan = Plan.of(account, target.get(), cascade, Optional.empty());
    if (!force && plan.locksOut(account)) {
      return Outcome.nothing(new RevocationResult.Refused(Refusal.WOULD_LOCK_OUT));
    }
    return decide(account, plan, new Actor.Operator(), reason);
  }

  /// A device revokes another one, for which it needs to manage, or itself, which it always may.
  ///
  /// If it revokes itself, its own session hears the answer first.
  ///
  /// @param actor who asks
  /// @param device which; a device that may not manage does not learn whether another one exists
  /// @param cascade whether everything that the device let in goes with it, but, where it had let
  ///   in the acting device, that one, what that let in, and what stands between (rule 32); of no
  ///   effect on the acting device itself
  /// @param reason why, for the history
  public RevocationResult revoke(
      Acting actor, DeviceId device, boolean cascade, Optional<String> reason) {
    return settle(
        () ->
            surroundings
                .store()
                .find(actor.account())
                .map(it -> decideForDevice(it, actor, device, cascade, reason))
                .orElse(Outcome.nothing(new RevocationResult.Refused(Refusal.FORBIDDEN))));
  }

  private Decision<Outcome> decideForDevice(
      AccountSnapshot account,
      Acting actor,
      DeviceId id,
      boolean cascade,
      Optional<String> reason) {
    Optional<Device> acting = account.acting(actor.device(), actor.generation());
    if (acting.isEmpty()) {
      return Outcome.nothing(new RevocationResult.Refused(Refusal.FORBIDDEN));
    }
    boolean itself = id.equals(actor.device());
    if (!itself && !acting.get().permissions().allow(Permission.MANAGE)) {
      return Outcome.nothing(
          new RevocationResult.Refused(Refusal.FORBIDDEN, Optional.of(Permission.MANAGE)));
    }
    Optional<Device> target = account.device(id);
    if (target.isEmpty()) {
      return Outcome.nothing(new RevocationResult.NotFound());
    }
    return decide(
        account,
        // Signing itself out takes no permission, so it must not take others along.
        Plan.of(account, target.get(), cascade && !itself, acting),
        new Actor.OfDevice(actor.device(), actor.generation()),
        reason);
  }

  /// The server revokes a device by its own rules, be it the last of its account: a credential of
  /// it is in two hands. Of a device that is revoked already nothing more is recorded.
  ///
  /// @param credential which
  /// @param evidence what has shown it
  RevocationResult revokeOnEvidence(
      AccountId account, DeviceId device, CredentialId credential, EventKind evidence) {
    return settle(
        () ->
            surroundings
                .store()
                .find(account)
                .flatMap(it -> decideOnEvidence(it, device, credential, evidence))
                .orElse(Outcome.nothing(new RevocationResult.NotFound())));
  }

  private Optional<Decision<Outcome>> decideOnEvidence(
      AccountSnapshot account, DeviceId id, CredentialId credential, EventKind evidence) {
    AccountEdit edit = account.edit(new Actor.Server(), surroundings.now());
    return account
        .device(id)
        .map(
            device -> {
              if (device.status() != DeviceStatus.REVOKED) {
                edit.record(evidence, Optional.of(id), Optional.of(credential), Optional.empty());
              }
              return decide(
                  account,
                  Plan.of(account, device, false, Optional.empty()),
                  edit,
                  Optional.of(evidence.word()));
            });
  }

  private Decision<Outcome> decide(
      AccountSnapshot account, Plan plan, Actor actor, Optional<String> reason) {
    return decide(account, plan, account.edit(actor, surroundings.now()), reason);
  }

  private Decision<Outcome> decide(
      AccountSnapshot account, Plan plan, AccountEdit edit, Optional<String> reason) {
    boolean changes = false;
    for (Device device : plan.revoked()) {
      if (device.status() != DeviceStatus.REVOKED) {
        changes = true;
        edit.revoke(device, credentialsToEnd(account, device), Reasons.fit(reason));
        for (Credential code : codesToEnd(account, device)) {
          edit.revoke(code)
              .record(
                  EventKind.TOKEN_DEAD,
                  Optional.of(device.id()),
                  Optional.of(code.id()),
                  Optional.of("the device that issued it was revoked"));
        }
      }
    }
    for (Device orphan : plan.orphans()) {
      changes = true;
      edit.put(orphan.withParent(Optional.empty()));
    }
    Outcome outcome = new Outcome(plan.result(), plan.ended(), Optional.of(account));
    if (!changes) {
      return Decision.answer(outcome);
    }
    surroundings.waypoints().reached(Waypoint.BEFORE_REVOCATION);
    return new Decision<>(edit.changes(), outcome);
  }

  /// Its own, and the code that it was made by, if that could still be redeemed again.
  private static List<Credential> credentialsToEnd(AccountSnapshot account, Device device) {
    return account.credentials().stream()
        .filter(credential -> credential.status() != CredentialStatus.REVOKED)
        .filter(
            credential ->
                credential.device().equals(Optional.of(device.id()))
                    || (credential.status() == CredentialStatus.REDEEMED
                        && credential.verifier() instanceof Verifier.OneTime code
                        && code.redemption()
                            .filter(redemption -> redemption.device().equals(device.id()))
                            .isPresent()))
        .toList();
  }

  /// What it issued and nobody redeemed (rule 32).
  private static List<Credential> codesToEnd(AccountSnapshot account, Device device) {
    return account.credentials().stream()
        .filter(credential -> credential.status() == CredentialStatus.ACTIVE)
        .filter(
            credential ->
                credential.verifier() instanceof Verifier.OneTime code
                    && code.grant()
                        .issuer()
                        .filter(issuer -> issuer.device().equals(device.id()))
                        .isPresent())
        .toList();
  }

  private RevocationResult settle(Supplier<Decision<Outcome>> decide) {
    return Decision.settle(surroundings.store(), decide, this::cutOff).result();
  }

  /// Also when all were revoked before: whoever asks again wants to be sure.
  private void cutOff(Outcome outcome) {
    outcome
        .account()
        .ifPresent(
            account -> {
              surroundings.waypoints().reached(Waypoint.REVOKED);
              sessions.end(account.account().id(), outcome.ended());
            });
  }

  /// What is to be answered, and what ends before.
  private record Outcome(
      RevocationResult result, List<RevokedDevice> ended, Optional<AccountSnapshot> account) {
    static Decision<Outcome> nothing(RevocationResult result) {
      return Decision.answer(new Outcome(result, List.of(), Optional.empty()));
    }
  }

  /// Who goes and who stays (rule 32).
  ///
  /// @param revoked who goes, the target first; the target also if it is gone already
  /// @param orphans who stays though the parent goes, and therefore gets none
  /// @param left who stays of what the target had let in
  private record Plan(List<Device> revoked, List<Device> orphans, List<Device> left) {
    static Plan of(
        AccountSnapshot account, Device target, boolean cascade, Optional<Device> acting) {
      Set<DeviceId> below = descendants(account, target.id());
      Set<DeviceId> spared = new HashSet<>();
      // What is to be spared can be hit only if the target had let in who asks. Where it is the
      // other
      // way round, everything below the target is below who asks, too, and is meant to go: else a
      // stolen tablet's helpers would survive the phone that had let in the tablet.
      if (acting.isPresent() && below.contains(acting.get().id())) {
        spared.add(acting.get().id());
        spared.addAll(descendants(account, acting.get().id()));
        spared.addAll(ancestors(account, acting.get()));
      }
      List<Device> revoked = new ArrayList<>(List.of(target));
      List<Device> orphans = new ArrayList<>();
      List<Device> left = new ArrayList<>();
      Set<DeviceId> gone = new HashSet<>(Set.of(target.id()));
      for (DeviceId id : below) {
        Device device = account.device(id).orElseThrow();
        if (device.status() == DeviceStatus.REVOKED) {
          continue;
        }
        if (cascade && !spared.contains(id)) {
          revoked.add(device);
          gone.add(id);
        } else {
          left.add(device);
        }
      }
      if (cascade) {
        left.stream()
            .filter(device -> device.parent().filter(gone::contains).isPresent())
            .forEach(orphans::add);
      }
      return new Plan(revoked, orphans, left);
    }

    private static Set<DeviceId> descendants(AccountSnapshot account, DeviceId root) {
      Set<DeviceId> found = new LinkedHashSet<>();
      List<DeviceId> frontier = new ArrayList<>(List.of(root));
      while (!frontier.isEmpty()) {
        DeviceId parent = frontier.removeFirst();
        for (Device device : account.devices()) {
          if (device.parent().equals(Optional.of(parent))
              && !device.id().equals(root)
              && found.add(device.id())) {
            frontier.add(device.id());
          }
        }
      }
      return found;
    }

    private static Set<DeviceId> ancestors(AccountSnapshot account, Device device) {
      Set<DeviceId> found = new LinkedHashSet<>();
      Optional<DeviceId> next = device.parent();
      while (next.isPresent() && found.add(next.get())) {
        next = account.device(next.get()).flatMap(Device::parent);
      }
      return found;
    }

    /// Whether somebody active goes and nobody active stays.
    boolean locksOut(AccountSnapshot account) {
      return revoked.stream().anyMatch(device -> device.status() == DeviceStatus.ACTIVE)
          && account.devices().stream()
              .filter(device -> device.status() == DeviceStatus.ACTIVE)
              .allMatch(revoked::contains);
    }

    RevocationResult.Revoked result() {
      return new RevocationResult.Revoked(
          revoked.stream().map(Device::id).toList(),
          left.stream()
              .map(it -> orphans.contains(it) ? it.withParent(Optional.empty()) : it)
              .toList());
    }

    List<RevokedDevice> ended() {
      return revoked.stream()
          .map(device -> device.status() == DeviceStatus.REVOKED ? device : device.revoked())
          .map(device -> new RevokedDevice(device.id(), device.generation()))
          .toList();
    }
  }
}

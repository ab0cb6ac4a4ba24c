// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Actor;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.Suspicion;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Draws the consequences when a credential shows up where it should not (rules 49, 56).
///
/// What is suspected of a credential is told only after its possession was proven, so no stranger
/// can make anything happen here. What is counted is in memory alone. Thread-safe; waits for the
/// store, and for connections to die.
public final class Theft {
  /// Rule 56: so many wrong uses in a row.
  private static final int WRONG_USES = 10;

  /// So many values that come late within [#SAME] are no accident: a clone that skips what its
  /// owner will count next is never seen to use a value twice.
  private static final int LATE_USES = 3;

  /// Rule 56: so long a key rests after them.
  private static final Duration PAUSE = Duration.ofMinutes(15);

  /// The same evidence within this time is one event: a client that cannot know better tries again
  /// and again.
  private static final Duration SAME = Duration.ofHours(1);

  /// So many credentials are remembered, the last ones.
  private static final int REMEMBERED = 10_000;

  private final Surroundings surroundings;
  private final LiveSessions sessions;
  private final Revocation revocation;
  private final TheftResponse response;
  private final Map<CredentialId, Watch> watched = new LinkedHashMap<>();

  /// @param revocation revokes devices
  /// @param response what is done about a device
  public Theft(
      Surroundings surroundings,
      LiveSessions sessions,
      Revocation revocation,
      TheftResponse response) {
    this.surroundings = surroundings;
    this.sessions = sessions;
    this.revocation = revocation;
    this.response = response;
  }

  /// A credential's possession was proven, and something is wrong with its use. When this returns,
  /// what follows from it is durable, and connections that must end are dead.
  public void suspect(
      AccountId account, DeviceId device, CredentialId credential, Suspicion suspicion) {
    switch (suspicion) {
      // A clone of a counter cannot be told from the device: rule 56 leaves no choice.
      case COUNTER_REUSED -> revoke(account, device, credential, EventKind.COUNTER_MISMATCH);
      case COUNTER_LATE -> late(account, device, credential);
      case COUNTER_UNKNOWN -> count(account, device, credential);
      case SUPERSEDED_USED -> respond(account, device, credential, EventKind.SUPERSEDED_USED);
      case TWO_PLACES -> respond(account, device, credential, EventKind.TWO_PLACES);
    }
  }

  /// Whether a client key rests, because it was used wrongly again and again.
  public synchronized boolean isPaused(CredentialId credential) {
    Watch watch = watched.get(credential);
    return watch != null && surroundings.now().isBefore(watch.pausedUntil());
  }

  /// The credential has signed in as it should: wrong uses before it are forgotten.
  public synchronized void succeeded(CredentialId credential) {
    watched.computeIfPresent(credential, (_, watch) -> watch.counted(0));
  }

  /// Not forgotten when the key signs in: it is the clone that does. Recorded only, whatever the
  /// operator has chosen: two sign-ins of one device that race leave the same (rule 56).
  private void late(AccountId account, DeviceId device, CredentialId credential) {
    synchronized (this) {
      Watch watch = watch(credential).late(surroundings.now());
      remember(credential, watch);
      if (watch.lateUses() < LATE_USES) {
        return;
      }
    }
    tell(account, device, credential, EventKind.COUNTER_OVERTAKEN);
  }

  private void count(AccountId account, DeviceId device, CredentialId credential) {
    synchronized (this) {
      Watch watch = watch(credential);
      Instant now = surroundings.now();
      if (now.isBefore(watch.pausedUntil())) {
        return;
      }
      if (watch.wrongUses() + 1 < WRONG_USES) {
        remember(credential, watch.counted(watch.wrongUses() + 1));
        return;
      }
      remember(credential, watch.counted(0).paused(now.plus(PAUSE)));
    }
    record(account, device, credential, EventKind.KEY_PAUSED);
  }

  private void respond(
      AccountId account, DeviceId device, CredentialId credential, EventKind what) {
    switch (response) {
      case EVENT -> tell(account, device, credential, what);
      case SUSPEND -> suspend(account, device, credential, what);
      case REVOKE -> revoke(account, device, credential, what);
    }
  }

  private void tell(AccountId account, DeviceId device, CredentialId credential, EventKind what) {
    if (isNews(credential, what)) {
      record(account, device, credential, what);
    }
  }

  private synchronized boolean isNews(CredentialId credential, EventKind what) {
    Watch watch = watch(credential);
    Instant now = surroundings.now();
    if (watch.told().equals(Optional.of(what)) && now.isBefore(watch.toldAt().plus(SAME))) {
      return false;
    }
    remember(credential, watch.told(what, now));
    return true;
  }

  private void record(AccountId account, DeviceId device, CredentialId credential, EventKind what) {
    Decision.settle(
        surroundings.store(),
        () ->
            surroundings
                .store()
                .find(account)
                .map(
                    found ->
                        new Decision<>(
                            found
                                .edit(new Actor.Server(), surroundings.now())
                                .record(
                                    what,
                                    Optional.of(device),
                                    Optional.of(credential),
                                    Optional.empty())
                                .changes(),
                            true))
                .orElse(Decision.answer(false)));
  }

  private void revoke(AccountId account, DeviceId device, CredentialId credential, EventKind what) {
    revocation.revokeOnEvidence(account, device, credential, what);
  }

  private void suspend(
      AccountId account, DeviceId device, CredentialId credential, EventKind what) {
    Decision.settle(
        surroundings.store(),
        () ->
            surroundings
                .store()
                .find(account)
                .map(found -> decideSuspension(found, device, credential, what))
                .orElse(Decision.answer(Optional.empty())),
        version ->
            version.ifPresent(
                shown -> sessions.endStale(account, new SessionScope.OfDevice(device), shown)));
  }

  /// @return the first version of the account that shows the suspension, also of one that was
  ///   before: whoever wrote it may not have come to end its connections
  private Decision<Optional<Long>> decideSuspension(
      AccountSnapshot account, DeviceId id, CredentialId credential, EventKind what) {
    long version = account.account().version();
    Optional<Device> device = account.device(id);
    return switch (device.map(Device::status).orElse(DeviceStatus.REVOKED)) {
      case PENDING, DISABLED, REVOKED -> Decision.answer(Optional.empty());
      case SUSPENDED -> Decision.answer(Optional.of(version));
      case ACTIVE ->
          new Decision<>(
              account
                  .edit(new Actor.Server(), surroundings.now())
                  .put(device.orElseThrow().withStatus(DeviceStatus.SUSPENDED))
                  .record(what, Optional.of(id), Optional.of(credential), Optional.empty())
                  .record(
                      EventKind.SUSPENDED,
                      Optional.of(id),
                      Optional.empty(),
                      Optional.of(what.word()))
                  .changes(),
              Optional.of(version + 1));
    };
  }

  private Watch watch(CredentialId credential) {
    return watched.getOrDefault(credential, Watch.NOTHING);
  }

  private void remember(CredentialId credential, Watch watch) {
    watched.remove(credential); // what is put now is the last to be forgotten
    watched.put(credential, watch);
    if (watched.size() > REMEMBERED) {
      watched.remove(watched.keySet().iterator().next());
    }
  }

  /// What is remembered of a credential.
  ///
  /// @param wrongUses how many in a row
  /// @param lateUses how many values came late since then
  /// @param lateSince when the first of them did
  /// @param pausedUntil until when it rests
  /// @param told what was last recorded of it
  /// @param toldAt when
  private record Watch(
      int wrongUses,
      int lateUses,
      Instant lateSince,
      Instant pausedUntil,
      Optional<EventKind> told,
      Instant toldAt) {
    static final Watch NOTHING =
        new Watch(0, 0, Instant.EPOCH, Instant.MIN, Optional.empty(), Instant.EPOCH);

    Watch counted(int wrongUses) {
      return new Watch(wrongUses, lateUses, lateSince, pausedUntil, told, toldAt);
    }

    Watch late(Instant now) {
      boolean anew = !now.isBefore(lateSince.plus(SAME));
      return new Watch(
          wrongUses, anew ? 1 : lateUses + 1, anew ? now : lateSince, pausedUntil, told, toldAt);
    }

    Watch paused(Instant until) {
      return new Watch(wrongUses, lateUses, lateSince, until, told, toldAt);
    }

    Watch told(EventKind what, Instant at) {
      return new Watch(wrongUses, lateUses, lateSince, pausedUntil, Optional.of(what), at);
    }
  }
}

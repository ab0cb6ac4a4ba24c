// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountEdit;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.Actor;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.Verifier;
import dev.latchkey.credential.Waypoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/// The operator disables, enables and deletes accounts: durable first, then every connection, then
/// the answer (rule 39).
///
/// Thread-safe. Waits for the store, and for the connections to die. Asking again for what is so
/// already is no error.
public final class AccountStates {
  private static final Optional<String> REASON = Optional.of("the account was deleted");

  private final Surroundings surroundings;
  private final LiveSessions sessions;

  /// Changes accounts in the given store and ends the given sessions.
  public AccountStates(Surroundings surroundings, LiveSessions sessions) {
    this.surroundings = surroundings;
    this.sessions = sessions;
  }

  /// From now on nobody signs in to the account, and its connections end. All that it has stays and
  /// works again once it is enabled.
  public AccountStateResult disable(AccountJid account) {
    AtomicLong version = new AtomicLong();
    return settle(
        account,
        found -> {
          version.set(found.account().version() + 1);
          return become(found, AccountStatus.DISABLED, EventKind.ACCOUNT_DISABLED, _ -> {});
        },
        done -> {
          surroundings.waypoints().reached(Waypoint.REVOKED);
          // Also when it was disabled before: whoever asks again wants to be sure.
          sessions.endStale(done.account(), new SessionScope.WholeAccount(), version.get());
        });
  }

  /// Lifts [#disable]. A client key whose device went on trying meanwhile is far ahead of its
  /// counter here, for who is refused moves none; so each may be so once, as behind a backup (rule
  /// 40).
  public AccountStateResult enable(AccountJid account) {
    return settle(
        account,
        found ->
            become(
                found,
                AccountStatus.ACTIVE,
                EventKind.ACCOUNT_ENABLED,
                edit -> clientKeys(found).forEach(edit::put)),
        _ -> {});
  }

  private static Stream<Credential> clientKeys(AccountSnapshot account) {
    return account.credentials().stream()
        .filter(credential -> credential.status() == CredentialStatus.ACTIVE)
        .flatMap(
            credential ->
                credential.verifier() instanceof Verifier.ClientKey key
                    ? Stream.of(credential.withVerifier(key.afterAbsence()))
                    : Stream.empty());
  }

  /// @param besides what else is written
  private Decision<AccountStateResult> become(
      AccountSnapshot found, AccountStatus status, EventKind event, Consumer<AccountEdit> besides) {
    Account account = found.account();
    if (account.status() == AccountStatus.RESERVED) {
      return Decision.answer(new AccountStateResult.OnlyInvited());
    }
    AccountStateResult done = new AccountStateResult.Done(account.id(), status, List.of());
    if (account.status() == status) {
      return Decision.answer(done);
    }
    surroundings.waypoints().reached(Waypoint.BEFORE_REVOCATION);
    AccountEdit edit =
        found
            .edit(new Actor.Operator(), surroundings.now())
            .put(account.withStatus(status))
            .record(event, Optional.empty(), Optional.empty(), Optional.empty());
    besides.accept(edit);
    return new Decision<>(edit.changes(), done);
  }

  /// Deletes an account for good. All its devices are revoked in the same transaction (rule 4); the
  /// name is free, and whoever gets it next gets a new account with nothing of this one.
  public AccountStateResult delete(AccountJid account) {
    List<RevokedDevice> ended = new ArrayList<>();
    return settle(
        account,
        found -> {
          ended.clear(); // an earlier decision may have been lost
          return decideDelete(found, ended);
        },
        done -> {
          surroundings.waypoints().reached(Waypoint.REVOKED);
          sessions.end(done.account(), ended);
        });
  }

  private Decision<AccountStateResult> decideDelete(
      AccountSnapshot found, List<RevokedDevice> ended) {
    AccountEdit edit = found.edit(new Actor.Operator(), surroundings.now());
    List<DeviceId> revoked = new ArrayList<>();
    for (Device device : found.devices()) {
      // Also one that was revoked before: its connections must be gone, too.
      boolean dead = device.status() == DeviceStatus.REVOKED;
      Device now = dead ? device : device.revoked();
      ended.add(new RevokedDevice(now.id(), now.generation()));
      if (!dead) {
        revoked.add(device.id());
        edit.revoke(
            device,
            found
                .credentialsOf(device.id())
                .filter(credential -> credential.status() != CredentialStatus.REVOKED)
                .toList(),
            REASON);
      }
    }
    for (Credential code : openCodes(found)) {
      edit.revoke(code);
      if (code.status() == CredentialStatus.ACTIVE) {
        edit.record(EventKind.TOKEN_DEAD, Optional.empty(), Optional.of(code.id()), REASON);
      }
    }
    edit.delete(found.account());
    surroundings.waypoints().reached(Waypoint.BEFORE_REVOCATION);
    return new Decision<>(
        edit.changes(),
        new AccountStateResult.Done(found.account().id(), AccountStatus.DELETED, revoked));
  }

  /// Not yet redeemed, or still good for the same answer again.
  private static List<Credential> openCodes(AccountSnapshot account) {
    return account.credentials().stream()
        .filter(credential -> credential.verifier() instanceof Verifier.OneTime)
        .filter(
            code ->
                code.status() == CredentialStatus.ACTIVE
                    || code.status() == CredentialStatus.REDEEMED)
        .toList();
  }

  /// Decides about the account that had the name at first: were it deleted meanwhile and the name
  /// given away again, the new one is not meant.
  ///
  /// @param end ends what must not live on once it is written (rule 39)
  private AccountStateResult settle(
      AccountJid jid,
      Function<AccountSnapshot, Decision<AccountStateResult>> decide,
      Consumer<AccountStateResult.Done> end) {
    Optional<AccountId> meant = surroundings.store().find(jid).map(it -> it.account().id());
    if (meant.isEmpty()) {
      return new AccountStateResult.NotFound();
    }
    return Decision.settle(
        surroundings.store(),
        () ->
            surroundings
                .store()
                .find(meant.get())
                .filter(it -> it.account().status() != AccountStatus.DELETED)
                .map(decide)
                .orElse(Decision.answer(new AccountStateResult.NotFound())),
        result -> {
          if (result instanceof AccountStateResult.Done done) {
            end.accept(done);
          }
        });
  }
}

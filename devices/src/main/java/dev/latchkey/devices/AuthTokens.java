// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountEdit;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Actor;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.Permission;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Verifier;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Issues, lists and revokes X-TOKENs (`https://xabber.com/protocol/auth-tokens`).
///
/// A token belongs to the device whose session asked for it, be it bound yet or not. Whoever copies
/// one has it until somebody notices, so the operator must allow them. Thread-safe; waits for the
/// store.
public final class AuthTokens {
  /// So many live ones a device may have.
  private static final int MOST = 20;

  /// So many live ones an account may have: as many as a sign-in compares (rule 15). Those of
  /// devices that are suspended count, for they may be let in again.
  private static final int MOST_OF_ALL = 64;

  private final Surroundings surroundings;
  private final LiveSessions sessions;
  private final Revocation revocation;
  private final Duration longestLife;

  /// @param revocation revokes their devices
  /// @param longestLife how long one may be good
  public AuthTokens(
      Surroundings surroundings,
      LiveSessions sessions,
      Revocation revocation,
      Duration longestLife) {
    this.surroundings = surroundings;
    this.sessions = sessions;
    this.revocation = revocation;
    this.longestLife = longestLife;
  }

  /// Gives the asking device a token; none if it has only proven a FAST token (decision 0017).
  ///
  /// @param proven what of the device was proven when the session began; nothing if it was a code
  public AuthTokenResult issue(Acting actor, Optional<CredentialId> proven, AuthTokenWish wish) {
    if (wish.life().filter(life -> !life.isPositive()).isPresent()) {
      return new AuthTokenResult.Refused(Refusal.BAD_LIFE);
    }
    Secret text = TokenTexts.draw(surroundings.random());
    return Decision.settle(
        surroundings.store(),
        () ->
            surroundings
                .store()
                .find(actor.account())
                .map(account -> decide(account, actor, proven, wish, text))
                .orElse(refuse(Refusal.FORBIDDEN)));
  }

  private Decision<AuthTokenResult> decide(
      AccountSnapshot account,
      Acting actor,
      Optional<CredentialId> proven,
      AuthTokenWish wish,
      Secret text) {
    Optional<Device> device = account.acting(actor.device(), actor.generation());
    if (device.isEmpty() || !Descent.allowsXToken(proven.flatMap(account::credential))) {
      return refuse(Refusal.FORBIDDEN);
    }
    Instant now = surroundings.now();
    List<Credential> kept = tokens(account).filter(token -> mayLive(token, now)).toList();
    if (kept.size() >= MOST_OF_ALL
        || kept.stream().filter(token -> isOf(token, actor.device())).count() >= MOST) {
      return refuse(Refusal.RESOURCE_CONSTRAINT);
    }
    Instant expires =
        now.plus(
            wish.life().filter(wished -> wished.compareTo(longestLife) < 0).orElse(longestLife));
    Credential made =
        new Credential(
            CredentialId.draw(surroundings.random()),
            actor.account(),
            Optional.of(actor.device()),
            CredentialStatus.ACTIVE,
            actor.generation(),
            now,
            Optional.of(expires),
            new Verifier.AuthToken(
                text.reveal().sha256(), shown(wish.client()), shown(wish.description())));
    AccountEdit edit = account.edit(actorOf(actor), now);
    // Nothing tells a dead one from a wrong one, so none need be kept; else the account would grow.
    tokens(account)
        .filter(token -> isOf(token, actor.device()) && !mayLive(token, now))
        .forEach(edit::remove);
    return new Decision<>(
        edit.put(made)
            .record(
                EventKind.TOKEN_ISSUED,
                Optional.of(actor.device()),
                Optional.of(made.id()),
                Optional.empty())
            .changes(),
        new AuthTokenResult.Issued(entry(account, made), text, seeing(account, actor.device())));
  }

  private static Decision<AuthTokenResult> refuse(Refusal refusal) {
    return Decision.answer(new AuthTokenResult.Refused(refusal));
  }

  private static String shown(String text) {
    return Reasons.fit(Optional.of(text)).orElse("");
  }

  /// The live tokens that a device may see: all, if it may manage; else its own. None, if it is no
  /// longer live.
  public List<AuthTokenEntry> list(Acting actor) {
    Optional<AccountSnapshot> found = surroundings.store().find(actor.account());
    return found.stream()
        .flatMap(account -> reached(account, actor))
        .map(token -> entry(found.get(), token))
        .toList();
  }

  private static AuthTokenEntry entry(AccountSnapshot account, Credential credential) {
    Verifier.AuthToken token = (Verifier.AuthToken) credential.verifier();
    return new AuthTokenEntry(
        credential.id(),
        token.client(),
        token.description(),
        credential.expires().orElseThrow(),
        credential.device().flatMap(account::device).orElseThrow());
  }

  private static Set<DeviceId> seeing(AccountSnapshot account, DeviceId holder) {
    return account.devices().stream()
        .filter(
            device -> device.id().equals(holder) || device.permissions().allow(Permission.MANAGE))
        .map(Device::id)
        .collect(Collectors.toSet());
  }

  /// One token, by its text; nothing if it is none that the device may see.
  public Optional<AuthTokenEntry> find(Acting actor, Secret text) {
    Bytes hash = text.reveal().sha256();
    Optional<AccountSnapshot> found = surroundings.store().find(actor.account());
    return found.stream()
        .flatMap(account -> reached(account, actor))
        .filter(token -> ((Verifier.AuthToken) token.verifier()).hash().equals(hash))
        .findAny()
        .map(token -> entry(found.get(), token));
  }

  /// Revokes the devices that tokens belong to (design: the device is the unit), the asking one
  /// last. A device that may not manage can name its own tokens only, and does not learn of others;
  /// if one of them is unknown, nothing is done.
  public RevocationResult revoke(Acting actor, List<CredentialId> tokens) {
    Optional<AccountSnapshot> account = surroundings.store().find(actor.account());
    Optional<Device> acting = account.flatMap(it -> it.acting(actor.device(), actor.generation()));
    if (account.isEmpty() || acting.isEmpty()) {
      return new RevocationResult.Refused(Refusal.FORBIDDEN);
    }
    boolean manages = acting.get().permissions().allow(Permission.MANAGE);
    Set<DeviceId> devices = new LinkedHashSet<>();
    for (CredentialId token : tokens) {
      Optional<DeviceId> device =
          account
              .get()
              .credential(token)
              .filter(credential -> credential.verifier() instanceof Verifier.AuthToken)
              .flatMap(Credential::device);
      if (!manages && !device.equals(Optional.of(actor.device()))) {
        return new RevocationResult.Refused(Refusal.FORBIDDEN, Optional.of(Permission.MANAGE));
      }
      if (device.isEmpty()) {
        return new RevocationResult.NotFound();
      }
      devices.add(device.get());
    }
    if (devices.remove(actor.device())) {
      devices.add(actor.device()); // once it is revoked, it revokes no other
    }
    return revokeEach(actor, devices);
  }

  private RevocationResult revokeEach(Acting actor, Set<DeviceId> devices) {
    List<DeviceId> revoked = new ArrayList<>();
    List<Device> left = new ArrayList<>();
    for (DeviceId device : devices) {
      RevocationResult result = revocation.revoke(actor, device, false, Optional.empty());
      if (!(result instanceof RevocationResult.Revoked(var these, var letIn))) {
        return result;
      }
      revoked.addAll(these);
      left.addAll(letIn);
    }
    return new RevocationResult.Revoked(revoked, left);
  }

  /// Takes away all tokens that a device may see, but the one it signed in with: other devices that
  /// have one are revoked, its own lose theirs, and the connections that signed in with them end.
  ///
  /// @param used what the session signed in with; nothing for a session that a code was good for
  /// @return the tokens that are dead now
  public List<CredentialId> revokeAll(Acting actor, Optional<CredentialId> used) {
    Ended ended =
        Decision.settle(
            surroundings.store(),
            () ->
                surroundings
                    .store()
                    .find(actor.account())
                    .map(account -> decideAll(account, actor, used))
                    .orElse(Decision.answer(Ended.NOTHING)),
            decided -> endOwn(actor, decided));
    for (DeviceId device : ended.others()) {
      var _ = revocation.revoke(actor, device, false, Optional.empty());
    }
    return ended.all();
  }

  private void endOwn(Acting actor, Ended ended) {
    for (CredentialId token : ended.own()) {
      sessions.endStale(actor.account(), new SessionScope.OfCredential(token), ended.version());
    }
  }

  private Decision<Ended> decideAll(
      AccountSnapshot account, Acting actor, Optional<CredentialId> used) {
    List<Credential> all =
        reached(account, actor).filter(token -> !used.equals(Optional.of(token.id()))).toList();
    List<Credential> own = all.stream().filter(token -> isOf(token, actor.device())).toList();
    Set<DeviceId> others = new LinkedHashSet<>();
    all.forEach(token -> token.device().ifPresent(others::add));
    others.remove(actor.device());
    Ended ended =
        new Ended(
            own.stream().map(Credential::id).toList(),
            List.copyOf(others),
            all.stream().map(Credential::id).toList(),
            account.account().version() + 1);
    if (own.isEmpty()) {
      return Decision.answer(ended);
    }
    AccountEdit edit = account.edit(actorOf(actor), surroundings.now());
    for (Credential token : own) {
      edit.revoke(token)
          .record(
              EventKind.TOKEN_DEAD,
              Optional.of(actor.device()),
              Optional.of(token.id()),
              Optional.empty());
    }
    return new Decision<>(edit.changes(), ended);
  }

  /// @param own the acting device's tokens that died
  /// @param others the other devices that have some
  /// @param all all tokens of both
  /// @param version the first version of the account that shows it
  private record Ended(
      List<CredentialId> own, List<DeviceId> others, List<CredentialId> all, long version) {
    static final Ended NOTHING = new Ended(List.of(), List.of(), List.of(), 0);
  }

  private Stream<Credential> reached(AccountSnapshot account, Acting actor) {
    Optional<Device> acting = account.acting(actor.device(), actor.generation());
    boolean all = acting.filter(it -> it.permissions().allow(Permission.MANAGE)).isPresent();
    return acting.stream()
        .flatMap(_ -> live(account))
        .filter(token -> all || isOf(token, actor.device()));
  }

  private Stream<Credential> live(AccountSnapshot account) {
    return tokens(account).filter(token -> account.isLive(token, surroundings.now()));
  }

  private static Stream<Credential> tokens(AccountSnapshot account) {
    return account.credentials().stream()
        .filter(credential -> credential.verifier() instanceof Verifier.AuthToken);
  }

  private static boolean mayLive(Credential token, Instant now) {
    return token.status() == CredentialStatus.ACTIVE && !token.isExpired(now);
  }

  private static boolean isOf(Credential token, DeviceId device) {
    return token.device().equals(Optional.of(device));
  }

  private static Actor actorOf(Acting actor) {
    return new Actor.OfDevice(actor.device(), actor.generation());
  }
}

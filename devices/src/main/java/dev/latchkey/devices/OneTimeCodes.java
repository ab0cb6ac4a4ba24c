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
import dev.latchkey.credential.Event;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.MachineSecret;
import dev.latchkey.credential.Permission;
import dev.latchkey.credential.Permissions;
import dev.latchkey.credential.ScramVerifier;
import dev.latchkey.credential.Verifier;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Makes one-time codes: for the operator, and for devices that may let others in (30.C).
///
/// Thread-safe. Waits for the store, and computes for some hundredths of a second.
public final class OneTimeCodes {
  /// Rule 15: so many codes may be open in an account, and so many redeemed ones be unused.
  static final int OPEN = 8;

  private static final int SHA_256_OCTETS = 32;

  private final Surroundings surroundings;
  private final ScramKeys keys;
  private final LiveSessions sessions;
  private final EnrolmentPolicy policy;

  /// Makes codes of the given keys, under the given policy.
  public OneTimeCodes(
      Surroundings surroundings, ScramKeys keys, LiveSessions sessions, EnrolmentPolicy policy) {
    this.surroundings = surroundings;
    this.keys = keys;
    this.sessions = sessions;
    this.policy = policy;
  }

  /// The operator lets somebody in. An account that is not there is made, reserved until the code
  /// is redeemed (rule 60). The device will have every permission (rule 33).
  ///
  /// @param account for whom
  /// @param name the name of the device to come
  /// @param life how long the code shall be good
  public InviteResult invite(AccountJid account, Optional<String> name, Duration life) {
    if (!policy.codes()) {
      return new InviteResult.Refused(Refusal.SWITCHED_OFF);
    }
    if (!policy.allowsLife(life)) {
      return new InviteResult.Refused(Refusal.BAD_LIFE);
    }
    Optional<String> prepared = name.flatMap(DeviceNames::prepare);
    if (prepared.isPresent() != name.isPresent()) {
      return new InviteResult.Refused(Refusal.BAD_NAME);
    }
    Verifier.Grant grant =
        new Verifier.Grant(
            prepared, Permissions.ALL, Optional.empty(), Optional.empty(), Optional.empty());
    Draft draft = new Draft(account);
    return Decision.settle(surroundings.store(), () -> decideInvite(account, grant, life, draft));
  }

  private Decision<InviteResult> decideInvite(
      AccountJid jid, Verifier.Grant grant, Duration life, Draft draft) {
    Instant now = surroundings.now();
    Reservation reservation = Reservation.of(surroundings, jid, AccountStatus.RESERVED);
    AccountSnapshot account = reservation.snapshot();
    if (account.account().status() == AccountStatus.DISABLED) {
      return Decision.answer(new InviteResult.Refused(Refusal.CONFLICT));
    }
    if (isFull(account, now)) {
      return Decision.answer(new InviteResult.Refused(Refusal.RESOURCE_CONSTRAINT));
    }
    Credential code = draft.code(account, grant, 0, now, now.plus(life));
    List<CredentialChange> changes =
        reservation.with(
            new CredentialChange.PutCredential(code),
            new CredentialChange.Append(
                new Event(
                    0,
                    account.account().id(),
                    now,
                    EventKind.TOKEN_ISSUED,
                    new Actor.Operator(),
                    Optional.empty(),
                    Optional.of(code.id()),
                    Optional.empty())));
    return new Decision<>(
        changes,
        new InviteResult.Invited(
            new OperatorCode(jid, reservation.created(), draft.issued(now.plus(life), grant))));
  }

  /// A device lets another one in. It must be live and have the permission now; the device to come
  /// never has a flag that this one lacks (rule 31).
  public IssueResult issue(Acting actor, IssueRequest request) {
    if (!policy.codes()) {
      return new IssueResult.Refused(Refusal.SWITCHED_OFF);
    }
    Optional<AccountSnapshot> account = surroundings.store().find(actor.account());
    if (account.isEmpty()) {
      return new IssueResult.Refused(Refusal.FORBIDDEN);
    }
    Draft draft = new Draft(account.get().account().jid());
    return Decision.settle(surroundings.store(), () -> decideIssue(actor, request, draft));
  }

  private Decision<IssueResult> decideIssue(Acting actor, IssueRequest request, Draft draft) {
    AccountSnapshot account = surroundings.store().find(actor.account()).orElseThrow();
    Optional<Device> issuer = account.acting(actor.device(), actor.generation());
    if (issuer.isEmpty()) {
      return refuse(Refusal.FORBIDDEN);
    }
    if (!issuer.get().permissions().allow(Permission.ENROLL)) {
      return Decision.answer(
          new IssueResult.Refused(Refusal.FORBIDDEN, Optional.of(Permission.ENROLL)));
    }
    if (request.purpose() == Purpose.THIS
        || request.certificate().filter(hash -> hash.length() != SHA_256_OCTETS).isPresent()) {
      return refuse(Refusal.BAD_REQUEST);
    }
    if (!policy.allowsLife(request.ttl())) {
      return refuse(Refusal.BAD_LIFE);
    }
    Optional<String> name = request.name().flatMap(DeviceNames::prepare);
    if (name.isPresent() != request.name().isPresent()) {
      return refuse(Refusal.BAD_NAME);
    }
    Instant now = surroundings.now();
    if (isFull(account, now)) {
      return refuse(Refusal.RESOURCE_CONSTRAINT);
    }
    if (request.resource().isPresent()
        && !ResourceLocks.isFree(request.resource().get(), account, sessions, Optional.empty())) {
      return refuse(Refusal.CONFLICT);
    }
    Verifier.Grant grant =
        new Verifier.Grant(
            name,
            flags(request.purpose(), request.allow()).and(issuer.get().permissions()),
            request.resource(),
            request.certificate(),
            Optional.of(new Verifier.Issuer(issuer.get().id(), issuer.get().generation())));
    Instant expires = now.plus(request.ttl());
    Credential code = draft.code(account, grant, issuer.get().generation(), now, expires);
    return new Decision<>(
        account
            .edit(new Actor.OfDevice(actor.device(), actor.generation()), now)
            .put(code)
            .record(
                EventKind.TOKEN_ISSUED,
                Optional.of(actor.device()),
                Optional.of(code.id()),
                Optional.empty())
            .changes(),
        new IssueResult.Issued(draft.issued(expires, grant)));
  }

  private static Decision<IssueResult> refuse(Refusal refusal) {
    return Decision.answer(new IssueResult.Refused(refusal));
  }

  /// The flags that a purpose asks for.
  static Permissions flags(Purpose purpose, Optional<Permissions> allow) {
    return switch (purpose) {
      case OWN -> allow.orElse(Permissions.of(Permission.ENROLL, Permission.MANAGE));
      case BOT, THIS -> Permissions.NONE;
    };
  }

  private static boolean isFull(AccountSnapshot account, Instant now) {
    return account.credentials().stream()
            .filter(credential -> credential.verifier() instanceof Verifier.OneTime)
            .filter(code -> code.status() == CredentialStatus.ACTIVE)
            .filter(code -> account.isLive(code, now))
            .count()
        >= OPEN;
  }

  /// One code, drawn when a decision first needs it and the same however often it is decided again:
  /// its verifiers are costly.
  private final class Draft {
    private final AccountJid account;
    private final CredentialId id = CredentialId.draw(surroundings.random());
    private final MachineSecret secret = MachineSecret.draw(surroundings.random());
    private List<ScramVerifier> verifiers = List.of();

    Draft(AccountJid account) {
      this.account = account;
    }

    Credential code(
        AccountSnapshot of,
        Verifier.Grant grant,
        long generation,
        Instant created,
        Instant expires) {
      if (verifiers.isEmpty()) {
        verifiers = keys.ofOneTimeCode(account, secret);
      }
      return new Credential(
          id,
          of.account().id(),
          Optional.empty(),
          CredentialStatus.ACTIVE,
          generation,
          created,
          Optional.of(expires),
          new Verifier.OneTime(verifiers, grant, Optional.empty(), 0));
    }

    IssuedCode issued(Instant expires, Verifier.Grant grant) {
      return new IssuedCode(id, secret, expires, grant.resource());
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.authority.RequestFault;
import dev.latchkey.credential.AccountEdit;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.Actor;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.Verifier;
import dev.latchkey.credential.Waypoint;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Spends a one-time code: what all ways of redeeming have in common (30.C).
///
/// The code goes in the same commit that writes the device (rule 13), a refused attempt is counted
/// (rule 12), and the same attempt again gets the same answer (rule 8).
final class CodeSpending {
  /// Rule 8: so long the answer can be had again.
  private static final Duration RETRY = Duration.ofHours(24);

  /// Rule 12: so many refused attempts end a code.
  private static final int ATTEMPTS = 20;

  /// Rule 15: so many redeemed codes may be waiting for their devices.
  private static final int REDEEMED = 8;

  private final Surroundings surroundings;

  CodeSpending(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  /// One way of redeeming.
  interface Attempt {
    /// What was made before, and what must be written for it to be had again, if this attempt is
    /// the one that made it.
    Optional<Decision<Making>> again(
        AccountSnapshot account, Credential code, Verifier.Redemption earlier);

    /// What it makes of an unspent code.
    Making first(AccountSnapshot account, Verifier.Grant grant);
  }

  Making spend(AccountId account, CredentialId code, Attempt attempt) {
    Making making =
        Decision.settle(
            surroundings.store(),
            () ->
                surroundings
                    .store()
                    .find(account)
                    .map(snapshot -> decide(snapshot, code, attempt))
                    .orElse(Decision.answer(new Making.Dead())));
    if (making instanceof Making.Made) {
      surroundings.waypoints().reached(Waypoint.REDEEMED);
    }
    return making;
  }

  private Decision<Making> decide(AccountSnapshot account, CredentialId id, Attempt attempt) {
    Optional<Credential> code = account.credential(id);
    // Rule 13: live says that its issuer is, in the generation that the code was issued at. The
    // commit holds only for this version of the account, so it still is when the code is spent.
    if (code.isEmpty()
        || !(code.get().verifier() instanceof Verifier.OneTime verifier)
        || !account.isLive(code.get(), surroundings.now())) {
      return Decision.answer(new Making.Dead());
    }
    if (verifier.redemption().isPresent()) {
      return attempt
          .again(account, code.get(), verifier.redemption().get())
          .orElse(Decision.answer(new Making.Dead()));
    }
    Making making =
        isWaitedFor(account)
            ? new Making.Fault(RequestFault.QUOTA, "too many redeemed codes wait for their devices")
            : attempt.first(account, verifier.grant());
    return switch (making) {
      case Making.Made made -> write(account, code.get(), made);
      case Making.Fault fault -> count(account, code.get(), verifier, fault);
      case Making.Dead dead -> Decision.answer(dead);
    };
  }

  private boolean isWaitedFor(AccountSnapshot account) {
    return account.credentials().stream()
            .filter(credential -> credential.verifier() instanceof Verifier.OneTime)
            .filter(code -> code.status() == CredentialStatus.REDEEMED)
            .filter(code -> account.isLive(code, surroundings.now()))
            .count()
        >= REDEEMED;
  }

  private Decision<Making> write(AccountSnapshot account, Credential code, Making.Made made) {
    Instant now = surroundings.now();
    Device device = made.device();
    AccountEdit edit = account.edit(new Actor.OfCode(code.id()), now);
    if (account.account().status() == AccountStatus.RESERVED) {
      edit.put(account.account().withStatus(AccountStatus.ACTIVE)); // rule 60
    }
    edit.put(device);
    made.credential().ifPresent(edit::put);
    Credential redeemable =
        new Credential(
            code.id(),
            code.account(),
            code.device(),
            code.status(),
            code.generation(),
            code.created(),
            Optional.of(now.plus(RETRY)),
            code.verifier());
    edit.redeem(redeemable, new Verifier.Redemption(device.id(), thumbprint(made), now))
        .record(
            EventKind.ADDED,
            Optional.of(device.id()),
            made.credential().map(Credential::id),
            device.unbound() ? Optional.of("unbound") : Optional.empty());
    surroundings.waypoints().reached(Waypoint.BEFORE_REDEMPTION);
    return new Decision<>(edit.changes(), made);
  }

  private static Bytes thumbprint(Making.Made made) {
    return made.credential().map(Credential::verifier).stream()
        .map(
            verifier ->
                switch (verifier) {
                  case Verifier.Certificate certificate -> certificate.publicKey();
                  case Verifier.Fast token -> token.userAgent();
                  case Verifier.ClientKey key -> Bytes.utf8(key.clientId()).sha256();
                  case Verifier.Password _, Verifier.OneTime _, Verifier.AuthToken _ -> Bytes.EMPTY;
                })
        .findAny()
        .orElse(Bytes.EMPTY); // nothing has this hash: nothing is the same attempt again
  }

  private Decision<Making> count(
      AccountSnapshot account, Credential code, Verifier.OneTime verifier, Making.Fault fault) {
    int failed = verifier.failedTasks() + 1;
    Credential counted =
        code.withVerifier(
            new Verifier.OneTime(verifier.keys(), verifier.grant(), verifier.redemption(), failed));
    AccountEdit edit = account.edit(new Actor.OfCode(code.id()), surroundings.now());
    if (failed < ATTEMPTS) {
      edit.put(counted);
    } else {
      edit.revoke(counted)
          .record(
              EventKind.TOKEN_DEAD,
              Optional.empty(),
              Optional.of(code.id()),
              Optional.of(ATTEMPTS + " requests were refused, the last: " + fault.log()));
    }
    return new Decision<>(edit.changes(), fault);
  }
}

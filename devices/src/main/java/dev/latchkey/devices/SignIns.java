// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountEdit;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Actor;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialChange;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.Verifier;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a successful proof does to the model. Thread-safe; waits for the store.
public final class SignIns {
  private final Surroundings surroundings;

  /// Writes into the given store.
  public SignIns(Surroundings surroundings) {
    this.surroundings = surroundings;
  }

  /// Accepts a proof, if what was proven is still live. The session must be registered before, so
  /// that a revocation which is later than what is read here finds it (rule 39). The first use of a
  /// certificate ends the code that it was made by (rule 8), in one commit that has the device's
  /// status and generation as its precondition.
  public SignInOutcome accept(SignIn signIn) {
    return Decision.settle(surroundings.store(), () -> decide(signIn));
  }

  private Decision<SignInOutcome> decide(SignIn signIn) {
    Instant now = surroundings.now();
    Optional<AccountSnapshot> account = surroundings.store().find(signIn.account());
    Optional<Device> device =
        account.flatMap(it -> it.acting(signIn.device(), signIn.generation()));
    Optional<Credential> credential =
        account
            .flatMap(it -> it.credential(signIn.credential()))
            .filter(it -> it.device().equals(Optional.of(signIn.device())));
    if (account.isEmpty()
        || device.isEmpty()
        || credential.isEmpty()
        || !account.get().isLive(credential.get(), now)) {
      return Decision.answer(new SignInOutcome.Refused());
    }
    List<CredentialChange> changes = new ArrayList<>();
    Credential proven = credential.get();
    boolean firstUse =
        proven.verifier() instanceof Verifier.Certificate certificate && !certificate.used();
    if (firstUse) {
      Verifier.Certificate certificate = (Verifier.Certificate) proven.verifier();
      proven = proven.withVerifier(certificate.afterUse());
      changes.addAll(firstUse(account.get(), signIn, proven, now));
      changes.add(new CredentialChange.RequireDevice(signIn.device(), signIn.generation()));
    }
    changes.add(new CredentialChange.Touch(signIn.device(), now));
    return new Decision<>(
        changes, new SignInOutcome.Accepted(account.get(), device.get(), proven, firstUse));
  }

  private static List<CredentialChange> firstUse(
      AccountSnapshot account, SignIn signIn, Credential used, Instant now) {
    AccountEdit edit =
        account.edit(new Actor.OfDevice(signIn.device(), signIn.generation()), now).put(used);
    account.credentials().stream()
        .filter(code -> code.status() == CredentialStatus.REDEEMED)
        .filter(code -> madeBy(code, signIn))
        .forEach(code -> edit.put(code.withStatus(CredentialStatus.SUPERSEDED)));
    return edit.record(
            EventKind.FIRST_USED,
            Optional.of(signIn.device()),
            Optional.of(used.id()),
            Optional.empty())
        .changes();
  }

  private static boolean madeBy(Credential code, SignIn signIn) {
    return code.verifier() instanceof Verifier.OneTime oneTime
        && oneTime
            .redemption()
            .filter(redemption -> redemption.device().equals(signIn.device()))
            .isPresent();
  }
}

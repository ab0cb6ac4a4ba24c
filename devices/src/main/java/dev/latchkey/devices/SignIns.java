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
import dev.latchkey.credential.Suspicion;
import dev.latchkey.credential.Verifier;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a successful proof does to the model. Thread-safe; waits for the store.
public final class SignIns {
  private final Surroundings surroundings;
  private final FastTokens tokens;

  /// Writes into the given store.
  ///
  /// @param tokens gives the FAST tokens that a sign-in asks for
  public SignIns(Surroundings surroundings, FastTokens tokens) {
    this.surroundings = surroundings;
    this.tokens = tokens;
  }

  /// Accepts a proof, if what was proven is still live.
  ///
  /// It decides on the account that the proof was checked against, reads nothing, and writes at
  /// most once. So the session must be registered before, with the version of that account: then a
  /// revocation that is later than what was read finds it (rule 39). Where something is consumed,
  /// the first use of a certificate or a token, or a value of a counter, the commit has as its
  /// precondition that the account is the same and the device active in its generation; if that is
  /// lost it reads and decides anew.
  public SignInOutcome accept(SignIn signIn) {
    return Decision.settle(surroundings.store(), signIn.read(), read -> decide(read, signIn));
  }

  private Decision<SignInOutcome> decide(AccountSnapshot account, SignIn signIn) {
    Instant now = surroundings.now();
    Optional<Device> device = account.acting(signIn.device(), signIn.generation());
    Optional<Credential> credential =
        account
            .credential(signIn.credential())
            .filter(it -> it.device().equals(Optional.of(signIn.device())))
            .filter(it -> account.isLive(it, now));
    if (device.isEmpty() || credential.isEmpty()) {
      return Decision.answer(new SignInOutcome.Refused());
    }
    return switch (Use.of(account, credential.get(), signIn)) {
      case Use.Late() -> Decision.answer(new SignInOutcome.Refused());
      case Use.Cloned() ->
          Decision.answer(
              new SignInOutcome.Suspected(
                  device.get(), credential.get(), Suspicion.COUNTER_REUSED));
      case Use.Of use -> accept(account, device.get(), use, signIn);
    };
  }

  private Decision<SignInOutcome> accept(
      AccountSnapshot account, Device device, Use.Of use, SignIn signIn) {
    Instant now = surroundings.now();
    AccountEdit edit = account.edit(new Actor.OfDevice(signIn.device(), signIn.generation()), now);
    int guards = edit.changes().size();
    if (use.changed()) {
      edit.put(use.after());
      supersede(edit, account, use.after());
      endCode(edit, account, signIn);
    }
    if (use.first()) {
      edit.record(
          EventKind.FIRST_USED,
          Optional.of(device.id()),
          Optional.of(use.after().id()),
          Optional.empty());
    }
    Optional<IssuedToken> token = tokens(edit, account, device, use.after(), signIn.tokens());
    List<CredentialChange> changes = new ArrayList<>();
    if (edit.changes().size() > guards) {
      changes.add(new CredentialChange.RequireDevice(signIn.device(), signIn.generation()));
      changes.addAll(edit.changes());
    }
    changes.add(new CredentialChange.Touch(account.account().id(), signIn.device(), now));
    return new Decision<>(
        changes, new SignInOutcome.Accepted(account, device, use.after(), use.first(), token));
  }

  /// What a use does to what was proven.
  private sealed interface Use {
    /// @param after the credential after it
    /// @param changed whether that differs from before
    /// @param first whether nothing of the same making has signed the device in before
    record Of(Credential after, boolean changed, boolean first) implements Use {}

    /// A value of a counter that can no longer, or not yet, be used.
    record Late() implements Use {}

    /// A value of a counter that has signed in before.
    record Cloned() implements Use {}

    static Use of(AccountSnapshot account, Credential proven, SignIn signIn) {
      return switch (proven.verifier()) {
        case Verifier.Certificate certificate ->
            certificate.used()
                ? again(proven)
                : new Of(proven.withVerifier(certificate.afterUse()), true, true);
        case Verifier.Fast token ->
            token.used()
                ? again(proven)
                : new Of(
                    proven.withVerifier(token.afterUse()),
                    true,
                    account
                        .credentialsOf(signIn.device())
                        .noneMatch(
                            it -> it.verifier() instanceof Verifier.Fast other && other.used()));
        case Verifier.ClientKey key -> of(proven, key, signIn.counter().orElse(-1));
        case Verifier.Password _, Verifier.AuthToken _ -> again(proven);
        case Verifier.OneTime _ -> new Late(); // a code makes a device, it signs none in
      };
    }

    private static Use of(Credential proven, Verifier.ClientKey key, long value) {
      return switch (key.judge(value)) {
        case GOOD ->
            new Of(
                proven.withVerifier(key.afterUse(value)),
                true,
                key.counter() == 0 && key.accepted() == 0);
        case REUSED -> new Cloned();
        case LATE, UNKNOWN -> new Late();
      };
    }

    private static Use again(Credential proven) {
      return new Of(proven, false, false);
    }
  }

  /// XEP-0484: a token that signs in for the first time ends the older one of its device, and all
  /// that would have expired before it.
  private static void supersede(AccountEdit edit, AccountSnapshot account, Credential used) {
    if (used.verifier() instanceof Verifier.Fast) {
      FastTokens.active(account, used.device().orElseThrow())
          .filter(token -> !token.id().equals(used.id()))
          .filter(
              token ->
                  ((Verifier.Fast) token.verifier()).used()
                      || token.expires().orElseThrow().isBefore(used.expires().orElseThrow()))
          .forEach(token -> edit.put(token.withStatus(CredentialStatus.SUPERSEDED)));
    }
  }

  /// Rule 8: what a code has made is at home, so the code is good for nothing any more.
  private static void endCode(AccountEdit edit, AccountSnapshot account, SignIn signIn) {
    account.credentials().stream()
        .filter(code -> code.status() == CredentialStatus.REDEEMED)
        .filter(code -> madeBy(code, signIn))
        .forEach(code -> edit.put(code.withStatus(CredentialStatus.SUPERSEDED)));
  }

  private static boolean madeBy(Credential code, SignIn signIn) {
    return code.verifier() instanceof Verifier.OneTime oneTime
        && oneTime
            .redemption()
            .filter(redemption -> redemption.device().equals(signIn.device()))
            .isPresent();
  }

  private Optional<IssuedToken> tokens(
      AccountEdit edit,
      AccountSnapshot account,
      Device device,
      Credential used,
      TokenRequest request) {
    Optional<IssuedToken> token =
        request
            .wish()
            .or(() -> request.invalidate() ? Optional.empty() : due(used))
            .flatMap(wish -> tokens.write(edit, account, device, Optional.of(used), wish));
    if (request.invalidate()) {
      FastTokens.invalidate(edit, account, device.id(), used, token.isPresent());
    }
    return token;
  }

  private Optional<TokenWish> due(Credential used) {
    return used.verifier() instanceof Verifier.Fast token && tokens.isDue(used)
        ? Optional.of(new TokenWish(token.mechanism(), token.userAgent()))
        : Optional.empty();
  }
}

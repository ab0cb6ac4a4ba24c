// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountEdit;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Actor;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.Verifier;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Gives devices FAST tokens and takes them back (XEP-0484, rules 35 and 62).
///
/// A device has two slots: the token that has signed in, and a newer one that has not. A new one
/// takes the place of the newer one; the other stays good until the newer one signs in. What a
/// sign-in does to the slots is [SignIns]' part.
///
/// Thread-safe; waits for the store.
public final class FastTokens {
  /// Rule 35: so many devices may go by one user-agent id, since all of them are tried.
  private static final int DEVICES = 4;

  /// So many dead tokens of a device are kept, so that it can be told that they are (rule 41).
  private static final int TOMBSTONES = 8;

  private static final Pattern MECHANISM =
      Pattern.compile("HT-SHA-(?:256|512)-(EXPR|UNIQ|ENDP|NONE)");

  private final Surroundings surroundings;
  private final TokenPolicy policy;

  /// Gives tokens under the given policy.
  public FastTokens(Surroundings surroundings, TokenPolicy policy) {
    this.surroundings = surroundings;
    this.policy = policy;
  }

  /// Gives a token to a device that has a session. A sign-in that wants one says so in its
  /// [SignIn], which writes once for both.
  ///
  /// @return nothing if the device is no longer live, or may not have such a token
  public Optional<IssuedToken> issue(Acting actor, TokenWish wish) {
    return Decision.settle(
        surroundings.store(),
        () ->
            surroundings
                .store()
                .find(actor.account())
                .map(account -> decide(account, actor, wish))
                .orElse(Decision.answer(Optional.empty())));
  }

  private Decision<Optional<IssuedToken>> decide(
      AccountSnapshot account, Acting actor, TokenWish wish) {
    AccountEdit edit =
        account.edit(new Actor.OfDevice(actor.device(), actor.generation()), surroundings.now());
    Optional<IssuedToken> issued =
        account
            .acting(actor.device(), actor.generation())
            .flatMap(device -> write(edit, account, device, wish, _ -> false));
    return issued.isPresent()
        ? new Decision<>(edit.changes(), issued)
        : Decision.answer(Optional.empty());
  }

  /// Writes down a new token, and in the history if it is the device's first.
  ///
  /// @param kept which token keeps its slot though it has not signed in: it does so just now
  /// @return nothing if the device may not have it; then nothing is written down
  Optional<IssuedToken> write(
      AccountEdit edit,
      AccountSnapshot account,
      Device device,
      TokenWish wish,
      Predicate<Credential> kept) {
    Optional<Credential> made = replace(edit, account, device, wish, kept);
    if (made.isPresent()
        && active(account, device.id())
            .noneMatch(token -> account.isLive(token, surroundings.now()))) {
      edit.record(
          EventKind.TOKEN_ISSUED,
          Optional.of(device.id()),
          made.map(Credential::id),
          Optional.empty());
    }
    return made.map(IssuedToken::of);
  }

  /// Writes down a new token in the slot of the one that has not signed in.
  ///
  /// @return nothing if the device may not have it; then nothing is written down
  Optional<Credential> replace(
      AccountEdit edit,
      AccountSnapshot account,
      Device device,
      TokenWish wish,
      Predicate<Credential> kept) {
    Optional<Credential> made = token(account, device, wish);
    if (made.isPresent()) {
      List<Credential> replaced =
          active(account, device.id())
              .filter(token -> !((Verifier.Fast) token.verifier()).used())
              .filter(kept.negate())
              .toList();
      // Revoked, not superseded: that it comes up again is no alarm, for it never was the device's
      // proof.
      replaced.forEach(edit::revoke);
      bury(edit, account, device.id(), replaced.size());
      edit.put(made.get());
    }
    return made;
  }

  /// A token for a device.
  ///
  /// @param device may be one that the account does not have yet
  /// @return nothing if the device may not have it
  Optional<Credential> token(AccountSnapshot account, Device device, TokenWish wish) {
    if (!allows(account, device, wish.mechanism()) || isCrowded(account, device, wish)) {
      return Optional.empty();
    }
    Instant now = surroundings.now();
    return Optional.of(
        new Credential(
            CredentialId.draw(surroundings.random()),
            device.account(),
            Optional.of(device.id()),
            CredentialStatus.ACTIVE,
            device.generation(),
            now,
            Optional.of(now.plus(policy.life())),
            new Verifier.Fast(
                wish.mechanism(),
                TokenTexts.draw(surroundings.random()),
                wish.userAgent(),
                false)));
  }

  /// Whether a token is so old that a new one shall be offered for it.
  boolean isDue(Credential token) {
    return !surroundings.now().isBefore(token.created().plus(policy.renewal()));
  }

  /// Ends all tokens of a device.
  static void invalidate(AccountEdit edit, AccountSnapshot account, DeviceId device) {
    active(account, device).forEach(edit::revoke);
  }

  /// Removes the oldest dead tokens.
  ///
  /// @param more how many die now
  private static void bury(AccountEdit edit, AccountSnapshot account, DeviceId device, int more) {
    List<Credential> dead =
        of(account, device)
            .filter(token -> token.status() != CredentialStatus.ACTIVE)
            .sorted(Comparator.comparing(Credential::created).reversed())
            .toList();
    dead.stream().skip(Math.max(0, TOMBSTONES - more)).forEach(edit::remove);
  }

  /// Whether a device may have a token for a mechanism (rule 62): never one that is weaker than
  /// what it has already.
  private boolean allows(AccountSnapshot account, Device device, String mechanism) {
    Matcher matcher = MECHANISM.matcher(mechanism);
    if (!matcher.matches()) {
      return false;
    }
    boolean stronger =
        account
            .credentialsOf(device.id())
            .map(Credential::kind)
            .anyMatch(
                kind -> kind == CredentialKind.CERTIFICATE || kind == CredentialKind.CLIENT_KEY);
    return switch (matcher.group(1)) {
      case "ENDP" -> !stronger || policy.endPoint();
      case "NONE" -> !stronger && policy.none();
      default -> true;
    };
  }

  /// Whether too many other devices go by this user-agent id.
  private boolean isCrowded(AccountSnapshot account, Device device, TokenWish wish) {
    return account.devices().stream()
            .filter(other -> !other.id().equals(device.id()))
            .filter(other -> other.status() != DeviceStatus.REVOKED)
            .filter(other -> goesBy(account, other, wish.userAgent()))
            .count()
        >= DEVICES;
  }

  private boolean goesBy(AccountSnapshot account, Device device, Bytes userAgent) {
    return active(account, device.id())
        .filter(token -> !token.isExpired(surroundings.now()))
        .anyMatch(token -> ((Verifier.Fast) token.verifier()).userAgent().equals(userAgent));
  }

  static Stream<Credential> active(AccountSnapshot account, DeviceId device) {
    return of(account, device).filter(token -> token.status() == CredentialStatus.ACTIVE);
  }

  private static Stream<Credential> of(AccountSnapshot account, DeviceId device) {
    return account
        .credentialsOf(device)
        .filter(credential -> credential.verifier() instanceof Verifier.Fast);
  }
}

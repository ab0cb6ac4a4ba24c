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
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.Verifier;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Gives devices FAST tokens and takes them back (XEP-0484, rules 35 and 62).
///
/// A device has two slots: the token that has signed in, and a newer one that has not. A new one
/// takes the place of the newer one; the other stays good until the newer one signs in. What a
/// sign-in does to the slots is [SignIns]' part.
///
/// SECURITY: a token beside a certificate or a client key is a weaker copy of the device (rule 62).
/// It begets no other and does not outlive what it was given for: else who copies both would go by
/// the token alone, and nothing would ever show it.
///
/// Thread-safe; waits for the store.
public final class FastTokens {
  /// Rule 35: so many devices may go by one user-agent id, since all of them are tried.
  private static final int DEVICES = 4;

  /// So many tokens a device may have that a newer one has superseded and whose date has not
  /// passed. All of them are kept until then, so that the use of a copy shows (rule 41); who asks
  /// for more in that time than the policy would offer gets none before the first of them has gone.
  private static final int MOST_SUPERSEDED = TokenPolicy.MOST_RENEWALS;

  /// So many other dead tokens of a device are kept, so that it can be told that they are.
  private static final int OTHER_TOMBSTONES = 8;

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
  /// @param proven what of the device was proven, or made, when the session began
  /// @return nothing if the device is no longer live, or may not have such a token
  public Optional<IssuedToken> issue(Acting actor, CredentialId proven, TokenWish wish) {
    return Decision.settle(
        surroundings.store(),
        () ->
            surroundings
                .store()
                .find(actor.account())
                .map(account -> decide(account, actor, proven, wish))
                .orElse(Decision.answer(Optional.empty())));
  }

  private Decision<Optional<IssuedToken>> decide(
      AccountSnapshot account, Acting actor, CredentialId proven, TokenWish wish) {
    AccountEdit edit =
        account.edit(new Actor.OfDevice(actor.device(), actor.generation()), surroundings.now());
    Optional<IssuedToken> issued =
        account
            .acting(actor.device(), actor.generation())
            .flatMap(device -> write(edit, account, device, account.credential(proven), wish));
    return issued.isPresent()
        ? new Decision<>(edit.changes(), issued)
        : Decision.answer(Optional.empty());
  }

  /// Writes down a new token, and in the history if it is the device's first.
  ///
  /// @param proven what the device has just proven; a token keeps its slot then, also if that was
  ///   its first use
  /// @return nothing if the device may not have it; then nothing is written down
  Optional<IssuedToken> write(
      AccountEdit edit,
      AccountSnapshot account,
      Device device,
      Optional<Credential> proven,
      TokenWish wish) {
    Optional<Credential> made = replace(edit, account, device, proven, wish);
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
  /// @param proven see [#write]; nothing if it was a code
  Optional<Credential> replace(
      AccountEdit edit,
      AccountSnapshot account,
      Device device,
      Optional<Credential> proven,
      TokenWish wish) {
    Optional<Credential> made = token(account, device, proven, wish);
    if (made.isPresent()) {
      List<Credential> replaced =
          active(account, device.id())
              .filter(token -> !((Verifier.Fast) token.verifier()).used())
              .filter(token -> !proven.map(Credential::id).equals(Optional.of(token.id())))
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
  /// @param proven see [#replace]
  /// @return nothing if the device may not have it
  Optional<Credential> token(
      AccountSnapshot account, Device device, Optional<Credential> proven, TokenWish wish) {
    Instant now = surroundings.now();
    if (!Descent.allowsToken(account, device.id(), proven, now)
        || !allows(account, device, wish.mechanism())
        || superseded(account, device.id()).count() >= MOST_SUPERSEDED
        || isCrowded(account, device, wish)) {
      return Optional.empty();
    }
    Instant whole = now.plus(policy.life());
    return Optional.of(
        new Credential(
            CredentialId.draw(surroundings.random()),
            device.account(),
            Optional.of(device.id()),
            CredentialStatus.ACTIVE,
            device.generation(),
            now,
            proven
                .filter(it -> Descent.isLiveKey(account, it, now))
                .flatMap(Credential::expires)
                .filter(whole::isAfter)
                .or(() -> Optional.of(whole)),
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

  /// Ends all tokens of a device, at its own wish.
  ///
  /// Where they were exchanged, those that have signed in are superseded, not revoked: whoever
  /// exchanged a copy must not be able to do it so that nothing shows when the owner comes with his
  /// (rule 41).
  ///
  /// @param used what the device has just proven
  /// @param exchanged whether it was given a new one for them
  static void invalidate(
      AccountEdit edit,
      AccountSnapshot account,
      DeviceId device,
      Credential used,
      boolean exchanged) {
    List<Credential> given = active(account, device).toList();
    for (Credential token : given) {
      boolean signedIn = token.id().equals(used.id()) || ((Verifier.Fast) token.verifier()).used();
      edit.put(
          token.withStatus(
              exchanged && signedIn ? CredentialStatus.SUPERSEDED : CredentialStatus.REVOKED));
    }
    if (!given.isEmpty()) {
      edit.record(
          EventKind.TOKEN_DEAD, Optional.of(device), Optional.of(used.id()), Optional.empty());
    }
  }

  /// Removes the oldest dead tokens, but none that must show.
  ///
  /// @param more how many die now
  private void bury(AccountEdit edit, AccountSnapshot account, DeviceId device, int more) {
    of(account, device)
        .filter(token -> token.status() != CredentialStatus.ACTIVE && !mustShow(token))
        .sorted(Comparator.comparing(Credential::created).reversed())
        .skip(Math.max(0, OTHER_TOMBSTONES - more))
        .forEach(edit::remove);
  }

  private Stream<Credential> superseded(AccountSnapshot account, DeviceId device) {
    return of(account, device).filter(this::mustShow);
  }

  /// Whether its use shows that it was copied.
  private boolean mustShow(Credential token) {
    return token.status() == CredentialStatus.SUPERSEDED && !token.isExpired(surroundings.now());
  }

  /// Whether a device may have a token for a mechanism (rule 62): never one that is weaker than
  /// what it has already.
  private boolean allows(AccountSnapshot account, Device device, String mechanism) {
    Matcher matcher = MECHANISM.matcher(mechanism);
    if (!matcher.matches()) {
      return false;
    }
    boolean stronger = account.credentialsOf(device.id()).anyMatch(Descent::isKey);
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

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.authority.RequestFault;
import dev.latchkey.credential.AccountEdit;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Actor;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.Verifier;
import java.time.Duration;
import java.util.Optional;

/// Makes devices that have no certificate, of a one-time code that was proven: with a FAST token
/// (30.C way iii), or with a client key (rule 11).
///
/// Thread-safe; waits for the store. A refused request does not spend a code, but counts (rule 12).
public final class TokenEnrolment {
  private final Surroundings surroundings;
  private final EnrolmentPolicy policy;
  private final FastTokens tokens;
  private final DeviceMaking making;
  private final ClientKeyMaking keys;
  private final CodeSpending spending;

  /// Enrols under the given policy.
  ///
  /// @param tokens gives the tokens
  /// @param validator makes what client keys are checked against
  /// @param longestLife how long a client key may be good
  public TokenEnrolment(
      Surroundings surroundings,
      LiveSessions sessions,
      EnrolmentPolicy policy,
      FastTokens tokens,
      ClientKeyValidator validator,
      Duration longestLife) {
    this.surroundings = surroundings;
    this.policy = policy;
    this.tokens = tokens;
    this.making = new DeviceMaking(surroundings, sessions, policy);
    this.keys = new ClientKeyMaking(surroundings, validator, longestLife);
    this.spending = new CodeSpending(surroundings);
  }

  /// Redeems a code for a FAST token (30.C way iii).
  ///
  /// Asked again by the same user agent, while the device has not signed in and for 24 hours, there
  /// is a fresh token, and the one before is dead (rule 8).
  ///
  /// @param account whose code
  /// @param code which
  /// @param channelBound whether the proof covered the channel; if not, somebody in between may
  ///   have asked, and the device gets no flags (rule 7)
  /// @param name what the device may be called
  /// @param wish the token
  public EnrolmentResult redeemByToken(
      AccountId account, CredentialId code, boolean channelBound, NameWish name, TokenWish wish) {
    if (!policy.codes()) {
      return new EnrolmentResult.Dead();
    }
    return spending
        .spend(
            account,
            code,
            new CodeSpending.Attempt() {
              @Override
              public Optional<Decision<Making>> again(
                  AccountSnapshot snapshot, Credential spent, Verifier.Redemption earlier) {
                return renew(snapshot, spent, earlier, channelBound, wish);
              }

              @Override
              public Making first(AccountSnapshot snapshot, Verifier.Grant grant) {
                return give(snapshot, grant, channelBound, name, wish);
              }
            })
        .result(
            (device, credential) ->
                new EnrolmentResult.Given(device, credential, IssuedToken.of(credential)));
  }

  private Making give(
      AccountSnapshot account,
      Verifier.Grant grant,
      boolean channelBound,
      NameWish name,
      TokenWish wish) {
    if (!channelBound && policy.refuseUnbound()) {
      return unbound();
    }
    return device(account, grant, channelBound, name.beside(grant.name()))
        .with(
            made ->
                tokens
                    .token(account, made, Optional.empty(), wish)
                    .<Making>map(token -> new Making.Made(made, Optional.of(token)))
                    .orElse(
                        new Making.Fault(
                            RequestFault.FORBIDDEN, "no token is given for " + mechanism(wish))));
  }

  private static Making unbound() {
    return new Making.Fault(RequestFault.NOT_LINKED, "the proof does not cover the channel");
  }

  /// The device that a code has made, for who asks again. Rule 7: else somebody in between would
  /// get what the first attempt was bound to the channel for.
  private static Optional<Device> deviceAgain(
      AccountSnapshot account, Verifier.Redemption earlier, boolean channelBound) {
    return account.device(earlier.device()).filter(made -> channelBound || made.unbound());
  }

  private static String mechanism(TokenWish wish) {
    return Reasons.fit(Optional.of(wish.mechanism())).orElse("nothing");
  }

  private Optional<Decision<Making>> renew(
      AccountSnapshot account,
      Credential code,
      Verifier.Redemption earlier,
      boolean channelBound,
      TokenWish wish) {
    Optional<Credential> unused =
        FastTokens.active(account, earlier.device())
            .filter(token -> isOf((Verifier.Fast) token.verifier(), wish))
            .findAny();
    Optional<Device> device = deviceAgain(account, earlier, channelBound);
    if (unused.isEmpty() || device.isEmpty()) {
      return Optional.empty();
    }
    AccountEdit edit = account.edit(new Actor.OfCode(code.id()), surroundings.now());
    return tokens
        .replace(edit, account, device.get(), Optional.empty(), wish)
        .map(
            token ->
                new Decision<>(edit.changes(), new Making.Made(device.get(), Optional.of(token))));
  }

  private static boolean isOf(Verifier.Fast token, TokenWish wish) {
    return !token.used() && token.userAgent().equals(wish.userAgent());
  }

  /// Redeems a code for a client key (rule 11).
  ///
  /// Asked again with the same id and key, while the device has not signed in and for 24 hours, the
  /// answer is the same (rules 8, 57).
  ///
  /// @param account whose code
  /// @param code which
  /// @param linked whether the request carried the right link (rule 7)
  /// @param channelBound whether the proof covered the channel; if not, somebody in between may
  ///   have read the key, which the link does not hide, and the device gets no flags (rule 7)
  /// @param machine what the device's machine calls itself
  /// @param wish the key; its name, unless it is empty, is how the device shall be called
  public EnrolmentResult redeemByKey(
      AccountId account,
      CredentialId code,
      boolean linked,
      boolean channelBound,
      Optional<String> machine,
      ClientKeyWish wish) {
    if (!policy.codes()) {
      return new EnrolmentResult.Dead();
    }
    return spending
        .spend(
            account,
            code,
            new CodeSpending.Attempt() {
              @Override
              public Optional<Decision<Making>> again(
                  AccountSnapshot snapshot, Credential spent, Verifier.Redemption earlier) {
                return keyAgain(snapshot, earlier, channelBound, wish);
              }

              @Override
              public Making first(AccountSnapshot snapshot, Verifier.Grant grant) {
                return key(snapshot, grant, linked, channelBound, named(wish, machine, grant));
              }
            })
        .result(
            (device, credential) ->
                new EnrolmentResult.Keyed(
                    device,
                    credential,
                    ((Verifier.ClientKey) credential.verifier()).encryptedSecret(),
                    credential.expires().orElseThrow()));
  }

  private Optional<Decision<Making>> keyAgain(
      AccountSnapshot account,
      Verifier.Redemption earlier,
      boolean channelBound,
      ClientKeyWish wish) {
    Optional<Device> device = deviceAgain(account, earlier, channelBound);
    return keys.live(account, wish.id())
        .filter(_ -> device.isPresent())
        .filter(key -> keys.isSame(key, earlier.device(), wish.key()))
        .map(key -> Decision.answer(new Making.Made(device.orElseThrow(), Optional.of(key))));
  }

  /// The wish with the name that the device is to have: a key needs one of its own.
  private static ClientKeyWish named(
      ClientKeyWish wish, Optional<String> machine, Verifier.Grant grant) {
    NameWish name =
        new NameWish(Optional.of(wish.name()).filter(given -> !given.isEmpty()), machine);
    return new ClientKeyWish(
        wish.id(),
        name.beside(grant.name()).orElse(DeviceMaking.DEFAULT_NAME),
        wish.key(),
        wish.life());
  }

  private Making key(
      AccountSnapshot account,
      Verifier.Grant grant,
      boolean linked,
      boolean channelBound,
      ClientKeyWish wish) {
    // Rule 7: without the link, whoever relays the proof of somebody else puts his own key here.
    if (!linked) {
      return new Making.Fault(RequestFault.NOT_LINKED, "no link to the code, or a wrong one");
    }
    if (!channelBound && policy.refuseUnbound()) {
      return unbound();
    }
    Optional<Refusal> fault = keys.fault(wish);
    if (fault.isPresent()) {
      return new Making.Fault(
          switch (fault.get()) {
            case BAD_NAME -> RequestFault.BAD_NAME;
            default -> RequestFault.MALFORMED;
          },
          "the client key: " + fault.get().word());
    }
    if (keys.live(account, wish.id()).isPresent()) {
      return new Making.Fault(RequestFault.KEY_IN_USE, "another client key has this id");
    }
    return device(account, grant, channelBound, Optional.of(wish.name()))
        .with(made -> new Making.Made(made, Optional.of(keys.make(made, wish))));
  }

  private Making device(
      AccountSnapshot account, Verifier.Grant grant, boolean bound, Optional<String> name) {
    return grant.certificate().isPresent()
        ? new Making.Fault(RequestFault.FORBIDDEN, "the code is for one certificate")
        : making.deviceOfToken(
            account, name, grant.resource(), DeviceMaking.Origin.ofCode(account, grant, bound));
  }
}

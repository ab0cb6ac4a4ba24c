// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import static dev.latchkey.devices.House.NINA;
import static dev.latchkey.devices.House.accepted;
import static dev.latchkey.devices.House.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Actor;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.Verifier;
import dev.latchkey.testkit.Spec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class TokenSignInsTest {
  private static final String EXPR = "HT-SHA-256-EXPR";

  private final House house = new House();
  private final Acting phone = house.passwordDevice(NINA);

  private IssuedToken issue() {
    return house.issue(phone, token(EXPR)).orElseThrow();
  }

  private SignInOutcome signIn(CredentialId token) {
    return house.signIns.accept(house.proven(phone, token));
  }

  private CredentialStatus status(CredentialId credential) {
    return house.credential(NINA, credential).status();
  }

  private long version() {
    return house.account(NINA).account().version();
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 1", rule = "A token is good for its own device only")
  void refusesATokenOfAnotherDevice() {
    IssuedToken token = issue();
    Acting other = house.passwordDevice(NINA);
    assertThat(house.signIns.accept(house.proven(other, token.id())))
        .isInstanceOf(SignInOutcome.Refused.class);
    assertThat(status(token.id())).isEqualTo(CredentialStatus.ACTIVE);
  }

  @Test
  void refusesATokenThatHasExpired() {
    IssuedToken token = issue();
    house.clock.advance(Duration.ofDays(21));
    assertThat(signIn(token.id())).isInstanceOf(SignInOutcome.Refused.class);
  }

  @Test
  void refusesATokenThatWasSuperseded() {
    IssuedToken first = issue();
    signIn(first.id());
    IssuedToken second = issue();
    signIn(second.id());
    assertThat(status(first.id())).isEqualTo(CredentialStatus.SUPERSEDED);
    assertThat(signIn(first.id())).isInstanceOf(SignInOutcome.Refused.class);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 39",
      rule = "The login's commit has the device's status and generation as precondition")
  void refusesTheFirstUseOfADeviceThatWasRevokedSinceItsProof() {
    SignIn proven = house.proven(phone, issue().id());
    house.revocation.revokeByOperator(NINA, phone.device(), false, Optional.empty(), true);
    assertThat(house.signIns.accept(proven)).isInstanceOf(SignInOutcome.Refused.class);
  }

  @Test
  void refusesTheFirstUseOfATokenThatWasInvalidatedSinceItsProof() {
    IssuedToken token = issue();
    SignIn proven = house.proven(phone, token.id());
    AccountSnapshot account = house.account(NINA);
    house.store.commit(
        account
            .edit(new Actor.Operator(), house.clock.instant())
            .revoke(account.credential(token.id()).orElseThrow())
            .changes());
    assertThat(house.signIns.accept(proven)).isInstanceOf(SignInOutcome.Refused.class);
  }

  @Test
  @Spec(
      doc = "XEP-0484",
      section = "rotation",
      rule = "An old token stays good until the new one is used, and not longer")
  void keepsTheOldTokenUntilTheNewOneSignsIn() {
    IssuedToken old = issue();
    signIn(old.id());
    IssuedToken next = issue();
    accepted(signIn(old.id()));
    accepted(signIn(old.id()));
    assertThat(status(next.id())).isEqualTo(CredentialStatus.ACTIVE);

    accepted(signIn(next.id()));

    assertThat(status(old.id())).isEqualTo(CredentialStatus.SUPERSEDED);
    assertThat(((Verifier.Fast) house.credential(NINA, next.id()).verifier()).used()).isTrue();
  }

  @Test
  @Spec(
      doc = "XEP-0484",
      section = "use",
      rule = "Using a token ends all that would expire earlier")
  void endsWhatWouldHaveExpiredEarlier() {
    House shortLived =
        new House(
            EnrolmentPolicy.STANDARD,
            new TokenPolicy(Duration.ofDays(1), Duration.ofHours(2), true, false));
    Acting device = shortLived.passwordDevice(NINA);
    IssuedToken token = shortLived.issue(device, token(EXPR)).orElseThrow();
    AccountSnapshot account = shortLived.account(NINA);
    Credential given = account.credential(token.id()).orElseThrow();
    Credential earlier =
        new Credential(
            new CredentialId("cred-earlier"),
            given.account(),
            given.device(),
            CredentialStatus.ACTIVE,
            given.generation(),
            given.created(),
            given.expires().map(date -> date.minusSeconds(1)),
            given.verifier());
    shortLived.store.commit(
        account.edit(new Actor.Operator(), shortLived.clock.instant()).put(earlier).changes());
    accepted(shortLived.signIns.accept(shortLived.proven(device, token.id())));
    assertThat(shortLived.credential(NINA, earlier.id()).status())
        .isEqualTo(CredentialStatus.SUPERSEDED);
  }

  @Test
  void leavesTheTokensOfOtherDevicesAlone() {
    Acting other = house.passwordDevice(NINA);
    IssuedToken theirs = house.issue(other, token(EXPR)).orElseThrow();
    house.signIns.accept(house.proven(other, theirs.id()));
    IssuedToken first = issue();
    signIn(first.id());
    signIn(issue().id());
    assertThat(status(theirs.id())).isEqualTo(CredentialStatus.ACTIVE);
  }

  @Test
  void tellsOfTheFirstUseOnce() {
    assertThat(accepted(signIn(issue().id())).firstUse()).isTrue();
    assertThat(accepted(signIn(issue().id())).firstUse()).isFalse();
    assertThat(house.history(NINA)).containsOnlyOnce(EventKind.FIRST_USED);
  }

  @Test
  void offersANewTokenWhenTheOldOneIsADayOld() {
    IssuedToken old = issue();
    signIn(old.id());
    house.clock.advance(Duration.ofDays(1).minusSeconds(1));
    assertThat(accepted(signIn(old.id())).token()).isEmpty();
    house.clock.advance(Duration.ofSeconds(1));

    IssuedToken next = accepted(signIn(old.id())).token().orElseThrow();

    assertThat(next.mechanism()).isEqualTo(EXPR);
    assertThat(next.token()).isNotEqualTo(old.token());
    assertThat(next.expires()).isEqualTo(house.clock.instant().plus(Duration.ofDays(21)));
    assertThat(((Verifier.Fast) house.credential(NINA, next.id()).verifier()).userAgent())
        .isEqualTo(House.USER_AGENT);
    assertThat(status(old.id())).isEqualTo(CredentialStatus.ACTIVE);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 62",
      rule = "A token beside something stronger is its weaker copy: it begets no other")
  void givesNoTokenForATokenBesideAClientKey() {
    CredentialId key = Keys.register(house, phone, "k1").credential();
    IssuedToken token = issue();
    for (int day = 0; day < 20; day++) {
      house.clock.advance(Duration.ofDays(1));
      accepted(house.signIns.accept(house.counted(phone, key, day)));
      assertThat(accepted(signIn(token.id())).token()).as("due").isEmpty();
      assertThat(accepted(house.signIns.accept(asking(token.id(), false, true))).token())
          .as("asked for")
          .isEmpty();
    }
    assertThat(house.isLive(NINA, token.id())).isTrue();
    house.clock.advance(Duration.ofDays(1));
    assertThat(signIn(token.id())).isInstanceOf(SignInOutcome.Refused.class);
  }

  @Test
  void givesNoTokenForATokenBesideACertificate() {
    Acting tablet = house.firstDevice(NINA, "tablet");
    house.signIn(tablet);
    IssuedToken token = house.issue(tablet, token(EXPR)).orElseThrow();
    house.clock.advance(Duration.ofDays(1));
    assertThat(accepted(house.signIns.accept(house.proven(tablet, token.id()))).token()).isEmpty();
  }

  @Test
  void givesNoTokenForAPasswordBesideAClientKey() {
    Keys.register(house, phone, "k1");
    CredentialId password = house.certificateOf(phone).id();
    assertThat(accepted(house.signIns.accept(asking(password, false, true))).token()).isEmpty();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 62",
      rule = "What is stronger begets a token, which does not outlive it")
  void givesATokenForAClientKeyUntilTheKeyEnds() {
    IssuedToken before = issue();
    signIn(before.id());
    ClientKeyResult.Registered key =
        Keys.registered(
            house.register(
                phone,
                new ClientKeyWish(
                    "k1", "a key", Keys.validationKey("k1"), Optional.of(Duration.ofDays(30)))));
    IssuedToken whole = byKey(key, 0).token().orElseThrow();
    assertThat(whole.expires()).isEqualTo(house.clock.instant().plus(Duration.ofDays(21)));
    house.clock.advance(Duration.ofDays(20));

    IssuedToken rest = byKey(key, 1).token().orElseThrow();

    assertThat(rest.expires()).isEqualTo(key.expires());
    accepted(signIn(rest.id()));
    assertThat(status(before.id())).isEqualTo(CredentialStatus.SUPERSEDED);
  }

  private SignInOutcome.Accepted byKey(ClientKeyResult.Registered key, long value) {
    SignIn counted = house.counted(phone, key.credential(), value);
    return accepted(
        house.signIns.accept(
            new SignIn(
                counted.read(),
                counted.device(),
                counted.generation(),
                counted.credential(),
                counted.counter(),
                new TokenRequest(false, Optional.of(token(EXPR))))));
  }

  @Test
  void givesATokenForATokenAgainOnceTheClientKeyHasEnded() {
    IssuedToken token = issue();
    Keys.registered(
        house.register(
            phone,
            new ClientKeyWish(
                "k1", "a key", Keys.validationKey("k1"), Optional.of(Duration.ofDays(2)))));
    house.clock.advance(Duration.ofDays(1));
    assertThat(accepted(signIn(token.id())).token()).isEmpty();
    house.clock.advance(Duration.ofDays(1));
    assertThat(accepted(signIn(token.id())).token()).isPresent();
  }

  @Test
  void givesATokenToASignInThatAsks() {
    Credential password = house.certificateOf(phone);
    SignInOutcome.Accepted first =
        accepted(house.signIns.accept(asking(password.id(), false, true)));
    assertThat(first.token()).isPresent();
    SignInOutcome.Accepted second =
        accepted(house.signIns.accept(asking(first.token().orElseThrow().id(), false, true)));
    // Promoted and renewed at once: both slots are taken.
    assertThat(status(first.token().orElseThrow().id())).isEqualTo(CredentialStatus.ACTIVE);
    assertThat(status(second.token().orElseThrow().id())).isEqualTo(CredentialStatus.ACTIVE);
  }

  @Test
  void endsAllTokensWhenTheSignInSaysSo() {
    IssuedToken old = issue();
    signIn(old.id());
    IssuedToken next = issue();
    house.clock.advance(Duration.ofDays(2));

    assertThat(accepted(house.signIns.accept(asking(next.id(), true, false))).token()).isEmpty();

    assertThat(house.isLive(NINA, old.id())).isFalse();
    assertThat(house.isLive(NINA, next.id())).isFalse();
    assertThat(signIn(next.id())).isInstanceOf(SignInOutcome.Refused.class);
  }

  @Test
  void givesANewTokenForThoseThatItEnds() {
    IssuedToken old = issue();
    IssuedToken next =
        accepted(house.signIns.accept(asking(old.id(), true, true))).token().orElseThrow();
    assertThat(house.isLive(NINA, old.id())).isFalse();
    assertThat(house.isLive(NINA, next.id())).isTrue();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 41",
      rule = "Whoever exchanges a copied token for another cannot hide it: the owner's use shows")
  void whoExchangesACopiedTokenIsSeenWhenItsOwnerComes() {
    IssuedToken older = issue();
    signIn(older.id());
    IssuedToken token = issue();
    IssuedToken unused =
        accepted(house.signIns.accept(asking(token.id(), false, true))).token().orElseThrow();

    assertThat(accepted(house.signIns.accept(asking(token.id(), true, true))).token()).isPresent();

    assertThat(status(token.id())).isEqualTo(CredentialStatus.SUPERSEDED);
    assertThat(status(older.id())).isEqualTo(CredentialStatus.SUPERSEDED);
    assertThat(status(unused.id())).isEqualTo(CredentialStatus.REVOKED);
    assertThat(house.history(NINA)).contains(EventKind.TOKEN_DEAD);
  }

  @Test
  void whoExchangesATokenAtItsFirstUseIsSeen() {
    IssuedToken token = issue();
    assertThat(accepted(house.signIns.accept(asking(token.id(), true, true))).token()).isPresent();
    assertThat(status(token.id())).isEqualTo(CredentialStatus.SUPERSEDED);
  }

  /// Its owner may come once more, if the answer was lost: that is no alarm.
  @Test
  void aTokenThatIsOnlyGivenBackIsRevokedAndWrittenDown() {
    IssuedToken token = issue();
    accepted(house.signIns.accept(asking(token.id(), true, false)));
    assertThat(status(token.id())).isEqualTo(CredentialStatus.REVOKED);
    assertThat(house.history(NINA)).containsOnlyOnce(EventKind.TOKEN_DEAD);
  }

  @Test
  void writesNothingOfTokensThatAreGivenBackWhereThereAreNone() {
    accepted(house.signIns.accept(asking(house.certificateOf(phone).id(), true, false)));
    assertThat(house.history(NINA)).doesNotContain(EventKind.TOKEN_DEAD);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "decision 0017",
      rule = "An X-TOKEN gives nothing: what goes back to a copy must end with it")
  void givesNoTokenForAnXToken() {
    CredentialId token = house.xToken(phone);
    assertThat(accepted(house.signIns.accept(asking(token, false, true))).token()).isEmpty();
    assertThat(house.tokens.issue(phone, token, token(EXPR))).isEmpty();
  }

  private SignIn asking(CredentialId credential, boolean invalidate, boolean wish) {
    return new SignIn(
        house.account(NINA),
        phone.device(),
        phone.generation(),
        credential,
        OptionalLong.empty(),
        new TokenRequest(invalidate, wish ? Optional.of(token(EXPR)) : Optional.empty()));
  }

  private void assertCosts(SignIn proven, int writes) {
    house.counting.reads.set(0);
    house.counting.writes.set(0);
    accepted(house.signIns.accept(proven));
    assertThat(house.counting.reads).hasValue(0);
    assertThat(house.counting.writes).hasValue(writes);
  }

  @Test
  void writesOnceForAFirstUseAndNothingAfterIt() {
    IssuedToken token = issue();
    assertCosts(house.proven(phone, token.id()), 1);
    long version = version();
    house.clock.advance(Duration.ofHours(1));
    assertCosts(house.proven(phone, token.id()), 0);
    assertThat(version()).isEqualTo(version);
    assertThat(house.device(phone).lastSeen()).contains(house.clock.instant());
    // Due for a new one:
    house.clock.advance(Duration.ofDays(1));
    assertCosts(house.proven(phone, token.id()), 1);
  }

  @Test
  void writesOnceForAFirstUseThatIsRenewedAtOnce() {
    IssuedToken token = issue();
    house.clock.advance(Duration.ofDays(3));
    assertCosts(house.proven(phone, token.id()), 1);
  }

  @Test
  void writesOnceForEachUseOfAClientKey() {
    CredentialId key = Keys.register(house, phone, "k1").credential();
    for (int value = 0; value < 5; value++) {
      assertCosts(house.counted(phone, key, value), 1);
    }
  }

  @Test
  void writesNothingForAPassword() {
    assertCosts(house.proven(phone, house.certificateOf(phone).id()), 0);
  }

  @Test
  void readsAgainOnlyWhenTheAccountHasChangedSince() {
    SignIn proven = house.proven(phone, issue().id());
    house.passwordDevice(NINA);
    house.counting.reads.set(0);
    house.counting.writes.set(0);
    accepted(house.signIns.accept(proven));
    assertThat(house.counting.reads).hasValue(1);
    assertThat(house.counting.writes).hasValue(2);
  }

  @Test
  void promotesATokenOnceWhenFiftyUseItAtOnce() throws Exception {
    IssuedToken old = issue();
    signIn(old.id());
    IssuedToken next = issue();
    SignIn proven = house.proven(phone, next.id());
    List<SignInOutcome> ends = Racing.all(50, _ -> house.signIns.accept(proven));
    assertThat(ends).allMatch(SignInOutcome.Accepted.class::isInstance);
    assertThat(status(old.id())).isEqualTo(CredentialStatus.SUPERSEDED);
    assertThat(version()).isEqualTo(proven.read().account().version() + 1);
  }
}

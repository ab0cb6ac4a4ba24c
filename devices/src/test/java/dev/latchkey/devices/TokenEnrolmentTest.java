// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import static dev.latchkey.devices.House.NINA;
import static dev.latchkey.devices.House.acting;
import static dev.latchkey.devices.House.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.authority.RequestFault;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceOrigin;
import dev.latchkey.credential.Permission;
import dev.latchkey.credential.Permissions;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Waypoint;
import dev.latchkey.testkit.Spec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TokenEnrolmentTest {
  private static final String EXPR = "HT-SHA-256-EXPR";

  private House house = new House();

  private CredentialId code() {
    return house.invite(NINA).code().id();
  }

  private CredentialStatus status(CredentialId credential) {
    return house.credential(NINA, credential).status();
  }

  private static TokenWish from(String userAgent) {
    return new TokenWish(EXPR, Bytes.utf8(userAgent).sha256());
  }

  private EnrolmentResult byToken(CredentialId code, boolean bound, TokenWish wish) {
    return house.tokenEnrolment.redeemByToken(
        house.id(NINA), code, bound, NameWish.of("Ninas phone"), wish);
  }

  private static EnrolmentResult.Given given(EnrolmentResult result) {
    assertThat(result).isInstanceOf(EnrolmentResult.Given.class);
    return (EnrolmentResult.Given) result;
  }

  private EnrolmentResult byKey(CredentialId code, boolean linked, ClientKeyWish wish) {
    return house.tokenEnrolment.redeemByKey(
        house.id(NINA), code, linked, true, Optional.empty(), wish);
  }

  private EnrolmentResult byKeyUnbound(CredentialId code, ClientKeyWish wish) {
    return house.tokenEnrolment.redeemByKey(
        house.id(NINA), code, true, false, Optional.empty(), wish);
  }

  private static EnrolmentResult.Keyed keyed(EnrolmentResult result) {
    assertThat(result).isInstanceOf(EnrolmentResult.Keyed.class);
    return (EnrolmentResult.Keyed) result;
  }

  private static void assertIsDead(EnrolmentResult result) {
    assertThat(result).isInstanceOf(EnrolmentResult.Dead.class);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "30.C iii",
      rule = "A proven code and a wish for a token make a device whose token signs in")
  void makesADeviceWithAToken() {
    CredentialId code = code();

    EnrolmentResult.Given made = given(byToken(code, true, token(EXPR)));

    assertThat(house.accounts.status(NINA)).contains(AccountStatus.ACTIVE);
    assertThat(made.device().name()).isEqualTo("Ninas phone");
    assertThat(made.device().origin()).isEqualTo(DeviceOrigin.ONE_TIME);
    assertThat(made.device().permissions()).isEqualTo(Permissions.ALL);
    assertThat(made.device().unbound()).isFalse();
    assertThat(status(code)).isEqualTo(CredentialStatus.REDEEMED);
    House.accepted(house.signIns.accept(house.proven(acting(made.device()), made.token().id())));
    assertThat(status(code)).isEqualTo(CredentialStatus.SUPERSEDED);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "26",
      rule = "a device's name is its person's, its code's, its machine's")
  void namesADeviceByItsCodeBeforeItsMachine() {
    Optional<String> machine = Optional.of("nina-pc");
    CredentialId tablet = named("Tablet");
    ClientKeyWish nameless =
        new ClientKeyWish("id", "", Keys.validationKey("key"), Optional.empty());

    assertThat(
            given(
                    house.tokenEnrolment.redeemByToken(
                        house.id(NINA),
                        tablet,
                        true,
                        new NameWish(Optional.empty(), machine),
                        token(EXPR)))
                .device()
                .name())
        .isEqualTo("Tablet");
    assertThat(
            keyed(
                    house.tokenEnrolment.redeemByKey(
                        house.id(NINA), named("Radio"), true, true, machine, nameless))
                .device()
                .name())
        .isEqualTo("Radio");
    assertThat(
            keyed(
                    house.tokenEnrolment.redeemByKey(
                        house.id(NINA), code(), true, true, machine, Keys.wish("other", "other")))
                .device()
                .name())
        .isEqualTo("Ninas phone");
  }

  private CredentialId named(String name) {
    return ((InviteResult.Invited) house.codes.invite(NINA, Optional.of(name), House.WEEK))
        .code()
        .code()
        .id();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 7",
      rule = "Where nothing ties the wish to the channel the device gets no flags")
  void givesNoFlagsWithoutATieToTheChannel() {
    Device made = given(byToken(code(), false, token(EXPR))).device();
    assertThat(made.permissions()).isEqualTo(Permissions.NONE);
    assertThat(made.unbound()).isTrue();
  }

  @Test
  void refusesAWishWithoutATieToTheChannelWhereTheOperatorSaysSo() {
    house = new House(EnrolmentPolicy.STANDARD.withRefuseUnbound(true));
    CredentialId code = code();
    assertThat(House.fault(byToken(code, false, token(EXPR)))).isEqualTo(RequestFault.NOT_LINKED);
    assertThat(status(code)).isEqualTo(CredentialStatus.ACTIVE);
    given(byToken(code, true, token(EXPR)));
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 8",
      rule = "The same user agent gets a fresh token for a lost one, and the lost one is dead")
  void givesAFreshTokenForALostOne() {
    CredentialId code = code();
    EnrolmentResult.Given lost = given(byToken(code, true, token(EXPR)));

    EnrolmentResult.Given again = given(byToken(code, true, token(EXPR)));

    assertThat(again.device().id()).isEqualTo(lost.device().id());
    assertThat(again.token().token()).isNotEqualTo(lost.token().token());
    assertThat(house.isLive(NINA, lost.token().id())).isFalse();
    assertThat(house.isLive(NINA, again.token().id())).isTrue();
    assertThat(house.account(NINA).devices()).hasSize(1);
  }

  @Test
  void refusesAnotherUserAgentLikeAWrongProof() {
    CredentialId code = code();
    given(byToken(code, true, from("phone")));
    assertIsDead(byToken(code, true, from("thief")));
    assertThat(house.account(NINA).devices()).hasSize(1);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 7",
      rule = "Who relays a second attempt does not get what the first was tied to the channel for")
  void refusesARetryWithoutTheTieThatTheFirstAttemptHad() {
    CredentialId code = code();
    EnrolmentResult.Given first = given(byToken(code, true, token(EXPR)));
    assertIsDead(byToken(code, false, token(EXPR)));
    assertThat(house.isLive(NINA, first.token().id())).isTrue();
  }

  @Test
  void givesAFreshTokenToAnUnboundDeviceWithoutATie() {
    CredentialId code = code();
    given(byToken(code, false, token(EXPR)));
    assertThat(given(byToken(code, false, token(EXPR))).device().unbound()).isTrue();
    assertThat(given(byToken(code, true, token(EXPR))).device().permissions())
        .isEqualTo(Permissions.NONE);
  }

  @Test
  void refusesARetryOnceTheDeviceHasSignedIn() {
    CredentialId code = code();
    EnrolmentResult.Given made = given(byToken(code, true, token(EXPR)));
    house.signIns.accept(house.proven(acting(made.device()), made.token().id()));
    assertIsDead(byToken(code, true, token(EXPR)));
  }

  @Test
  void refusesARetryAfterADay() {
    CredentialId code = code();
    given(byToken(code, true, token(EXPR)));
    house.clock.advance(Duration.ofHours(24).minusSeconds(1));
    given(byToken(code, true, token(EXPR)));
    house.clock.advance(Duration.ofSeconds(1));
    assertIsDead(byToken(code, true, token(EXPR)));
  }

  @Test
  void refusesARetryOfADeviceThatWasRevoked() {
    CredentialId code = code();
    Device made = given(byToken(code, true, token(EXPR))).device();
    house.revocation.revokeByOperator(NINA, made.id(), false, Optional.empty(), true);
    assertIsDead(byToken(code, true, token(EXPR)));
  }

  @Test
  void refusesAnotherWayAfterIt() {
    CredentialId code = code();
    given(byToken(code, true, token(EXPR)));
    assertIsDead(house.redeem(NINA, code, "csr:phone"));
    assertIsDead(byKey(code, true, Keys.wish("id", "key")));
    CredentialId other = code();
    House.enrolled(house.redeem(NINA, other, "csr:phone"));
    assertIsDead(byToken(other, true, token(EXPR)));
  }

  @Test
  void refusesWhatNoTokenIsGivenForAndSpendsNothing() {
    house = new House(EnrolmentPolicy.STANDARD, TokenPolicy.STANDARD.withNone(false));
    CredentialId code = code();
    assertThat(House.fault(byToken(code, true, token("HT-SHA-256-NONE"))))
        .isEqualTo(RequestFault.FORBIDDEN);
    assertThat(House.fault(byToken(code, true, token("PLAIN")))).isEqualTo(RequestFault.FORBIDDEN);
    assertThat(status(code)).isEqualTo(CredentialStatus.ACTIVE);
    assertThat(house.account(NINA).devices()).isEmpty();
  }

  @Test
  void refusesOneDeviceTooMany() {
    house = new House(EnrolmentPolicy.STANDARD.withDevices(1));
    given(byToken(code(), true, from("phone")));
    assertThat(House.fault(byToken(code(), true, from("tablet")))).isEqualTo(RequestFault.QUOTA);
  }

  @Test
  void refusesACodeThatIsForOneCertificate() {
    Acting phone = house.firstDevice(NINA, "phone");
    CredentialId pinned =
        House.issued(
                house.codes.issue(
                    phone,
                    new IssueRequest(
                        Purpose.OWN,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(Bytes.utf8("certificate").sha256()),
                        Duration.ofMinutes(10),
                        Optional.empty())))
            .id();
    assertThat(House.fault(byToken(pinned, true, token(EXPR)))).isEqualTo(RequestFault.FORBIDDEN);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 13",
      rule = "A code dies with the device that issued it, and gives what that has now")
  void diesWithItsIssuer() {
    Acting phone = house.firstDevice(NINA, "phone");
    CredentialId code = House.issued(house.codes.issue(phone, House.wish(Purpose.OWN))).id();
    CredentialId kept = House.issued(house.codes.issue(phone, House.wish(Purpose.OWN))).id();
    assertThat(given(byToken(kept, true, token(EXPR))).device().permissions())
        .isEqualTo(Permissions.of(Permission.ENROLL, Permission.MANAGE));
    house.revocation.revokeByOperator(NINA, phone.device(), false, Optional.empty(), true);
    assertIsDead(byToken(code, true, token(EXPR)));
  }

  @Test
  @Spec(doc = "latchkey", section = "30.C", rule = "One-time is one time, under concurrency")
  void makesOneDeviceWhenFiftyRace() throws Exception {
    CredentialId code = code();
    List<EnrolmentResult> ends = Racing.all(50, i -> byToken(code, true, from("agent " + i)));
    assertThat(ends).filteredOn(EnrolmentResult.Given.class::isInstance).hasSize(1);
    assertThat(ends).filteredOn(EnrolmentResult.Dead.class::isInstance).hasSize(49);
    assertThat(house.account(NINA).devices()).hasSize(1);
  }

  @Test
  void leavesOneLiveTokenWhenOneUserAgentRacesWithItself() throws Exception {
    CredentialId code = code();
    List<EnrolmentResult> ends = Racing.all(50, _ -> byToken(code, true, token(EXPR)));
    assertThat(ends).allMatch(EnrolmentResult.Given.class::isInstance);
    assertThat(ends)
        .filteredOn(
            end ->
                house.account(NINA).credential(given(end).token().id()).isPresent()
                    && house.isLive(NINA, given(end).token().id()))
        .hasSize(1);
    assertThat(house.account(NINA).devices()).hasSize(1);
  }

  @Test
  void spendsNothingWhenItIsHaltedBeforeTheCommit() {
    CredentialId code = code();
    house.at(Waypoint.BEFORE_REDEMPTION, TokenEnrolmentTest::halt);
    assertThatThrownBy(() -> byToken(code, true, token(EXPR))).isInstanceOf(Halt.class);
    assertThat(status(code)).isEqualTo(CredentialStatus.ACTIVE);
    given(byToken(code, true, token(EXPR)));
  }

  @Test
  void givesTheDeviceAgainWhenItIsHaltedAfterTheCommit() {
    CredentialId code = code();
    house.at(Waypoint.REDEEMED, TokenEnrolmentTest::halt);
    assertThatThrownBy(() -> byToken(code, true, token(EXPR))).isInstanceOf(Halt.class);
    assertThat(status(code)).isEqualTo(CredentialStatus.REDEEMED);
    EnrolmentResult.Given again = given(byToken(code, true, token(EXPR)));
    assertThat(house.account(NINA).devices()).hasSize(1);
    House.accepted(house.signIns.accept(house.proven(acting(again.device()), again.token().id())));
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 11",
      rule = "A proven code and a linked key make a device whose counter begins at 0")
  void makesADeviceWithAKey() {
    CredentialId code = code();
    ClientKeyWish wish = Keys.wish("id", "key");

    EnrolmentResult.Keyed made = keyed(byKey(code, true, wish));

    assertThat(made.device().permissions()).isEqualTo(Permissions.ALL);
    assertThat(made.expires()).isEqualTo(house.clock.instant().plus(House.YEAR));
    assertThat(made.encryptedSecret().reveal().length()).isEqualTo(32);
    House.accepted(
        house.signIns.accept(house.counted(acting(made.device()), made.credential().id(), 0)));
    assertThat(status(code)).isEqualTo(CredentialStatus.SUPERSEDED);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 7",
      rule = "A key without the link to the code is refused, and the code stays good")
  void refusesAKeyThatIsNotLinked() {
    CredentialId code = code();
    assertThat(House.fault(byKey(code, false, Keys.wish("id", "key"))))
        .isEqualTo(RequestFault.NOT_LINKED);
    assertThat(status(code)).isEqualTo(CredentialStatus.ACTIVE);
    keyed(byKey(code, true, Keys.wish("id", "key")));
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 7",
      rule =
          "The link hides no client key from who relays its enrolment: such a device has no flags")
  void givesNoFlagsToAKeyThatSomebodyInBetweenMayHaveRead() {
    Device made = keyed(byKeyUnbound(code(), Keys.wish("id", "key"))).device();
    assertThat(made.permissions()).isEqualTo(Permissions.NONE);
    assertThat(made.unbound()).isTrue();
  }

  @Test
  void refusesAKeyWithoutATieToTheChannelWhereTheOperatorSaysSo() {
    house = new House(EnrolmentPolicy.STANDARD.withRefuseUnbound(true));
    CredentialId code = code();
    assertThat(House.fault(byKeyUnbound(code, Keys.wish("id", "key"))))
        .isEqualTo(RequestFault.NOT_LINKED);
    assertThat(status(code)).isEqualTo(CredentialStatus.ACTIVE);
    keyed(byKey(code, true, Keys.wish("id", "key")));
  }

  @Test
  void tellsNobodyInBetweenTheSecretOfAKeyThatWasTiedToItsChannel() {
    CredentialId code = code();
    keyed(byKey(code, true, Keys.wish("id", "key")));
    assertIsDead(byKeyUnbound(code, Keys.wish("id", "key")));
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 57", rule = "The same id and key get the same answer")
  void givesTheSameAnswerAgain() {
    CredentialId code = code();
    EnrolmentResult.Keyed first = keyed(byKey(code, true, Keys.wish("id", "key")));
    EnrolmentResult.Keyed again = keyed(byKey(code, true, Keys.wish("id", "key")));
    assertThat(again.encryptedSecret()).isEqualTo(first.encryptedSecret());
    assertThat(again.device().id()).isEqualTo(first.device().id());
    assertThat(house.account(NINA).devices()).hasSize(1);
  }

  @Test
  void refusesAnotherKeyOrIdLikeAWrongProof() {
    CredentialId code = code();
    EnrolmentResult.Keyed made = keyed(byKey(code, true, Keys.wish("id", "key")));
    assertIsDead(byKey(code, true, Keys.wish("id", "other")));
    assertIsDead(byKey(code, true, Keys.wish("other", "key")));
    house.signIns.accept(house.counted(acting(made.device()), made.credential().id(), 0));
    assertIsDead(byKey(code, true, Keys.wish("id", "key")));
  }

  @Test
  void refusesTheIdOfAnotherLiveKey() {
    keyed(byKey(code(), true, Keys.wish("id", "key")));
    CredentialId code = code();
    assertThat(House.fault(byKey(code, true, Keys.wish("id", "key"))))
        .isEqualTo(RequestFault.KEY_IN_USE);
    assertThat(status(code)).isEqualTo(CredentialStatus.ACTIVE);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 20, 31, 33, 64})
  void refusesAKeyOfAnotherLength(int length) {
    Secret key = Secret.of(Bytes.random(length, house.surroundings.random()));
    assertThat(
            House.fault(
                byKey(code(), true, new ClientKeyWish("id", "name", key, Optional.empty()))))
        .isEqualTo(RequestFault.MALFORMED);
  }

  @Test
  void makesOneDeviceWhenFiftyKeysRace() throws Exception {
    CredentialId code = code();
    List<EnrolmentResult> ends =
        Racing.all(50, i -> byKey(code, true, Keys.wish("id " + i, "key " + i)));
    assertThat(ends).filteredOn(EnrolmentResult.Keyed.class::isInstance).hasSize(1);
    assertThat(ends).filteredOn(EnrolmentResult.Dead.class::isInstance).hasSize(49);
    assertThat(house.account(NINA).devices()).hasSize(1);
  }

  @Test
  void redeemsNothingWhereCodesAreSwitchedOff() {
    CredentialId code = code();
    TokenEnrolment off =
        new TokenEnrolment(
            house.surroundings,
            house.sessions,
            EnrolmentPolicy.STANDARD.withCodes(false),
            house.tokens,
            (encrypted, _) -> encrypted,
            House.YEAR);
    assertIsDead(off.redeemByToken(house.id(NINA), code, true, NameWish.NONE, token(EXPR)));
    assertIsDead(
        off.redeemByKey(
            house.id(NINA), code, true, true, Optional.empty(), Keys.wish("id", "key")));
  }

  private static void halt() {
    throw new Halt();
  }

  /// The machine stops here.
  private static final class Halt extends RuntimeException {
    Halt() {
      super("halt", null, false, false);
    }
  }
}

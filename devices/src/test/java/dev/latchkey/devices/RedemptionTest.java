// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import static dev.latchkey.devices.House.MALLORY;
import static dev.latchkey.devices.House.NINA;
import static dev.latchkey.devices.House.enrolled;
import static dev.latchkey.devices.House.fault;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.authority.RequestFault;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceOrigin;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.Permission;
import dev.latchkey.credential.Permissions;
import dev.latchkey.credential.Resource;
import dev.latchkey.credential.Waypoint;
import dev.latchkey.credential.Withdrawal;
import dev.latchkey.testkit.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class RedemptionTest {
  private static final Resource KITCHEN = new Resource("kitchen-bot");

  private final House house = new House();

  @Test
  @Spec(doc = "latchkey", section = "60", rule = "the first redemption makes the account active")
  void makesADeviceAndActivatesTheAccount() {
    CredentialId code = house.invite(NINA).code().id();

    EnrolmentResult.Enrolled made = enrolled(house.redeem(NINA, code, "csr:phone"));

    assertThat(house.accounts.status(NINA)).contains(AccountStatus.ACTIVE);
    assertThat(house.accounts.exists(NINA)).isTrue();
    assertThat(made.device().origin()).isEqualTo(DeviceOrigin.ONE_TIME);
    assertThat(made.device().permissions()).isEqualTo(Permissions.ALL);
    assertThat(made.device().parent()).isEmpty();
    assertThat(made.device().unbound()).isFalse();
    assertThat(house.isLive(NINA, made.credential().id())).isTrue();
    assertThat(house.credential(NINA, code).status()).isEqualTo(CredentialStatus.REDEEMED);
    assertThat(house.store.withdrawals()).containsExactly(new Withdrawal.OfCode(code));
    assertThat(house.history(NINA))
        .containsExactly(EventKind.ACCOUNT_CREATED, EventKind.TOKEN_ISSUED, EventKind.ADDED);
  }

  @Test
  @Spec(doc = "latchkey", section = "30.C", rule = "a code is redeemed once")
  void refusesASecondKeyLikeAWrongProof() {
    CredentialId code = house.invite(NINA).code().id();
    house.redeem(NINA, code, "csr:phone");

    assertThat(house.redeem(NINA, code, "csr:thief")).isInstanceOf(EnrolmentResult.Dead.class);
    assertThat(house.redeem(NINA, code, "garbage")).isInstanceOf(EnrolmentResult.Dead.class);
    assertThat(house.account(NINA).devices()).hasSize(1);
  }

  @Test
  void refusesExpiredUnknownAndForeignCodes() {
    CredentialId code = house.invite(NINA).code().id();
    house.firstDevice(MALLORY, "mallory");

    assertThat(house.redeem(MALLORY, code, "csr:thief")).isInstanceOf(EnrolmentResult.Dead.class);
    assertThat(house.redeem(NINA, new CredentialId("cred-none"), "csr:thief"))
        .isInstanceOf(EnrolmentResult.Dead.class);
    house.clock.advance(House.WEEK);
    assertThat(house.redeem(NINA, code, "csr:thief")).isInstanceOf(EnrolmentResult.Dead.class);
    assertThat(house.account(NINA).devices()).isEmpty();
  }

  @Test
  void refusesACredentialThatIsNoCode() {
    Acting phone = house.firstDevice(NINA, "phone");

    assertThat(house.redeem(NINA, house.certificateOf(phone).id(), "csr:thief"))
        .isInstanceOf(EnrolmentResult.Dead.class);
  }

  @Test
  @Spec(doc = "latchkey", section = "8", rule = "a lost answer can be had again")
  void givesTheSameCertificateAgain() {
    CredentialId code = house.invite(NINA).code().id();
    EnrolmentResult.Enrolled first = enrolled(house.redeem(NINA, code, "csr:phone:1"));

    EnrolmentResult.Enrolled again = enrolled(house.redeem(NINA, code, "csr:phone:2"));

    assertThat(again.leaf()).isEqualTo(first.leaf());
    assertThat(again.device().id()).isEqualTo(first.device().id());
    assertThat(house.signatures).hasValue(1);
    assertThat(house.account(NINA).devices()).hasSize(1);
  }

  @Test
  @Spec(doc = "latchkey", section = "8", rule = "until the device has signed in")
  void givesNothingAgainOnceTheDeviceHasSignedIn() {
    CredentialId code = house.invite(NINA).code().id();
    Device phone = enrolled(house.redeem(NINA, code, "csr:phone")).device();
    house.signIn(House.acting(phone));

    assertThat(house.redeem(NINA, code, "csr:phone")).isInstanceOf(EnrolmentResult.Dead.class);
  }

  @Test
  @Spec(doc = "latchkey", section = "8", rule = "a redeemed code lives 24 hours from redemption")
  void givesTheSameAnswerForADayWhateverTheCodesOwnLife() {
    Acting phone = house.firstDevice(NINA, "phone");
    CredentialId code = House.issued(house.codes.issue(phone, House.wish(Purpose.OWN))).id();
    enrolled(house.redeem(NINA, code, "csr:tablet"));

    house.clock.advance(Duration.ofHours(24).minusMillis(1));
    enrolled(house.redeem(NINA, code, "csr:tablet"));
    house.clock.advance(Duration.ofMillis(1));
    assertThat(house.redeem(NINA, code, "csr:tablet")).isInstanceOf(EnrolmentResult.Dead.class);
  }

  @Test
  @Spec(doc = "latchkey", section = "8", rule = "the retry is looked up before link and resource")
  void looksUpTheRetryBeforeEverythingElse() {
    CredentialId code = house.invite(NINA).code().id();
    EnrolmentResult.Enrolled first = enrolled(house.redeem(NINA, code, "csr:phone"));

    EnrolmentResult again =
        house.enrolment.redeem(
            new Redemption(
                house.id(NINA),
                code,
                Bytes.utf8("csr:phone"),
                NameWish.of(""),
                Optional.of(KITCHEN),
                false));

    assertThat(enrolled(again).leaf()).isEqualTo(first.leaf());
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "25",
      rule = "a revoked device's certificate is not given again")
  void givesNothingAgainForARevokedDevice() {
    CredentialId code = house.invite(NINA).code().id();
    Device phone = enrolled(house.redeem(NINA, code, "csr:phone")).device();
    house.revocation.revokeByOperator(NINA, phone.id(), false, Optional.empty(), true);

    assertThat(house.redeem(NINA, code, "csr:phone")).isInstanceOf(EnrolmentResult.Dead.class);
    assertThat(house.credential(NINA, code).status()).isEqualTo(CredentialStatus.REVOKED);
  }

  @Test
  @Spec(doc = "latchkey", section = "7", rule = "without the link, the CSR of a relay is refused")
  void refusesWhatIsNotLinked() {
    CredentialId code = house.invite(NINA).code().id();

    EnrolmentResult result =
        house.enrolment.redeem(
            new Redemption(
                house.id(NINA),
                code,
                Bytes.utf8("csr:relay"),
                NameWish.NONE,
                Optional.empty(),
                false));

    assertThat(fault(result)).isEqualTo(RequestFault.NOT_LINKED);
    assertThat(house.isLive(NINA, code)).isTrue();
    assertThat(house.account(NINA).devices()).isEmpty();
    assertThat(house.accounts.status(NINA)).contains(AccountStatus.RESERVED);
  }

  @Test
  @Spec(doc = "latchkey", section = "12", rule = "20 failed tasks end a code, with an event")
  void endsACodeAfterTwentyRefusedRequests() {
    CredentialId code = house.invite(NINA).code().id();
    for (int i = 0; i < 19; i++) {
      assertThat(fault(house.redeem(NINA, code, "garbage"))).isEqualTo(RequestFault.MALFORMED);
    }
    assertThat(house.isLive(NINA, code)).isTrue();

    assertThat(fault(house.redeem(NINA, code, "garbage"))).isEqualTo(RequestFault.MALFORMED);

    assertThat(house.redeem(NINA, code, "csr:phone")).isInstanceOf(EnrolmentResult.Dead.class);
    assertThat(house.credential(NINA, code).status()).isEqualTo(CredentialStatus.REVOKED);
    assertThat(house.history(NINA)).last().isEqualTo(EventKind.TOKEN_DEAD);
    assertThat(house.store.withdrawals()).contains(new Withdrawal.OfCode(code));
  }

  @Test
  @Spec(doc = "latchkey", section = "13", rule = "a code dies with its issuer")
  void refusesACodeWhoseIssuerIsRevoked() {
    Acting phone = house.firstDevice(NINA, "phone");
    Acting tablet = house.child(phone, Purpose.OWN, "tablet");
    CredentialId code = House.issued(house.codes.issue(tablet, House.wish(Purpose.OWN))).id();
    house.revocation.revoke(phone, tablet.device(), false, Optional.empty());

    assertThat(house.redeem(NINA, code, "csr:thief")).isInstanceOf(EnrolmentResult.Dead.class);
  }

  @Test
  @Spec(doc = "latchkey", section = "13", rule = "the issuer is checked in the commit that redeems")
  void losesARedemptionToARevocationOfTheIssuerInBetween() {
    Acting phone = house.firstDevice(NINA, "phone");
    Acting thief = house.child(phone, Purpose.OWN, "thief");
    CredentialId code = House.issued(house.codes.issue(thief, House.wish(Purpose.OWN))).id();
    house.at(
        Waypoint.BEFORE_REDEMPTION,
        () -> house.revocation.revoke(phone, thief.device(), false, Optional.empty()));

    assertThat(house.redeem(NINA, code, "csr:helper")).isInstanceOf(EnrolmentResult.Dead.class);
    assertThat(house.account(NINA).devices()).hasSize(2);
  }

  @Test
  @Spec(doc = "latchkey", section = "13", rule = "flags are those that the issuer has now")
  void givesOnlyFlagsThatTheIssuerHasNow() {
    Acting phone = house.firstDevice(NINA, "phone");
    CredentialId code = House.issued(house.codes.issue(phone, House.wish(Purpose.OWN))).id();
    Device issuer = house.device(phone);
    house.store.commit(
        house
            .account(NINA)
            .edit(new dev.latchkey.credential.Actor.Operator(), house.clock.instant())
            .put(
                new Device(
                    issuer.id(),
                    issuer.account(),
                    issuer.name(),
                    issuer.status(),
                    issuer.generation(),
                    Permissions.of(Permission.ENROLL),
                    issuer.resourceLock(),
                    issuer.parent(),
                    issuer.origin(),
                    issuer.unbound(),
                    issuer.firstSeen(),
                    issuer.lastSeen()))
            .changes());

    assertThat(enrolled(house.redeem(NINA, code, "csr:tablet")).device().permissions())
        .isEqualTo(Permissions.of(Permission.ENROLL));
  }

  @Test
  void makesAChildOfTheIssuer() {
    Acting phone = house.firstDevice(NINA, "phone");
    Acting bot = house.child(phone, Purpose.BOT, "bot");

    assertThat(house.device(bot).parent()).contains(phone.device());
    assertThat(house.device(bot).permissions()).isEqualTo(Permissions.NONE);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "30.C",
      rule = "one code makes one device, at the same moment too")
  void makesOneDeviceOfOneCodeWhoeverIsFirst() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (int round = 0; round < 50; round++) {
        House raced = new House();
        CredentialId code = raced.invite(NINA).code().id();
        CyclicBarrier start = new CyclicBarrier(2);
        List<Future<EnrolmentResult>> tries = new ArrayList<>();
        for (String key : List.of("one", "two")) {
          tries.add(
              threads.submit(
                  () -> {
                    start.await(10, TimeUnit.SECONDS);
                    return raced.redeem(NINA, code, "csr:" + key);
                  }));
        }
        List<EnrolmentResult> results = new ArrayList<>();
        for (Future<EnrolmentResult> attempt : tries) {
          results.add(attempt.get(10, TimeUnit.SECONDS));
        }
        assertThat(results).hasAtLeastOneElementOfType(EnrolmentResult.Enrolled.class);
        assertThat(results).hasAtLeastOneElementOfType(EnrolmentResult.Dead.class);
        assertThat(raced.account(NINA).devices()).hasSize(1);
      }
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "30.C",
      rule = "one code makes one device, at the same moment too")
  void givesBothTriesOfOneDeviceTheSameCertificate() throws Exception {
    CredentialId code = house.invite(NINA).code().id();
    List<EnrolmentResult> inner = new ArrayList<>();
    house.at(
        Waypoint.BEFORE_REDEMPTION, () -> inner.add(house.redeem(NINA, code, "csr:phone:retry")));

    EnrolmentResult.Enrolled outer = enrolled(house.redeem(NINA, code, "csr:phone"));

    assertThat(outer.leaf()).isEqualTo(enrolled(inner.getFirst()).leaf());
    assertThat(house.account(NINA).devices()).hasSize(1);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "30.C",
      rule = "a crash before the commit leaves the code alone")
  void leavesTheCodeAloneWhenItStopsBeforeTheCommit() {
    CredentialId code = house.invite(NINA).code().id();
    house.at(
        Waypoint.BEFORE_REDEMPTION,
        () -> {
          throw new IllegalStateException("halted");
        });

    assertThatThrownBy(() -> house.redeem(NINA, code, "csr:phone")).hasMessage("halted");
    assertThat(house.account(NINA).devices()).isEmpty();
    enrolled(house.redeem(NINA, code, "csr:phone"));
  }

  @Test
  @Spec(doc = "latchkey", section = "8", rule = "a crash after the commit loses only the answer")
  void losesOnlyTheAnswerWhenItStopsAfterTheCommit() {
    CredentialId code = house.invite(NINA).code().id();
    house.at(
        Waypoint.REDEEMED,
        () -> {
          throw new IllegalStateException("halted");
        });

    assertThatThrownBy(() -> house.redeem(NINA, code, "csr:phone")).hasMessage("halted");
    assertThat(house.account(NINA).devices()).hasSize(1);
    enrolled(house.redeem(NINA, code, "csr:phone"));
    assertThat(house.account(NINA).devices()).hasSize(1);
  }

  @Test
  @Spec(doc = "latchkey", section = "24", rule = "a key is known once in an account")
  void refusesAKeyThatTheAccountKnows() {
    Acting phone = house.firstDevice(NINA, "phone");
    CredentialId code = House.issued(house.codes.issue(phone, House.wish(Purpose.OWN))).id();

    assertThat(fault(house.redeem(NINA, code, "csr:phone"))).isEqualTo(RequestFault.KEY_IN_USE);
    assertThat(house.isLive(NINA, code)).isTrue();
  }

  @Test
  void locksToTheResourceOfTheCode() {
    CredentialId code = lockedCode();

    Device bot = enrolled(house.redeem(NINA, code, "csr:bot")).device();

    assertThat(bot.resourceLock()).contains(KITCHEN);
  }

  @Test
  void refusesAnotherResourceThanTheCodes() {
    CredentialId code = lockedCode();

    assertThat(fault(redeemAs(code, "csr:bot", new Resource("phone"))))
        .isEqualTo(RequestFault.BAD_NAME);
    assertThat(enrolled(redeemAs(code, "csr:bot", KITCHEN)).device().resourceLock())
        .contains(KITCHEN);
  }

  @Test
  @Spec(doc = "latchkey", section = "36", rule = "a resource is checked again at redemption")
  void refusesAResourceThatWasTakenSinceTheCodeWasIssued() {
    CredentialId code = lockedCode();
    CredentialId rival = house.invite(NINA).code().id();
    enrolled(redeemAs(rival, "csr:rival", KITCHEN));

    assertThat(fault(house.redeem(NINA, code, "csr:bot"))).isEqualTo(RequestFault.RESOURCE_IN_USE);
  }

  @Test
  @Spec(doc = "latchkey", section = "36", rule = "not before the sessions of its holder are dead")
  void refusesAResourceUntilTheConnectionsOfItsRevokedHolderAreGone() {
    Acting phone = house.firstDevice(NINA, "phone");
    Acting bot = house.child(phone, Purpose.BOT, "bot");
    house.sessions.bound.put(KITCHEN, bot.device());
    CredentialId code = house.invite(NINA).code().id();
    List<EnrolmentResult> between = new ArrayList<>();
    house.at(Waypoint.REVOKED, () -> between.add(redeemAs(code, "csr:next", KITCHEN)));

    house.revocation.revoke(phone, bot.device(), false, Optional.empty());

    assertThat(fault(between.getFirst())).isEqualTo(RequestFault.RESOURCE_IN_USE);
    enrolled(redeemAs(code, "csr:next", KITCHEN));
  }

  @Test
  @Spec(doc = "latchkey", section = "26", rule = "names of devices are unique in an account")
  void numbersNamesThatAreTaken() {
    assertThat(named("Phone", "a")).isEqualTo("Phone");
    assertThat(named("Phone", "b")).isEqualTo("Phone (2)");
    assertThat(named("phone", "c")).isEqualTo("phone (3)");
    assertThat(named("x".repeat(64), "d")).hasSize(64);
    assertThat(named("x".repeat(64), "e")).hasSize(64).endsWith(" (2)");
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "26",
      rule = "1 to 64 code points, no bidi or control characters")
  void refusesNamesThatAreNone() {
    CredentialId code = house.invite(NINA).code().id();
    for (String name :
        List.of("", " ", "x".repeat(65), "a\u202eb", "a\u0000b", "a\nb", "a\u200fb", "\ud800")) {
      EnrolmentResult result =
          house.enrolment.redeem(
              new Redemption(
                  house.id(NINA),
                  code,
                  Bytes.utf8("csr:phone"),
                  NameWish.of(name),
                  Optional.empty(),
                  true));
      assertThat(fault(result)).as(name).isEqualTo(RequestFault.BAD_NAME);
    }
  }

  @Test
  void namesADeviceByItselfOrItsCodeOrNeither() {
    InviteResult.Invited invited =
        (InviteResult.Invited) house.codes.invite(NINA, Optional.of("Nina's phone"), House.WEEK);
    assertThat(enrolled(house.redeem(NINA, invited.code().code().id(), "csr:a")).device().name())
        .isEqualTo("Nina's phone");
    assertThat(named("Own name", "b")).isEqualTo("Own name");
    assertThat(house.device(house.firstDevice(NINA, "c")).name()).isEqualTo("Device");
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "26",
      rule = "a device's name is its person's, its code's, its machine's")
  void namesADeviceByItsPersonThenItsCodeThenItsMachine() {
    Optional<String> code = Optional.of("Tablet");
    Optional<String> machine = Optional.of("nina-pc");
    assertThat(calledByCode(code, new NameWish(Optional.of("Kitchen"), machine), "a"))
        .isEqualTo("Kitchen");
    assertThat(calledByCode(code, new NameWish(Optional.empty(), machine), "b"))
        .isEqualTo("Tablet");
    assertThat(calledByCode(Optional.empty(), new NameWish(Optional.empty(), machine), "c"))
        .isEqualTo("nina-pc");
    assertThat(
            calledByCode(
                Optional.empty(), new NameWish(Optional.empty(), Optional.of("a\u202eb")), "d"))
        .as("nobody chose what the machine says of itself")
        .isEqualTo("Device");
  }

  private String calledByCode(Optional<String> ofCode, NameWish wish, String key) {
    CredentialId code =
        ((InviteResult.Invited) house.codes.invite(NINA, ofCode, House.WEEK)).code().code().id();
    return enrolled(
            house.enrolment.redeem(
                new Redemption(
                    house.id(NINA), code, Bytes.utf8("csr:" + key), wish, Optional.empty(), true)))
        .device()
        .name();
  }

  @Test
  @Spec(doc = "latchkey", section = "15", rule = "at most 8 redeemed codes wait for their devices")
  void refusesTheNinthUnusedRedemption() {
    for (int i = 0; i < 8; i++) {
      house.firstDevice(NINA, "key" + i);
    }
    CredentialId code = house.invite(NINA).code().id();

    assertThat(fault(house.redeem(NINA, code, "csr:ninth"))).isEqualTo(RequestFault.QUOTA);
    house.clock.advance(Duration.ofHours(24));
    enrolled(house.redeem(NINA, code, "csr:ninth"));
  }

  @Test
  void refusesARequestWhereSigningIsSwitchedOff() {
    House off = new House(EnrolmentPolicy.STANDARD.withSigning(false));
    CredentialId code = off.invite(NINA).code().id();

    assertThat(fault(off.redeem(NINA, code, "csr:phone"))).isEqualTo(RequestFault.FORBIDDEN);
  }

  @Test
  @Spec(doc = "latchkey", section = "30.C", rule = "a code for one certificate is for no other key")
  void refusesARequestUnderACodeForOneCertificate() {
    Acting phone = house.firstDevice(NINA, "phone");
    IssueRequest pinned =
        new IssueRequest(
            Purpose.BOT,
            Optional.empty(),
            Optional.empty(),
            Optional.of(Bytes.utf8("cert:bot:").sha256()),
            Duration.ofMinutes(10),
            Optional.empty());
    CredentialId code = House.issued(house.codes.issue(phone, pinned)).id();

    assertThat(fault(house.redeem(NINA, code, "csr:thief"))).isEqualTo(RequestFault.FORBIDDEN);
  }

  private String named(String name, String key) {
    CredentialId code = house.invite(NINA).code().id();
    EnrolmentResult result =
        house.enrolment.redeem(
            new Redemption(
                house.id(NINA),
                code,
                Bytes.utf8("csr:" + key),
                NameWish.of(name),
                Optional.empty(),
                true));
    return enrolled(result).device().name();
  }

  private CredentialId lockedCode() {
    Acting phone = house.firstDevice(NINA, "phone");
    IssueRequest wish =
        new IssueRequest(
            Purpose.BOT,
            Optional.empty(),
            Optional.of(KITCHEN),
            Optional.empty(),
            Duration.ofMinutes(10),
            Optional.empty());
    return House.issued(house.codes.issue(phone, wish)).id();
  }

  private EnrolmentResult redeemAs(CredentialId code, String request, Resource resource) {
    return house.enrolment.redeem(
        new Redemption(
            house.id(NINA), code, Bytes.utf8(request), NameWish.NONE, Optional.of(resource), true));
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import static dev.latchkey.devices.House.MALLORY;
import static dev.latchkey.devices.House.NINA;
import static dev.latchkey.devices.House.WEEK;
import static dev.latchkey.devices.House.wish;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.Permission;
import dev.latchkey.credential.Permissions;
import dev.latchkey.credential.Resource;
import dev.latchkey.credential.Verifier;
import dev.latchkey.testkit.Spec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class OneTimeCodesTest {
  private final House house = new House();

  @Test
  @Spec(doc = "latchkey", section = "60", rule = "an invited account is unknown until redemption")
  void reservesTheAccountThatItInvites() {
    OperatorCode code = house.invite(NINA);

    assertThat(code.created()).isTrue();
    assertThat(house.accounts.status(NINA)).contains(AccountStatus.RESERVED);
    assertThat(house.accounts.exists(NINA)).isFalse();
    assertThat(code.code().expires()).isEqualTo(house.clock.instant().plus(WEEK));
    assertThat(house.history(NINA))
        .containsExactly(EventKind.ACCOUNT_CREATED, EventKind.TOKEN_ISSUED);
  }

  @Test
  void invitesIntoTheSameAccountAgain() {
    OperatorCode first = house.invite(NINA);
    AccountId account = house.id(NINA);
    OperatorCode second = house.invite(NINA);

    assertThat(second.created()).isFalse();
    assertThat(house.id(NINA)).isEqualTo(account);
    assertThat(house.isLive(NINA, first.code().id())).isTrue();
    assertThat(house.isLive(NINA, second.code().id())).isTrue();
  }

  @Test
  @Spec(doc = "latchkey", section = "60", rule = "expiry of its codes frees the name")
  @Spec(doc = "latchkey", section = "4", rule = "an account made again has a new id")
  void givesALapsedNameToANewAccount() {
    OperatorCode lapsed = house.invite(NINA);
    AccountId before = house.id(NINA);
    house.clock.advance(WEEK);

    OperatorCode again = house.invite(NINA);

    assertThat(again.created()).isTrue();
    assertThat(house.id(NINA)).isNotEqualTo(before);
    assertThat(
            house.enrolment.redeem(
                new Redemption(
                    before,
                    lapsed.code().id(),
                    Bytes.utf8("csr:thief"),
                    NameWish.NONE,
                    Optional.empty(),
                    true)))
        .isInstanceOf(EnrolmentResult.Dead.class);
  }

  @Test
  void makesOneAccountForTwoInvitationsAtTheSameMoment() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (int round = 0; round < 20; round++) {
        House raced = new House();
        CyclicBarrier start = new CyclicBarrier(2);
        Callable<Boolean> invite =
            () -> {
              start.await(10, TimeUnit.SECONDS);
              return raced.invite(NINA).created();
            };
        Future<Boolean> one = threads.submit(invite);
        Future<Boolean> two = threads.submit(invite);
        assertThat(List.of(one.get(10, TimeUnit.SECONDS), two.get(10, TimeUnit.SECONDS)))
            .containsExactlyInAnyOrder(true, false);
        assertThat(raced.store.accounts()).hasSize(1);
        assertThat(raced.account(NINA).credentials()).hasSize(2);
      }
    }
  }

  @Test
  void keepsTheNameOfAnAccountThatWasRedeemed() {
    house.firstDevice(NINA, "phone");
    AccountId account = house.id(NINA);
    house.clock.advance(WEEK.multipliedBy(100));

    assertThat(house.invite(NINA).created()).isFalse();
    assertThat(house.id(NINA)).isEqualTo(account);
  }

  @Test
  @Spec(doc = "latchkey", section = "15", rule = "at most 8 open codes in an account")
  void refusesTheNinthOpenCode() {
    for (int i = 0; i < 8; i++) {
      house.invite(NINA);
    }

    assertThat(house.codes.invite(NINA, Optional.empty(), WEEK))
        .isEqualTo(new InviteResult.Refused(Refusal.RESOURCE_CONSTRAINT));
    assertThat(house.invite(MALLORY).created()).isTrue();
    house.clock.advance(WEEK);
    assertThat(house.codes.invite(NINA, Optional.empty(), WEEK))
        .isInstanceOf(InviteResult.Invited.class);
  }

  @Test
  @Spec(doc = "latchkey", section = "15", rule = "at most 8 open codes in an account")
  void refusesADeviceTheNinthOpenCode() {
    Acting phone = house.firstDevice(NINA, "phone");
    for (int i = 0; i < 8; i++) {
      House.issued(house.codes.issue(phone, wish(Purpose.OWN)));
    }

    assertThat(house.codes.issue(phone, wish(Purpose.OWN)))
        .isEqualTo(new IssueResult.Refused(Refusal.RESOURCE_CONSTRAINT));
  }

  @Test
  void refusesLivesThatThePolicyDoesNotAllow() {
    for (Duration life : new Duration[] {Duration.ZERO, Duration.ofDays(-1), Duration.ofDays(31)}) {
      assertThat(house.codes.invite(NINA, Optional.empty(), life))
          .isEqualTo(new InviteResult.Refused(Refusal.BAD_LIFE));
    }
    assertThat(house.store.accounts()).isEmpty();
  }

  @Test
  void refusesNamesThatAreNone() {
    assertThat(house.codes.invite(NINA, Optional.of("tablet\u202egnp.exe"), WEEK))
        .isEqualTo(new InviteResult.Refused(Refusal.BAD_NAME));
    assertThat(house.store.accounts()).isEmpty();
  }

  @Test
  void issuesNothingWhereCodesAreSwitchedOff() {
    House off = new House(EnrolmentPolicy.STANDARD.withCodes(false));

    assertThat(off.codes.invite(NINA, Optional.empty(), WEEK))
        .isEqualTo(new InviteResult.Refused(Refusal.SWITCHED_OFF));
  }

  @Test
  @Spec(doc = "latchkey", section = "33", rule = "an operator's code gives all flags")
  void givesAnOperatorsCodeEveryPermissionAndNoIssuer() {
    Verifier.Grant grant = grant(house.invite(NINA).code());

    assertThat(grant.allow()).isEqualTo(Permissions.ALL);
    assertThat(grant.issuer()).isEmpty();
  }

  @Test
  @Spec(doc = "latchkey", section = "31", rule = "an own device gets enroll and manage")
  void givesAnOwnDeviceEnrollAndManage() {
    Acting phone = house.firstDevice(NINA, "phone");

    Verifier.Grant grant = grant(House.issued(house.codes.issue(phone, wish(Purpose.OWN))));

    assertThat(grant.allow()).isEqualTo(Permissions.of(Permission.ENROLL, Permission.MANAGE));
    assertThat(grant.issuer()).contains(new Verifier.Issuer(phone.device(), phone.generation()));
  }

  @Test
  @Spec(doc = "latchkey", section = "31", rule = "a bot gets no flags")
  void givesABotNothingWhateverIsAskedFor() {
    Acting phone = house.firstDevice(NINA, "phone");

    Verifier.Grant grant =
        grant(House.issued(house.codes.issue(phone, allowing(Purpose.BOT, Permissions.ALL))));

    assertThat(grant.allow()).isEqualTo(Permissions.NONE);
  }

  @Test
  @Spec(doc = "latchkey", section = "31", rule = "nobody grants a flag he lacks")
  void refusesToGrantWhatTheIssuerLacks() {
    Acting phone = house.firstDevice(NINA, "phone");
    Acting tablet = house.child(phone, Purpose.OWN, "tablet");

    Verifier.Grant grant =
        grant(House.issued(house.codes.issue(tablet, allowing(Purpose.OWN, Permissions.ALL))));

    assertThat(grant.allow()).isEqualTo(Permissions.of(Permission.ENROLL, Permission.MANAGE));
  }

  @Test
  @Spec(doc = "latchkey", section = "30.E", rule = "issuing needs enroll")
  void refusesToIssueForADeviceThatMayNotEnroll() {
    Acting bot = house.child(house.firstDevice(NINA, "phone"), Purpose.BOT, "bot");

    assertThat(house.codes.issue(bot, wish(Purpose.BOT)))
        .isEqualTo(new IssueResult.Refused(Refusal.FORBIDDEN, Optional.of(Permission.ENROLL)));
  }

  @Test
  @Spec(doc = "latchkey", section = "39", rule = "what is derived needs a live device")
  void refusesToIssueForARevokedDevice() {
    Acting phone = house.firstDevice(NINA, "phone");
    house.revocation.revokeByOperator(NINA, phone.device(), false, Optional.empty(), true);

    assertThat(house.codes.issue(phone, wish(Purpose.OWN)))
        .isEqualTo(new IssueResult.Refused(Refusal.FORBIDDEN));
    assertThat(
            house.codes.issue(
                new Acting(phone.account(), phone.device(), phone.generation() + 1),
                wish(Purpose.OWN)))
        .isEqualTo(new IssueResult.Refused(Refusal.FORBIDDEN));
  }

  @Test
  void refusesToIssueForADeviceUnderAnotherAccount() {
    Acting mallory = house.firstDevice(MALLORY, "mallory");
    house.firstDevice(NINA, "phone");

    Acting crossed = new Acting(house.id(NINA), mallory.device(), mallory.generation());

    assertThat(house.codes.issue(crossed, wish(Purpose.OWN)))
        .isEqualTo(new IssueResult.Refused(Refusal.FORBIDDEN));
  }

  @Test
  @Spec(doc = "latchkey", section = "36", rule = "a resource in use is refused at issue")
  void refusesAResourceThatAnotherDeviceHas() {
    Acting phone = house.firstDevice(NINA, "phone");
    Resource kitchen = new Resource("kitchen-bot");
    house.sessions.bound.put(kitchen, phone.device());

    assertThat(house.codes.issue(phone, locking(kitchen)))
        .isEqualTo(new IssueResult.Refused(Refusal.CONFLICT));
    house.sessions.bound.clear();
    assertThat(House.issued(house.codes.issue(phone, locking(kitchen))).resource())
        .contains(kitchen);
  }

  @Test
  void refusesAPinThatIsNoHashAndACodeForItself() {
    Acting phone = house.firstDevice(NINA, "phone");
    IssueRequest own = wish(Purpose.OWN);

    assertThat(
            house.codes.issue(
                phone,
                new IssueRequest(
                    own.purpose(),
                    own.name(),
                    own.resource(),
                    Optional.of(Bytes.utf8("short")),
                    own.ttl(),
                    own.allow())))
        .isEqualTo(new IssueResult.Refused(Refusal.BAD_REQUEST));
    assertThat(house.codes.issue(phone, wish(Purpose.THIS)))
        .isEqualTo(new IssueResult.Refused(Refusal.BAD_REQUEST));
  }

  private Verifier.Grant grant(IssuedCode code) {
    Credential credential = house.credential(NINA, code.id());
    return ((Verifier.OneTime) credential.verifier()).grant();
  }

  private static IssueRequest allowing(Purpose purpose, Permissions allow) {
    return new IssueRequest(
        purpose,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Duration.ofMinutes(10),
        Optional.of(allow));
  }

  private static IssueRequest locking(Resource resource) {
    return new IssueRequest(
        Purpose.BOT,
        Optional.empty(),
        Optional.of(resource),
        Optional.empty(),
        Duration.ofMinutes(10),
        Optional.empty());
  }
}

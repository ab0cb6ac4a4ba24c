// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import static dev.latchkey.devices.House.MALLORY;
import static dev.latchkey.devices.House.NINA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Event;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.Waypoint;
import dev.latchkey.credential.Withdrawal;
import dev.latchkey.testkit.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class AccountStatesTest {
  private final House house = new House();
  private final Acting phone = house.firstDevice(NINA, "phone");
  private final Acting tablet = house.child(phone, Purpose.OWN, "tablet");
  private final AccountId nina = house.id(NINA);

  private AccountSnapshot now() {
    return house.store.find(nina).orElseThrow();
  }

  private static AccountStateResult.Done done(AccountStateResult result) {
    assertThat(result).isInstanceOf(AccountStateResult.Done.class);
    return (AccountStateResult.Done) result;
  }

  @Test
  void knowsNobodyElse() {
    assertThat(house.states.disable(MALLORY)).isEqualTo(new AccountStateResult.NotFound());
    assertThat(house.states.enable(MALLORY)).isEqualTo(new AccountStateResult.NotFound());
    assertThat(house.states.delete(MALLORY)).isEqualTo(new AccountStateResult.NotFound());
    assertThat(house.sessions.ended).isEmpty();
    assertThat(house.sessions.endedAccounts()).isEmpty();
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 60", rule = "an invited account is not in use yet")
  void neitherDisablesNorEnablesWhoWasOnlyInvited() {
    house.invite(MALLORY);
    assertThat(house.states.disable(MALLORY)).isEqualTo(new AccountStateResult.OnlyInvited());
    assertThat(house.states.enable(MALLORY)).isEqualTo(new AccountStateResult.OnlyInvited());
    assertThat(house.account(MALLORY).account().status()).isEqualTo(AccountStatus.RESERVED);
  }

  @Test
  void disabledAccountSignsNobodyInUntilItIsEnabled() {
    List<AccountId> endedBefore = new ArrayList<>();
    house.at(Waypoint.REVOKED, () -> endedBefore.addAll(house.sessions.endedAccounts()));

    assertThat(done(house.states.disable(NINA)))
        .isEqualTo(new AccountStateResult.Done(nina, AccountStatus.DISABLED, List.of()));

    assertThat(endedBefore).isEmpty();
    assertThat(house.sessions.endedAccounts()).containsExactly(nina);
    assertThat(house.signIn(phone)).isInstanceOf(SignInOutcome.Refused.class);
    assertThat(house.codes.issue(phone, House.wish(Purpose.OWN)))
        .isInstanceOf(IssueResult.Refused.class);

    assertThat(done(house.states.enable(NINA)).status()).isEqualTo(AccountStatus.ACTIVE);
    assertThat(house.signIn(phone)).isInstanceOf(SignInOutcome.Accepted.class);
    assertThat(house.device(phone).generation()).isEqualTo(phone.generation());
    assertThat(house.history(NINA))
        .containsSubsequence(EventKind.ACCOUNT_DISABLED, EventKind.ACCOUNT_ENABLED);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 40",
      rule = "A key whose device counted on unseen may be far ahead, once")
  void clientKeysThatCountedOnWhileItWasDisabledWorkAgain() {
    CredentialId key = Keys.register(house, phone, "key").credential();
    house.states.disable(NINA);
    house.states.enable(NINA);

    House.accepted(house.signIns.accept(house.counted(phone, key, 1000)));
    assertThat(house.signIns.accept(house.counted(phone, key, 1001 + 64)))
        .isInstanceOf(SignInOutcome.Refused.class);
    House.accepted(house.signIns.accept(house.counted(phone, key, 1001)));
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "39",
      rule = "who may be cut off has no connection, also if the store cannot say it")
  void endsTheConnectionsAlsoIfTheStoreFailsOnceItIsWritten() {
    house.counting.logIsFull = true;

    assertThatThrownBy(() -> house.states.disable(NINA)).hasMessageContaining("no space");
    assertThat(now().account().status()).isEqualTo(AccountStatus.DISABLED);
    assertThat(house.sessions.endedAccounts()).containsExactly(nina);

    assertThatThrownBy(() -> house.states.delete(NINA)).hasMessageContaining("no space");
    assertThat(house.sessions.endedDevices())
        .containsExactlyInAnyOrder(phone.device(), tablet.device());
  }

  @Test
  void enablingWhatIsEnabledLeavesTheCountersAlone() {
    CredentialId key = Keys.register(house, phone, "key").credential();
    house.states.enable(NINA);
    assertThat(house.signIns.accept(house.counted(phone, key, 64)))
        .isInstanceOf(SignInOutcome.Refused.class);
  }

  @Test
  void revivesNoKeyOfADeviceThatWasRevoked() {
    CredentialId key = Keys.register(house, tablet, "key").credential();
    house.revocation.revokeByOperator(NINA, tablet.device(), false, Optional.empty(), true);
    house.states.disable(NINA);
    house.states.enable(NINA);
    assertThat(house.isLive(NINA, key)).isFalse();
  }

  @Test
  void answersTheSameAgainAndEndsWhatIsLeft() {
    house.states.disable(NINA);
    long version = now().account().version();
    done(house.states.disable(NINA));
    assertThat(now().account().version()).isEqualTo(version);
    assertThat(house.sessions.endedAccounts()).containsExactly(nina, nina);
    house.states.enable(NINA);
    version = now().account().version();
    done(house.states.enable(NINA));
    assertThat(now().account().version()).isEqualTo(version);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 4",
      rule = "removal revokes all devices in the same transaction")
  void deletingRevokesEveryDeviceInTheSameCommit() {
    Acting gone = house.child(phone, Purpose.BOT, "bot");
    house.revocation.revoke(phone, gone.device(), false, Optional.empty());
    IssuedCode open = House.issued(house.codes.issue(tablet, House.wish(Purpose.OWN)));
    house.sessions.ended.clear();
    long version = now().account().version();

    AccountStateResult.Done result = done(house.states.delete(NINA));

    assertThat(result)
        .isEqualTo(
            new AccountStateResult.Done(
                nina, AccountStatus.DELETED, List.of(phone.device(), tablet.device())));
    assertThat(now().account().version()).isEqualTo(version + 1);
    assertThat(now().account().status()).isEqualTo(AccountStatus.DELETED);
    assertThat(now().devices()).allMatch(device -> device.status() == DeviceStatus.REVOKED);
    assertThat(house.device(phone).generation()).isEqualTo(phone.generation() + 1);
    assertThat(now().credentials())
        .noneMatch(credential -> now().isLive(credential, house.clock.instant()))
        .noneMatch(credential -> credential.status() == CredentialStatus.ACTIVE);
    assertThat(house.sessions.endedDevices())
        .containsExactlyInAnyOrder(phone.device(), tablet.device(), gone.device());
    assertThat(house.store.withdrawals())
        .contains(
            new Withdrawal.OfDevice(phone.device(), phone.generation() + 1),
            new Withdrawal.OfDevice(tablet.device(), tablet.generation() + 1),
            new Withdrawal.OfCode(open.id()),
            new Withdrawal.OfAccount(nina));
    assertThat(house.store.events(nina, 0, 100))
        .extracting(Event::kind)
        .endsWith(
            EventKind.REVOKED, EventKind.REVOKED, EventKind.TOKEN_DEAD, EventKind.ACCOUNT_DELETED);
    assertThat(house.states.delete(NINA)).isEqualTo(new AccountStateResult.NotFound());
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 4", rule = "a re-created account has a new id")
  void theNameCanBeGivenAwayAgainWithNothingOfTheOldAccount() {
    house.states.delete(NINA);
    OperatorCode again = house.invite(NINA);
    assertThat(again.created()).isTrue();
    assertThat(house.id(NINA)).isNotEqualTo(nina);
    assertThat(house.account(NINA).devices()).isEmpty();
    assertThat(house.signIn(phone)).isInstanceOf(SignInOutcome.Refused.class);
    assertThat(house.history(NINA))
        .containsExactly(EventKind.ACCOUNT_CREATED, EventKind.TOKEN_ISSUED);
  }

  @Test
  void deletingTakesAnInvitationBack() {
    OperatorCode code = house.invite(MALLORY);
    AccountId mallory = house.id(MALLORY);
    assertThat(done(house.states.delete(MALLORY)).revoked()).isEmpty();
    assertThat(house.store.find(mallory).orElseThrow().credential(code.code().id()).orElseThrow())
        .extracting(credential -> credential.status())
        .isEqualTo(CredentialStatus.REVOKED);
    assertThat(house.accounts.find(MALLORY)).isEmpty();
  }

  @Test
  void deletesADisabledAccount() {
    house.states.disable(NINA);
    assertThat(done(house.states.delete(NINA)).revoked()).hasSize(2);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 39", rule = "decides again on what changed meanwhile")
  void alsoRevokesADeviceThatCameInMeanwhile() {
    house.at(
        Waypoint.BEFORE_REVOCATION,
        () -> {
          var _ = house.child(phone, Purpose.OWN, "late");
        });
    assertThat(done(house.states.delete(NINA)).revoked()).hasSize(3);
    assertThat(now().devices()).allMatch(device -> device.status() == DeviceStatus.REVOKED);
    assertThat(house.sessions.ended).hasSize(3);
  }

  @Test
  void doesNotDeleteWhoGotTheNameMeanwhile() {
    house.at(
        Waypoint.BEFORE_REVOCATION,
        () -> {
          house.states.delete(NINA);
          var _ = house.invite(NINA);
        });
    assertThat(house.states.delete(NINA)).isEqualTo(new AccountStateResult.NotFound());
    assertThat(house.account(NINA).account().status()).isEqualTo(AccountStatus.RESERVED);
  }
}

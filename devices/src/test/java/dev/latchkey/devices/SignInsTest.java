// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import static dev.latchkey.devices.House.MALLORY;
import static dev.latchkey.devices.House.NINA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.Actor;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.Verifier;
import dev.latchkey.testkit.Spec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SignInsTest {
  private final House house = new House();
  private final CredentialId code = house.invite(NINA).code().id();
  private final Acting phone =
      House.acting(House.enrolled(house.redeem(NINA, code, "csr:phone")).device());

  @Test
  @Spec(doc = "latchkey", section = "8", rule = "the first sign-in ends the code")
  void endsTheCodeAtTheFirstSignIn() {
    SignInOutcome.Accepted first = (SignInOutcome.Accepted) house.signIn(phone);

    assertThat(first.firstUse()).isTrue();
    assertThat(first.account().account().jid()).isEqualTo(NINA);
    assertThat(((Verifier.Certificate) first.credential().verifier()).used()).isTrue();
    assertThat(house.credential(NINA, code).status()).isEqualTo(CredentialStatus.SUPERSEDED);
    assertThat(house.history(NINA)).last().isEqualTo(EventKind.FIRST_USED);
    assertThat(house.device(phone).lastSeen()).contains(house.clock.instant());
  }

  @Test
  void changesOnlyTheLastSeenAtTheNext() {
    house.signIn(phone);
    long version = house.account(NINA).account().version();
    house.clock.advance(Duration.ofHours(1));

    SignInOutcome.Accepted next = (SignInOutcome.Accepted) house.signIn(phone);

    assertThat(next.firstUse()).isFalse();
    assertThat(house.account(NINA).account().version()).isEqualTo(version);
    assertThat(house.device(phone).lastSeen()).contains(house.clock.instant());
    assertThat(house.history(NINA)).containsOnlyOnce(EventKind.FIRST_USED);
  }

  @Test
  void leavesTheCodesOfOtherDevicesAlone() {
    CredentialId other = house.invite(NINA).code().id();
    house.redeem(NINA, other, "csr:tablet");

    house.signIn(phone);

    assertThat(house.credential(NINA, other).status()).isEqualTo(CredentialStatus.REDEEMED);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "39",
      rule = "status and generation are the commit's precondition")
  void refusesADeviceThatWasRevokedSinceItsProof() {
    SignIn proven = proven(phone);
    house.revocation.revokeByOperator(NINA, phone.device(), false, Optional.empty(), true);

    assertThat(house.signIns.accept(proven)).isInstanceOf(SignInOutcome.Refused.class);
    assertThat(house.device(phone).lastSeen()).isEmpty();
  }

  @Test
  void refusesExpiredAndForeignCredentialsAndOtherGenerations() {
    Acting mallory = house.firstDevice(MALLORY, "mallory");
    SignIn good = proven(phone);

    for (SignIn wrong :
        List.of(
            house.proven(phone, house.certificateOf(mallory).id()),
            house.proven(
                new Acting(phone.account(), mallory.device(), 0), house.certificateOf(phone).id()),
            house.proven(
                new Acting(phone.account(), phone.device(), phone.generation() + 1),
                house.certificateOf(phone).id()),
            house.proven(phone, code))) {
      assertThat(house.signIns.accept(wrong)).isInstanceOf(SignInOutcome.Refused.class);
    }
    house.clock.advance(Duration.ofDays(90));
    assertThat(house.signIns.accept(good)).isInstanceOf(SignInOutcome.Refused.class);
  }

  @Test
  void refusesADeviceOfADisabledAccount() {
    Account account = house.account(NINA).account();
    house.store.commit(
        house
            .account(NINA)
            .edit(new Actor.Operator(), house.clock.instant())
            .put(account.withStatus(AccountStatus.DISABLED))
            .changes());

    assertThat(house.signIn(phone)).isInstanceOf(SignInOutcome.Refused.class);
  }

  private SignIn proven(Acting device) {
    return house.proven(device, house.certificateOf(device).id());
  }
}

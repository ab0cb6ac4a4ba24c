// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import static dev.latchkey.devices.House.NINA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.Actor;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceOrigin;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.Permissions;
import dev.latchkey.testkit.Spec;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class DevicePasswordsTest {
  private final House house = new House();

  @Test
  @Spec(doc = "latchkey", section = "17", rule = "the device of a password has no flags")
  void makesADeviceWithoutFlagsInAnAccountThatIsActiveAtOnce() {
    PasswordResult.Issued issued = issue("Printer");

    assertThat(issued.created()).isTrue();
    assertThat(house.accounts.status(NINA)).contains(AccountStatus.ACTIVE);
    Device device = house.account(NINA).device(issued.device()).orElseThrow();
    assertThat(device.permissions()).isEqualTo(Permissions.NONE);
    assertThat(device.origin()).isEqualTo(DeviceOrigin.OPERATOR);
    assertThat(device.name()).isEqualTo("Printer");
    assertThat(house.signIn(House.acting(device))).isInstanceOf(SignInOutcome.Accepted.class);
    assertThat(house.history(NINA))
        .containsExactly(EventKind.ACCOUNT_CREATED, EventKind.PASSWORD_ISSUED);
    assertThat(issued.toString()).doesNotContain(issued.password().canonical().revealText());
  }

  @Test
  void activatesAReservedAccountAndKeepsItsCode() {
    CredentialId code = house.invite(NINA).code().id();

    PasswordResult.Issued issued = issue("Printer");

    assertThat(issued.created()).isFalse();
    assertThat(house.accounts.exists(NINA)).isTrue();
    House.enrolled(house.redeem(NINA, code, "csr:phone"));
  }

  @Test
  @Spec(doc = "latchkey", section = "17", rule = "a device password lets nobody in")
  void letsNobodyIn() {
    Device printer = house.account(issue("Printer").account()).devices().getFirst();

    assertThat(house.codes.issue(House.acting(printer), House.wish(Purpose.BOT)))
        .isInstanceOf(IssueResult.Refused.class);
  }

  @Test
  @Spec(doc = "latchkey", section = "15", rule = "at most 20 device passwords in an account")
  void refusesTheTwentyFirst() {
    PasswordResult.Issued first = issue("Printer");
    for (int i = 1; i < 20; i++) {
      issue("Printer");
    }

    assertThat(house.passwords.issue(NINA, Optional.empty()))
        .isEqualTo(new PasswordResult.Refused(Refusal.RESOURCE_CONSTRAINT));
    house.revocation.revokeByOperator(NINA, first.device(), false, Optional.empty(), false);
    assertThat(house.passwords.issue(NINA, Optional.empty()))
        .isInstanceOf(PasswordResult.Issued.class);
  }

  @Test
  void refusesBadNamesAndDisabledAccounts() {
    issue("Printer");

    assertThat(house.passwords.issue(NINA, Optional.of("a\u202eb")))
        .isEqualTo(new PasswordResult.Refused(Refusal.BAD_NAME));
    house.store.commit(
        house
            .account(NINA)
            .edit(new Actor.Operator(), house.clock.instant())
            .put(house.account(NINA).account().withStatus(AccountStatus.DISABLED))
            .changes());
    assertThat(house.passwords.issue(NINA, Optional.empty()))
        .isEqualTo(new PasswordResult.Refused(Refusal.CONFLICT));
    assertThat(house.codes.invite(NINA, Optional.empty(), House.WEEK))
        .isEqualTo(new InviteResult.Refused(Refusal.CONFLICT));
  }

  private PasswordResult.Issued issue(String name) {
    return (PasswordResult.Issued) house.passwords.issue(NINA, Optional.of(name));
  }
}

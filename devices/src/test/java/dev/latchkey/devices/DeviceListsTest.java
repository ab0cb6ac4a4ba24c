// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import static dev.latchkey.devices.House.MALLORY;
import static dev.latchkey.devices.House.NINA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.Account;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Resource;
import dev.latchkey.testkit.Spec;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class DeviceListsTest {
  private final House house = new House();
  private final Acting phone = house.firstDevice(NINA, "phone");
  private final Acting bot = house.child(phone, Purpose.BOT, "bot");

  @Test
  void showsTheOperatorEveryDeviceRevokedOnesToo() {
    house.revocation.revoke(phone, bot.device(), false, Optional.empty());
    house.sessions.bound.put(new Resource("r"), phone.device());

    assertThat(house.lists.of(NINA).orElseThrow())
        .satisfiesExactly(
            first -> {
              assertThat(first.device().id()).isEqualTo(phone.device());
              assertThat(first.connected()).isTrue();
              assertThat(first.credentials()).containsExactly(house.certificateOf(phone));
            },
            second -> {
              assertThat(second.device().status()).isEqualTo(DeviceStatus.REVOKED);
              assertThat(second.connected()).isFalse();
            });
    assertThat(house.lists.of(MALLORY)).isEmpty();
  }

  @Test
  @Spec(doc = "latchkey", section = "30.E", rule = "details of others need manage")
  void showsADeviceThatMayNotManageOnlyItself() {
    assertThat(house.lists.forActing(bot))
        .extracting(entry -> entry.device().id())
        .containsExactly(bot.device());
    assertThat(house.lists.forActing(phone)).hasSize(2);
  }

  @Test
  void showsNothingToADeviceThatIsNoLongerLive() {
    house.revocation.revoke(phone, bot.device(), false, Optional.empty());

    assertThat(house.lists.forActing(bot)).isEmpty();
  }

  @Test
  void listsAccountsReservedOnesTooForTheOperator() {
    house.invite(MALLORY);

    assertThat(house.accounts.list()).extracting(Account::jid).containsExactly(MALLORY, NINA);
    assertThat(house.accounts.exists(MALLORY)).isFalse();
    assertThat(house.accounts.find(NINA).map(Account::id)).contains(phone.account());
  }

  @Test
  void showsEachKindOfCredentialButNoTokenThatIsGone() {
    Acting phone = house.passwordDevice(NINA);
    Keys.register(house, phone, "key");
    house.issue(phone, new AuthTokenWish("web", "pc", Optional.empty()));
    for (int i = 0; i < 3; i++) {
      house.issue(phone, House.token("HT-SHA-256-EXPR"));
    }
    assertThat(house.lists.of(NINA).orElseThrow())
        .filteredOn(entry -> entry.device().id().equals(phone.device()))
        .singleElement()
        .satisfies(
            entry ->
                assertThat(entry.credentials())
                    .extracting(Credential::kind)
                    .containsExactlyInAnyOrder(
                        CredentialKind.PASSWORD,
                        CredentialKind.CLIENT_KEY,
                        CredentialKind.AUTH_TOKEN,
                        CredentialKind.FAST));
  }
}

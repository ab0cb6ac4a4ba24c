// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import static dev.latchkey.devices.House.MALLORY;
import static dev.latchkey.devices.House.NINA;
import static dev.latchkey.devices.House.revoked;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Event;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.Permission;
import dev.latchkey.credential.Waypoint;
import dev.latchkey.credential.Withdrawal;
import dev.latchkey.testkit.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class RevocationTest {
  private final House house = new House();
  private final Acting phone = house.firstDevice(NINA, "phone");
  private final Acting tablet = house.child(phone, Purpose.OWN, "tablet");
  private final Acting bot = house.child(tablet, Purpose.BOT, "bot");

  @Test
  @Spec(
      doc = "latchkey",
      section = "1",
      rule = "revoking is of the device, with all it signs in by")
  @Spec(doc = "latchkey", section = "39", rule = "durable first, then the connections")
  void endsTheDeviceItsCredentialsAndItsConnections() {
    CredentialId certificate = house.certificateOf(tablet).id();
    List<List<RevokedDevice>> endedBefore = new ArrayList<>();
    house.at(Waypoint.REVOKED, () -> endedBefore.add(List.copyOf(house.sessions.ended)));

    RevocationResult.Revoked result = revoked(revoke(phone, tablet, false));

    assertThat(result.revoked()).containsExactly(tablet.device());
    assertThat(house.device(tablet).status()).isEqualTo(DeviceStatus.REVOKED);
    assertThat(house.device(tablet).generation()).isEqualTo(tablet.generation() + 1);
    assertThat(house.credential(NINA, certificate).status()).isEqualTo(CredentialStatus.REVOKED);
    assertThat(endedBefore).containsExactly(List.of());
    assertThat(house.sessions.ended)
        .containsExactly(new RevokedDevice(tablet.device(), tablet.generation() + 1));
    assertThat(house.store.withdrawals())
        .contains(new Withdrawal.OfDevice(tablet.device(), tablet.generation() + 1));
    assertThat(house.signIn(tablet)).isInstanceOf(SignInOutcome.Refused.class);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "39",
      rule = "who may be revoked has no connection, also if the store cannot say it")
  void endsTheConnectionsAlsoIfTheStoreFailsOnceItIsWritten() {
    house.counting.logIsFull = true;

    assertThatThrownBy(() -> revoke(phone, tablet, true)).hasMessageContaining("no space");

    assertThat(house.device(tablet).status()).isEqualTo(DeviceStatus.REVOKED);
    assertThat(house.sessions.endedDevices())
        .containsExactlyInAnyOrder(tablet.device(), bot.device());
  }

  @Test
  void writesTheReasonIntoTheHistoryOnOneLine() {
    house.revocation.revoke(
        phone, tablet.device(), false, Optional.of("lost\r\n2026 revoked phone" + "x".repeat(999)));

    Event event = house.store.events(house.id(NINA), 0, 100).getLast();
    assertThat(event.kind()).isEqualTo(EventKind.REVOKED);
    assertThat(event.reason().orElseThrow())
        .startsWith("lost  2026 revoked phone")
        .hasSizeLessThanOrEqualTo(200);
  }

  @Test
  @Spec(doc = "latchkey", section = "39", rule = "revoking again is no error")
  void answersTheSameAgain() {
    revoke(phone, tablet, false);
    int events = house.history(NINA).size();

    RevocationResult.Revoked again = revoked(revoke(phone, tablet, false));

    assertThat(again.revoked()).containsExactly(tablet.device());
    assertThat(house.history(NINA)).hasSize(events);
    assertThat(house.device(tablet).generation()).isEqualTo(tablet.generation() + 1);
    assertThat(house.sessions.ended)
        .containsOnly(new RevokedDevice(tablet.device(), tablet.generation() + 1));
  }

  @Test
  @Spec(doc = "latchkey", section = "32", rule = "without cascade, what is left is named")
  void namesTheDescendantsThatAreLeft() {
    RevocationResult.Revoked result = revoked(revoke(phone, tablet, false));

    assertThat(result.descendantsLeft()).extracting(Device::id).containsExactly(bot.device());
    assertThat(house.account(NINA).acting(bot.device(), bot.generation())).isPresent();
    assertThat(house.device(bot).parent()).contains(tablet.device());
  }

  @Test
  @Spec(doc = "latchkey", section = "32", rule = "a cascade may follow a revocation")
  void cascadesFromADeviceThatIsRevokedAlready() {
    revoke(phone, tablet, false);

    RevocationResult.Revoked result = revoked(revoke(phone, tablet, true));

    assertThat(result.revoked()).containsExactly(tablet.device(), bot.device());
    assertThat(result.descendantsLeft()).isEmpty();
    assertThat(house.device(bot).status()).isEqualTo(DeviceStatus.REVOKED);
  }

  @Test
  @Spec(doc = "latchkey", section = "32", rule = "a cascade is transitive")
  void cascadesOverRevokedDevicesInBetween() {
    revoke(phone, tablet, false);

    RevocationResult.Revoked result =
        revoked(
            house.revocation.revokeByOperator(NINA, phone.device(), true, Optional.empty(), true));

    assertThat(result.revoked()).containsExactly(phone.device(), bot.device());
  }

  @Test
  @Spec(doc = "latchkey", section = "32", rule = "a cascade spares who asks, and what is its own")
  void sparesTheActingDeviceItsAncestorsAndItsDescendants() {
    Acting laptop = house.child(tablet, Purpose.OWN, "laptop");
    Acting watch = house.child(laptop, Purpose.BOT, "watch");

    RevocationResult.Revoked result = revoked(revoke(laptop, phone, true));

    assertThat(result.revoked()).containsExactly(phone.device(), bot.device());
    assertThat(result.descendantsLeft())
        .extracting(Device::id)
        .containsExactlyInAnyOrder(tablet.device(), laptop.device(), watch.device());
    assertThat(house.device(tablet).parent()).isEmpty();
    assertThat(house.device(laptop).parent()).contains(tablet.device());
    assertThat(house.device(watch).parent()).contains(laptop.device());
    for (Acting spared : List.of(tablet, laptop, watch)) {
      assertThat(house.account(NINA).acting(spared.device(), spared.generation())).isPresent();
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "32", rule = "the new phone revokes the old one and stays")
  void letsTheNewPhoneRevokeTheOldOneWithEverythingElse() {
    RevocationResult.Revoked result = revoked(revoke(tablet, phone, true));

    assertThat(result.revoked()).containsExactly(phone.device());
    assertThat(house.device(tablet).parent()).isEmpty();
    assertThat(house.account(NINA).acting(tablet.device(), tablet.generation())).isPresent();
  }

  @Test
  @Spec(doc = "latchkey", section = "30.E", rule = "signing oneself out is always allowed")
  void letsADeviceRevokeItselfButNothingWithIt() {
    Acting child = house.child(tablet, Purpose.BOT, "other");

    RevocationResult.Revoked result = revoked(revoke(tablet, tablet, true));

    assertThat(result.revoked()).containsExactly(tablet.device());
    assertThat(result.descendantsLeft())
        .extracting(Device::id)
        .containsExactlyInAnyOrder(bot.device(), child.device());
    assertThat(house.device(bot).parent()).contains(tablet.device());
    assertThat(revoked(revoke(bot, bot, false)).revoked()).containsExactly(bot.device());
  }

  @Test
  void letsTheLastDeviceSignItselfOut() {
    Acting alone = house.firstDevice(MALLORY, "alone");

    assertThat(revoked(revoke(alone, alone, false)).revoked()).containsExactly(alone.device());
  }

  @Test
  @Spec(doc = "latchkey", section = "30.E", rule = "revoking others needs manage")
  void refusesADeviceThatMayNotManage() {
    RevocationResult missing =
        new RevocationResult.Refused(Refusal.FORBIDDEN, Optional.of(Permission.MANAGE));

    assertThat(revoke(bot, phone, false)).isEqualTo(missing);
    assertThat(house.revocation.revoke(bot, new DeviceId("dev-none"), false, Optional.empty()))
        .isEqualTo(missing);
    assertThat(house.sessions.ended).isEmpty();
  }

  @Test
  void findsNoDeviceOfAnotherAccount() {
    Acting mallory = house.firstDevice(MALLORY, "mallory");

    assertThat(revoke(mallory, phone, false)).isEqualTo(new RevocationResult.NotFound());
    assertThat(
            house.revocation.revokeByOperator(
                MALLORY, phone.device(), false, Optional.empty(), true))
        .isEqualTo(new RevocationResult.NotFound());
    assertThat(house.device(phone).status()).isEqualTo(DeviceStatus.ACTIVE);
  }

  @Test
  @Spec(doc = "latchkey", section = "39", rule = "the actor is live, of its session's generation")
  void refusesADeviceThatIsNoLongerLive() {
    revoke(phone, tablet, false);

    assertThat(revoke(tablet, phone, false))
        .isEqualTo(new RevocationResult.Refused(Refusal.FORBIDDEN));
    assertThat(revoke(tablet, tablet, false))
        .isEqualTo(new RevocationResult.Refused(Refusal.FORBIDDEN));
  }

  @Test
  @Spec(doc = "latchkey", section = "39", rule = "of two opposite revokes, the second loses")
  void letsOneOfTwoOppositeRevocationsWin() {
    List<RevocationResult> inner = new ArrayList<>();
    house.at(Waypoint.BEFORE_REVOCATION, () -> inner.add(revoke(tablet, phone, false)));

    RevocationResult outer = revoke(phone, tablet, false);

    assertThat(inner.getFirst()).isInstanceOf(RevocationResult.Revoked.class);
    assertThat(outer).isEqualTo(new RevocationResult.Refused(Refusal.FORBIDDEN));
    assertThat(house.device(tablet).status()).isEqualTo(DeviceStatus.ACTIVE);
  }

  @Test
  @Spec(doc = "latchkey", section = "39", rule = "of two opposite revokes, the second loses")
  void leavesOneDeviceWhenTwoRevokeEachOtherAtOnce() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (int round = 0; round < 50; round++) {
        House raced = new House();
        Acting one = raced.firstDevice(NINA, "one");
        Acting two = raced.child(one, Purpose.OWN, "two");
        CyclicBarrier start = new CyclicBarrier(2);
        List<Future<RevocationResult>> tries = new ArrayList<>();
        for (List<Acting> pair : List.of(List.of(one, two), List.of(two, one))) {
          tries.add(
              threads.submit(
                  () -> {
                    start.await(10, TimeUnit.SECONDS);
                    return raced.revocation.revoke(
                        pair.getFirst(), pair.getLast().device(), false, Optional.empty());
                  }));
        }
        List<RevocationResult> results = new ArrayList<>();
        for (Future<RevocationResult> attempt : tries) {
          results.add(attempt.get(10, TimeUnit.SECONDS));
        }
        assertThat(results).contains(new RevocationResult.Refused(Refusal.FORBIDDEN));
        assertThat(
                raced.account(NINA).devices().stream()
                    .filter(device -> device.status() == DeviceStatus.ACTIVE))
            .hasSize(1);
      }
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "39",
      rule = "a grandchild made in between is revoked too (I11)")
  void cascadesOverADeviceThatWasMadeInBetween() {
    house.at(Waypoint.BEFORE_REVOCATION, () -> house.child(tablet, Purpose.OWN, "behind"));

    RevocationResult.Revoked result = revoked(revoke(phone, tablet, true));

    assertThat(result.revoked()).hasSize(3).startsWith(tablet.device());
    assertThat(
            house.account(NINA).devices().stream()
                .filter(device -> device.status() == DeviceStatus.ACTIVE)
                .map(Device::id))
        .containsExactly(phone.device());
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "32",
      rule = "every revoke ends the unredeemed codes of its target")
  void endsTheCodesThatTheDeviceIssued() {
    CredentialId code = House.issued(house.codes.issue(tablet, House.wish(Purpose.OWN))).id();
    CredentialId other = House.issued(house.codes.issue(phone, House.wish(Purpose.OWN))).id();

    revoke(phone, tablet, false);

    assertThat(house.credential(NINA, code).status()).isEqualTo(CredentialStatus.REVOKED);
    assertThat(house.isLive(NINA, other)).isTrue();
    assertThat(house.history(NINA)).last().isEqualTo(EventKind.TOKEN_DEAD);
    assertThat(house.store.withdrawals()).contains(new Withdrawal.OfCode(code));
  }

  @Test
  void revokesTheLastDeviceForTheOperatorOnlyIfHeInsists() {
    Acting alone = house.firstDevice(MALLORY, "alone");

    assertThat(byOperator(alone, false))
        .isEqualTo(new RevocationResult.Refused(Refusal.WOULD_LOCK_OUT));
    assertThat(house.account(MALLORY).acting(alone.device(), alone.generation())).isPresent();
    assertThat(revoked(byOperator(alone, true)).revoked()).containsExactly(alone.device());
    assertThat(byOperator(alone, false)).isInstanceOf(RevocationResult.Revoked.class);
  }

  @Test
  void seesThatACascadeWouldLeaveNobody() {
    assertThat(
            house.revocation.revokeByOperator(NINA, phone.device(), true, Optional.empty(), false))
        .isEqualTo(new RevocationResult.Refused(Refusal.WOULD_LOCK_OUT));
    assertThat(
            revoked(
                    house.revocation.revokeByOperator(
                        NINA, tablet.device(), true, Optional.empty(), false))
                .revoked())
        .containsExactly(tablet.device(), bot.device());
  }

  private RevocationResult byOperator(Acting device, boolean force) {
    return house.revocation.revokeByOperator(
        MALLORY, device.device(), false, Optional.empty(), force);
  }

  private RevocationResult revoke(Acting actor, Acting target, boolean cascade) {
    return house.revocation.revoke(actor, target.device(), cascade, Optional.empty());
  }
}

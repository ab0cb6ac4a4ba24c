// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import static dev.latchkey.devices.House.NINA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.Actor;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Event;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.Suspicion;
import dev.latchkey.credential.Verifier;
import dev.latchkey.testkit.Spec;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class TheftTest {
  private final House house = new House();
  private final Acting phone = house.passwordDevice(NINA);
  private final CredentialId key = Keys.register(house, phone, "key").credential();

  private Theft theft(TheftResponse response) {
    return new Theft(house.surroundings, house.sessions, house.revocation, response);
  }

  private void suspect(Theft theft, Suspicion suspicion) {
    theft.suspect(phone.account(), phone.device(), key, suspicion);
  }

  private Device device() {
    return house.device(phone);
  }

  private List<Event> events(EventKind kind) {
    return house.store.events(house.id(NINA), 0, 1000).stream()
        .filter(event -> event.kind() == kind)
        .toList();
  }

  @ParameterizedTest
  @EnumSource(TheftResponse.class)
  @Spec(
      doc = "latchkey",
      section = "rule 56",
      rule = "A counter that went back revokes the device, whatever the operator has chosen")
  void revokesTheDeviceOfAClonedKey(TheftResponse response) {
    suspect(theft(response), Suspicion.COUNTER_REUSED);

    assertThat(device().status()).isEqualTo(DeviceStatus.REVOKED);
    assertThat(house.isLive(NINA, key)).isFalse();
    assertThat(house.sessions.ended)
        .containsExactly(new RevokedDevice(phone.device(), phone.generation() + 1));
    assertThat(events(EventKind.COUNTER_MISMATCH))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.actor()).isEqualTo(new Actor.Server());
              assertThat(event.device()).contains(phone.device());
              assertThat(event.credential()).contains(key);
            });
    assertThat(events(EventKind.REVOKED)).hasSize(1);
    assertThat(house.store.withdrawals()).hasSize(1);
  }

  @Test
  void revokesOnceHoweverOftenTheCloneComes() {
    Theft theft = theft(TheftResponse.EVENT);
    for (int i = 0; i < 5; i++) {
      suspect(theft, Suspicion.COUNTER_REUSED);
    }
    assertThat(events(EventKind.COUNTER_MISMATCH)).hasSize(1);
    assertThat(device().generation()).isEqualTo(phone.generation() + 1);
  }

  @Test
  void revokesOnceWhenFiftyClonesComeAtOnce() throws Exception {
    Theft theft = theft(TheftResponse.EVENT);
    Racing.all(
        50,
        _ -> {
          suspect(theft, Suspicion.COUNTER_REUSED);
          return true;
        });
    assertThat(events(EventKind.COUNTER_MISMATCH)).hasSize(1);
    assertThat(device().generation()).isEqualTo(phone.generation() + 1);
  }

  @ParameterizedTest
  @CsvSource({
    "SUPERSEDED_USED, EVENT, ACTIVE, SUPERSEDED_USED",
    "SUPERSEDED_USED, SUSPEND, SUSPENDED, SUPERSEDED_USED",
    "SUPERSEDED_USED, REVOKE, REVOKED, SUPERSEDED_USED",
    "TWO_PLACES, EVENT, ACTIVE, TWO_PLACES",
    "TWO_PLACES, SUSPEND, SUSPENDED, TWO_PLACES",
    "TWO_PLACES, REVOKE, REVOKED, TWO_PLACES",
  })
  void doesWhatTheOperatorHasChosenAndRecordsItAlways(
      Suspicion suspicion, TheftResponse response, DeviceStatus status, EventKind event) {
    suspect(theft(response), suspicion);
    assertThat(device().status()).isEqualTo(status);
    assertThat(events(event)).hasSize(1);
  }

  private House.FakeSessions.Stale ended(long version) {
    return new House.FakeSessions.Stale(
        phone.account(), new SessionScope.OfDevice(phone.device()), version);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "39",
      rule = "who may be suspended has no connection, also if the store cannot say it")
  void endsTheConnectionsAlsoIfTheStoreFailsOnceItIsWritten() {
    long before = house.account(NINA).account().version();
    Theft theft = theft(TheftResponse.SUSPEND);
    house.counting.logIsFull = true;

    assertThatThrownBy(() -> suspect(theft, Suspicion.TWO_PLACES)).hasMessageContaining("no space");

    assertThat(device().status()).isEqualTo(DeviceStatus.SUSPENDED);
    assertThat(house.sessions.stale).containsExactly(ended(before + 1));
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design, the model",
      rule = "A suspended device signs in with nothing until that is lifted; then all works again")
  void letsNothingSignInToASuspendedDeviceUntilItIsLifted() {
    SignIn proven = house.counted(phone, key, 0);
    long before = house.account(NINA).account().version();
    Theft theft = theft(TheftResponse.SUSPEND);
    suspect(theft, Suspicion.TWO_PLACES);
    suspect(theft, Suspicion.TWO_PLACES);

    assertThat(house.signIns.accept(proven)).isInstanceOf(SignInOutcome.Refused.class);
    assertThat(house.signIn(phone)).isInstanceOf(SignInOutcome.Refused.class);
    House.FakeSessions.Stale end = ended(before + 1);
    assertThat(house.sessions.stale)
        .as("each time: the first may have failed")
        .containsExactly(end, end);
    assertThat(events(EventKind.SUSPENDED)).hasSize(1);
    assertThat(device().generation()).isEqualTo(phone.generation());

    house.store.commit(
        house
            .account(NINA)
            .edit(new Actor.Operator(), house.clock.instant())
            .put(device().withStatus(DeviceStatus.ACTIVE))
            .changes());
    House.accepted(house.signIns.accept(house.counted(phone, key, 0)));
  }

  @ParameterizedTest
  @EnumSource(TheftResponse.class)
  @Spec(
      doc = "latchkey",
      section = "rule 56",
      rule =
          "Values that were skipped and come late change nothing; three in an hour are written"
              + " down")
  void recordsWhoIsOvertakenByACloneAndDoesNothingElse(TheftResponse response) {
    Theft theft = theft(response);
    for (int value = 0; value < 2; value++) {
      suspect(theft, Suspicion.COUNTER_LATE);
      theft.succeeded(key); // the clone signs in, not its owner
    }
    assertThat(events(EventKind.COUNTER_OVERTAKEN)).isEmpty();
    for (int value = 2; value < 20; value++) {
      suspect(theft, Suspicion.COUNTER_LATE);
      theft.succeeded(key);
    }
    assertThat(events(EventKind.COUNTER_OVERTAKEN)).hasSize(1);
    assertThat(device().status()).isEqualTo(DeviceStatus.ACTIVE);
    assertThat(house.isLive(NINA, key)).isTrue();
  }

  @Test
  void takesAttemptsThatCameLateNowAndThenForNoClone() {
    Theft theft = theft(TheftResponse.EVENT);
    for (int hour = 0; hour < 20; hour++) {
      suspect(theft, Suspicion.COUNTER_LATE);
      suspect(theft, Suspicion.COUNTER_LATE);
      house.clock.advance(Duration.ofHours(1));
    }
    assertThat(events(EventKind.COUNTER_OVERTAKEN)).isEmpty();
  }

  @Test
  void recordsTheSameEvidenceOnceAnHour() {
    Theft theft = theft(TheftResponse.EVENT);
    for (int i = 0; i < 100; i++) {
      suspect(theft, Suspicion.SUPERSEDED_USED);
    }
    assertThat(events(EventKind.SUPERSEDED_USED)).hasSize(1);
    suspect(theft, Suspicion.TWO_PLACES);
    assertThat(events(EventKind.TWO_PLACES)).hasSize(1);
    house.clock.advance(Duration.ofHours(1));
    suspect(theft, Suspicion.TWO_PLACES);
    assertThat(events(EventKind.TWO_PLACES)).hasSize(2);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 56",
      rule = "Ten wrong uses in a row pause a key for a quarter of an hour, and revoke nothing")
  void pausesAKeyAfterTenWrongUses() {
    Theft theft = theft(TheftResponse.REVOKE);
    for (int i = 0; i < 9; i++) {
      suspect(theft, Suspicion.COUNTER_UNKNOWN);
      assertThat(theft.isPaused(key)).isFalse();
    }
    suspect(theft, Suspicion.COUNTER_UNKNOWN);
    assertThat(theft.isPaused(key)).isTrue();
    assertThat(theft.isPaused(new CredentialId("cred-other"))).isFalse();
    assertThat(events(EventKind.KEY_PAUSED)).hasSize(1);
    for (int i = 0; i < 50; i++) {
      suspect(theft, Suspicion.COUNTER_UNKNOWN); // while it rests nothing counts
    }
    assertThat(events(EventKind.KEY_PAUSED)).hasSize(1);
    house.clock.advance(Duration.ofMinutes(15).minusNanos(1));
    assertThat(theft.isPaused(key)).isTrue();
    house.clock.advance(Duration.ofNanos(1));
    assertThat(theft.isPaused(key)).isFalse();
    assertThat(device().status()).isEqualTo(DeviceStatus.ACTIVE);
    House.accepted(house.signIns.accept(house.counted(phone, key, 0)));
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 56",
      rule = "Nine sign-ins through a relay that ends TLS do not cost the key")
  void forgetsWrongUsesWhenTheKeySignsIn() {
    Theft theft = theft(TheftResponse.EVENT);
    for (int round = 0; round < 5; round++) {
      for (int i = 0; i < 9; i++) {
        suspect(theft, Suspicion.COUNTER_UNKNOWN);
      }
      theft.succeeded(key);
    }
    assertThat(theft.isPaused(key)).isFalse();
    assertThat(events(EventKind.KEY_PAUSED)).isEmpty();
    assertThat(((Verifier.ClientKey) house.credential(NINA, key).verifier()).counter()).isZero();
  }

  @Test
  void remembersNoMoreKeysThanFit() {
    Theft theft = theft(TheftResponse.EVENT);
    for (int i = 0; i < 10; i++) {
      suspect(theft, Suspicion.COUNTER_UNKNOWN);
    }
    for (int i = 0; i < 10_000; i++) {
      theft.suspect(
          phone.account(),
          phone.device(),
          new CredentialId("cred-" + i),
          Suspicion.COUNTER_UNKNOWN);
    }
    assertThat(theft.isPaused(key)).isFalse();
  }

  @Test
  void doesNothingToADeviceOfAnotherAccount() {
    Acting mallory = house.firstDevice(House.MALLORY, "mallory");
    for (TheftResponse response : TheftResponse.values()) {
      theft(response).suspect(phone.account(), mallory.device(), key, Suspicion.COUNTER_REUSED);
    }
    assertThat(house.device(mallory).status()).isEqualTo(DeviceStatus.ACTIVE);
    assertThat(device().status()).isEqualTo(DeviceStatus.ACTIVE);
    assertThat(events(EventKind.COUNTER_MISMATCH)).isEmpty();
  }
}

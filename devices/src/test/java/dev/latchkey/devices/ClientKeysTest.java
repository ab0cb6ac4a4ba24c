// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import static dev.latchkey.devices.House.MALLORY;
import static dev.latchkey.devices.House.NINA;
import static dev.latchkey.devices.Keys.refusal;
import static dev.latchkey.devices.Keys.registered;
import static dev.latchkey.devices.Keys.wish;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Permission;
import dev.latchkey.credential.Permissions;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Verifier;
import dev.latchkey.testkit.Spec;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ClientKeysTest {
  private final House house = new House();
  private final Acting phone = house.firstDevice(NINA, "phone");

  private DeviceStatus status(Acting device) {
    return house.device(device).status();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 20, 31, 33, 64})
  @Spec(doc = "latchkey", section = "rule 57", rule = "A ValidationKey has exactly 32 octets")
  void refusesAKeyOfAnotherLength(int length) {
    Secret key = Secret.of(Bytes.random(length, house.surroundings.random()));
    assertThat(
            refusal(house.register(phone, new ClientKeyWish("id", "phone", key, Optional.empty()))))
        .contains(Refusal.BAD_REQUEST);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 57",
      rule = "The octets of a ValidationKey are not all equal")
  void refusesAKeyOfOneValue() {
    for (byte value : new byte[] {0, 7, -1}) {
      byte[] octets = new byte[32];
      Arrays.fill(octets, value);
      assertThat(
              refusal(
                  house.register(
                      phone,
                      new ClientKeyWish(
                          "id", "phone", Secret.of(Bytes.of(octets)), Optional.empty()))))
          .contains(Refusal.BAD_REQUEST);
    }
  }

  @Test
  void refusesAnIdOrANameOrALifeThatIsNone() {
    Secret key = Keys.validationKey("key");
    for (String id : List.of("", "a\u0000b", "a\nb", "x".repeat(257))) {
      assertThat(
              refusal(house.register(phone, new ClientKeyWish(id, "phone", key, Optional.empty()))))
          .contains(Refusal.BAD_REQUEST);
    }
    assertThat(refusal(house.register(phone, new ClientKeyWish("id", "", key, Optional.empty()))))
        .contains(Refusal.BAD_NAME);
    for (Duration life : List.of(Duration.ZERO, Duration.ofSeconds(-1))) {
      assertThat(
              refusal(
                  house.register(phone, new ClientKeyWish("id", "phone", key, Optional.of(life)))))
          .contains(Refusal.BAD_LIFE);
    }
  }

  @Test
  void doesNotGrowByKeysThatExpire() {
    int before = house.account(NINA).credentials().size();
    for (int i = 0; i < 100; i++) {
      Keys.registered(
          house.register(
              phone,
              new ClientKeyWish(
                  "id" + i,
                  "phone",
                  Keys.validationKey("key"),
                  Optional.of(Duration.ofSeconds(1)))));
      house.clock.advance(Duration.ofMillis(500));
    }
    assertThat(house.account(NINA).credentials()).hasSizeLessThanOrEqualTo(before + 3);
  }

  @Test
  void refusesADeviceThatIsNoLongerLive() {
    house.revocation.revokeByOperator(NINA, phone.device(), false, Optional.empty(), true);
    assertThat(refusal(house.register(phone, wish("id", "key")))).contains(Refusal.FORBIDDEN);
    assertThat(house.keys.list(phone)).isEmpty();
    assertThat(house.keys.revoke(phone, "id"))
        .isEqualTo(new RevocationResult.Refused(Refusal.FORBIDDEN));
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 57",
      rule = "A device registers a key for itself without the permission to enroll")
  void registersAKeyForItselfWithoutAnyPermission() {
    Acting bot = house.passwordDevice(NINA);
    ClientKeyResult.Registered key = registered(house.register(bot, wish("id", "key")));
    assertThat(house.credential(NINA, key.credential()).device()).contains(bot.device());
    assertThat(key.expires()).isEqualTo(house.clock.instant().plus(House.YEAR));
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "decision 0017",
      rule = "A copied token beside a key or a certificate gets no key of its own")
  void refusesAKeyToATokenBesideSomethingStronger() {
    IssuedToken token = house.issue(phone, House.token("HT-SHA-256-EXPR")).orElseThrow();
    assertThat(refusal(house.keys.register(phone, Optional.of(token.id()), wish("id", "key"))))
        .contains(Refusal.FORBIDDEN);
    registered(
        house.keys.register(
            phone, Optional.of(house.certificateOf(phone).id()), wish("id", "key")));
  }

  @Test
  void givesAKeyToATokenThatIsTheBestThereIs() {
    Acting bot = house.passwordDevice(NINA);
    IssuedToken token = house.issue(bot, House.token("HT-SHA-256-EXPR")).orElseThrow();
    registered(house.keys.register(bot, Optional.of(token.id()), wish("id", "key")));
    // Whoever asks again hears the same; a copy of the token is no reason for another key.
    registered(house.keys.register(bot, Optional.of(token.id()), wish("id", "key")));
    assertThat(refusal(house.keys.register(bot, Optional.of(token.id()), wish("id 2", "key 2"))))
        .contains(Refusal.FORBIDDEN);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "decision 0017",
      rule = "An X-TOKEN gives nothing: what goes back to a copy must end with it")
  void refusesAKeyToAnXToken() {
    Acting bot = house.passwordDevice(NINA);
    assertThat(refusal(house.keys.register(bot, Optional.of(house.xToken(bot)), wish("id", "key"))))
        .contains(Refusal.FORBIDDEN);
  }

  @Test
  void keepsNeitherTheValidationKeyNorTheSecret() {
    Secret validationKey = Keys.validationKey("key");
    ClientKeyResult.Registered given = registered(house.register(phone, wish("id", "key")));
    Verifier.ClientKey kept =
        (Verifier.ClientKey) house.credential(NINA, given.credential()).verifier();
    Bytes secret = given.encryptedSecret().reveal().xor(validationKey.reveal());
    for (Secret each : List.of(kept.encryptedSecret(), kept.validator())) {
      assertThat(each.reveal()).isNotEqualTo(secret).isNotEqualTo(validationKey.reveal());
    }
    assertThat(kept.counter()).isZero();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 57",
      rule = "The same id with the same key gets the same answer, with another a conflict")
  void givesTheSameAnswerAgainAndRefusesAnotherKey() {
    ClientKeyResult.Registered first = registered(house.register(phone, wish("id", "key")));
    assertThat(registered(house.register(phone, wish("id", "key")))).isEqualTo(first);
    assertThat(refusal(house.register(phone, wish("id", "other")))).contains(Refusal.CONFLICT);
    assertThat(house.keys.list(phone)).hasSize(1);
  }

  @Test
  void refusesTheIdOfAnotherDevicesKeyEvenWithItsKey() {
    Keys.register(house, phone, "id");
    Acting tablet = house.passwordDevice(NINA);
    assertThat(refusal(house.register(tablet, wish("id", "id")))).contains(Refusal.CONFLICT);
    Acting mallory = house.firstDevice(MALLORY, "mallory");
    registered(house.register(mallory, wish("id", "other"))); // ids are an account's own
  }

  @Test
  void givesAnIdAgainOnceItsKeyHasExpired() {
    registered(
        house.register(
            phone,
            new ClientKeyWish(
                "id", "phone", Keys.validationKey("key"), Optional.of(Duration.ofHours(1)))));
    house.clock.advance(Duration.ofHours(1));
    registered(house.register(phone, wish("id", "other")));
  }

  @Test
  void boundsTheLifeThatIsAskedFor() {
    ClientKeyResult.Registered key =
        registered(
            house.register(
                phone,
                new ClientKeyWish(
                    "id",
                    "phone",
                    Keys.validationKey("key"),
                    Optional.of(Duration.ofDays(100_000)))));
    assertThat(key.expires()).isEqualTo(house.clock.instant().plus(House.YEAR));
  }

  @Test
  void refusesOneKeyTooMany() {
    for (int i = 0; i < 8; i++) {
      Keys.register(house, phone, "id " + i);
    }
    assertThat(refusal(house.register(phone, wish("more", "more"))))
        .contains(Refusal.RESOURCE_CONSTRAINT);
    Keys.register(house, house.passwordDevice(NINA), "more");
  }

  @Test
  void registersOneKeyWhenFiftyRaceForAnId() throws Exception {
    List<ClientKeyResult> ends = Racing.all(50, i -> house.register(phone, wish("id", "key " + i)));
    assertThat(ends).filteredOn(ClientKeyResult.Registered.class::isInstance).hasSize(1);
    assertThat(ends)
        .filteredOn(end -> refusal(end).equals(Optional.of(Refusal.CONFLICT)))
        .hasSize(49);
  }

  @Test
  void listsAllToWhoMayManageAndOthersTheirOwn() {
    Acting bot = house.passwordDevice(NINA);
    Keys.register(house, phone, "phone's");
    Keys.register(house, bot, "bot's");
    house.signIn(bot);
    assertThat(house.keys.list(phone))
        .extracting(ClientKeyEntry::id)
        .containsExactly("phone's", "bot's");
    assertThat(house.keys.list(bot)).extracting(ClientKeyEntry::id).containsExactly("bot's");
    assertThat(house.keys.list(bot).getFirst().device().lastSeen()).contains(house.clock.instant());
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design, the model",
      rule = "Revoking a client key revokes its device, with all that it has")
  void revokesTheDeviceOfAKey() {
    Acting bot = house.passwordDevice(NINA);
    Keys.register(house, bot, "bot's");
    IssuedToken token = house.issue(bot, House.token("HT-SHA-256-EXPR")).orElseThrow();
    House.revoked(house.keys.revoke(phone, "bot's"));
    assertThat(status(bot)).isEqualTo(DeviceStatus.REVOKED);
    assertThat(house.sessions.endedDevices()).containsExactly(bot.device());
    assertThat(house.isLive(NINA, token.id())).isFalse();
    House.revoked(house.keys.revoke(phone, "bot's")); // asked again, it is no error
  }

  @Test
  void letsADeviceWithoutPermissionRevokeItselfOnlyAndLearnNothing() {
    Acting bot = house.passwordDevice(NINA);
    Keys.register(house, phone, "phone's");
    Keys.register(house, bot, "bot's");
    RevocationResult there = house.keys.revoke(bot, "phone's");
    RevocationResult notThere = house.keys.revoke(bot, "nobody's");
    assertThat(there)
        .isEqualTo(notThere)
        .isEqualTo(new RevocationResult.Refused(Refusal.FORBIDDEN, Optional.of(Permission.MANAGE)));
    assertThat(house.keys.revoke(phone, "nobody's")).isEqualTo(new RevocationResult.NotFound());
    House.revoked(house.keys.revoke(bot, "bot's"));
    assertThat(status(bot)).isEqualTo(DeviceStatus.REVOKED);
  }

  @Test
  void provisionsADeviceWhoseKeySignsIn() {
    ProvisionResult.Provisioned made =
        (ProvisionResult.Provisioned) house.keys.provision(MALLORY, Optional.of("Radio"));
    assertThat(made.created()).isTrue();
    assertThat(made.counter()).isZero();
    assertThat(house.accounts.status(MALLORY)).contains(AccountStatus.ACTIVE);
    var device = house.account(MALLORY).device(made.device()).orElseThrow();
    assertThat(device.name()).isEqualTo("Radio");
    assertThat(device.permissions()).isEqualTo(Permissions.ALL);
    Verifier.ClientKey kept =
        (Verifier.ClientKey) house.credential(MALLORY, made.credential()).verifier();
    assertThat(kept.clientId()).isEqualTo(made.clientId());
    assertThat(kept.encryptedSecret().reveal())
        .isEqualTo(made.secret().reveal().xor(made.validationKey().reveal()));
    House.accepted(house.signIns.accept(house.counted(House.acting(device), made.credential(), 0)));
  }

  @Test
  void provisionsNothingForADisabledAccountOrUnderABadName() {
    house.states.disable(NINA);
    assertThat(house.keys.provision(NINA, Optional.empty()))
        .isEqualTo(new ProvisionResult.Refused(Refusal.CONFLICT));
    assertThat(house.keys.provision(MALLORY, Optional.of("\u202e")))
        .isEqualTo(new ProvisionResult.Refused(Refusal.BAD_NAME));
    assertThat(house.accounts.find(MALLORY)).isEmpty();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import static dev.latchkey.devices.House.NINA;
import static dev.latchkey.devices.House.accepted;
import static dev.latchkey.devices.House.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.Verifier;
import dev.latchkey.testkit.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FastTokensTest {
  private static final String EXPR = "HT-SHA-256-EXPR";
  private static final TokenPolicy STANDARD = TokenPolicy.STANDARD;

  private final House house = new House();
  private final Acting plain = house.passwordDevice(NINA);

  private List<Credential> tokensOf(Acting device) {
    return house
        .account(NINA)
        .credentialsOf(device.device())
        .filter(credential -> credential.verifier() instanceof Verifier.Fast)
        .toList();
  }

  private static CredentialId id(Optional<IssuedToken> token) {
    return token.orElseThrow().id();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "HT-SHA-256",
        "HT-SHA-256-",
        "HT-SHA-1-EXPR",
        "HT-SHA-384-EXPR",
        "HT-SHA-256-EXPR ",
        "ht-sha-256-expr",
        "HT2-SHA-256-EXPR",
        "SCRAM-SHA-256-PLUS",
        "HT-SHA-256-EXPR\nHT-SHA-256-NONE"
      })
  void givesNoTokenForWhatItDoesNotKnow(String mechanism) {
    assertThat(house.issue(plain, token(mechanism))).isEmpty();
    assertThat(tokensOf(plain)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    // none, end point, kind of the device, suffix, whether it may have it
    "true,  false, password,    EXPR, true",
    "true,  false, password,    UNIQ, true",
    "true,  false, password,    ENDP, true",
    "true,  false, password,    NONE, true",
    "false, false, password,    NONE, false",
    "false, false, password,    EXPR, true",
    "true,  false, certificate, EXPR, true",
    "true,  false, certificate, UNIQ, true",
    "true,  false, certificate, ENDP, false",
    "true,  true,  certificate, ENDP, true",
    "true,  true,  certificate, NONE, false",
    "true,  false, client-key,  EXPR, true",
    "true,  false, client-key,  ENDP, false",
    "true,  true,  client-key,  ENDP, true",
    "true,  true,  client-key,  NONE, false",
  })
  @Spec(
      doc = "latchkey",
      section = "rule 62",
      rule = "No device gets a token that is weaker than what it has already")
  void givesNoTokenThatIsWeakerThanWhatThereIs(
      boolean none, boolean endPoint, String kind, String suffix, boolean given) {
    House here =
        new House(EnrolmentPolicy.STANDARD, STANDARD.withNone(none).withEndPoint(endPoint));
    Acting device =
        kind.equals("certificate") ? here.firstDevice(NINA, "phone") : here.passwordDevice(NINA);
    CredentialId proven =
        kind.equals("client-key")
            ? Keys.register(here, device, "key").credential()
            : here.certificateOf(device).id();
    for (String hash : List.of("HT-SHA-256-", "HT-SHA-512-")) {
      assertThat(here.tokens.issue(device, proven, token(hash + suffix)).isPresent())
          .isEqualTo(given);
    }
  }

  @Test
  void givesNoUnboundTokenToADeviceWhoseCertificateHasExpired() {
    Acting phone = house.firstDevice(NINA, "phone");
    house.clock.advance(Duration.ofDays(91));
    assertThat(house.issue(phone, token("HT-SHA-256-NONE"))).isEmpty();
    assertThat(house.issue(phone, token(EXPR))).isPresent();
  }

  @Test
  void givesNothingToADeviceThatIsNoLongerLive() {
    Acting otherGeneration = new Acting(plain.account(), plain.device(), plain.generation() + 1);
    assertThat(house.issue(otherGeneration, token(EXPR))).isEmpty();
    house.revocation.revokeByOperator(NINA, plain.device(), false, Optional.empty(), true);
    assertThat(house.issue(plain, token(EXPR))).isEmpty();
  }

  @Test
  void drawsATokenThatNobodyGuesses() {
    Set<String> drawn = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      IssuedToken token = house.issue(plain, token(EXPR)).orElseThrow();
      assertThat(token.token().revealText()).matches("[A-Za-z0-9_-]{43}");
      drawn.add(token.token().revealText());
      assertThat(token.expires()).isEqualTo(house.clock.instant().plus(STANDARD.life()));
    }
    assertThat(drawn).hasSize(100);
  }

  @Test
  void replacesTheTokenThatWasNeverUsed() {
    CredentialId first = id(house.issue(plain, token(EXPR)));
    CredentialId second = id(house.issue(plain, token("HT-SHA-512-EXPR")));
    assertThat(house.credential(NINA, first).status()).isEqualTo(CredentialStatus.REVOKED);
    assertThat(house.isLive(NINA, second)).isTrue();
  }

  @Test
  void keepsTheUsedTokenBesideTheNewOne() {
    CredentialId used = id(house.issue(plain, token(EXPR)));
    accepted(house.signIns.accept(house.proven(plain, used)));
    CredentialId next = id(house.issue(plain, token(EXPR)));
    CredentialId last = id(house.issue(plain, token(EXPR)));
    assertThat(house.isLive(NINA, used)).isTrue();
    assertThat(house.isLive(NINA, next)).isFalse();
    assertThat(house.isLive(NINA, last)).isTrue();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 41",
      rule = "Dead tokens are kept for those who hold them, but not without bound")
  void keepsTheLastOfThoseThatWereNeverUsed() {
    List<CredentialId> all = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      all.add(id(house.issue(plain, token(EXPR))));
      house.clock.advance(Duration.ofSeconds(1));
    }
    assertThat(tokensOf(plain))
        .extracting(Credential::id)
        .containsExactlyElementsOf(all.subList(21, 30));
  }

  /// Signs in with a token, and with the one that it is given for it, day by day.
  private List<CredentialId> exchangeDaily(int days) {
    List<CredentialId> all = new ArrayList<>(List.of(id(house.issue(plain, token(EXPR)))));
    for (int day = 0; day < days; day++) {
      house.clock.advance(STANDARD.renewal());
      accepted(house.signIns.accept(house.proven(plain, all.getLast()))).token().stream()
          .map(IssuedToken::id)
          .forEach(all::add);
    }
    return all;
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 41",
      rule = "A superseded token is kept until its date, so that the use of a copy shows")
  void keepsEachSupersededTokenUntilItsDate() {
    List<CredentialId> all = exchangeDaily(60);
    assertThat(all).hasSize(61); // there was a new one every day
    for (int i = 0; i < all.size() - 2; i++) {
      Optional<Credential> old = house.account(NINA).credential(all.get(i));
      int age = 60 - i;
      if (age < STANDARD.life().toDays()) {
        assertThat(old.map(Credential::status))
            .as("%d days old", age)
            .contains(CredentialStatus.SUPERSEDED);
      }
    }
    assertThat(tokensOf(plain)).hasSizeLessThanOrEqualTo(2 + 21 + 8);
    assertThat(tokensOf(plain))
        .filteredOn(credential -> credential.status() == CredentialStatus.ACTIVE)
        .hasSizeLessThanOrEqualTo(2);
    assertThat(house.history(NINA)).containsOnlyOnce(EventKind.TOKEN_ISSUED);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 41",
      rule = "Nobody can make the server forget a superseded token by asking for many")
  void givesNoMoreWhileTooManyAreSupersededAndLocksNobodyOut() {
    CredentialId copied = id(house.issue(plain, token(EXPR)));
    CredentialId token = copied;
    int given = 0;
    for (int i = 0; i < 300; i++) {
      accepted(house.signIns.accept(house.proven(plain, token)));
      Optional<IssuedToken> next = house.issue(plain, token(EXPR));
      given += next.isPresent() ? 1 : 0;
      token = next.map(IssuedToken::id).orElse(token);
      house.clock.advance(Duration.ofMinutes(1));
    }
    assertThat(given).isEqualTo(21);
    assertThat(house.credential(NINA, copied).status()).isEqualTo(CredentialStatus.SUPERSEDED);
    assertThat(tokensOf(plain)).hasSizeLessThanOrEqualTo(2 + 21 + 8);
    // The first of them ends before the last one does.
    house.clock.advance(STANDARD.life().minus(Duration.ofMinutes(290)));
    accepted(house.signIns.accept(house.proven(plain, token)));
    assertThat(house.issue(plain, token(EXPR))).isPresent();
  }

  @Test
  void renewsNoTokenMoreOftenThanIsRemembered() {
    Duration life = Duration.ofDays(90);
    Duration least = TokenPolicy.leastRenewal(life);
    assertThat(new TokenPolicy(life, least, true, true).renewal()).isEqualTo(least);
    assertThatThrownBy(() -> new TokenPolicy(life, least.minusSeconds(1), true, true))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 35",
      rule = "Four devices go by one user-agent id; a fifth gets no token, and takes none")
  void givesNoTokenToAFifthDeviceOfOneUserAgent() {
    List<CredentialId> four = new ArrayList<>();
    four.add(id(house.issue(plain, token(EXPR))));
    Acting second = house.passwordDevice(NINA);
    four.add(id(house.issue(second, token(EXPR))));
    Acting third = house.passwordDevice(NINA);
    four.add(id(house.issue(third, token(EXPR))));
    Acting fourth = house.passwordDevice(NINA);
    four.add(id(house.issue(fourth, token(EXPR))));
    Acting fifth = house.passwordDevice(NINA);

    assertThat(house.issue(fifth, token(EXPR))).isEmpty();

    four.forEach(token -> assertThat(house.isLive(NINA, token)).isTrue());
    // Another id is another matter, and one of the four is no fifth.
    assertThat(house.issue(fifth, new TokenWish(EXPR, Bytes.utf8("another").sha256()))).isPresent();
    assertThat(house.issue(third, token(EXPR))).isPresent();
    house.revocation.revokeByOperator(NINA, fourth.device(), false, Optional.empty(), true);
    assertThat(house.issue(fifth, token(EXPR))).isPresent();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 35",
      rule = "Another device with the same user-agent id takes nothing from the first")
  void takesNothingFromAnotherDeviceOfTheSameUserAgent() {
    CredentialId mine = id(house.issue(plain, token(EXPR)));
    accepted(house.signIns.accept(house.proven(plain, mine)));
    Acting other = house.passwordDevice(NINA);
    CredentialId theirs = id(house.issue(other, token(EXPR)));
    accepted(house.signIns.accept(house.proven(other, theirs)));
    assertThat(house.isLive(NINA, mine)).isTrue();
    assertThat(house.isLive(NINA, theirs)).isTrue();
  }

  @Test
  void diesWithItsDevice() {
    CredentialId token = id(house.issue(plain, token(EXPR)));
    house.revocation.revokeByOperator(NINA, plain.device(), false, Optional.empty(), true);
    assertThat(house.credential(NINA, token).status()).isEqualTo(CredentialStatus.REVOKED);
  }

  @Test
  void leavesOneUnusedTokenWhenFiftyAskAtOnce() throws Exception {
    List<Optional<IssuedToken>> all = Racing.all(50, _ -> house.issue(plain, token(EXPR)));
    assertThat(all).allMatch(Optional::isPresent);
    assertThat(tokensOf(plain))
        .filteredOn(credential -> credential.status() == CredentialStatus.ACTIVE)
        .hasSize(1);
  }
}

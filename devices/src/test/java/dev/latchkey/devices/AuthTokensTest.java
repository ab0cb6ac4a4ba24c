// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import static dev.latchkey.devices.House.NINA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.Permission;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Verifier;
import dev.latchkey.testkit.Spec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class AuthTokensTest {
  private final House house = new House();
  private final Acting phone = house.firstDevice(NINA, "phone");
  private final Acting web = house.passwordDevice(NINA);

  private static AuthTokenWish wish() {
    return new AuthTokenWish("Xabber Web", "PC, Firefox", Optional.empty());
  }

  private AuthTokenResult.Issued issue(Acting device) {
    AuthTokenResult result = house.issue(device, wish());
    assertThat(result).isInstanceOf(AuthTokenResult.Issued.class);
    return (AuthTokenResult.Issued) result;
  }

  private Credential password(Acting device) {
    return house.certificateOf(device);
  }

  @Test
  void refusesADeviceThatIsNoLongerLive() {
    CredentialId token = issue(web).entry().id();
    house.revocation.revokeByOperator(NINA, web.device(), false, Optional.empty(), true);
    assertThat(house.issue(web, wish())).isEqualTo(new AuthTokenResult.Refused(Refusal.FORBIDDEN));
    assertThat(house.authTokens.list(web)).isEmpty();
    assertThat(house.authTokens.revoke(web, List.of(token)))
        .isEqualTo(new RevocationResult.Refused(Refusal.FORBIDDEN));
    assertThat(house.authTokens.revokeAll(web, Optional.of(token))).isEmpty();
  }

  @Test
  void refusesALifeThatIsNoneAndBoundsALongOne() {
    assertThat(house.issue(web, new AuthTokenWish("x", "y", Optional.of(Duration.ZERO))))
        .isEqualTo(new AuthTokenResult.Refused(Refusal.BAD_LIFE));
    AuthTokenResult.Issued token =
        (AuthTokenResult.Issued)
            house.issue(web, new AuthTokenWish("x", "y", Optional.of(Duration.ofDays(10_000))));
    assertThat(token.entry().expires()).isEqualTo(house.clock.instant().plus(House.YEAR));
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "decision 0017",
      rule = "A copied FAST token is not exchanged for what shows nothing and lives longer")
  void refusesATokenToWhoHasProvenAFastTokenOnly() {
    IssuedToken fast = house.issue(web, House.token("HT-SHA-256-EXPR")).orElseThrow();
    assertThat(house.authTokens.issue(web, Optional.of(fast.id()), wish()))
        .isEqualTo(new AuthTokenResult.Refused(Refusal.FORBIDDEN));
    assertThat(house.authTokens.issue(web, Optional.of(house.certificateOf(web).id()), wish()))
        .isInstanceOf(AuthTokenResult.Issued.class);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "what must always hold, 3",
      rule = "Of a token that is only compared, its hash is kept and nothing else")
  void keepsTheHashOnly() {
    AuthTokenResult.Issued token = issue(web);
    Verifier.AuthToken kept =
        (Verifier.AuthToken) house.credential(NINA, token.entry().id()).verifier();
    assertThat(token.token().revealText()).matches("[A-Za-z0-9_-]{43}");
    assertThat(kept.hash()).isEqualTo(token.token().reveal().sha256());
    assertThat(kept.client()).isEqualTo("Xabber Web");
    assertThat(kept.description()).isEqualTo("PC, Firefox");
    assertThat(house.history(NINA)).last().isEqualTo(EventKind.TOKEN_ISSUED);
  }

  @Test
  void belongsToTheDeviceThatAsksAndSignsItIn() {
    AuthTokenResult.Issued token = issue(web);
    assertThat(token.seenBy()).contains(web.device());
    assertThat(house.credential(NINA, token.entry().id()).device()).contains(web.device());
    House.accepted(house.signIns.accept(house.proven(web, token.entry().id())));
    assertThat(house.signIns.accept(house.proven(phone, token.entry().id())))
        .isInstanceOf(SignInOutcome.Refused.class);
    house.clock.advance(House.YEAR);
    assertThat(house.signIns.accept(house.proven(web, token.entry().id())))
        .isInstanceOf(SignInOutcome.Refused.class);
  }

  @Test
  void fitsWhatAClientCallsItself() {
    AuthTokenResult.Issued token =
        (AuthTokenResult.Issued)
            house.issue(
                web, new AuthTokenWish("a\u202eb\n".repeat(300), "\u0000", Optional.empty()));
    Verifier.AuthToken kept =
        (Verifier.AuthToken) house.credential(NINA, token.entry().id()).verifier();
    assertThat(kept.client()).hasSizeLessThanOrEqualTo(200).doesNotContain("\u202e", "\n");
    assertThat(kept.description()).isEmpty();
  }

  @Test
  void refusesOneTokenTooMany() {
    for (int i = 0; i < 20; i++) {
      issue(web);
    }
    assertThat(house.issue(web, wish()))
        .isEqualTo(new AuthTokenResult.Refused(Refusal.RESOURCE_CONSTRAINT));
    issue(phone);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 15",
      rule = "An account has no more live ones than a sign-in compares")
  void refusesMoreThanASignInCompares() {
    List<Acting> devices = List.of(phone, web, house.passwordDevice(NINA));
    for (int i = 0; i < 60; i++) {
      issue(devices.get(i % 3));
    }
    Acting last = house.passwordDevice(NINA);
    for (int i = 0; i < 4; i++) {
      issue(last);
    }
    assertThat(house.issue(last, wish()))
        .isEqualTo(new AuthTokenResult.Refused(Refusal.RESOURCE_CONSTRAINT));
    house.revocation.revokeByOperator(NINA, web.device(), false, Optional.empty(), true);
    issue(last);
  }

  @Test
  void doesNotGrowByTokensThatAreDead() {
    int before = house.account(NINA).credentials().size();
    for (int i = 0; i < 100; i++) {
      house.issue(web, new AuthTokenWish("x", "y", Optional.of(Duration.ofSeconds(1))));
      issue(web);
      house.authTokens.revokeAll(web, Optional.empty());
      house.clock.advance(Duration.ofMillis(500));
    }
    assertThat(house.account(NINA).credentials()).hasSizeLessThanOrEqualTo(before + 4);
  }

  @Test
  void listsAllToWhoMayManageAndOthersTheirOwn() {
    CredentialId webs = issue(web).entry().id();
    CredentialId phones = issue(phone).entry().id();
    assertThat(house.authTokens.list(phone))
        .extracting(AuthTokenEntry::id)
        .containsExactly(webs, phones);
    assertThat(house.authTokens.list(web)).extracting(AuthTokenEntry::id).containsExactly(webs);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design, the model",
      rule = "Revoking an X-TOKEN revokes its device, with all that it has")
  void revokesTheDeviceOfAToken() {
    CredentialId token = issue(web).entry().id();
    House.revoked(house.authTokens.revoke(phone, List.of(token)));
    assertThat(house.device(web).status()).isEqualTo(DeviceStatus.REVOKED);
    assertThat(house.sessions.endedDevices()).containsExactly(web.device());
    assertThat(house.isLive(NINA, password(web).id())).isFalse();
  }

  @Test
  void ofTokensOfWhichOneIsUnknownRevokesNone() {
    CredentialId token = issue(web).entry().id();
    assertThat(house.authTokens.revoke(phone, List.of(token, new CredentialId("cred-none"))))
        .isEqualTo(new RevocationResult.NotFound());
    assertThat(house.device(web).status()).isEqualTo(DeviceStatus.ACTIVE);
  }

  @Test
  void revokesTheAskingDeviceLast() {
    CredentialId phones = issue(phone).entry().id();
    CredentialId webs = issue(web).entry().id();
    assertThat(house.authTokens.revoke(phone, List.of(phones, webs)))
        .isEqualTo(new RevocationResult.Revoked(List.of(web.device(), phone.device()), List.of()));
  }

  @Test
  void findsATokenByItsTextForWhoMaySeeIt() {
    AuthTokenResult.Issued phones = issue(phone);
    AuthTokenResult.Issued webs = issue(web);
    assertThat(house.authTokens.find(web, phones.token())).isEmpty();
    assertThat(house.authTokens.find(web, Secret.ofText("no token"))).isEmpty();
    assertThat(house.authTokens.find(phone, webs.token()).map(AuthTokenEntry::id))
        .contains(webs.entry().id());
  }

  @Test
  void letsADeviceWithoutPermissionRevokeItselfOnlyAndLearnNothing() {
    CredentialId phones = issue(phone).entry().id();
    RevocationResult refused =
        new RevocationResult.Refused(Refusal.FORBIDDEN, Optional.of(Permission.MANAGE));
    assertThat(house.authTokens.revoke(web, List.of(phones))).isEqualTo(refused);
    assertThat(house.authTokens.revoke(web, List.of(new CredentialId("cred-none"))))
        .isEqualTo(refused);
    assertThat(house.authTokens.revoke(web, List.of(password(phone).id()))).isEqualTo(refused);
    assertThat(house.authTokens.revoke(phone, List.of(password(web).id())))
        .isEqualTo(new RevocationResult.NotFound());
    assertThat(house.device(phone).status()).isEqualTo(DeviceStatus.ACTIVE);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "protocols 11",
      rule = "Who signs in with the password takes away all tokens at once, also a thief's")
  void takesAwayAllTokensOfItsOwnDeviceButTheOneInUse() {
    CredentialId used = issue(web).entry().id();
    CredentialId stolen = issue(web).entry().id();
    CredentialId phones = issue(phone).entry().id();
    long before = house.account(NINA).account().version();

    assertThat(house.authTokens.revokeAll(web, Optional.of(used))).containsExactly(stolen);

    assertThat(house.credential(NINA, stolen).status()).isEqualTo(CredentialStatus.REVOKED);
    assertThat(house.isLive(NINA, used)).isTrue();
    assertThat(house.isLive(NINA, phones)).isTrue();
    assertThat(house.device(web).status()).isEqualTo(DeviceStatus.ACTIVE);
    assertThat(house.sessions.stale)
        .containsExactly(
            new House.FakeSessions.Stale(
                web.account(), new SessionScope.OfCredential(stolen), before + 1));
    assertThat(house.authTokens.revokeAll(web, Optional.of(password(web).id())))
        .containsExactly(used);
    assertThat(house.isLive(NINA, password(web).id())).isTrue();
  }

  @Test
  void endsTheConnectionsOfItsTokensAlsoIfTheStoreFailsOnceItIsWritten() {
    CredentialId token = issue(web).entry().id();
    house.counting.logIsFull = true;

    assertThatThrownBy(() -> house.authTokens.revokeAll(web, Optional.empty()))
        .hasMessageContaining("no space");

    assertThat(house.isLive(NINA, token)).isFalse();
    assertThat(house.sessions.stale)
        .extracting(House.FakeSessions.Stale::scope)
        .containsExactly(new SessionScope.OfCredential(token));
  }

  @Test
  void takesAwayTheTokensOfOtherDevicesFromWhoMayManage() {
    CredentialId webs = issue(web).entry().id();
    CredentialId phones = issue(phone).entry().id();
    assertThat(house.authTokens.revokeAll(phone, Optional.of(password(phone).id())))
        .containsExactlyInAnyOrder(webs, phones);
    assertThat(house.device(web).status()).isEqualTo(DeviceStatus.REVOKED);
    assertThat(house.device(phone).status()).isEqualTo(DeviceStatus.ACTIVE);
    assertThat(List.of(house.isLive(NINA, webs), house.isLive(NINA, phones))).containsOnly(false);
  }
}

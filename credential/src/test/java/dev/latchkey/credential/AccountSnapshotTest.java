// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.testkit.Spec;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AccountSnapshotTest {
  private static final Instant NOW = SampleAccount.CREATED.plusSeconds(60);
  private static final Verifier PASSWORD = new Verifier.Password(List.of());
  private static final Verifier CERTIFICATE =
      SampleAccount.certificateOf(Bytes.utf8("certificate"), true);
  private static final Verifier.OneTime CODE = SampleAccount.codeOf(List.of(), Optional.empty());

  private final SampleAccount nina = new SampleAccount("nina@chat.example");

  private boolean isLive(Credential credential) {
    return nina.snapshot().isLive(credential, NOW);
  }

  @Test
  void anActiveCredentialOfAnActiveDeviceIsLive() {
    Device phone = nina.device("phone", DeviceStatus.ACTIVE, 3);
    assertThat(isLive(nina.credential("p", phone, PASSWORD))).isTrue();
    assertThat(isLive(nina.credential("c", phone, CERTIFICATE))).isTrue();
  }

  @ParameterizedTest
  @EnumSource(value = DeviceStatus.class, mode = EnumSource.Mode.EXCLUDE, names = "ACTIVE")
  void nothingOfADeviceThatIsNotActiveIsLive(DeviceStatus status) {
    Device phone = nina.device("phone", status, 3);
    assertThat(isLive(nina.credential("p", phone, PASSWORD))).isFalse();
    assertThat(isLive(nina.credential("c", phone, CERTIFICATE))).isFalse();
  }

  @ParameterizedTest
  @EnumSource(value = CredentialStatus.class, mode = EnumSource.Mode.EXCLUDE, names = "ACTIVE")
  void onlyTheActiveCredentialsOfADeviceAreLive(CredentialStatus status) {
    Device phone = nina.device("phone", DeviceStatus.ACTIVE, 3);
    assertThat(isLive(nina.credential("c", phone, CERTIFICATE).withStatus(status))).isFalse();
  }

  @ParameterizedTest
  @EnumSource(value = AccountStatus.class, mode = EnumSource.Mode.EXCLUDE, names = "ACTIVE")
  void nothingOfADeviceIsLiveInAnAccountThatIsNotActive(AccountStatus status) {
    Device phone = nina.status(status).device("phone", DeviceStatus.ACTIVE, 3);
    assertThat(isLive(nina.credential("c", phone, CERTIFICATE))).isFalse();
  }

  @Test
  void whatWasMadeAtAnEarlierGenerationIsDead() {
    Credential credential =
        nina.credential("c", nina.device("phone", DeviceStatus.ACTIVE, 3), CERTIFICATE);
    SampleAccount later = new SampleAccount("nina@chat.example");
    later.device("phone", DeviceStatus.ACTIVE, 4);
    assertThat(later.snapshot().isLive(credential, NOW)).isFalse();
  }

  @Test
  void aCredentialWhoseDeviceIsGoneIsDead() {
    Credential credential =
        nina.credential("c", nina.device("phone", DeviceStatus.ACTIVE, 3), CERTIFICATE);
    assertThat(new SampleAccount("nina@chat.example").snapshot().isLive(credential, NOW)).isFalse();
  }

  @Test
  void aCredentialEndsAtItsDate() {
    Credential credential =
        nina.credential("c", nina.device("phone", DeviceStatus.ACTIVE, 3), CERTIFICATE);
    Instant end = credential.expires().orElseThrow();
    assertThat(nina.snapshot().isLive(credential, end.minusNanos(1))).isTrue();
    assertThat(nina.snapshot().isLive(credential, end)).isFalse();
  }

  @Test
  @Spec(doc = "latchkey", section = "60", rule = "an invited account lives by its first code only")
  void aCodeIsLiveInAnActiveAndInAReservedAccount() {
    Credential code = nina.code("code", CODE);
    assertThat(isLive(code)).isTrue();
    nina.status(AccountStatus.RESERVED);
    assertThat(isLive(code)).isTrue();
    nina.status(AccountStatus.DISABLED);
    assertThat(isLive(code)).isFalse();
    nina.status(AccountStatus.DELETED);
    assertThat(isLive(code)).isFalse();
  }

  @ParameterizedTest
  @EnumSource(
      value = CredentialStatus.class,
      names = {"SUPERSEDED", "DISABLED", "REVOKED"})
  void aCodeThatIsOverIsDead(CredentialStatus status) {
    assertThat(isLive(nina.code("code", CODE).withStatus(status))).isFalse();
  }

  @Test
  void aCodeEndsAtItsDate() {
    Credential code = nina.code("code", CODE);
    Instant end = code.expires().orElseThrow();
    assertThat(nina.snapshot().isLive(code, end.minusNanos(1))).isTrue();
    assertThat(nina.snapshot().isLive(code, end)).isFalse();
  }

  @Test
  @Spec(doc = "latchkey", section = "13", rule = "a code dies with the device that issued it")
  void aCodeOfARevokedIssuerIsDead() {
    Device phone = nina.device("phone", DeviceStatus.ACTIVE, 3);
    Device stolen = nina.device("stolen", DeviceStatus.ACTIVE, 5).revoked();
    assertThat(isLive(nina.code("a", issuedBy(phone.id(), 3)))).isTrue();
    assertThat(isLive(nina.code("b", issuedBy(phone.id(), 2)))).isFalse();
    assertThat(isLive(nina.code("c", issuedBy(stolen.id(), stolen.generation())))).isFalse();
    assertThat(isLive(nina.code("d", issuedBy(new DeviceId("dev-none"), 0)))).isFalse();
  }

  private static Verifier.OneTime issuedBy(DeviceId device, long generation) {
    return SampleAccount.codeOf(List.of(), Optional.of(new Verifier.Issuer(device, generation)));
  }

  @Test
  @Spec(doc = "latchkey", section = "8", rule = "a redeemed code stays good while its device lives")
  void aRedeemedCodeIsLiveWhileItsDeviceIs() {
    assertThat(isLive(redeemedFor("phone", DeviceStatus.ACTIVE))).isTrue();
    assertThat(isLive(redeemedFor("stolen", DeviceStatus.REVOKED))).isFalse();
    assertThat(isLive(nina.code("lost", CODE).withStatus(CredentialStatus.REDEEMED))).isFalse();
  }

  private Credential redeemedFor(String name, DeviceStatus status) {
    Device device = nina.device(name, status, 0);
    return nina.code("code-" + name, CODE)
        .withStatus(CredentialStatus.REDEEMED)
        .withVerifier(
            new Verifier.OneTime(
                List.of(),
                CODE.grant(),
                Optional.of(new Verifier.Redemption(device.id(), Bytes.EMPTY, NOW)),
                0));
  }

  @Test
  void finds() {
    Device phone = nina.device("phone", DeviceStatus.ACTIVE, 3);
    Device tablet = nina.device("tablet", DeviceStatus.ACTIVE, 0);
    Credential certificate = nina.credential("c", phone, CERTIFICATE);
    nina.code("code", CODE);
    AccountSnapshot snapshot = nina.snapshot();
    assertThat(snapshot.device(phone.id())).contains(phone);
    assertThat(snapshot.device(new DeviceId("dev-none"))).isEmpty();
    assertThat(snapshot.credential(certificate.id())).contains(certificate);
    assertThat(snapshot.credential(new CredentialId("cred-none"))).isEmpty();
    assertThat(snapshot.credentialsOf(phone.id())).containsExactly(certificate);
    assertThat(snapshot.credentialsOf(tablet.id())).isEmpty();
    assertThat(snapshot.acting(phone.id(), 3)).contains(phone);
    assertThat(snapshot.acting(phone.id(), 4)).isEmpty();
  }

  @Test
  void doesNotChangeWithTheListsItWasMadeOf() {
    AccountSnapshot before = nina.snapshot();
    nina.device("phone", DeviceStatus.ACTIVE, 3);
    assertThat(before.devices()).isEmpty();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.testkit.Spec;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AccountEditTest {
  private static final Instant NOW = SampleAccount.CREATED.plusSeconds(60);
  private static final Actor OPERATOR = new Actor.Operator();

  private final SampleAccount nina = new SampleAccount("nina@chat.example");

  private AccountEdit edit() {
    return nina.snapshot().edit(OPERATOR, NOW);
  }

  @Test
  void beginsWithTheVersionItWasReadAt() {
    Account account = nina.snapshot().account();
    assertThat(edit().changes())
        .containsExactly(new CredentialChange.RequireVersion(account.id(), account.version()));
  }

  @Test
  void writesRowsInTheirOrder() {
    Account account = nina.snapshot().account().withStatus(AccountStatus.DISABLED);
    Device phone = nina.device("phone", DeviceStatus.ACTIVE, 0);
    Credential code = nina.code("code", SampleAccount.codeOf(List.of(), Optional.empty()));
    assertThat(edit().put(account).put(phone).put(code).changes().stream().skip(1))
        .containsExactly(
            new CredentialChange.PutAccount(account),
            new CredentialChange.PutDevice(phone),
            new CredentialChange.PutCredential(code));
  }

  @Test
  void recordsWhoDidWhatWhen() {
    Device phone = nina.device("phone", DeviceStatus.ACTIVE, 0);
    assertThat(
            edit()
                .record(
                    EventKind.ADDED, Optional.of(phone.id()), Optional.empty(), Optional.of("new"))
                .changes())
        .contains(
            new CredentialChange.Append(
                new Event(
                    0,
                    phone.account(),
                    NOW,
                    EventKind.ADDED,
                    OPERATOR,
                    Optional.of(phone.id()),
                    Optional.empty(),
                    Optional.of("new"))));
  }

  @Test
  @Spec(doc = "latchkey", section = "39", rule = "revoking ends the device and all its credentials")
  @Spec(doc = "latchkey", section = "40", rule = "what is dead is told to the log outside as well")
  void revokesADeviceWithAllItHas() {
    Device phone = nina.device("phone", DeviceStatus.ACTIVE, 3);
    Verifier.Certificate verifier = SampleAccount.certificateOf(Bytes.utf8("x"), true);
    Credential certificate = nina.credential("c", phone, verifier);
    Credential password = nina.credential("p", phone, new Verifier.Password(List.of()));
    Credential code = nina.code("code", SampleAccount.codeOf(List.of(), Optional.empty()));

    List<CredentialChange> changes =
        edit().revoke(phone, List.of(certificate, password, code), Optional.of("lost")).changes();

    assertThat(changes)
        .contains(
            new CredentialChange.PutDevice(phone.revoked()),
            new CredentialChange.Withdraw(new Withdrawal.OfDevice(phone.id(), 4)),
            new CredentialChange.PutCredential(certificate.withStatus(CredentialStatus.REVOKED)),
            new CredentialChange.Withdraw(new Withdrawal.OfCertificate(verifier.fingerprint())),
            new CredentialChange.PutCredential(password.withStatus(CredentialStatus.REVOKED)),
            new CredentialChange.PutCredential(code.withStatus(CredentialStatus.REVOKED)),
            new CredentialChange.Withdraw(new Withdrawal.OfCode(code.id())));
    assertThat(changes)
        .filteredOn(CredentialChange.Append.class::isInstance)
        .singleElement()
        .extracting(change -> ((CredentialChange.Append) change).event().kind())
        .isEqualTo(EventKind.REVOKED);
    assertThat(phone.revoked().generation()).isEqualTo(4);
    assertThat(phone.revoked().status()).isEqualTo(DeviceStatus.REVOKED);
  }

  @Test
  @Spec(doc = "latchkey", section = "8", rule = "a redeemed code remembers what it has given")
  @Spec(doc = "latchkey", section = "40", rule = "a redeemed code is told to the log outside")
  void redeemsACode() {
    Device phone = nina.device("phone", DeviceStatus.ACTIVE, 0);
    Credential code = nina.code("code", SampleAccount.codeOf(List.of(), Optional.empty()));
    Verifier.Redemption redemption =
        new Verifier.Redemption(phone.id(), Bytes.utf8("key").sha256(), NOW);

    List<CredentialChange> changes = edit().redeem(code, redemption).changes();

    assertThat(changes).contains(new CredentialChange.Withdraw(new Withdrawal.OfCode(code.id())));
    Credential redeemed =
        changes.stream()
            .filter(CredentialChange.PutCredential.class::isInstance)
            .map(change -> ((CredentialChange.PutCredential) change).credential())
            .findAny()
            .orElseThrow();
    assertThat(redeemed.status()).isEqualTo(CredentialStatus.REDEEMED);
    assertThat(((Verifier.OneTime) redeemed.verifier()).redemption()).contains(redemption);
    assertThat(redeemed.expires()).isEqualTo(code.expires());
    assertThat(nina.snapshot().isLive(redeemed, NOW)).isTrue();
  }

  @Test
  void anEditIsNotChangedByWhatFollowsItsReading() {
    AccountEdit edit = edit();
    List<CredentialChange> before = edit.changes();
    edit.record(EventKind.ADDED, Optional.empty(), Optional.empty(), Optional.empty());
    assertThat(before).hasSize(1);
  }
}

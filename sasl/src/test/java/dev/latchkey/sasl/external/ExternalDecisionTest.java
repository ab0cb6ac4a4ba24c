// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.external;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CertificateHolder;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Jid;
import dev.latchkey.credential.SampleAccount;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.SaslCondition;
import dev.latchkey.testkit.Spec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every row of XEP-0178's table and every attack of rules 2 and 3.
class ExternalDecisionTest {
  private static final Domain HERE = new Domain("chat.example");
  private static final Set<Domain> SERVED = Set.of(HERE, new Domain("work.example"));
  private static final Bytes DER = Bytes.utf8("the certificate");
  private static final Instant NOT_BEFORE = SampleAccount.CREATED.minus(Duration.ofDays(1));
  private static final Instant NOT_AFTER = SampleAccount.CREATED.plus(Duration.ofDays(90));

  private Instant now = SampleAccount.CREATED.plusSeconds(60);
  private Optional<Jid> authzid = Optional.empty();
  private Optional<Jid> from = Optional.empty();
  private Domain domain = HERE;
  private List<Jid> names = List.of();
  private final List<CertificateHolder> rows = new ArrayList<>();

  // The case, step by step

  private ExternalDecisionTest names(String... addresses) {
    names = Arrays.stream(addresses).map(Jid::parse).toList();
    return this;
  }

  private ExternalDecisionTest authzid(String address) {
    authzid = Optional.of(Jid.parse(address));
    return this;
  }

  private ExternalDecisionTest from(String address) {
    from = Optional.of(Jid.parse(address));
    return this;
  }

  private ExternalDecisionTest listed(String account) {
    return listed(account, true);
  }

  private ExternalDecisionTest unproven(String account) {
    return listed(account, false);
  }

  private ExternalDecisionTest listed(String account, boolean proven) {
    return listed(
        new SampleAccount(account), DeviceStatus.ACTIVE, proven, UnaryOperator.identity());
  }

  private ExternalDecisionTest revoked(String account) {
    return listed(
        new SampleAccount(account),
        DeviceStatus.ACTIVE,
        true,
        row -> row.withStatus(CredentialStatus.REVOKED));
  }

  private ExternalDecisionTest listed(
      SampleAccount account,
      DeviceStatus status,
      boolean proven,
      UnaryOperator<Credential> change) {
    Device device = account.device("phone", status, 2);
    Credential credential =
        change.apply(account.credential("c", device, SampleAccount.certificateOf(DER, proven)));
    account.replace(credential);
    rows.add(new CertificateHolder(account.snapshot(), device, credential));
    return this;
  }

  private ExternalDecision decide() {
    return ExternalDecision.decide(
        new ExternalClaim(
            new CertificateIdentities(names, NOT_BEFORE, NOT_AFTER), domain, SERVED, authzid, from),
        rows,
        now);
  }

  private void chooses(String account) {
    assertThat(decide())
        .isInstanceOfSatisfying(
            ExternalDecision.Chosen.class,
            chosen -> assertThat(chosen.holder().snapshot().account().jid()).hasToString(account));
  }

  private void refuses(SaslCondition wire, FailureReason log) {
    assertThat(decide()).isEqualTo(new ExternalDecision.Refused(wire, log));
  }

  private void refuses(FailureReason log) {
    refuses(SaslCondition.NOT_AUTHORIZED, log);
  }

  // XEP-0178: one address

  @Test
  @Spec(doc = "XEP-0178", section = "2", rule = "one address, no authzid: that account")
  void oneAddressAndNoAuthzid() {
    names("nina@chat.example").listed("nina@chat.example").chooses("nina@chat.example");
  }

  @Test
  @Spec(doc = "XEP-0178", section = "2", rule = "one address, the same authzid: that account")
  void oneAddressAndItsAuthzid() {
    names("nina@chat.example")
        .listed("nina@chat.example")
        .authzid("nina@chat.example")
        .chooses("nina@chat.example");
  }

  @Test
  @Spec(doc = "XEP-0178", section = "2", rule = "one address, another authzid: invalid-authzid")
  void oneAddressAndAnotherAuthzid() {
    names("nina@chat.example")
        .listed("nina@chat.example")
        .authzid("bo@chat.example")
        .refuses(SaslCondition.INVALID_AUTHZID, FailureReason.OTHER_AUTHZID);
  }

  @Test
  void aFullAddressStandsForItsAccount() {
    names("nina@chat.example/phone").listed("nina@chat.example").chooses("nina@chat.example");
  }

  @Test
  void twoAddressesOfOneAccountAreOne() {
    names("nina@chat.example/phone", "nina@chat.example")
        .listed("nina@chat.example")
        .chooses("nina@chat.example");
  }

  // XEP-0178: several addresses

  @Test
  @Spec(doc = "XEP-0178", section = "2", rule = "several addresses, one of them asked for")
  void severalAddressesAndOneOfThemAsAuthzid() {
    names("nina@chat.example", "bo@chat.example")
        .listed("nina@chat.example")
        .listed("bo@chat.example")
        .authzid("bo@chat.example")
        .chooses("bo@chat.example");
  }

  @Test
  @Spec(doc = "XEP-0178", section = "2", rule = "several addresses, no authzid: invalid-authzid")
  void severalAddressesAndNoAuthzid() {
    names("nina@chat.example", "bo@chat.example")
        .listed("nina@chat.example")
        .from("nina@chat.example")
        .refuses(SaslCondition.INVALID_AUTHZID, FailureReason.CERTIFICATE_AMBIGUOUS);
  }

  @Test
  @Spec(doc = "XEP-0178", section = "2", rule = "several addresses, none of them asked for")
  void severalAddressesAndAnotherAuthzid() {
    names("nina@chat.example", "bo@chat.example")
        .listed("nina@chat.example")
        .listed("bo@chat.example")
        .authzid("carl@chat.example")
        .refuses(SaslCondition.INVALID_AUTHZID, FailureReason.OTHER_AUTHZID);
  }

  @Test
  void severalAddressesAndAnAuthzidThatOnlyTheRegistryKnows() {
    names("nina@chat.example", "bo@chat.example")
        .listed("carl@chat.example")
        .authzid("carl@chat.example")
        .refuses(FailureReason.CERTIFICATE_NAMES_ANOTHER);
  }

  // XEP-0178: no address

  @Test
  @Spec(doc = "XEP-0178", section = "2", rule = "no address, no authzid: the mapping decides")
  void noAddressAndNoAuthzid() {
    listed("nina@chat.example").chooses("nina@chat.example");
  }

  @Test
  @Spec(doc = "XEP-0178", section = "2", rule = "no address, the mapped authzid")
  void noAddressAndTheMappedAuthzid() {
    listed("nina@chat.example").authzid("nina@chat.example").chooses("nina@chat.example");
  }

  @Test
  @Spec(doc = "XEP-0178", section = "2", rule = "no address, another authzid: invalid-authzid")
  void noAddressAndAnotherAuthzid() {
    listed("nina@chat.example")
        .authzid("bo@chat.example")
        .refuses(SaslCondition.INVALID_AUTHZID, FailureReason.OTHER_AUTHZID);
  }

  @Test
  @Spec(doc = "XEP-0178", section = "2", rule = "no address, no mapping: not-authorized")
  void noAddressAndNoMapping() {
    refuses(FailureReason.UNKNOWN_CERTIFICATE);
  }

  // Rule 2: the registry decides

  @Test
  @Spec(doc = "latchkey", section = "2", rule = "what a certificate names adds no account")
  void aSelfSignedCertificateThatNamesSomebodyIsUnknown() {
    names("nina@chat.example").refuses(FailureReason.UNKNOWN_CERTIFICATE);
    authzid("nina@chat.example").refuses(FailureReason.UNKNOWN_CERTIFICATE);
    from("nina@chat.example").refuses(FailureReason.UNKNOWN_CERTIFICATE);
  }

  @Test
  @Spec(doc = "latchkey", section = "2", rule = "a certificate that names another is refused")
  void aCertificateOfOnesOwnThatNamesSomebodyElseIsRefused() {
    names("nina@chat.example")
        .listed("mallory@chat.example")
        .refuses(FailureReason.CERTIFICATE_NAMES_ANOTHER);
    authzid("mallory@chat.example").refuses(FailureReason.CERTIFICATE_NAMES_ANOTHER);
    from("mallory@chat.example").refuses(FailureReason.CERTIFICATE_NAMES_ANOTHER);
    authzid("nina@chat.example")
        .refuses(SaslCondition.INVALID_AUTHZID, FailureReason.OTHER_AUTHZID);
  }

  @Test
  void anAddressInAnotherServedDomainRestrictsToo() {
    names("nina@work.example")
        .listed("nina@chat.example")
        .refuses(FailureReason.CERTIFICATE_NAMES_ANOTHER);
  }

  @Test
  void anAddressInAForeignDomainRestrictsNothing() {
    names("nina@elsewhere.example").listed("nina@chat.example").chooses("nina@chat.example");
  }

  @Test
  void theDomainItselfIsNobodysAddress() {
    names("chat.example")
        .listed("nina@chat.example")
        .refuses(FailureReason.CERTIFICATE_NAMES_ANOTHER);
  }

  @Test
  @Spec(doc = "latchkey", section = "58", rule = "a stream to one domain opens no other's account")
  void anAccountOfAnotherDomainIsNotChosen() {
    domain = new Domain("work.example");
    listed("nina@chat.example").refuses(FailureReason.UNKNOWN_CERTIFICATE);
    authzid("nina@chat.example").refuses(FailureReason.UNKNOWN_CERTIFICATE);
  }

  // Rule 3: several accounts

  @Test
  @Spec(doc = "latchkey", section = "3", rule = "first the authzid")
  void ofSeveralAccountsTheOneAskedFor() {
    listed("nina@chat.example")
        .listed("bo@chat.example")
        .from("nina@chat.example")
        .authzid("bo@chat.example")
        .chooses("bo@chat.example");
  }

  @Test
  @Spec(doc = "latchkey", section = "3", rule = "then the certificate's one address")
  void ofSeveralAccountsTheOneNamed() {
    names("nina@chat.example")
        .listed("bo@chat.example")
        .unproven("nina@chat.example")
        .from("bo@chat.example")
        .chooses("nina@chat.example");
  }

  @Test
  @Spec(doc = "latchkey", section = "3", rule = "then the stream's from")
  void ofSeveralAccountsTheOneTheStreamIsFrom() {
    listed("bo@chat.example")
        .unproven("nina@chat.example")
        .from("nina@chat.example/phone")
        .chooses("nina@chat.example");
  }

  @Test
  @Spec(doc = "latchkey", section = "3", rule = "then the only proven row")
  void aRowThatSomebodyElseAppendedDoesNotTakeTheBotOver() {
    unproven("mallory@chat.example").listed("nina@chat.example").chooses("nina@chat.example");
  }

  @Test
  @Spec(doc = "latchkey", section = "3", rule = "else invalid-authzid")
  void ofTwoProvenRowsNeitherIsGuessed() {
    listed("nina@chat.example")
        .listed("bo@chat.example")
        .refuses(SaslCondition.INVALID_AUTHZID, FailureReason.CERTIFICATE_AMBIGUOUS);
    from("carl@chat.example")
        .refuses(SaslCondition.INVALID_AUTHZID, FailureReason.CERTIFICATE_AMBIGUOUS);
  }

  @Test
  @Spec(doc = "latchkey", section = "3", rule = "an unproven row is signed in to by name only")
  void anUnprovenRowAloneIsNotGuessed() {
    unproven("mallory@chat.example")
        .refuses(SaslCondition.INVALID_AUTHZID, FailureReason.CERTIFICATE_AMBIGUOUS);
    authzid("mallory@chat.example").chooses("mallory@chat.example");
  }

  @Test
  void aRevokedRowDoesNotSendItsDeviceIntoAnotherAccount() {
    revoked("nina@chat.example").listed("mallory@chat.example").from("nina@chat.example");
    refuses(FailureReason.CREDENTIAL_REVOKED);
    authzid("nina@chat.example").refuses(FailureReason.CREDENTIAL_REVOKED);
  }

  @Test
  void ofAProvenDeadAndAProvenLiveRowTheLiveOneIsLeft() {
    revoked("bo@chat.example").listed("nina@chat.example").chooses("nina@chat.example");
  }

  @Test
  @Spec(doc = "latchkey", section = "4", rule = "an account made again is another account")
  void anAccountThatWasMadeAgainIsFoundBehindTheOneThatWasRemoved() {
    listed(
        new SampleAccount("nina@chat.example", "acct-old").status(AccountStatus.DELETED),
        DeviceStatus.REVOKED,
        true,
        row -> row.withStatus(CredentialStatus.REVOKED));
    authzid("nina@chat.example").refuses(FailureReason.CREDENTIAL_REVOKED);
    listed("nina@chat.example").chooses("nina@chat.example");
  }

  // What does not live

  @Test
  @Spec(doc = "latchkey", section = "41", rule = "who proves possession hears that it is revoked")
  void aRevokedCertificate() {
    revoked("nina@chat.example").refuses(FailureReason.CREDENTIAL_REVOKED);
  }

  @Test
  void aCertificateOfARevokedDevice() {
    listed(
            new SampleAccount("nina@chat.example"),
            DeviceStatus.REVOKED,
            true,
            UnaryOperator.identity())
        .refuses(FailureReason.CREDENTIAL_REVOKED);
  }

  @Test
  void aCertificateOfAnEarlierGeneration() {
    listed(
            new SampleAccount("nina@chat.example"),
            DeviceStatus.ACTIVE,
            true,
            row ->
                new Credential(
                    row.id(),
                    row.account(),
                    row.device(),
                    row.status(),
                    row.generation() - 1,
                    row.created(),
                    row.expires(),
                    row.verifier()))
        .refuses(FailureReason.CREDENTIAL_REVOKED);
  }

  @ParameterizedTest
  @EnumSource(names = {"PENDING", "DISABLED", "SUSPENDED"})
  void aDeviceThatMayNotSignIn(DeviceStatus status) {
    listed(new SampleAccount("nina@chat.example"), status, true, UnaryOperator.identity())
        .refuses(FailureReason.DEVICE_NOT_ACTIVE);
  }

  @ParameterizedTest
  @EnumSource(names = {"RESERVED", "DISABLED", "DELETED"})
  void anAccountThatIsNotActive(AccountStatus status) {
    listed(
            new SampleAccount("nina@chat.example").status(status),
            DeviceStatus.ACTIVE,
            true,
            UnaryOperator.identity())
        .refuses(FailureReason.ACCOUNT_NOT_ACTIVE);
  }

  @ParameterizedTest
  @EnumSource(names = {"SUPERSEDED", "DISABLED", "REDEEMED"})
  void aCertificateThatIsNotActive(CredentialStatus status) {
    listed(
            new SampleAccount("nina@chat.example"),
            DeviceStatus.ACTIVE,
            true,
            row -> row.withStatus(status))
        .refuses(FailureReason.CREDENTIAL_NOT_LIVE);
  }

  @Test
  void aCertificateAfterTheRegistrysDate() {
    now = SampleAccount.CREATED.plus(Duration.ofDays(1));
    listed("nina@chat.example")
        .refuses(SaslCondition.CREDENTIALS_EXPIRED, FailureReason.CERTIFICATE_EXPIRED);
  }

  @Test
  void aCertificateAfterItsOwnDate() {
    listed(
        new SampleAccount("nina@chat.example"),
        DeviceStatus.ACTIVE,
        true,
        row ->
            new Credential(
                row.id(),
                row.account(),
                row.device(),
                row.status(),
                row.generation(),
                row.created(),
                Optional.of(NOT_AFTER.plus(Duration.ofDays(1))),
                row.verifier()));
    now = NOT_AFTER; // RFC 5280 §4.1.2.5: inclusive
    chooses("nina@chat.example");
    now = NOT_AFTER.plusSeconds(1);
    refuses(SaslCondition.CREDENTIALS_EXPIRED, FailureReason.CERTIFICATE_EXPIRED);
  }

  @Test
  void aCertificateBeforeItsTime() {
    now = NOT_BEFORE.minusSeconds(1);
    listed("nina@chat.example").refuses(FailureReason.CREDENTIAL_NOT_LIVE);
  }

  @Test
  void anExpiredCertificateThatWasRevokedIsRevoked() {
    now = NOT_AFTER.plusSeconds(1);
    revoked("nina@chat.example").refuses(FailureReason.CREDENTIAL_REVOKED);
  }

  @Test
  void anExpiredCertificateThatNobodyListedIsUnknown() {
    now = NOT_AFTER.plusSeconds(1);
    names("nina@chat.example").refuses(FailureReason.UNKNOWN_CERTIFICATE);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.external;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CertificateHolder;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.SampleAccount;
import dev.latchkey.sasl.ConnectionFacts;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.sasl.Proof;
import dev.latchkey.sasl.SaslCondition;
import dev.latchkey.sasl.SaslExchange;
import dev.latchkey.sasl.SaslServerException;
import dev.latchkey.sasl.SaslStep;
import dev.latchkey.sasl.SignInRequest;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.Spec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExternalMechanismTest {
  private static final Domain HERE = new Domain("chat.example");

  private final ManualClock clock = new ManualClock(SampleAccount.CREATED);
  private Bytes der;
  private CertificateHolder holder;
  private ExternalMechanism mechanism;

  @BeforeEach
  void enrol() throws Exception {
    der =
        SampleCertificate.of(
            SampleAccount.CREATED,
            SampleAccount.CREATED.plus(Duration.ofDays(1)),
            SampleCertificate.xmppAddress("nina@chat.example"));
    SampleAccount nina = new SampleAccount("nina@chat.example");
    Device phone = nina.device("phone", DeviceStatus.ACTIVE, 5);
    Credential credential = nina.credential("c", phone, SampleAccount.certificateOf(der, true));
    holder = new CertificateHolder(nina.snapshot(), phone, credential);
    mechanism =
        new ExternalMechanism(
            fingerprint -> fingerprint.equals(der.sha256()) ? List.of(holder) : List.of(),
            Set.of(HERE),
            clock);
  }

  private SaslExchange exchange(Optional<Bytes> certificate) {
    return mechanism.begin(
        new SignInRequest(
            new ConnectionFacts(Map.of(), certificate), HERE, Optional.empty(), List.of()));
  }

  private SaslStep send(String authzid) {
    return exchange(Optional.of(der)).next(Optional.of(Bytes.utf8(authzid)));
  }

  private static SaslStep failure(SaslCondition wire, FailureReason log) {
    return new SaslStep.Failure(wire, log);
  }

  @Test
  @Spec(doc = "RFC 6120", section = "6.3.4", rule = "listed only where a certificate was shown")
  void isListedOnlyWhereACertificateWasShown() {
    assertThat(mechanism.usableOn(new ConnectionFacts(Map.of(), Optional.of(der)).kind())).isTrue();
    assertThat(mechanism.usableOn(new ConnectionFacts(Map.of(), Optional.empty()).kind()))
        .isFalse();
    assertThat(mechanism.name()).isEqualTo(new MechanismName("EXTERNAL"));
  }

  @Test
  void namesTheDeviceAndItsGeneration() {
    assertThat(send("nina@chat.example"))
        .isEqualTo(
            new SaslStep.Success(
                new Proof(
                    holder.snapshot(),
                    holder.credential().id(),
                    Optional.of(new Proof.ProvenDevice(holder.device().id(), 5)),
                    Optional.empty(),
                    true,
                    OptionalLong.empty()),
                Optional.empty()));
  }

  @Test
  void anEmptyMessageIsNoAuthzid() {
    assertThat(send("")).isInstanceOf(SaslStep.Success.class);
  }

  @Test
  @Spec(doc = "RFC 4422", section = "A", rule = "no initial response: an empty challenge")
  void asksWhereThereIsNoInitialResponse() {
    SaslExchange server = exchange(Optional.of(der));
    assertThat(server.next(Optional.empty())).isEqualTo(new SaslStep.Challenge(Bytes.EMPTY));
    assertThat(server.next(Optional.of(Bytes.EMPTY))).isInstanceOf(SaslStep.Success.class);
  }

  @Test
  void asksOnce() {
    SaslExchange server = exchange(Optional.of(der));
    server.next(Optional.empty());
    assertThat(server.next(Optional.empty()))
        .isEqualTo(failure(SaslCondition.MALFORMED_REQUEST, FailureReason.MALFORMED_MESSAGE));
    assertThatThrownBy(() -> server.next(Optional.of(Bytes.EMPTY)))
        .isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nina@chat.example/phone",
        "ni na@chat.example",
        "nina@chat.example\0",
        "=",
        "nina",
        "bo@chat.example"
      })
  void refusesWhatIsNotTheAddressOfTheAccount(String authzid) {
    assertThat(send(authzid))
        .isEqualTo(failure(SaslCondition.INVALID_AUTHZID, FailureReason.OTHER_AUTHZID));
  }

  @Test
  void refusesAnAuthzidThatIsNotUtf8() {
    assertThat(exchange(Optional.of(der)).next(Optional.of(Bytes.hex("c0af"))))
        .isEqualTo(failure(SaslCondition.MALFORMED_REQUEST, FailureReason.MALFORMED_MESSAGE));
  }

  @Test
  void refusesAConnectionWithoutACertificate() {
    assertThat(exchange(Optional.empty()).next(Optional.of(Bytes.EMPTY)))
        .isEqualTo(failure(SaslCondition.NOT_AUTHORIZED, FailureReason.NO_CERTIFICATE));
  }

  @Test
  @Spec(doc = "latchkey", section = "2", rule = "not in the registry: not-authorized")
  void refusesACertificateThatOnlySaysTheSame() throws Exception {
    Bytes forged =
        SampleCertificate.of(
            SampleAccount.CREATED,
            SampleAccount.CREATED.plus(Duration.ofDays(1)),
            SampleCertificate.xmppAddress("nina@chat.example"));
    assertThat(exchange(Optional.of(forged)).next(Optional.of(Bytes.EMPTY)))
        .isEqualTo(failure(SaslCondition.NOT_AUTHORIZED, FailureReason.UNKNOWN_CERTIFICATE));
  }

  @Test
  void refusesACertificateThatCannotBeRead() {
    assertThat(exchange(Optional.of(Bytes.utf8("x"))).next(Optional.of(Bytes.EMPTY)))
        .isEqualTo(failure(SaslCondition.NOT_AUTHORIZED, FailureReason.UNKNOWN_CERTIFICATE));
  }

  @Test
  void judgesByTheTimeOfTheSignIn() {
    SaslExchange begun = exchange(Optional.of(der));
    clock.advance(Duration.ofDays(2));
    assertThat(begun.next(Optional.of(Bytes.EMPTY)))
        .isEqualTo(failure(SaslCondition.CREDENTIALS_EXPIRED, FailureReason.CERTIFICATE_EXPIRED));
  }

  // The client's half

  @Test
  @Spec(doc = "latchkey", section = "3", rule = "the client always says which account it means")
  void bothHalvesAgree() {
    ExternalClient client = new ExternalClient(AccountJid.parse("Nina@chat.example"));
    assertThat(client.name()).isEqualTo(mechanism.name());
    assertThat(client.initialResponse()).contains(Bytes.utf8("nina@chat.example"));
    SaslStep end = exchange(Optional.of(der)).next(client.initialResponse());
    client.verify(((SaslStep.Success) end).additionalData());
  }

  @Test
  void theClientTakesNothingThatTheMechanismDoesNotHave() {
    ExternalClient client = new ExternalClient(AccountJid.parse("nina@chat.example"));
    assertThatThrownBy(() -> client.respond(Bytes.EMPTY)).isInstanceOf(SaslServerException.class);
    assertThatThrownBy(() -> client.verify(Optional.of(Bytes.utf8("x"))))
        .isInstanceOf(SaslServerException.class);
  }
}

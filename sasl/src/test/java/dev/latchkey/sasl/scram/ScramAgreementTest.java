// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.MachineSecret;
import dev.latchkey.credential.SampleAccount;
import dev.latchkey.credential.ScramHash;
import dev.latchkey.credential.ScramVerifier;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Verifier;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.ConnectionFacts;
import dev.latchkey.sasl.CountingSealer;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.sasl.Proof;
import dev.latchkey.sasl.SaslCondition;
import dev.latchkey.sasl.SaslExchange;
import dev.latchkey.sasl.SaslMechanism;
import dev.latchkey.sasl.SaslStep;
import dev.latchkey.sasl.SignInRequest;
import dev.latchkey.sasl.gs2.ChannelBindingChoice;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Client and server against each other, over the accounts, salts and secrets that production uses.
class ScramAgreementTest {
  private static final AccountJid NINA = AccountJid.parse("nina@chat.example");

  private final SeededRandom random = SeededRandom.announced();
  private final ManualClock clock = new ManualClock(SampleAccount.CREATED);
  private final CountingSealer sealer = new CountingSealer(random);
  private final ScramSalts salts = new ScramSalts(Secret.of(Bytes.random(32, random)));
  private final ScramSecrets secrets = new ScramSecrets(salts);
  private final SampleAccount nina = new SampleAccount("nina@chat.example");
  private final SampleAccount bo = new SampleAccount("bo@chat.example");
  private final LiveScramDirectory directory =
      new LiveScramDirectory(salts, this::find, clock, sealer.decoys());
  private final MachineSecret password = MachineSecret.draw(random);
  private final MachineSecret code = MachineSecret.draw(random);
  private final Device printer = nina.device("printer", DeviceStatus.ACTIVE, 4);
  private final Credential passwordRow =
      nina.credential(
          "password", printer, new Verifier.Password(secrets.ofDevicePassword(NINA, password)));
  private final Credential codeRow =
      nina.code("code", SampleAccount.codeOf(secrets.ofCode(NINA, code), Optional.empty()));

  private int reads;

  private Optional<AccountSnapshot> find(AccountJid jid) {
    reads++;
    return Stream.of(nina, bo)
        .map(SampleAccount::snapshot)
        .filter(account -> account.account().jid().equals(jid))
        .map(sealer::read)
        .findAny();
  }

  private SaslStep signIn(ScramVariant variant, String name, Secret secret) {
    ConnectionFacts facts = newConnection();
    List<SaslMechanism> mechanisms = ScramMechanism.all(directory, random);
    List<MechanismName> offered = mechanisms.stream().map(SaslMechanism::name).toList();
    ScramClient client = client(variant, name, secret, facts, offered);
    SaslExchange server =
        mechanisms.stream()
            .filter(mechanism -> mechanism.name().equals(variant.mechanism()))
            .findAny()
            .orElseThrow()
            .begin(new SignInRequest(facts, NINA.domain(), Optional.of(NINA.jid()), offered));
    Bytes challenge = ((SaslStep.Challenge) server.next(client.initialResponse())).data();
    SaslStep end = server.next(Optional.of(client.respond(challenge)));
    if (end instanceof SaslStep.Success success) {
      client.verify(success.additionalData());
    }
    return end;
  }

  private ConnectionFacts newConnection() {
    return new ConnectionFacts(
        Map.of(ChannelBindingType.TLS_EXPORTER, Bytes.random(32, random)), Optional.empty());
  }

  private ScramClient client(
      ScramVariant variant,
      String name,
      Secret secret,
      ConnectionFacts facts,
      List<MechanismName> offered) {
    return ScramClient.begin(
        variant,
        name,
        Optional.empty(),
        secret,
        variant.bindsToChannel()
            ? new ChannelBindingChoice.Bound(
                ChannelBindingType.TLS_EXPORTER, facts.channelBindings().values().iterator().next())
            : new ChannelBindingChoice.Unable(),
        Optional.of(
            new SaslOffer(
                offered.reversed().stream().map(MechanismName::text).toList(),
                Optional.of(List.of("tls-exporter")))),
        Bytes.random(24, random).toBase64());
  }

  private static final SaslStep REFUSED =
      new SaslStep.Failure(SaslCondition.NOT_AUTHORIZED, FailureReason.NO_MATCH);

  @ParameterizedTest
  @EnumSource
  void bothHalvesAgree(ScramVariant variant) {
    for (int i = 0; i < 10; i++) {
      Proof who = ((SaslStep.Success) signIn(variant, "nina", password.canonical())).who();
      assertThat(who.credential()).isEqualTo(passwordRow.id());
      assertThat(who.device()).contains(new Proof.ProvenDevice(printer.id(), 4));
      assertThat(who.enrolmentKey()).isEmpty();
      assertThat(who.channelBound()).isEqualTo(variant.bindsToChannel());
    }
  }

  @ParameterizedTest
  @EnumSource
  @Spec(doc = "latchkey", section = "19", rule = "a code signs in as printed and as canonical text")
  @Spec(doc = "latchkey", section = "20", rule = "every machine-made secret has both hashes")
  void aCodeSignsInInBothForms(ScramVariant variant) {
    for (Secret form : List.of(code.canonical(), code.printed())) {
      Proof who = ((SaslStep.Success) signIn(variant, "nina", form)).who();
      assertThat(who.credential()).isEqualTo(codeRow.id());
      assertThat(who.device()).isEmpty();
      assertThat(who.enrolmentKey()).isPresent();
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "15", rule = "a device password has one form")
  void aDevicePasswordDoesNotSignInWithHyphens() {
    assertThat(signIn(ScramVariant.SCRAM_SHA_256, "nina", password.printed())).isEqualTo(REFUSED);
  }

  @Test
  @Spec(doc = "latchkey", section = "15", rule = "names are prepared before anything is looked up")
  void anySpellingOfTheNameSignsIn() {
    assertThat(signIn(ScramVariant.SCRAM_SHA_256, "NiNa", password.canonical()))
        .isInstanceOf(SaslStep.Success.class);
  }

  @Test
  void nobodySignsInToAnotherAccount() {
    assertThat(signIn(ScramVariant.SCRAM_SHA_256, "bo", password.canonical()))
        .isEqualTo(new SaslStep.Failure(SaslCondition.NOT_AUTHORIZED, FailureReason.OTHER_FROM));
  }

  @Test
  void nothingThatIsNotLiveIsACandidate() {
    assertThat(candidates()).hasSize(3);
    clock.advance(Duration.ofMinutes(10));
    assertThat(candidates())
        .singleElement()
        .extracting(ScramCandidate::credential)
        .isEqualTo(passwordRow);
    nina.replace(passwordRow.withStatus(CredentialStatus.REVOKED));
    assertThat(candidates()).isEmpty();
    assertThat(signIn(ScramVariant.SCRAM_SHA_256, "nina", password.canonical())).isEqualTo(REFUSED);
  }

  private List<ScramCandidate> candidates() {
    return directory.candidates(NINA.domain(), "nina", ScramHash.SHA_256);
  }

  @Test
  void aCertificateIsNoCandidate() {
    nina.credential("c", printer, SampleAccount.certificateOf(Bytes.utf8("x"), true));
    assertThat(candidates()).hasSize(3);
  }

  @Test
  void anUnknownOrImpossibleNameHasNoCandidates() {
    assertThat(directory.candidates(NINA.domain(), "bo", ScramHash.SHA_256)).isEmpty();
    assertThat(directory.candidates(NINA.domain(), "nina@chat.example", ScramHash.SHA_256))
        .isEmpty();
    assertThat(directory.candidates(new Domain("other.example"), "nina", ScramHash.SHA_256))
        .isEmpty();
  }

  @Test
  void secretsHaveOneVerifierForEachHashAndForm() {
    assertThat(secrets.ofDevicePassword(NINA, password))
        .extracting(ScramVerifier::hash)
        .containsExactlyInAnyOrder(ScramHash.SHA_1, ScramHash.SHA_256);
    Set<Bytes> distinct = new HashSet<>();
    secrets.ofCode(NINA, code).forEach(verifier -> distinct.add(verifier.storedKey()));
    assertThat(distinct).hasSize(4);
  }

  @ParameterizedTest
  @EnumSource(ScramVariant.class)
  @Spec(doc = "latchkey", section = "15", rule = "known and unknown names cost the same")
  void unknownAndWrongCostTheSame(ScramVariant variant) {
    Cost cost = new Cost(65, 64, 64, 1);
    assertThat(cost(variant, "nina", Secret.ofText("a guess"))).isEqualTo(cost);
    assertThat(cost(variant, "bo", password.canonical())).as("has no password").isEqualTo(cost);
    assertThat(cost(variant, "nobody", password.canonical())).isEqualTo(cost);
  }

  private record Cost(int hmacs, int hashes, int unsealed, int reads) {}

  /// What the server does from the proof to its answer.
  private Cost cost(ScramVariant variant, String name, Secret secret) {
    CountingArithmetic arithmetic = new CountingArithmetic();
    ConnectionFacts facts = newConnection();
    SaslExchange server =
        new ScramMechanism(
                variant, directory, () -> Bytes.random(18, random).toBase64(), arithmetic)
            .begin(new SignInRequest(facts, NINA.domain(), Optional.empty(), List.of()));
    ScramClient client = client(variant, name, secret, facts, List.of());
    SaslStep.Challenge challenge = (SaslStep.Challenge) server.next(client.initialResponse());
    Bytes proof = client.respond(challenge.data());
    int _ = sealer.taken();
    reads = 0;
    server.next(Optional.of(proof));
    return new Cost(arithmetic.hmacs, arithmetic.hashes, sealer.taken(), reads);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.clientkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Jid;
import dev.latchkey.credential.SampleAccount;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Suspicion;
import dev.latchkey.credential.Verifier;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.ConnectionFacts;
import dev.latchkey.sasl.CountingMacs;
import dev.latchkey.sasl.CountingSealer;
import dev.latchkey.sasl.Evidence;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.HmacHash;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.sasl.Proof;
import dev.latchkey.sasl.SaslCondition;
import dev.latchkey.sasl.SaslExchange;
import dev.latchkey.sasl.SaslServerException;
import dev.latchkey.sasl.SaslStep;
import dev.latchkey.sasl.SignInRequest;
import dev.latchkey.sasl.gs2.ChannelBindingChoice;
import dev.latchkey.sasl.gs2.Gs2Header;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientKeyMechanismTest {
  private static final AccountJid NINA = AccountJid.parse("nina@chat.example");
  private static final String CLIENT_ID = "213456-987123";
  private static final ChannelBindingChoice UNABLE = new ChannelBindingChoice.Unable();
  private static final ClientKeyVariant PLUS = ClientKeyVariant.CLIENT_KEY_PLUS;
  private static final ConnectionFacts NO_BINDING = new ConnectionFacts(Map.of(), Optional.empty());

  private final SeededRandom random = SeededRandom.announced();
  private final ManualClock clock = new ManualClock(SampleAccount.CREATED);
  private final CountingMacs macs = new CountingMacs();
  private final CountingSealer sealer = new CountingSealer(random);
  private final Set<CredentialId> paused = new HashSet<>();
  private final SampleAccount nina = new SampleAccount(NINA.toString());
  private final Device phone = nina.device("phone", DeviceStatus.ACTIVE, 4);
  private final LiveClientKeyDirectory directory =
      new LiveClientKeyDirectory(this::find, paused::contains, clock, sealer.decoys());
  private final Bytes exporter = Bytes.random(32, random);
  private final ConnectionFacts connection =
      new ConnectionFacts(Map.of(ChannelBindingType.TLS_EXPORTER, exporter), Optional.empty());
  private final ChannelBindingChoice bound =
      new ChannelBindingChoice.Bound(ChannelBindingType.TLS_EXPORTER, exporter);
  private final Secret validationKey = Secret.of(Bytes.random(32, random));
  private final ClientKeyMaterial material = ClientKeyMaterial.make(validationKey, random);
  private final HeldClientKey held =
      HeldClientKey.registered(CLIENT_ID, validationKey, material.encryptedSecret()).orElseThrow();
  private Credential row = nina.credential("key", phone, verifier(0, 0, false));
  private int reads;

  private Verifier.ClientKey verifier(long counter, long accepted, boolean restored) {
    return new Verifier.ClientKey(
        CLIENT_ID,
        "Phone",
        material.encryptedSecret(),
        material.validator(),
        counter,
        accepted,
        restored);
  }

  private Optional<AccountSnapshot> find(AccountJid jid) {
    reads++;
    return Optional.of(nina.snapshot())
        .filter(account -> account.account().jid().equals(jid))
        .map(sealer::read);
  }

  /// Makes the stored key stand at a counter.
  private void stand(long counter, long accepted, boolean restored) {
    row = row.withVerifier(verifier(counter, accepted, restored));
    nina.replace(row);
  }

  @BeforeEach
  void standAtTheStart() {
    stand(0, 0, false);
  }

  /// What the commit of an admitted sign-in does.
  private void admit(Proof proof) {
    row =
        row.withVerifier(
            ((Verifier.ClientKey) row.verifier()).afterUse(proof.counter().orElseThrow()));
    nina.replace(row);
  }

  private SaslExchange server(
      ClientKeyVariant variant, ConnectionFacts facts, Optional<Jid> from, String... offered) {
    return new ClientKeyMechanism(variant, directory, macs)
        .begin(
            new SignInRequest(
                facts, NINA.domain(), from, Stream.of(offered).map(MechanismName::new).toList()));
  }

  private ClientKeyClient client(long counter) {
    return ClientKeyClient.begin(PLUS, NINA, held, counter, bound);
  }

  private SaslStep send(ClientKeyVariant variant, ConnectionFacts facts, Optional<Bytes> message) {
    return server(variant, facts, Optional.of(NINA.jid()), "CLIENT-KEY-PLUS").next(message);
  }

  private SaslStep signIn(long counter) {
    return send(PLUS, connection, client(counter).initialResponse());
  }

  private static SaslStep.Failure failure(SaslCondition wire, FailureReason log) {
    return new SaslStep.Failure(wire, log);
  }

  private static SaslStep.Failure refused(FailureReason log) {
    return failure(SaslCondition.NOT_AUTHORIZED, log);
  }

  private SaslStep.Failure suspicious(FailureReason log, Suspicion suspicion) {
    return new SaslStep.Failure(
        SaslCondition.NOT_AUTHORIZED,
        log,
        Optional.of(new Evidence(row.account(), phone.id(), row.id(), suspicion)));
  }

  private SaslStep.Failure unknownCounter() {
    return suspicious(FailureReason.COUNTER_UNKNOWN, Suspicion.COUNTER_UNKNOWN);
  }

  private SaslStep.Failure reusedCounter() {
    return suspicious(FailureReason.COUNTER_REUSED, Suspicion.COUNTER_REUSED);
  }

  private SaslStep.Failure lateCounter() {
    return suspicious(FailureReason.COUNTER_SKIPPED, Suspicion.COUNTER_LATE);
  }

  private static final SaslStep MALFORMED =
      failure(SaslCondition.MALFORMED_REQUEST, FailureReason.MALFORMED_MESSAGE);

  // The counter

  @ParameterizedTest
  @ValueSource(longs = {100, 101, 163})
  @Spec(doc = "latchkey", section = "56", rule = "in [stored, stored+64): accepted")
  void takesACounterThatIsALittleAhead(long counter) {
    stand(100, -1L, false);
    SaslStep.Success success = (SaslStep.Success) signIn(counter);
    assertThat(success.who().counter()).isEqualTo(OptionalLong.of(counter));
  }

  @ParameterizedTest
  @ValueSource(longs = {164, 165, 4195, 5_000_000_000L})
  void refusesACounterThatIsFarAhead(long counter) {
    stand(100, -1L, false);
    assertThat(signIn(counter)).isEqualTo(unknownCounter());
  }

  @Test
  @Spec(doc = "latchkey", section = "40", rule = "once after a restore, 4096 ahead")
  void takesACounterThatIsFarAheadOnceAfterARestore() {
    stand(100, -1L, true);
    assertThat(signIn(100 + 4096)).isEqualTo(unknownCounter());
    admit(((SaslStep.Success) signIn(100 + 4095)).who());
    assertThat(signIn(4196 + 64)).isEqualTo(unknownCounter());
    assertThat(signIn(4196 + 63)).isInstanceOf(SaslStep.Success.class);
  }

  @ParameterizedTest
  @CsvSource({"99, true", "98, false", "97, true", "36, false", "35, true", "0, true"})
  @Spec(doc = "latchkey", section = "56", rule = "accepted before: a clone; skipped: came late")
  void tellsACounterThatSignedInFromOneThatWasSkipped(long counter, boolean accepted) {
    stand(100, 0b101, false); // 99 and 97 have signed in; 35 and older are not remembered
    assertThat(signIn(counter)).isEqualTo(accepted ? reusedCounter() : lateCounter());
  }

  @Test
  void looksBackSoFarAndNoFurther() {
    stand(5000, 0, false);
    assertThat(signIn(5000 - 1024)).isEqualTo(reusedCounter());
    assertThat(signIn(5000 - 1025)).isEqualTo(unknownCounter());
  }

  @Test
  @Spec(doc = "latchkey", section = "56", rule = "two logins with one value: the loser is a clone")
  void ofTwoThatRaceWithOneCounterTheSecondIsEvidence() {
    SaslStep first = signIn(0);
    SaslStep second = signIn(0); // both read before either was written
    assertThat(second).isEqualTo(first).isInstanceOf(SaslStep.Success.class);
    admit(((SaslStep.Success) first).who());
    assertThat(signIn(0)).isEqualTo(reusedCounter()); // the loser is tried again
  }

  @Test
  @Spec(doc = "latchkey", section = "56", rule = "a skipped value comes late: no state change")
  void aCounterThatWasOvertakenHarmsNothing() {
    Optional<Bytes> slow = client(0).initialResponse();
    admit(((SaslStep.Success) signIn(1)).who());
    assertThat(send(PLUS, connection, slow)).isEqualTo(lateCounter());
    assertThat(signIn(2)).isInstanceOf(SaslStep.Success.class);
  }

  @Test
  void anOlderCounterFromAClonedStoreIsEvidence() {
    for (long counter = 0; counter < 6; counter++) {
      admit(((SaslStep.Success) signIn(counter)).who());
    }
    assertThat(signIn(3)).isEqualTo(reusedCounter());
  }

  @Test
  void aReplayOnASecondConnectionFailsEitherWay() {
    Optional<Bytes> recorded = client(0).initialResponse();
    ConnectionFacts second =
        new ConnectionFacts(
            Map.of(ChannelBindingType.TLS_EXPORTER, Bytes.random(32, random)), Optional.empty());
    admit(((SaslStep.Success) send(PLUS, connection, recorded)).who());
    assertThat(send(PLUS, second, recorded)).isEqualTo(unknownCounter());
    assertThat(send(PLUS, connection, recorded)).isEqualTo(reusedCounter());
  }

  // Who stands between

  @Test
  @Spec(doc = "latchkey", section = "56", rule = "a foreign channel is no evidence of a clone")
  void theKeySurvivesARelayThatEndsTls() {
    for (long counter = 0; counter < 9; counter++) {
      ChannelBindingChoice toRelay =
          new ChannelBindingChoice.Bound(ChannelBindingType.TLS_EXPORTER, Bytes.random(32, random));
      ClientKeyClient relayed = ClientKeyClient.begin(PLUS, NINA, held, counter, toRelay);
      assertThat(send(PLUS, connection, relayed.initialResponse())).isEqualTo(unknownCounter());
    }
    SaslStep.Success home = (SaslStep.Success) signIn(9);
    assertThat(home.who().counter()).hasValue(9);
  }

  @Test
  void whoHasOnlyTheValidationKeySignsInNever() {
    HeldClientKey relay =
        new HeldClientKey(CLIENT_ID, Secret.of(Bytes.random(32, random)), validationKey);
    assertThat(
            send(
                PLUS,
                connection,
                ClientKeyClient.begin(PLUS, NINA, relay, 0, bound).initialResponse()))
        .isEqualTo(unknownCounter());
  }

  @Test
  @Spec(
      doc = "draft-cridland-kitten-clientkey-00",
      section = "6.2",
      rule = "what the server stores does not sign in")
  void whoHasOnlyTheDatabaseSignsInNever() {
    for (Secret guess : List.of(material.encryptedSecret(), material.validator())) {
      HeldClientKey stolen = new HeldClientKey(CLIENT_ID, material.encryptedSecret(), guess);
      assertThat(
              send(
                  PLUS,
                  connection,
                  ClientKeyClient.begin(PLUS, NINA, stolen, 0, bound).initialResponse()))
          .isEqualTo(refused(FailureReason.NO_MATCH));
    }
  }

  @Test
  void aProofWithoutBindingIsNoneWithBinding() {
    ClientKeyMessage bare =
        ClientKeyMessage.parse(
                ClientKeyClient.begin(ClientKeyVariant.CLIENT_KEY, NINA, held, 0, UNABLE)
                    .initialResponse()
                    .orElseThrow())
            .orElseThrow();
    Bytes message =
        new ClientKeyMessage(
                Gs2Header.of(bound, Optional.empty()),
                "nina",
                CLIENT_ID,
                bare.proof(),
                validationKey)
            .octets();
    assertThat(send(PLUS, connection, Optional.of(message))).isEqualTo(unknownCounter());
  }

  // Dead and resting keys

  @Test
  @Spec(doc = "latchkey", section = "41", rule = "proven and revoked: the peer hears so")
  void refusesARevokedKey() {
    nina.replace(row.withStatus(CredentialStatus.REVOKED));
    assertThat(signIn(0))
        .isEqualTo(
            SaslStep.Failure.ofProven(CredentialKind.CLIENT_KEY, FailureReason.CREDENTIAL_REVOKED))
        .isInstanceOfSatisfying(
            SaslStep.Failure.class,
            failure -> assertThat(failure.manner()).isEqualTo(SaslStep.Failure.Manner.REVOKED));
  }

  @Test
  @Spec(doc = "latchkey", section = "41", rule = "what is not proven hears nothing")
  void whoHasOnlyTheValidationKeyOfADeadKeyDoesNotHearOfItsDeath() {
    nina.replace(row.withStatus(CredentialStatus.REVOKED));
    assertThat(signIn(64)).isEqualTo(refused(FailureReason.CREDENTIAL_REVOKED));
    nina.replace(row);
    clock.advance(Duration.ofDays(1));
    assertThat(signIn(64)).isEqualTo(refused(FailureReason.CREDENTIAL_EXPIRED));
  }

  @Test
  void refusesAnotherKeyUnderTheNameOfARevokedOne() {
    nina.replace(row.withStatus(CredentialStatus.REVOKED));
    HeldClientKey stranger =
        new HeldClientKey(CLIENT_ID, held.secret(), Secret.of(Bytes.random(32, random)));
    assertThat(
            send(
                PLUS,
                connection,
                ClientKeyClient.begin(PLUS, NINA, stranger, 0, bound).initialResponse()))
        .isEqualTo(refused(FailureReason.NO_MATCH));
  }

  @Test
  void refusesAnExpiredKey() {
    clock.advance(Duration.ofDays(1).minusMillis(1));
    assertThat(signIn(0)).isInstanceOf(SaslStep.Success.class);
    clock.advance(Duration.ofMillis(1));
    assertThat(signIn(0))
        .isEqualTo(failure(SaslCondition.CREDENTIALS_EXPIRED, FailureReason.CREDENTIAL_EXPIRED));
  }

  @Test
  @Spec(doc = "latchkey", section = "56", rule = "10 in a row: a pause of this key")
  void aPausedKeyIsAnUnknownOne() {
    paused.add(row.id());
    assertThat(signIn(0)).isEqualTo(refused(FailureReason.KEY_PAUSED));
    assertThat(macs.taken()).isEqualTo(1);
    paused.clear();
    assertThat(signIn(0)).isInstanceOf(SaslStep.Success.class);
  }

  @Test
  void ofSeveralWithOneNameTheLiveOneIsTried() {
    nina.replace(row.withStatus(CredentialStatus.REVOKED));
    assertThat(found().credential().status()).isEqualTo(CredentialStatus.REVOKED);
    Secret again = Secret.of(Bytes.random(32, random));
    ClientKeyMaterial renewed = ClientKeyMaterial.make(again, random);
    Credential live =
        nina.credential(
            "again",
            phone,
            new Verifier.ClientKey(
                CLIENT_ID, "Phone", renewed.encryptedSecret(), renewed.validator(), 0, 0, false));
    assertThat(found().credential()).isEqualTo(live);
    assertThat(signIn(0)).isEqualTo(refused(FailureReason.NO_MATCH));
  }

  private ClientKeyCandidate found() {
    return directory.find(NINA.domain(), "nina", CLIENT_ID).orElseThrow();
  }

  @Test
  void nobodyElseIsFound() {
    nina.credential("c", phone, SampleAccount.certificateOf(Bytes.utf8("x"), true));
    assertThat(directory.find(NINA.domain(), "nina", "other")).isEmpty();
    for (String name : List.of("bo", "nina@chat.example", "ni na")) {
      assertThat(directory.find(NINA.domain(), name, CLIENT_ID)).isEmpty();
    }
  }

  // What it costs

  private int cost(String authcid, String clientId, Secret key) {
    Bytes proof = Bytes.random(32, random);
    Bytes message =
        new ClientKeyMessage(Gs2Header.of(bound, Optional.empty()), authcid, clientId, proof, key)
            .octets();
    send(PLUS, connection, Optional.of(message));
    return macs.taken();
  }

  @Test
  @Spec(doc = "latchkey", section = "56", rule = "unknown account or client id: dummy HMACs")
  void whoHasNotShownTheValidationKeyCostsOneMacAndTwoUnsealings() {
    Secret wrong = Secret.of(Bytes.random(32, random));
    whoHasNothingCosts("nina", CLIENT_ID, wrong, 1);
    whoHasNothingCosts("nina", "other", validationKey, 1);
    whoHasNothingCosts("nobody", CLIENT_ID, validationKey, 1);
    // Whether that can be somebody's name is no secret, so nothing is read.
    whoHasNothingCosts("no body", CLIENT_ID, validationKey, 0);
    nina.replace(row.withStatus(CredentialStatus.REVOKED));
    whoHasNothingCosts("nina", CLIENT_ID, wrong, 1);
  }

  private void whoHasNothingCosts(String authcid, String clientId, Secret key, int read) {
    reads = 0;
    int _ = sealer.taken();
    assertThat(cost(authcid, clientId, key)).isEqualTo(1);
    assertThat(sealer.taken()).isEqualTo(2);
    assertThat(reads).isEqualTo(read);
  }

  @Test
  void whoHasShownItCostsTheCountersThatAreTried() {
    stand(5000, -1L, false);
    signIn(5000);
    assertThat(macs.taken()).isEqualTo(1 + 1 + 1); // validator, first counter, answer
    signIn(5063);
    assertThat(macs.taken()).isEqualTo(1 + 64 + 1);
    signIn(4999);
    assertThat(macs.taken()).isEqualTo(1 + 64 + 1);
    assertThat(cost("nina", CLIENT_ID, validationKey)).isEqualTo(1 + 64 + 1024);
    nina.replace(row.withStatus(CredentialStatus.REVOKED));
    assertThat(cost("nina", CLIENT_ID, validationKey)).isEqualTo(1 + 64 + 1024);
    stand(5000, -1L, true);
    assertThat(cost("nina", CLIENT_ID, validationKey)).isEqualTo(1 + 4096 + 1024);
  }

  @Test
  void theKeyOfNobodyNeverMatches() {
    // What a broken MAC would have to give for the dummy to match.
    ClientKeyMechanism broken =
        new ClientKeyMechanism(
            PLUS, directory, (hash, key, data) -> Bytes.of(new byte[hash.length()]));
    assertThat(
            broken
                .begin(new SignInRequest(connection, NINA.domain(), Optional.empty(), List.of()))
                .next(
                    ClientKeyClient.begin(
                            PLUS, AccountJid.parse("nobody@chat.example"), held, 0, bound)
                        .initialResponse()))
        .isEqualTo(refused(FailureReason.NO_MATCH));
  }

  // The gs2 header

  private SaslStep sendAs(ClientKeyVariant variant, ConnectionFacts facts, String header) {
    String own =
        ClientKeyClient.begin(ClientKeyVariant.CLIENT_KEY, NINA, held, 0, UNABLE)
            .initialResponse()
            .flatMap(Bytes::toUtf8)
            .orElseThrow();
    return send(variant, facts, Optional.of(Bytes.utf8(own.replace("n,,", header))));
  }

  @Test
  @Spec(doc = "RFC 5802", section = "6", rule = "y where -PLUS was offered fails")
  void refusesAClientThatWasToldThereIsNoBinding() {
    assertThat(sendAs(ClientKeyVariant.CLIENT_KEY, connection, "y,,"))
        .isEqualTo(refused(FailureReason.DOWNGRADE));
    assertThat(sendAs(PLUS, connection, "y,,")).isEqualTo(refused(FailureReason.DOWNGRADE));
    assertThat(reads).isZero();
  }

  @Test
  void takesAClientThatCouldBindWhereNothingWasOffered() {
    ClientKeyClient client =
        ClientKeyClient.begin(
            ClientKeyVariant.CLIENT_KEY, NINA, held, 0, new ChannelBindingChoice.NotOffered());
    assertThat(
            server(
                    ClientKeyVariant.CLIENT_KEY,
                    NO_BINDING,
                    Optional.empty(),
                    "CLIENT-KEY",
                    "SCRAM-SHA-256")
                .next(client.initialResponse()))
        .isInstanceOf(SaslStep.Success.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"p=tls-server-end-point,,", "p=tls-unique,,", "p=made.up,,"})
  @Spec(doc = "latchkey", section = "20", rule = "p= with a type not offered there is refused")
  void refusesABindingTypeThatThisConnectionLacks(String header) {
    assertThat(sendAs(PLUS, connection, header))
        .isEqualTo(refused(FailureReason.CHANNEL_BINDING_NOT_OFFERED));
  }

  @Test
  void refusesBindingWhereItDoesNotBelong() {
    assertThat(sendAs(PLUS, connection, "n,,")).isEqualTo(MALFORMED);
    assertThat(sendAs(ClientKeyVariant.CLIENT_KEY, connection, "p=tls-exporter,,"))
        .isEqualTo(MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"bo@chat.example", "nina@chat.example/phone", "nina", "nina@other.example"})
  void refusesToActAsSomebodyElse(String authzid) {
    assertThat(sendAs(ClientKeyVariant.CLIENT_KEY, connection, "n,a=" + authzid + ","))
        .isEqualTo(failure(SaslCondition.INVALID_AUTHZID, FailureReason.OTHER_AUTHZID));
  }

  @Test
  void takesItsOwnAddressAsAuthzid() {
    assertThat(sendAs(ClientKeyVariant.CLIENT_KEY, connection, "n,a=nina@chat.example,"))
        .isInstanceOf(SaslStep.Success.class);
  }

  @Test
  void refusesAStreamThatIsFromSomebodyElse() {
    assertThat(
            server(PLUS, connection, Optional.of(Jid.parse("bo@chat.example")))
                .next(client(0).initialResponse()))
        .isEqualTo(refused(FailureReason.OTHER_FROM));
    assertThat(macs.taken()).isEqualTo(1);
  }

  // The message

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "HEADER",
        "HEADER|nina|ID|PROOF",
        "HEADER|nina|ID|PROOF|KEY|",
        "|nina|ID|PROOF|KEY",
        "n|nina|ID|PROOF|KEY",
        "n,,,|nina|ID|PROOF|KEY",
        "n,a=,|nina|ID|PROOF|KEY",
        "x,,|nina|ID|PROOF|KEY",
        "HEADER||ID|PROOF|KEY",
        "HEADER|nina||PROOF|KEY",
        "HEADER|nina|ID||KEY",
        "HEADER|nina|ID|PROOF|",
        "HEADER|nina|ID|!|KEY",
        "HEADER|nina|ID|WNiIwIqlYfNw44zul2EhUyqIPXE=|KEY",
        "HEADER|nina|ID|PROOF|WNiIwIqlYfNw44zul2EhUyqIPXE=",
      })
  @Spec(doc = "latchkey", section = "57", rule = "a ValidationKey of 20 octets is malformed")
  void refusesAMessageThatIsNone(String message) {
    String base64 = Bytes.random(32, random).toBase64();
    String text =
        message
            .replace('|', '\0')
            .replace("HEADER", "n,,")
            .replace("ID", CLIENT_ID)
            .replace("PROOF", base64)
            .replace("KEY", base64);
    assertThat(send(ClientKeyVariant.CLIENT_KEY, connection, Optional.of(Bytes.utf8(text))))
        .isEqualTo(MALFORMED);
    assertThat(reads).isZero();
  }

  @Test
  void refusesAMessageThatIsNotUtf8() {
    assertThat(send(ClientKeyVariant.CLIENT_KEY, connection, Optional.of(Bytes.hex("c0af"))))
        .isEqualTo(MALFORMED);
  }

  // Both halves

  @ParameterizedTest
  @EnumSource
  @Spec(doc = "latchkey", section = "30.L", rule = "request and answer use the same counter")
  void bothHalvesAgree(ClientKeyVariant variant) {
    for (long counter = 0; counter < 5; counter++) {
      ClientKeyClient client =
          ClientKeyClient.begin(
              variant, NINA, held, counter, variant.bindsToChannel() ? bound : UNABLE);
      assertThat(client.name()).isEqualTo(variant.mechanism());
      SaslStep.Success success =
          (SaslStep.Success) send(variant, connection, client.initialResponse());
      client.verify(success.additionalData());
      Proof who = success.who();
      assertThat(who.jid()).isEqualTo(NINA);
      assertThat(who.credential()).isEqualTo(row.id());
      assertThat(who.device()).contains(new Proof.ProvenDevice(phone.id(), 4));
      assertThat(who.channelBound()).isEqualTo(variant.bindsToChannel());
      assertThat(who.counter()).hasValue(counter);
      admit(who);
    }
  }

  @Test
  @Spec(
      doc = "draft-cridland-kitten-clientkey-00",
      section = "4",
      rule = "the MAC covers the prepared name")
  void anySpellingOfTheNameSignsIn() {
    String prepared = client(0).initialResponse().flatMap(Bytes::toUtf8).orElseThrow();
    assertThat(send(PLUS, connection, Optional.of(Bytes.utf8(prepared.replace("nina", "NiNa")))))
        .isInstanceOf(SaslStep.Success.class);
  }

  @Test
  void theClientRefusesAServerThatDidNotProveItself() {
    ClientKeyClient client = client(0);
    MacInput input = new MacInput("nina", CLIENT_ID, Optional.of(exporter));
    Bytes secret = held.secret().reveal();
    for (Bytes data : List.of(input.answer(1), input.response(0), Bytes.EMPTY)) {
      Bytes wrong = Bytes.utf8(HmacHash.SHA_256.mac(secret, data).toBase64());
      assertThatThrownBy(() -> client.verify(Optional.of(wrong)))
          .isInstanceOf(SaslServerException.class)
          .hasMessage("the server did not prove that it knows the key");
    }
    assertThatThrownBy(() -> client.verify(Optional.empty()))
        .isInstanceOf(SaslServerException.class);
    assertThatThrownBy(() -> client.respond(Bytes.EMPTY)).isInstanceOf(SaslServerException.class);
  }

  @Test
  void theClientBindsWithPlusAndOnlyThere() {
    assertThatThrownBy(() -> ClientKeyClient.begin(PLUS, NINA, held, 0, UNABLE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> ClientKeyClient.begin(ClientKeyVariant.CLIENT_KEY, NINA, held, 0, bound))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> client(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void listsPlusOnlyWhereThereIsSomethingToBindTo() {
    ClientKeyMechanism plus = ClientKeyMechanism.of(PLUS, directory);
    assertThat(plus.usableOn(connection.kind())).isTrue();
    assertThat(plus.usableOn(NO_BINDING.kind())).isFalse();
    ClientKeyMechanism plain = ClientKeyMechanism.of(ClientKeyVariant.CLIENT_KEY, directory);
    assertThat(plain.usableOn(NO_BINDING.kind())).isTrue();
    assertThat(plain.name()).isEqualTo(new MechanismName("CLIENT-KEY"));
    assertThat(plus.name()).isEqualTo(new MechanismName("CLIENT-KEY-PLUS"));
  }
}

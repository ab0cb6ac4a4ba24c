// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.ht;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Decoys;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Domain;
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
import dev.latchkey.sasl.Proof;
import dev.latchkey.sasl.SaslCondition;
import dev.latchkey.sasl.SaslExchange;
import dev.latchkey.sasl.SaslServerException;
import dev.latchkey.sasl.SaslStep;
import dev.latchkey.sasl.SignInRequest;
import dev.latchkey.sasl.UserAgentId;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HtMechanismTest {
  private static final AccountJid NINA = AccountJid.parse("nina@chat.example");
  private static final AccountJid BO = AccountJid.parse("bo@chat.example");
  private static final UserAgentId AGENT = new UserAgentId("d4565fa7-4d72-4749-b3d3-740edbf87770");
  private static final UserAgentId OTHER_AGENT = new UserAgentId("another");
  private static final ConnectionFacts NO_BINDING = new ConnectionFacts(Map.of(), Optional.empty());

  private final SeededRandom random = SeededRandom.announced();
  private final ManualClock clock = new ManualClock(SampleAccount.CREATED);
  private final CountingMacs macs = new CountingMacs();
  private final CountingSealer sealer = new CountingSealer(random);
  private final SampleAccount nina = new SampleAccount(NINA.toString());
  private final SampleAccount bo = new SampleAccount(BO.toString());
  private final Device phone = nina.device("phone", DeviceStatus.ACTIVE, 4);
  private final LiveHtDirectory directory = new LiveHtDirectory(this::find, clock, sealer.decoys());
  private final ConnectionFacts connection = newConnection();
  private int reads;

  private Optional<AccountSnapshot> find(AccountJid jid) {
    reads++;
    return Stream.of(nina, bo)
        .map(SampleAccount::snapshot)
        .filter(account -> account.account().jid().equals(jid))
        .map(sealer::read)
        .findAny();
  }

  /// A TLS session that can be bound in every way.
  private ConnectionFacts newConnection() {
    Map<ChannelBindingType, Bytes> bindings = new EnumMap<>(ChannelBindingType.class);
    for (ChannelBindingType type : ChannelBindingType.values()) {
      bindings.put(type, Bytes.random(32, random));
    }
    return new ConnectionFacts(bindings, Optional.empty());
  }

  private Secret newToken() {
    return Secret.ofText(Bytes.random(32, random).toBase64());
  }

  private static Verifier.Fast fast(HtVariant variant, Secret token, UserAgentId agent) {
    return new Verifier.Fast(variant.mechanism().text(), token, agent.sha256(), true);
  }

  private Credential give(String name, HtVariant variant, Secret token) {
    return nina.credential(name, phone, fast(variant, token, AGENT));
  }

  private SaslExchange server(
      HtVariant variant, ConnectionFacts facts, Optional<Jid> from, Optional<UserAgentId> agent) {
    return new HtMechanism(variant, directory, macs)
        .begin(new SignInRequest(facts, NINA.domain(), from, agent, List.of()));
  }

  private SaslExchange server(HtVariant variant, ConnectionFacts facts) {
    return server(variant, facts, Optional.of(NINA.jid()), Optional.of(AGENT));
  }

  private Optional<Bytes> message(HtVariant variant, AccountJid account, Secret token) {
    return HtClient.begin(variant, account, token, connection).initialResponse();
  }

  private SaslStep signIn(HtVariant variant, Secret token) {
    return server(variant, connection).next(message(variant, NINA, token));
  }

  private static SaslStep.Failure failure(SaslCondition wire, FailureReason log) {
    return new SaslStep.Failure(wire, log);
  }

  private static final SaslStep REFUSED =
      failure(SaslCondition.NOT_AUTHORIZED, FailureReason.NO_MATCH);
  private static final SaslStep MALFORMED =
      failure(SaslCondition.MALFORMED_REQUEST, FailureReason.MALFORMED_MESSAGE);

  private static SaslStep dead(FailureReason why) {
    return failure(SaslCondition.CREDENTIALS_EXPIRED, why);
  }

  /// Told by a stream error: any `<failure/>` would cost the client a token that is still good.
  private static SaslStep asleep(FailureReason why) {
    return new SaslStep.Failure(
        SaslCondition.NOT_AUTHORIZED, why, Optional.empty(), SaslStep.Failure.Manner.STREAM_ERROR);
  }

  // Whose token it is

  @Test
  void refusesATokenOfAnotherAccount() {
    Secret token = newToken();
    Device hers = bo.device("hers", DeviceStatus.ACTIVE, 0);
    bo.credential("hers", hers, fast(HtVariant.HT_SHA_256_EXPR, token, AGENT));
    assertThat(signIn(HtVariant.HT_SHA_256_EXPR, token)).isEqualTo(REFUSED);
  }

  @Test
  void refusesANameThatTheStreamIsNotFrom() {
    Secret token = newToken();
    give("t", HtVariant.HT_SHA_256_EXPR, token);
    assertThat(
            server(HtVariant.HT_SHA_256_EXPR, connection, Optional.of(BO.jid()), Optional.of(AGENT))
                .next(message(HtVariant.HT_SHA_256_EXPR, NINA, token)))
        .isEqualTo(failure(SaslCondition.NOT_AUTHORIZED, FailureReason.OTHER_FROM));
  }

  @Test
  @Spec(doc = "latchkey", section = "35", rule = "looked up by account and user agent")
  void refusesATokenOfAnotherDevice() {
    Secret token = newToken();
    give("t", HtVariant.HT_SHA_256_EXPR, token);
    assertThat(
            server(
                    HtVariant.HT_SHA_256_EXPR,
                    connection,
                    Optional.of(NINA.jid()),
                    Optional.of(OTHER_AGENT))
                .next(message(HtVariant.HT_SHA_256_EXPR, NINA, token)))
        .isEqualTo(REFUSED);
  }

  @ParameterizedTest
  @EnumSource
  @Spec(doc = "XEP-0484", section = "4.4", rule = "a token is good for its mechanism only")
  void refusesATokenOfAnotherMechanism(HtVariant used) {
    for (HtVariant asked : HtVariant.values()) {
      Secret token = newToken();
      give(asked.name(), asked, token);
      if (used == asked) {
        assertThat(signIn(used, token)).isInstanceOf(SaslStep.Success.class);
      } else {
        assertThat(signIn(used, token)).isEqualTo(REFUSED);
      }
    }
  }

  @Test
  void refusesATruncatedToken() {
    String text = newToken().revealText();
    give("t", HtVariant.HT_SHA_256_NONE, Secret.ofText(text));
    assertThat(
            signIn(HtVariant.HT_SHA_256_NONE, Secret.ofText(text.substring(0, text.length() - 1))))
        .isEqualTo(REFUSED);
  }

  @Test
  @Spec(
      doc = "draft-schmaus-kitten-sasl-ht-09",
      section = "3.1",
      rule = "the key is the UTF-8 octets of the token's text")
  void takesNoMacUnderWhatTheTextEncodes() {
    Bytes encoded = Bytes.random(32, random);
    give("t", HtVariant.HT_SHA_256_NONE, Secret.ofText(encoded.toBase64()));
    assertThat(signIn(HtVariant.HT_SHA_256_NONE, Secret.of(encoded))).isEqualTo(REFUSED);
  }

  // Dead tokens

  @Test
  @Spec(doc = "XEP-0484", section = "5.2", rule = "credentials-expired: no longer trusted")
  void tellsWhoHoldsAnExpiredTokenThatItHasExpired() {
    Secret token = newToken();
    give("t", HtVariant.HT_SHA_256_EXPR, token);
    clock.advance(Duration.ofDays(1).minusMillis(1));
    assertThat(signIn(HtVariant.HT_SHA_256_EXPR, token)).isInstanceOf(SaslStep.Success.class);
    clock.advance(Duration.ofMillis(1));
    assertThat(signIn(HtVariant.HT_SHA_256_EXPR, token))
        .isEqualTo(dead(FailureReason.CREDENTIAL_EXPIRED));
    assertThat(signIn(HtVariant.HT_SHA_256_EXPR, newToken())).isEqualTo(REFUSED);
  }

  @Test
  @Spec(doc = "latchkey", section = "41", rule = "proven and dead: credentials-expired")
  void tellsWhoHoldsARevokedTokenOnly() {
    Secret token = newToken();
    Credential row = give("t", HtVariant.HT_SHA_256_EXPR, token);
    nina.replace(row.withStatus(CredentialStatus.REVOKED));
    assertThat(signIn(HtVariant.HT_SHA_256_EXPR, token))
        .isEqualTo(dead(FailureReason.CREDENTIAL_REVOKED));
    assertThat(signIn(HtVariant.HT_SHA_256_EXPR, newToken())).isEqualTo(REFUSED);
    nina.replace(row.withStatus(CredentialStatus.DISABLED));
    assertThat(signIn(HtVariant.HT_SHA_256_EXPR, token))
        .isEqualTo(dead(FailureReason.CREDENTIAL_NOT_LIVE));
  }

  @Test
  @Spec(doc = "latchkey", section = "39", rule = "another generation than the device's is revoked")
  void refusesATokenWhoseDeviceWasRevoked() {
    Secret token = newToken();
    Device revoked = nina.device("revoked", DeviceStatus.REVOKED, 1);
    nina.credential("r", revoked, fast(HtVariant.HT_SHA_256_EXPR, token, AGENT));
    assertThat(signIn(HtVariant.HT_SHA_256_EXPR, token))
        .isEqualTo(dead(FailureReason.CREDENTIAL_REVOKED));
  }

  @ParameterizedTest
  @EnumSource(names = {"PENDING", "DISABLED", "SUSPENDED"})
  @Spec(
      doc = "latchkey",
      section = "rule 63",
      rule = "what is no fault of the token is no failure of it")
  void refusesATokenWhoseDeviceMayNotSignIn(DeviceStatus status) {
    Secret token = newToken();
    Device resting = nina.device("resting", status, 1);
    nina.credential("r", resting, fast(HtVariant.HT_SHA_256_EXPR, token, AGENT));
    assertThat(signIn(HtVariant.HT_SHA_256_EXPR, token))
        .isEqualTo(asleep(FailureReason.DEVICE_NOT_ACTIVE));
  }

  @Test
  void refusesATokenOfADisabledAccount() {
    Secret token = newToken();
    give("t", HtVariant.HT_SHA_256_EXPR, token);
    nina.status(AccountStatus.DISABLED);
    assertThat(signIn(HtVariant.HT_SHA_256_EXPR, token))
        .isEqualTo(asleep(FailureReason.ACCOUNT_NOT_ACTIVE));
  }

  @Test
  void aTokenThatWasRotatedAwayIsEvidence() {
    Secret old = newToken();
    Credential row = give("old", HtVariant.HT_SHA_256_NONE, old);
    give("new", HtVariant.HT_SHA_256_NONE, newToken());
    nina.replace(row.withStatus(CredentialStatus.SUPERSEDED));
    assertThat(signIn(HtVariant.HT_SHA_256_NONE, old))
        .isEqualTo(
            new SaslStep.Failure(
                SaslCondition.CREDENTIALS_EXPIRED,
                FailureReason.CREDENTIAL_NOT_LIVE,
                Optional.of(
                    new Evidence(row.account(), phone.id(), row.id(), Suspicion.SUPERSEDED_USED))));
  }

  // The channel

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"HT_SHA_512_NONE", "HT_SHA_256_NONE"})
  void refusesTheBindingOfAnotherTlsSession(HtVariant variant) {
    Secret token = newToken();
    give("t", variant, token);
    assertThat(server(variant, newConnection()).next(message(variant, NINA, token)))
        .isEqualTo(REFUSED);
  }

  @ParameterizedTest
  @EnumSource(names = {"HT_SHA_512_EXPR", "HT_SHA_256_EXPR", "HT_SHA_512_UNIQ", "HT_SHA_256_UNIQ"})
  @Spec(
      doc = "draft-schmaus-kitten-sasl-ht-09",
      section = "3.1",
      rule = "the MAC covers the connection it is sent over")
  void refusesAReplayOnASecondConnection(HtVariant variant) {
    Secret token = newToken();
    give("t", variant, token);
    Optional<Bytes> recorded = message(variant, NINA, token);
    assertThat(server(variant, connection).next(recorded)).isInstanceOf(SaslStep.Success.class);
    ConnectionFacts second = sameCertificate(newConnection());
    assertThat(server(variant, second).next(recorded)).isEqualTo(REFUSED);
  }

  @ParameterizedTest
  @EnumSource(names = {"HT_SHA_512_NONE", "HT_SHA_256_NONE", "HT_SHA_512_ENDP", "HT_SHA_256_ENDP"})
  void anUnboundMessageIsTheSameEveryTime(HtVariant variant) {
    Secret token = newToken();
    give("t", variant, token);
    Optional<Bytes> recorded = message(variant, NINA, token);
    ConnectionFacts second = sameCertificate(newConnection());
    assertThat(HtClient.begin(variant, NINA, token, second).initialResponse()).isEqualTo(recorded);
    assertThat(server(variant, second).next(recorded)).isInstanceOf(SaslStep.Success.class);
  }

  private ConnectionFacts sameCertificate(ConnectionFacts other) {
    Map<ChannelBindingType, Bytes> bindings = new EnumMap<>(other.channelBindings());
    ChannelBindingType endPoint = ChannelBindingType.TLS_SERVER_END_POINT;
    bindings.put(endPoint, connection.channelBindings().get(endPoint));
    return new ConnectionFacts(bindings, Optional.empty());
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"HT_SHA_512_NONE", "HT_SHA_256_NONE"})
  @Spec(doc = "latchkey", section = "31", rule = "a missing binding is a failure, never empty")
  void aMissingBindingIsNoEmptyOne(HtVariant variant) {
    Secret token = newToken();
    give("t", variant, token);
    Bytes unbound =
        new HtMessage("nina", variant.hash().mac(token.reveal(), Bytes.utf8("Initiator"))).octets();
    assertThat(server(variant, NO_BINDING).next(Optional.of(unbound)))
        .isEqualTo(
            failure(SaslCondition.NOT_AUTHORIZED, FailureReason.CHANNEL_BINDING_NOT_OFFERED));
    assertThat(reads).isZero();
    assertThat(HtMechanism.of(variant, directory).usableOn(NO_BINDING.kind())).isFalse();
    assertThatThrownBy(() -> HtClient.begin(variant, NINA, token, NO_BINDING))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  @Spec(doc = "latchkey", section = "62", rule = "no -ENDP with a certificate that has no binding")
  void listsWhatTheConnectionCanBeBoundBy() {
    assertThat(listed(NO_BINDING)).containsExactly("HT-SHA-512-NONE", "HT-SHA-256-NONE");
    // TLS 1.3 with an Ed25519 certificate.
    assertThat(
            listed(
                new ConnectionFacts(
                    Map.of(ChannelBindingType.TLS_EXPORTER, Bytes.utf8("x")), Optional.empty())))
        .containsExactly(
            "HT-SHA-512-EXPR", "HT-SHA-256-EXPR", "HT-SHA-512-NONE", "HT-SHA-256-NONE");
    assertThat(listed(connection)).hasSize(8);
  }

  private List<String> listed(ConnectionFacts facts) {
    return HtMechanism.all(directory).stream()
        .filter(mechanism -> mechanism.usableOn(facts.kind()))
        .map(mechanism -> mechanism.name().text())
        .toList();
  }

  // What the request lacks

  @Test
  @Spec(doc = "latchkey", section = "63", rule = "no stream from: malformed-request")
  void wantsTheStreamToSayWhoItIsFrom() {
    assertThat(
            server(HtVariant.HT_SHA_256_NONE, connection, Optional.empty(), Optional.of(AGENT))
                .next(message(HtVariant.HT_SHA_256_NONE, NINA, newToken())))
        .isEqualTo(failure(SaslCondition.MALFORMED_REQUEST, FailureReason.NO_STREAM_FROM));
    assertThat(reads).isZero();
  }

  @Test
  @Spec(doc = "latchkey", section = "63", rule = "no user-agent id: malformed-request")
  void wantsTheIdOfTheUserAgent() {
    assertThat(
            server(HtVariant.HT_SHA_256_NONE, connection, Optional.of(NINA.jid()), Optional.empty())
                .next(message(HtVariant.HT_SHA_256_NONE, NINA, newToken())))
        .isEqualTo(failure(SaslCondition.MALFORMED_REQUEST, FailureReason.NO_USER_AGENT));
    assertThat(reads).isZero();
  }

  static Stream<Bytes> malformed() {
    Bytes proof = Bytes.of(new byte[HmacHash.SHA_256.length()]);
    Bytes nul = Bytes.of((byte) 0);
    return Stream.of(
        Bytes.EMPTY,
        nul,
        Bytes.utf8("nina"),
        Bytes.concat(Bytes.utf8("nina"), nul),
        Bytes.concat(nul, proof),
        Bytes.concat(Bytes.utf8("nina"), nul, proof.slice(0, 31)),
        Bytes.concat(Bytes.utf8("nina"), nul, proof, nul),
        Bytes.concat(Bytes.utf8("nina"), nul, Bytes.of(new byte[HmacHash.SHA_512.length()])),
        Bytes.concat(Bytes.hex("c0af"), nul, proof));
  }

  @ParameterizedTest
  @MethodSource
  void malformed(Bytes message) {
    assertThat(server(HtVariant.HT_SHA_256_NONE, connection).next(Optional.of(message)))
        .isEqualTo(MALFORMED);
    assertThat(reads).isZero();
  }

  @Test
  @Spec(doc = "RFC 4422", section = "3", rule = "no initial response: an empty challenge first")
  void asksOnceAndTakesOneMessage() {
    Secret token = newToken();
    give("t", HtVariant.HT_SHA_256_NONE, token);
    SaslExchange server = server(HtVariant.HT_SHA_256_NONE, connection);
    assertThat(server.next(Optional.empty())).isEqualTo(new SaslStep.Challenge(Bytes.EMPTY));
    Optional<Bytes> message = message(HtVariant.HT_SHA_256_NONE, NINA, token);
    assertThat(server.next(message)).isInstanceOf(SaslStep.Success.class);
    assertThatThrownBy(() -> server.next(message)).isInstanceOf(IllegalStateException.class);
    SaslExchange silent = server(HtVariant.HT_SHA_256_NONE, connection);
    silent.next(Optional.empty());
    assertThat(silent.next(Optional.empty())).isEqualTo(MALFORMED);
  }

  // What it costs

  @Test
  @Spec(doc = "latchkey", section = "41", rule = "unknown must look like wrong")
  void unknownAndWrongCostTheSameAndWhoIsRightNoMore() {
    Secret right = newToken();
    Secret revoked = newToken();
    give("right", HtVariant.HT_SHA_256_EXPR, right);
    nina.replace(
        give("revoked", HtVariant.HT_SHA_256_EXPR, revoked).withStatus(CredentialStatus.REVOKED));
    Cost cost = new Cost(124, 124, 1);
    assertThat(cost(NINA.localpart(), newToken())).isEqualTo(cost);
    assertThat(cost("nobody", right)).isEqualTo(cost);
    assertThat(cost("bo", right)).as("has no token").isEqualTo(cost);
    // Whether that can be somebody's name is no secret, so nothing is read.
    assertThat(cost("no body", right)).isEqualTo(new Cost(124, 124, 0));
    // The answer tells that it was right, so its cost may tell, too: one MAC to see, one to answer.
    assertThat(cost(NINA.localpart(), right)).isEqualTo(new Cost(2, 1, 1));
    assertThat(cost(NINA.localpart(), revoked)).isEqualTo(new Cost(3, 2, 1));
  }

  private record Cost(int macs, int unsealed, int reads) {}

  private Cost cost(String authcid, Secret token) {
    reads = 0;
    HtVariant variant = HtVariant.HT_SHA_256_EXPR;
    Bytes bindingData = variant.bindingData(connection).orElseThrow();
    Bytes proof = variant.hash().mac(token.reveal(), HtMessage.initiated(bindingData));
    server(variant, connection).next(Optional.of(new HtMessage(authcid, proof).octets()));
    return new Cost(macs.taken(), sealer.taken(), reads);
  }

  @Test
  void aDummyNeverMatches() {
    give("t", HtVariant.HT_SHA_256_NONE, newToken());
    TokenTrial allMatchDummies =
        new TokenTrial(
            (hash, key, data) -> key.length() == hash.length() ? key : hash.mac(key, data),
            HtVariant.HT_SHA_256_NONE);
    assertThat(
            allMatchDummies.run(
                candidates(HtVariant.HT_SHA_256_NONE),
                Decoys.UNSEALED,
                Bytes.of(new byte[HmacHash.SHA_256.length()]),
                Bytes.EMPTY))
        .isEmpty();
  }

  // Several tokens

  private List<HtCandidate> candidates(HtVariant variant) {
    return directory.candidates(NINA.domain(), "nina", AGENT.sha256(), variant.mechanism());
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "35",
      rule = "4 devices, 2 slots each: the MAC names the device")
  void theProofNamesTheDevice() {
    for (int i = 1; i <= 4; i++) {
      Device device = nina.device("d" + i, DeviceStatus.ACTIVE, i);
      for (String slot : List.of("current", "new")) {
        Secret token = newToken();
        Credential row =
            nina.credential(slot + i, device, fast(HtVariant.HT_SHA_512_EXPR, token, AGENT));
        Proof who = ((SaslStep.Success) signIn(HtVariant.HT_SHA_512_EXPR, token)).who();
        assertThat(who.credential()).isEqualTo(row.id());
        assertThat(who.device()).contains(new Proof.ProvenDevice(device.id(), i));
      }
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "41",
      rule = "the use of a superseded token shows, however many others are dead")
  void theSupersededAreTriedBeforeOtherDeadOnes() {
    Secret copied = newToken();
    nina.replace(
        give("copied", HtVariant.HT_SHA_256_NONE, copied).withStatus(CredentialStatus.SUPERSEDED));
    for (int i = 0; i < 200; i++) {
      Credential made = give("dead" + i, HtVariant.HT_SHA_256_NONE, newToken());
      nina.replace(
          new Credential(
              made.id(),
              made.account(),
              made.device(),
              CredentialStatus.REVOKED,
              made.generation(),
              made.created().plusSeconds(1 + i),
              made.expires(),
              made.verifier()));
    }
    assertThat(((SaslStep.Failure) signIn(HtVariant.HT_SHA_256_NONE, copied)).evidence())
        .isPresent();
  }

  @Test
  void theLiveOnesAndTheNewestAreTriedHoweverManyAreDead() {
    Secret oldest = newToken();
    Credential live = give("live", HtVariant.HT_SHA_256_NONE, oldest);
    for (int i = 0; i < 200; i++) {
      Credential made = give("dead" + i, HtVariant.HT_SHA_256_NONE, newToken());
      nina.replace(
          new Credential(
              made.id(),
              made.account(),
              made.device(),
              CredentialStatus.SUPERSEDED,
              made.generation(),
              made.created().plusSeconds(1 + i),
              made.expires(),
              made.verifier()));
    }
    List<HtCandidate> tried = candidates(HtVariant.HT_SHA_256_NONE);
    assertThat(tried).hasSize(HtDirectory.MOST_CANDIDATES);
    assertThat(tried.getFirst().credential()).isEqualTo(live);
    assertThat(tried.get(1).credential().id().toString()).contains("dead199");
    assertThat(signIn(HtVariant.HT_SHA_256_NONE, oldest)).isInstanceOf(SaslStep.Success.class);
  }

  @Test
  void takesNothingElseOfADirectory() {
    give("t", HtVariant.HT_SHA_256_NONE, newToken());
    HtCandidate one = candidates(HtVariant.HT_SHA_256_NONE).getFirst();
    Bytes proof = Bytes.of(new byte[32]);
    TokenTrial trial = new TokenTrial(macs, HtVariant.HT_SHA_256_NONE);
    assertThatThrownBy(
            () ->
                trial.run(
                    Stream.generate(() -> one).limit(HtDirectory.MOST_CANDIDATES + 1).toList(),
                    Decoys.UNSEALED,
                    proof,
                    Bytes.EMPTY))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                new TokenTrial(macs, HtVariant.HT_SHA_256_EXPR)
                    .run(List.of(one), Decoys.UNSEALED, proof, Bytes.EMPTY))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void nobodyElseHasCandidates() {
    give("t", HtVariant.HT_SHA_256_NONE, newToken());
    nina.credential("c", phone, SampleAccount.certificateOf(Bytes.utf8("x"), true));
    assertThat(candidates(HtVariant.HT_SHA_256_NONE)).hasSize(1);
    for (String name : List.of("bo", "nobody", "nina@chat.example", "ni na")) {
      assertThat(
              directory.candidates(
                  NINA.domain(), name, AGENT.sha256(), HtVariant.HT_SHA_256_NONE.mechanism()))
          .isEmpty();
    }
    assertThat(
            directory.candidates(
                new Domain("other.example"),
                "nina",
                AGENT.sha256(),
                HtVariant.HT_SHA_256_NONE.mechanism()))
        .isEmpty();
  }

  // Both halves

  @ParameterizedTest
  @EnumSource
  @Spec(
      doc = "draft-schmaus-kitten-sasl-ht-09",
      section = "3.3",
      rule = "the client checks the responder's MAC")
  void bothHalvesAgree(HtVariant variant) {
    Secret token = newToken();
    Credential row = give("t", variant, token);
    for (String spelling : List.of("nina@chat.example", "NiNa@chat.example")) {
      HtClient client = HtClient.begin(variant, AccountJid.parse(spelling), token, connection);
      assertThat(client.name()).isEqualTo(variant.mechanism());
      SaslStep.Success success =
          (SaslStep.Success) server(variant, connection).next(client.initialResponse());
      client.verify(success.additionalData());
      Proof who = success.who();
      assertThat(who.jid()).isEqualTo(NINA);
      assertThat(who.credential()).isEqualTo(row.id());
      assertThat(who.device()).contains(new Proof.ProvenDevice(phone.id(), 4));
      assertThat(who.channelBound()).isEqualTo(variant.binding().isPresent());
      assertThat(who.counter()).isEmpty();
      assertThat(who.enrolmentKey()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"Responder", "responder", "Initiator", ""})
  void theClientRefusesAServerThatDidNotProveItself(String label) {
    Secret token = newToken();
    HtClient client = HtClient.begin(HtVariant.HT_SHA_256_EXPR, NINA, token, connection);
    // No label is right without this connection's binding.
    Bytes answer = HmacHash.SHA_256.mac(token.reveal(), Bytes.utf8(label));
    assertThatThrownBy(() -> client.verify(Optional.of(answer)))
        .isInstanceOf(SaslServerException.class)
        .hasMessage("the server did not prove that it knows the token");
    assertThatThrownBy(() -> client.verify(Optional.empty()))
        .isInstanceOf(SaslServerException.class);
    assertThatThrownBy(() -> client.respond(Bytes.EMPTY)).isInstanceOf(SaslServerException.class);
  }
}

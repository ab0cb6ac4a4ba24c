// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Jid;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.ConnectionFacts;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.sasl.Proof;
import dev.latchkey.sasl.SaslCondition;
import dev.latchkey.sasl.SaslExchange;
import dev.latchkey.sasl.SaslMechanism;
import dev.latchkey.sasl.SaslStep;
import dev.latchkey.sasl.SignInRequest;
import dev.latchkey.sasl.gs2.ChannelBindingChoice;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScramMechanismTest {
  private static final Domain DOMAIN = new Domain("chat.example");
  private static final Bytes EXPORTER = Bytes.utf8("exporter octets");
  private static final Bytes END_POINT = Bytes.utf8("end point octets");
  private static final ConnectionFacts TLS =
      new ConnectionFacts(
          Map.of(
              ChannelBindingType.TLS_EXPORTER,
              EXPORTER,
              ChannelBindingType.TLS_SERVER_END_POINT,
              END_POINT),
          Optional.empty());
  private static final ConnectionFacts END_POINT_ONLY =
      new ConnectionFacts(
          Map.of(ChannelBindingType.TLS_SERVER_END_POINT, END_POINT), Optional.empty());
  private static final ConnectionFacts NO_BINDING = new ConnectionFacts(Map.of(), Optional.empty());

  private final SeededRandom random = SeededRandom.announced();
  private final CountingArithmetic arithmetic = new CountingArithmetic();
  private final FixedDirectory directory =
      new FixedDirectory("nina@chat.example", new ScramParameters(Bytes.utf8("salt"), 4096))
          .password("printer", "device password")
          .code("code", "one-time code");

  private SignInRequest request(ConnectionFacts facts, Optional<String> from) {
    List<MechanismName> offered =
        ScramMechanism.all(directory, random).stream()
            .filter(mechanism -> mechanism.usableOn(facts.kind()))
            .map(SaslMechanism::name)
            .toList();
    return new SignInRequest(facts, DOMAIN, from.map(Jid::parse), offered);
  }

  private SaslExchange exchange(ScramVariant variant, ConnectionFacts facts) {
    return exchange(variant, facts, Optional.empty());
  }

  private SaslExchange exchange(
      ScramVariant variant, ConnectionFacts facts, Optional<String> from) {
    return new ScramMechanism(
            variant, directory, () -> Bytes.random(18, random).toBase64(), arithmetic)
        .begin(request(facts, from));
  }

  private static SaslStep send(SaslExchange exchange, String message) {
    return exchange.next(Optional.of(Bytes.utf8(message)));
  }

  private static String challenge(SaslStep step) {
    return ((SaslStep.Challenge) step).data().toUtf8().orElseThrow();
  }

  private static SaslStep.Failure failure(SaslCondition wire, FailureReason log) {
    return new SaslStep.Failure(wire, log);
  }

  private static SaslStep.Failure notAuthorized(FailureReason log) {
    return failure(SaslCondition.NOT_AUTHORIZED, log);
  }

  private static final SaslStep.Failure MALFORMED =
      failure(SaslCondition.MALFORMED_REQUEST, FailureReason.MALFORMED_MESSAGE);

  private ScramClient client(
      ScramVariant variant, String name, String password, ChannelBindingChoice binding) {
    return ScramClient.begin(
        variant,
        name,
        Optional.empty(),
        Secret.ofText(password),
        binding,
        Optional.empty(),
        Bytes.random(18, random).toBase64());
  }

  private static final ChannelBindingChoice BY_EXPORTER =
      new ChannelBindingChoice.Bound(ChannelBindingType.TLS_EXPORTER, EXPORTER);
  private static final ChannelBindingChoice UNABLE = new ChannelBindingChoice.Unable();

  private static SaslStep run(SaslExchange server, ScramClient client) {
    SaslStep first = server.next(client.initialResponse());
    return first instanceof SaslStep.Challenge(Bytes data)
        ? server.next(Optional.of(client.respond(data)))
        : first;
  }

  private SaslStep signIn(String name, String password, Optional<String> from) {
    return run(
        exchange(ScramVariant.SCRAM_SHA_256_PLUS, TLS, from),
        client(ScramVariant.SCRAM_SHA_256_PLUS, name, password, BY_EXPORTER));
  }

  // What success names

  @Test
  @Spec(doc = "latchkey", section = "15", rule = "the match names the credential")
  void namesTheDeviceWhosePasswordItWas() {
    Proof who = ((SaslStep.Success) signIn("nina", "device password", Optional.empty())).who();
    assertThat(who.account()).isEqualTo(new AccountId("acct-nina@chat.example"));
    assertThat(who.jid()).isEqualTo(AccountJid.parse("nina@chat.example"));
    assertThat(who.credential()).isEqualTo(new CredentialId("cred-printer"));
    assertThat(who.device()).contains(new Proof.ProvenDevice(new DeviceId("dev-printer"), 3));
    assertThat(who.enrolmentKey()).isEmpty();
    assertThat(who.channelBound()).isTrue();
    assertThat(who.counter()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  @Spec(
      doc = "latchkey",
      section = "7",
      rule = "the ServerKey is that of the verifier that matched")
  void givesTheServerKeyOfTheCodeThatMatched(ScramVariant variant) {
    ScramClient client =
        client(variant, "nina", "one-time code", variant.bindsToChannel() ? BY_EXPORTER : UNABLE);
    SaslStep.Success success = (SaslStep.Success) run(exchange(variant, TLS), client);
    client.verify(success.additionalData());
    assertThat(success.who().credential()).isEqualTo(new CredentialId("cred-code"));
    assertThat(success.who().device()).isEmpty();
    assertThat(success.who().enrolmentKey()).contains(client.enrolmentKey());
    assertThat(client.enrolmentKey().hash()).isEqualTo(variant.hash());
    assertThat(client.enrolmentKey().serverKey().reveal().length())
        .isEqualTo(variant.hash().length());
    assertThat(success.who().channelBound()).isEqualTo(variant.bindsToChannel());
  }

  @Test
  @Spec(doc = "latchkey", section = "15", rule = "candidates are loaded at client-final")
  void doesNotReadTheAccountBeforeThereIsAProof() {
    SaslExchange server = exchange(ScramVariant.SCRAM_SHA_256, NO_BINDING);
    ScramClient client = client(ScramVariant.SCRAM_SHA_256, "nina", "one-time code", UNABLE);
    Bytes challenge = ((SaslStep.Challenge) server.next(client.initialResponse())).data();
    assertThat(directory.reads).isZero();
    directory.clear(); // revoked between the challenge and the proof
    assertThat(server.next(Optional.of(client.respond(challenge))))
        .isEqualTo(notAuthorized(FailureReason.NO_MATCH));
    assertThat(directory.reads).isEqualTo(1);
  }

  // Listing

  @Test
  void listsBindingMechanismsOnlyWhereThereIsSomethingToBindTo() {
    assertThat(ScramMechanism.all(directory, random))
        .extracting(mechanism -> mechanism.name().text())
        .containsExactly("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1");
    assertThat(request(NO_BINDING, Optional.empty()).offered())
        .extracting(MechanismName::text)
        .containsExactly("SCRAM-SHA-256", "SCRAM-SHA-1");
    assertThat(request(END_POINT_ONLY, Optional.empty()).offered()).hasSize(4);
  }

  // The beginning

  @Test
  @Spec(doc = "RFC 4422", section = "3", rule = "no initial response: an empty challenge first")
  void asksForTheFirstMessageOnce() {
    SaslExchange server = exchange(ScramVariant.SCRAM_SHA_256, NO_BINDING);
    assertThat(server.next(Optional.empty())).isEqualTo(new SaslStep.Challenge(Bytes.EMPTY));
    assertThat(challenge(send(server, "n,,n=nina,r=abc"))).startsWith("r=abc");
  }

  @Test
  void refusesASilentClient() {
    SaslExchange server = exchange(ScramVariant.SCRAM_SHA_256, NO_BINDING);
    server.next(Optional.empty());
    assertThat(server.next(Optional.empty())).isEqualTo(MALFORMED);
  }

  @Test
  void refusesAnEmptyInitialResponse() {
    assertThat(send(exchange(ScramVariant.SCRAM_SHA_256, NO_BINDING), "")).isEqualTo(MALFORMED);
  }

  @Test
  @Spec(doc = "latchkey", section = "20", rule = "m= is malformed")
  void refusesTheReservedExtension() {
    assertThat(send(exchange(ScramVariant.SCRAM_SHA_256, NO_BINDING), "n,,m=x,n=nina,r=abc"))
        .isEqualTo(MALFORMED);
  }

  @Test
  void anExchangeThatEndedTakesNothingMore() {
    SaslExchange server = exchange(ScramVariant.SCRAM_SHA_256, NO_BINDING);
    send(server, "garbage");
    assertThatThrownBy(() -> send(server, "n,,n=nina,r=abc"))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void addsANonceOfItsOwnEachTime() {
    SaslMechanism mechanism = ScramMechanism.of(ScramVariant.SCRAM_SHA_256, directory, random);
    SignInRequest request = request(NO_BINDING, Optional.empty());
    String one = challenge(send(mechanism.begin(request), "n,,n=nina,r=abc"));
    String other = challenge(send(mechanism.begin(request), "n,,n=nina,r=abc"));
    assertThat(one).matches("r=abc[!-+\\--~]{32},s=.*,i=4096,h=.*").isNotEqualTo(other);
  }

  // Channel binding

  @ParameterizedTest
  @EnumSource(names = {"SCRAM_SHA_256", "SCRAM_SHA_1"})
  @Spec(doc = "RFC 5802", section = "6", rule = "y where -PLUS was offered fails")
  void refusesAClientThatWasToldThereIsNoBinding(ScramVariant variant) {
    assertThat(send(exchange(variant, TLS), "y,,n=nina,r=abc"))
        .isEqualTo(notAuthorized(FailureReason.DOWNGRADE));
    assertThat(directory.reads).isZero();
  }

  @Test
  @Spec(
      doc = "RFC 5802",
      section = "6",
      rule = "y is right where no SCRAM-...-PLUS was offered, whatever else binds")
  void takesAClientThatCouldBindWhereOnlyOthersDo() {
    SaslMechanism mechanism = ScramMechanism.of(ScramVariant.SCRAM_SHA_256, directory, random);
    SignInRequest request =
        new SignInRequest(
            TLS,
            DOMAIN,
            Optional.empty(),
            List.of(new MechanismName("CLIENT-KEY-PLUS"), new MechanismName("SCRAM-SHA-256")));
    assertThat(send(mechanism.begin(request), "y,,n=nina,r=abc"))
        .isInstanceOf(SaslStep.Challenge.class);
  }

  @Test
  void takesAClientThatCouldBindWhereNothingWasOffered() {
    assertThat(
            run(
                exchange(ScramVariant.SCRAM_SHA_256, NO_BINDING),
                client(
                    ScramVariant.SCRAM_SHA_256,
                    "nina",
                    "one-time code",
                    new ChannelBindingChoice.NotOffered())))
        .isInstanceOf(SaslStep.Success.class);
  }

  @Test
  void refusesABindingMechanismUsedWithoutBinding() {
    assertThat(send(exchange(ScramVariant.SCRAM_SHA_256_PLUS, TLS), "n,,n=nina,r=abc"))
        .isEqualTo(MALFORMED);
    assertThat(send(exchange(ScramVariant.SCRAM_SHA_256_PLUS, TLS), "y,,n=nina,r=abc"))
        .isEqualTo(notAuthorized(FailureReason.DOWNGRADE));
  }

  @Test
  void refusesBindingWithAMechanismThatDoesNotBind() {
    assertThat(send(exchange(ScramVariant.SCRAM_SHA_256, TLS), "p=tls-exporter,,n=nina,r=abc"))
        .isEqualTo(MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tls-exporter", "tls-unique", "TLS-SERVER-END-POINT", "made.up"})
  @Spec(doc = "latchkey", section = "20", rule = "p= with a type not offered there is refused")
  void refusesABindingTypeThatThisConnectionLacks(String type) {
    assertThat(
            send(
                exchange(ScramVariant.SCRAM_SHA_256_PLUS, END_POINT_ONLY),
                "p=" + type + ",,n=nina,r=abc"))
        .isEqualTo(notAuthorized(FailureReason.CHANNEL_BINDING_NOT_OFFERED));
  }

  @Test
  void bindsByTheServersCertificateToo() {
    assertThat(
            run(
                exchange(ScramVariant.SCRAM_SHA_1_PLUS, END_POINT_ONLY),
                client(
                    ScramVariant.SCRAM_SHA_1_PLUS,
                    "nina",
                    "one-time code",
                    new ChannelBindingChoice.Bound(
                        ChannelBindingType.TLS_SERVER_END_POINT, END_POINT))))
        .isInstanceOf(SaslStep.Success.class);
  }

  @Test
  @Spec(doc = "RFC 5802", section = "5.1", rule = "the proof covers the channel it is sent over")
  void refusesAProofThatWasMadeForAnotherChannel() {
    ChannelBindingChoice other =
        new ChannelBindingChoice.Bound(
            ChannelBindingType.TLS_EXPORTER, Bytes.utf8("the channel to the relay"));
    assertThat(
            run(
                exchange(ScramVariant.SCRAM_SHA_256_PLUS, TLS),
                client(ScramVariant.SCRAM_SHA_256_PLUS, "nina", "one-time code", other)))
        .isEqualTo(notAuthorized(FailureReason.WRONG_CHANNEL_BINDING));
    assertThat(directory.reads).isZero();
  }

  @Test
  void refusesAnotherHeaderInTheFinalMessageThanInTheFirst() {
    SaslExchange server = exchange(ScramVariant.SCRAM_SHA_256, NO_BINDING);
    String nonce = nonce(challenge(send(server, "n,,n=nina,r=abc")));
    String header = Bytes.utf8("y,,").toBase64();
    assertThat(send(server, "c=" + header + ",r=" + nonce + ",p=" + proof(32)))
        .isEqualTo(notAuthorized(FailureReason.WRONG_CHANNEL_BINDING));
  }

  private static String nonce(String serverFirst) {
    return serverFirst.substring(2, serverFirst.indexOf(','));
  }

  private static String proof(int length) {
    return Bytes.of(new byte[length]).toBase64();
  }

  // The end

  @Test
  void refusesAWrongPassword() {
    assertThat(signIn("nina", "wrong", Optional.empty()))
        .isEqualTo(notAuthorized(FailureReason.NO_MATCH));
  }

  @Test
  void refusesAnUnknownName() {
    assertThat(signIn("nobody", "one-time code", Optional.empty()))
        .isEqualTo(notAuthorized(FailureReason.NO_MATCH));
  }

  @ParameterizedTest
  @ValueSource(strings = {"abc", "abcd", "x", "XYZ"})
  @Spec(doc = "RFC 5802", section = "5.1", rule = "the final nonce is the one that was given")
  void refusesAChangedNonce(String nonce) {
    SaslExchange server = exchange(ScramVariant.SCRAM_SHA_256, NO_BINDING);
    send(server, "n,,n=nina,r=abc");
    assertThat(send(server, "c=biws,r=" + nonce + ",p=" + proof(32)))
        .isEqualTo(notAuthorized(FailureReason.NONCE_CHANGED));
    assertThat(directory.reads).isZero();
  }

  @Test
  void refusesAFinalMessageThatWasGoodOnce() {
    ScramClient client = client(ScramVariant.SCRAM_SHA_256, "nina", "device password", UNABLE);
    SaslExchange server = exchange(ScramVariant.SCRAM_SHA_256, NO_BINDING);
    Bytes first = client.initialResponse().orElseThrow();
    Bytes last = client.respond(((SaslStep.Challenge) server.next(Optional.of(first))).data());
    assertThat(server.next(Optional.of(last))).isInstanceOf(SaslStep.Success.class);

    SaslExchange again = exchange(ScramVariant.SCRAM_SHA_256, NO_BINDING);
    again.next(Optional.of(first));
    assertThat(again.next(Optional.of(last))).isEqualTo(notAuthorized(FailureReason.NONCE_CHANGED));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 20, 31, 33, 64})
  void refusesAProofOfAnotherLength(int length) {
    SaslExchange server = exchange(ScramVariant.SCRAM_SHA_256, NO_BINDING);
    String nonce = nonce(challenge(send(server, "n,,n=nina,r=abc")));
    assertThat(send(server, "c=biws,r=" + nonce + ",p=" + proof(length))).isEqualTo(MALFORMED);
  }

  @Test
  void refusesAnAbsentFinalMessage() {
    SaslExchange server = exchange(ScramVariant.SCRAM_SHA_256, NO_BINDING);
    send(server, "n,,n=nina,r=abc");
    assertThat(server.next(Optional.empty())).isEqualTo(MALFORMED);
  }

  @Test
  void aProofByOneHashIsNoneByTheOther() {
    ScramClient client = client(ScramVariant.SCRAM_SHA_1, "nina", "one-time code", UNABLE);
    SaslExchange server = exchange(ScramVariant.SCRAM_SHA_256, NO_BINDING);
    Bytes challenge = ((SaslStep.Challenge) server.next(client.initialResponse())).data();
    assertThat(server.next(Optional.of(client.respond(challenge)))).isEqualTo(MALFORMED);
  }

  // Who

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mallory@chat.example",
        "nina@other.example",
        "nina@chat.example/phone",
        "chat.example",
        "nina",
        "nina@",
        "@",
      })
  @Spec(doc = "latchkey", section = "20", rule = "a= is empty or the bare JID of n=")
  void refusesAnotherAuthorizationIdentity(String authzid) {
    assertThat(
            send(
                exchange(ScramVariant.SCRAM_SHA_256, NO_BINDING),
                "n,a=" + authzid + ",n=nina,r=abc"))
        .isEqualTo(failure(SaslCondition.INVALID_AUTHZID, FailureReason.OTHER_AUTHZID));
    assertThat(directory.reads).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"nina@chat.example", "NINA@CHAT.EXAMPLE", "nina@chat.example."})
  void takesTheOwnAuthorizationIdentityInAnySpelling(String authzid) {
    ScramClient client =
        ScramClient.begin(
            ScramVariant.SCRAM_SHA_256,
            "nina",
            Optional.of(authzid),
            Secret.ofText("one-time code"),
            UNABLE,
            Optional.empty(),
            "abc");
    assertThat(run(exchange(ScramVariant.SCRAM_SHA_256, NO_BINDING), client))
        .isInstanceOf(SaslStep.Success.class);
  }

  @Test
  @Spec(doc = "latchkey", section = "20", rule = "n= with an at-sign is not split")
  void doesNotTakeAnAddressForAName() {
    assertThat(signIn("nina@chat.example", "one-time code", Optional.empty()))
        .isEqualTo(notAuthorized(FailureReason.NO_MATCH));
    assertThat(
            send(
                exchange(ScramVariant.SCRAM_SHA_256, NO_BINDING),
                "n,a=nina@chat.example,n=nina@chat.example,r=abc"))
        .isEqualTo(failure(SaslCondition.INVALID_AUTHZID, FailureReason.OTHER_AUTHZID));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mallory@chat.example", "nina@other.example", "chat.example", "x@y/nina"})
  @Spec(doc = "latchkey", section = "20", rule = "another stream from fails as a wrong proof does")
  void refusesAStreamFromSomebodyElse(String from) {
    SaslStep.Failure other = (SaslStep.Failure) signIn("nina", "one-time code", Optional.of(from));
    int hmacs = arithmetic.hmacs;
    SaslStep.Failure wrong = (SaslStep.Failure) signIn("nina", "wrong", Optional.empty());
    assertThat(other).isEqualTo(notAuthorized(FailureReason.OTHER_FROM));
    assertThat(other.wire()).isEqualTo(wrong.wire());
    assertThat(arithmetic.hmacs - hmacs).isEqualTo(hmacs);
    assertThat(directory.reads).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nina@chat.example", "nina@chat.example/phone"})
  void takesAStreamFromTheAccount(String from) {
    assertThat(signIn("nina", "one-time code", Optional.of(from)))
        .isInstanceOf(SaslStep.Success.class);
  }

  @Test
  void aNameThatCannotBePreparedIsRefusedAsAnUnknownOne() {
    assertThat(signIn("ni na", "one-time code", Optional.empty()))
        .isEqualTo(notAuthorized(FailureReason.NO_MATCH));
    assertThat(signIn("ni na", "one-time code", Optional.of("nina@chat.example")))
        .isEqualTo(notAuthorized(FailureReason.OTHER_FROM));
  }

  // What it costs

  @Test
  @Spec(doc = "latchkey", section = "15", rule = "unknown, wrong and right cost the same")
  void unknownAndWrongAndRightCostTheSame() {
    assertThat(cost("nobody", "one-time code"))
        .isEqualTo(cost("nina", "wrong"))
        .isEqualTo(cost("nina", "one-time code"))
        .isEqualTo(cost("ni na", "one-time code"))
        .isEqualTo(List.of(65, 64));
  }

  private List<Integer> cost(String name, String password) {
    int hmacs = arithmetic.hmacs;
    int hashes = arithmetic.hashes;
    signIn(name, password, Optional.empty());
    return List.of(arithmetic.hmacs - hmacs, arithmetic.hashes - hashes);
  }

  // XEP-0474

  @Test
  @Spec(
      doc = "XEP-0474",
      section = "5.1",
      rule = "the challenge carries the hash of what was listed")
  void hashesExactlyWhatWasListed() {
    SaslOffer withBinding =
        new SaslOffer(
            List.of("SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"),
            Optional.of(List.of("tls-exporter", "tls-server-end-point")));
    SaslOffer withoutBinding =
        new SaslOffer(List.of("SCRAM-SHA-1", "SCRAM-SHA-256"), Optional.empty());
    for (ScramVariant variant : ScramVariant.values()) {
      assertThat(
              hash(
                  exchange(variant, TLS),
                  (variant.bindsToChannel() ? "p=tls-exporter" : "n") + ",,n=nina,r=abc"))
          .isEqualTo(withBinding.downgradeHash(variant.hash()));
    }
    assertThat(hash(exchange(ScramVariant.SCRAM_SHA_1, NO_BINDING), "n,,n=nina,r=abc"))
        .isEqualTo(withoutBinding.downgradeHash(ScramVariant.SCRAM_SHA_1.hash()));
  }

  private static Bytes hash(SaslExchange server, String first) {
    Bytes challenge = ((SaslStep.Challenge) server.next(Optional.of(Bytes.utf8(first)))).data();
    return ServerFirst.parse(challenge).flatMap(ServerFirst::downgradeHash).orElseThrow();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.xtoken;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Jid;
import dev.latchkey.credential.SampleAccount;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Verifier;
import dev.latchkey.sasl.ConnectionFacts;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.sasl.Proof;
import dev.latchkey.sasl.SaslCondition;
import dev.latchkey.sasl.SaslServerException;
import dev.latchkey.sasl.SaslStep;
import dev.latchkey.sasl.SignInRequest;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class XTokenMechanismTest {
  private static final AccountJid NINA = AccountJid.parse("nina@chat.example");
  private static final AccountJid BO = AccountJid.parse("bo@chat.example");
  private static final ConnectionFacts TLS = new ConnectionFacts(Map.of(), Optional.empty());

  private final SeededRandom random = SeededRandom.announced();
  private final ManualClock clock = new ManualClock(SampleAccount.CREATED);
  private final SampleAccount nina = new SampleAccount(NINA.toString());
  private final SampleAccount bo = new SampleAccount(BO.toString());
  private final Device web = nina.device("web", DeviceStatus.ACTIVE, 2);
  private final LiveTokenDirectory directory = new LiveTokenDirectory(this::find, clock);
  private final Secret token = newToken();
  private final Credential row = nina.credential("web", web, verifier(token));
  private int reads;
  private int comparisons;

  private Optional<AccountSnapshot> find(AccountJid jid) {
    reads++;
    return Stream.of(nina, bo)
        .map(SampleAccount::snapshot)
        .filter(account -> account.account().jid().equals(jid))
        .findAny();
  }

  private Secret newToken() {
    return Secret.ofText(Bytes.random(24, random).toBase64());
  }

  private static Verifier.AuthToken verifier(Secret token) {
    return new Verifier.AuthToken(token.reveal().sha256(), "xabber-web 2.3", "PC Linux x86_64");
  }

  private SaslStep send(Bytes message, Optional<Jid> from) {
    return new XTokenMechanism(
            directory,
            (one, other) -> {
              comparisons++;
              return HashComparison.CONSTANT_TIME.equal(one, other);
            })
        .begin(new SignInRequest(TLS, NINA.domain(), from, List.of()))
        .next(Optional.of(message));
  }

  private SaslStep signIn(AccountJid account, Secret shown) {
    return send(new XTokenClient(account, shown).initialResponse().orElseThrow(), Optional.empty());
  }

  private static SaslStep failure(SaslCondition wire, FailureReason log) {
    return new SaslStep.Failure(wire, log);
  }

  private static final SaslStep REFUSED =
      failure(SaslCondition.NOT_AUTHORIZED, FailureReason.NO_MATCH);

  @Test
  void refusesATokenOfAnotherAccount() {
    assertThat(signIn(BO, token)).isEqualTo(REFUSED);
    assertThat(signIn(AccountJid.parse("nobody@chat.example"), token)).isEqualTo(REFUSED);
  }

  @Test
  void refusesATruncatedOrAWrongToken() {
    String text = token.revealText();
    assertThat(signIn(NINA, Secret.ofText(text.substring(1)))).isEqualTo(REFUSED);
    assertThat(signIn(NINA, newToken())).isEqualTo(REFUSED);
  }

  @Test
  void refusesTheHashThatIsStored() {
    Bytes hash = token.reveal().sha256();
    assertThat(signIn(NINA, Secret.ofText(hash.toHex()))).isEqualTo(REFUSED);
    assertThat(signIn(NINA, Secret.ofText(hash.toBase64()))).isEqualTo(REFUSED);
  }

  @Test
  @Spec(doc = "latchkey", section = "41", rule = "having a copied token proves nothing")
  void aDeadTokenIsAnUnknownOne() {
    for (CredentialStatus status :
        List.of(CredentialStatus.REVOKED, CredentialStatus.SUPERSEDED, CredentialStatus.DISABLED)) {
      nina.replace(row.withStatus(status));
      assertThat(signIn(NINA, token)).isEqualTo(REFUSED);
    }
  }

  @Test
  void anExpiredTokenIsAnUnknownOne() {
    clock.advance(Duration.ofDays(1).minusMillis(1));
    assertThat(signIn(NINA, token)).isInstanceOf(SaslStep.Success.class);
    clock.advance(Duration.ofMillis(1));
    assertThat(signIn(NINA, token)).isEqualTo(REFUSED);
  }

  @ParameterizedTest
  @EnumSource(names = "ACTIVE", mode = EnumSource.Mode.EXCLUDE)
  void aTokenDiesWithItsDevice(DeviceStatus status) {
    Secret shown = newToken();
    nina.credential("d", nina.device("d", status, 1), verifier(shown));
    assertThat(signIn(NINA, shown)).isEqualTo(REFUSED);
  }

  @Test
  void refusesAStreamThatIsFromSomebodyElse() {
    assertThat(
            send(
                new XTokenClient(NINA, token).initialResponse().orElseThrow(),
                Optional.of(BO.jid())))
        .isEqualTo(failure(SaslCondition.NOT_AUTHORIZED, FailureReason.OTHER_FROM));
    assertThat(comparisons).isEqualTo(64);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "nina", "|nina", "|nina|", "||TOKEN", "nina|TOKEN", "|nina|TOKEN|x"})
  void refusesAMessageThatIsNone(String message) {
    assertMalformed(message);
  }

  @Test
  void takesNoAuthorizationIdentity() {
    assertMalformed("nina@chat.example|nina|TOKEN");
  }

  private void assertMalformed(String message) {
    Bytes octets = Bytes.utf8(message.replace('|', '\0').replace("TOKEN", token.revealText()));
    assertThat(send(octets, Optional.empty()))
        .isEqualTo(failure(SaslCondition.MALFORMED_REQUEST, FailureReason.MALFORMED_MESSAGE));
    assertThat(reads).isZero();
  }

  @Test
  void refusesAMessageThatIsNotUtf8() {
    assertThat(send(Bytes.hex("00c0af0078"), Optional.empty()))
        .isEqualTo(failure(SaslCondition.MALFORMED_REQUEST, FailureReason.MALFORMED_MESSAGE));
  }

  @Test
  void unknownAndWrongAndDeadAndRightCostTheSame() {
    Secret revoked = newToken();
    nina.replace(
        nina.credential("revoked", web, verifier(revoked)).withStatus(CredentialStatus.REVOKED));
    assertThat(cost(NINA, token)).isEqualTo(64);
    assertThat(cost(NINA, newToken())).isEqualTo(64);
    assertThat(cost(NINA, revoked)).isEqualTo(64);
    assertThat(cost(BO, token)).isEqualTo(64);
    assertThat(cost(AccountJid.parse("nobody@chat.example"), token)).isEqualTo(64);
  }

  private int cost(AccountJid account, Secret shown) {
    comparisons = 0;
    signIn(account, shown);
    return comparisons;
  }

  @Test
  void takesNoMoreCandidatesThanItCompares() {
    TokenCandidate one = new TokenCandidate(nina.snapshot(), row, Bytes.EMPTY.sha256());
    assertThatThrownBy(
            () ->
                XTokenMechanism.of((_, _) -> Stream.generate(() -> one).limit(65).toList())
                    .begin(new SignInRequest(TLS, NINA.domain(), Optional.empty(), List.of()))
                    .next(new XTokenClient(NINA, token).initialResponse()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void comparesTheNewestOfTooMany() {
    for (int i = 0; i < 80; i++) {
      Credential made = nina.credential("t" + i, web, verifier(newToken()));
      nina.replace(
          new Credential(
              made.id(),
              made.account(),
              made.device(),
              made.status(),
              made.generation(),
              made.created().plusSeconds(1 + i),
              made.expires(),
              made.verifier()));
    }
    nina.credential("c", web, SampleAccount.certificateOf(Bytes.utf8("x"), true));
    List<TokenCandidate> candidates = directory.candidates(NINA.domain(), "nina");
    assertThat(candidates).hasSize(64).extracting(TokenCandidate::credential).doesNotContain(row);
  }

  @Test
  void bothHalvesAgree() {
    XTokenClient client = new XTokenClient(AccountJid.parse("NiNa@chat.example"), token);
    assertThat(client.name()).isEqualTo(new MechanismName("X-TOKEN"));
    assertThat(XTokenMechanism.of(directory).usableOn(TLS.kind())).isTrue();
    SaslStep.Success success =
        (SaslStep.Success) send(client.initialResponse().orElseThrow(), Optional.of(NINA.jid()));
    client.verify(success.additionalData());
    Proof who = success.who();
    assertThat(who.jid()).isEqualTo(NINA);
    assertThat(who.credential()).isEqualTo(row.id());
    assertThat(who.device()).contains(new Proof.ProvenDevice(web.id(), 2));
    assertThat(who.channelBound()).isFalse();
    assertThat(who.counter()).isEmpty();
  }

  @Test
  void theClientTakesNothingThatTheMechanismDoesNotHave() {
    XTokenClient client = new XTokenClient(NINA, token);
    assertThatThrownBy(() -> client.respond(Bytes.EMPTY)).isInstanceOf(SaslServerException.class);
    assertThatThrownBy(() -> client.verify(Optional.of(Bytes.utf8("x"))))
        .isInstanceOf(SaslServerException.class);
  }
}

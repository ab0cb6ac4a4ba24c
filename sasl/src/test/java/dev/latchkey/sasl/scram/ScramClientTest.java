// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.ScramHash;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.sasl.SaslServerException;
import dev.latchkey.sasl.gs2.ChannelBindingChoice;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScramClientTest {
  private static final SaslOffer SEEN =
      new SaslOffer(
          List.of("SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"),
          Optional.of(List.of("tls-server-end-point", "tls-exporter")));
  private static final String CHALLENGE =
      "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096";
  private static final String SIGNATURE = "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=";

  /// As in RFC 5802 §5.
  private static ScramClient client(Optional<SaslOffer> seen) {
    return ScramClient.begin(
        ScramVariant.SCRAM_SHA_1,
        "user",
        Optional.empty(),
        Secret.ofText("pencil"),
        new ChannelBindingChoice.Unable(),
        seen,
        "fyko+d2lbbFgONRv9qkxdawL");
  }

  private static ScramClient answered() {
    ScramClient client = client(Optional.empty());
    client.respond(Bytes.utf8(CHALLENGE));
    return client;
  }

  private static Optional<Bytes> data(String text) {
    return Optional.of(Bytes.utf8(text));
  }

  @Test
  void speaksFirst() {
    AccountJid nina = AccountJid.parse("nina@chat.example");
    ScramClient one = begin(nina);
    ScramClient other = begin(nina);
    assertThat(one.name()).isEqualTo(new MechanismName("SCRAM-SHA-256-PLUS"));
    assertThat(one.initialResponse().flatMap(Bytes::toUtf8).orElseThrow())
        .matches("p=tls-exporter,,n=nina,r=[!-+\\--~]{32}")
        .isNotEqualTo(other.initialResponse().flatMap(Bytes::toUtf8).orElseThrow());
  }

  private final SeededRandom random = SeededRandom.announced();

  private ScramClient begin(AccountJid account) {
    return ScramClient.begin(
        ScramVariant.SCRAM_SHA_256_PLUS,
        account,
        Secret.ofText("pencil"),
        new ChannelBindingChoice.Bound(ChannelBindingType.TLS_EXPORTER, Bytes.utf8("cb")),
        Optional.empty(),
        random);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "r=fyko+d2lbbFgONRv9qkxdawL,s=QSXCR+Q6sek8bf92,i=4096",
        "r=fyko+d2lbbFgONRv9qkxdaw,s=QSXCR+Q6sek8bf92,i=4096",
        "r=Xyko+d2lbbFgONRv9qkxdawL3rfc,s=QSXCR+Q6sek8bf92,i=4096",
        "r=3rfcfyko+d2lbbFgONRv9qkxdawL,s=QSXCR+Q6sek8bf92,i=4096",
      })
  @Spec(doc = "RFC 5802", section = "5.1", rule = "the server's nonce begins with ours")
  void refusesANonceThatDoesNotAddToOurs(String challenge) {
    assertThatThrownBy(() -> client(Optional.empty()).respond(Bytes.utf8(challenge)))
        .isInstanceOf(SaslServerException.class)
        .hasMessage("the server did not add its nonce to ours");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4095, 1_000_001, 999_999_999})
  @Spec(doc = "RFC 7677", section = "4", rule = "at least 4096 iterations")
  void refusesAnIterationCountOutOfBounds(int iterations) {
    assertThatThrownBy(
            () ->
                client(Optional.empty())
                    .respond(Bytes.utf8(CHALLENGE.replace("i=4096", "i=" + iterations))))
        .isInstanceOf(SaslServerException.class)
        .hasMessageContaining("iteration count");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "garbage", "e=other-error", "m=x," + CHALLENGE})
  void refusesAChallengeThatIsNone(String challenge) {
    assertThatThrownBy(() -> client(Optional.empty()).respond(Bytes.utf8(challenge)))
        .isInstanceOf(SaslServerException.class);
  }

  @Test
  void answersOneChallengeOnly() {
    ScramClient client = answered();
    assertThatThrownBy(() -> client.respond(Bytes.utf8(CHALLENGE)))
        .isInstanceOf(SaslServerException.class);
    assertThatThrownBy(() -> client.verify(data(SIGNATURE)))
        .isInstanceOf(SaslServerException.class);
  }

  @Test
  void takesTheRightSignature() {
    ScramClient client = answered();
    client.verify(data(SIGNATURE));
    assertThat(client.enrolmentKey().hash()).isEqualTo(ScramHash.SHA_1);
    assertThat(client.enrolmentKey().serverKey().reveal().toHex())
        .isEqualTo("0fe09258b3ac852ba502cc62ba903eaacdbf7d31");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "v=",
        "v=AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "v=rmF9",
        "e=other-error",
        "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
      })
  @Spec(doc = "RFC 5802", section = "5", rule = "the client authenticates the server by v=")
  void refusesAServerThatDidNotProveItself(String additionalData) {
    ScramClient client = answered();
    assertThatThrownBy(() -> client.verify(data(additionalData)))
        .isInstanceOf(SaslServerException.class)
        .hasMessage("the server did not prove that it knows the secret");
    assertThatThrownBy(client::enrolmentKey).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void refusesSuccessWithoutASignature() {
    assertThatThrownBy(() -> answered().verify(Optional.empty()))
        .isInstanceOf(SaslServerException.class);
  }

  @Test
  void refusesSuccessBeforeTheProof() {
    ScramClient client = client(Optional.empty());
    assertThatThrownBy(() -> client.verify(data(SIGNATURE)))
        .isInstanceOf(SaslServerException.class);
  }

  @Test
  void doesNotGiveTheServerKeyBeforeTheServerIsAuthenticated() {
    assertThatThrownBy(() -> answered().enrolmentKey()).isInstanceOf(IllegalStateException.class);
  }

  @Test
  @Spec(doc = "XEP-0474", section = "5.2", rule = "another hash than that of what was seen: abort")
  void refusesAListThatWasChangedOnItsWay() {
    Bytes served =
        new SaslOffer(
                List.of("SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"),
                SEEN.channelBindingTypes())
            .downgradeHash(ScramHash.SHA_1);
    String challenge = CHALLENGE + ",h=" + served.toBase64();
    assertThatThrownBy(() -> client(Optional.of(SEEN)).respond(Bytes.utf8(challenge)))
        .isInstanceOf(SaslServerException.class)
        .hasMessageContaining("list of mechanisms was changed");
  }

  @Test
  void takesAListThatArrivedAsItWasSent() {
    String challenge = CHALLENGE + ",h=G6k/rBLDqgOhRRaCuuatSDFkJ08=";
    assertThat(client(Optional.of(SEEN)).respond(Bytes.utf8(challenge))).isNotNull();
    assertThat(client(Optional.of(SEEN)).respond(Bytes.utf8(CHALLENGE))).isNotNull();
  }

  @Test
  @Spec(doc = "XEP-0474", section = "5.1", rule = "no list of types is not an empty list of types")
  void hashesTheAbsenceOfBindingTypes() {
    assertThat(new SaslOffer(SEEN.mechanisms(), Optional.empty()).downgradeHash(ScramHash.SHA_1))
        .isNotEqualTo(
            new SaslOffer(SEEN.mechanisms(), Optional.of(List.of()))
                .downgradeHash(ScramHash.SHA_1));
  }

  @Test
  void bindsWithAPlusMechanismOnly() {
    assertThatThrownBy(
            () ->
                ScramClient.begin(
                    ScramVariant.SCRAM_SHA_256_PLUS,
                    AccountJid.parse("nina@chat.example"),
                    Secret.ofText("pencil"),
                    new ChannelBindingChoice.Unable(),
                    Optional.empty(),
                    random))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () ->
                ScramClient.begin(
                    ScramVariant.SCRAM_SHA_256,
                    AccountJid.parse("nina@chat.example"),
                    Secret.ofText("pencil"),
                    new ChannelBindingChoice.Bound(
                        ChannelBindingType.TLS_EXPORTER, Bytes.utf8("cb")),
                    Optional.empty(),
                    random))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> new ChannelBindingChoice.Bound(ChannelBindingType.TLS_EXPORTER, Bytes.EMPTY))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

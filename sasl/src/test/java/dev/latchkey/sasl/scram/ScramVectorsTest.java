// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.ConnectionFacts;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.sasl.SaslExchange;
import dev.latchkey.sasl.SaslStep;
import dev.latchkey.sasl.SignInRequest;
import dev.latchkey.sasl.gs2.ChannelBindingChoice;
import dev.latchkey.testkit.Spec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The published examples, every message of them, played by both halves.
class ScramVectorsTest {
  private static final ConnectionFacts PLAIN = new ConnectionFacts(Map.of(), Optional.empty());

  private record Example(
      ScramVariant variant,
      String salt,
      String clientNonce,
      String serverNonce,
      String clientFirst,
      String serverFirst,
      String clientFinal,
      String serverFinal) {}

  private static final Example RFC_5802 =
      new Example(
          ScramVariant.SCRAM_SHA_1,
          "QSXCR+Q6sek8bf92",
          "fyko+d2lbbFgONRv9qkxdawL",
          "3rfcNHYJY1ZVvWVs7j",
          "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
          "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
          "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
          "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=");

  private static final Example RFC_7677 =
      new Example(
          ScramVariant.SCRAM_SHA_256,
          "W22ZaJ0SNY7soEsUEjb6gQ==",
          "rOprNGfwEbeRWgbNEkqO",
          "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
          "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
          "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
          "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
              + "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
          "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");

  @Test
  @Spec(doc = "RFC 5802", section = "5", rule = "the example, all four messages")
  void rfc5802Section5Example() {
    play(RFC_5802);
  }

  @Test
  @Spec(doc = "RFC 7677", section = "3", rule = "the example, all four messages")
  void rfc7677Section3Example() {
    play(RFC_7677);
  }

  private static void play(Example example) {
    ScramClient client =
        ScramClient.begin(
            example.variant,
            "user",
            Optional.empty(),
            Secret.ofText("pencil"),
            new ChannelBindingChoice.Unable(),
            Optional.empty(),
            example.clientNonce);
    SaslExchange server =
        server(
            example.variant,
            example.salt,
            example.serverNonce,
            new SignInRequest(PLAIN, new Domain("chat.example"), Optional.empty(), List.of()));

    Bytes clientFirst = client.initialResponse().orElseThrow();
    assertThat(clientFirst.toUtf8()).contains(example.clientFirst);
    Bytes serverFirst = ((SaslStep.Challenge) server.next(Optional.of(clientFirst))).data();
    assertThat(serverFirst.toUtf8()).contains(example.serverFirst);
    Bytes clientFinal = client.respond(serverFirst);
    assertThat(clientFinal.toUtf8()).contains(example.clientFinal);
    SaslStep.Success success = (SaslStep.Success) server.next(Optional.of(clientFinal));
    assertThat(success.additionalData().flatMap(Bytes::toUtf8)).contains(example.serverFinal);
    client.verify(success.additionalData());
  }

  private static SaslExchange server(
      ScramVariant variant, String salt, String nonce, SignInRequest request) {
    FixedDirectory directory =
        new FixedDirectory(
                "user@" + request.domain(),
                new ScramParameters(Bytes.base64(salt).orElseThrow(), 4096))
            .password("cred-1", "pencil");
    return new ScramMechanism(variant, directory, () -> nonce, ScramArithmetic.PLATFORM)
        .begin(request);
  }

  @Test
  @Spec(doc = "XEP-0474", section = "5.3", rule = "the example: bound, hashed, with an extension")
  void xep0474Section5Example() {
    SaslExchange server =
        server(
            ScramVariant.SCRAM_SHA_1_PLUS,
            "QSXCR+Q6sek8bf92",
            "a09117a6-ac50-4f2f-93f1-93799c2bddf6",
            new SignInRequest(
                new ConnectionFacts(
                    Map.of(
                        ChannelBindingType.TLS_EXPORTER, Bytes.utf8("THIS IS FAKE CB DATA"),
                        ChannelBindingType.TLS_SERVER_END_POINT, Bytes.utf8("other")),
                    Optional.empty()),
                new Domain("example.org"),
                Optional.empty(),
                List.of(new MechanismName("SCRAM-SHA-1-PLUS"), new MechanismName("SCRAM-SHA-1"))));
    String nonce = "12C4CD5C-E38E-4A98-8F6D-15C38F51CCC6a09117a6-ac50-4f2f-93f1-93799c2bddf6";

    SaslStep challenge =
        server.next(
            Optional.of(
                Bytes.utf8("p=tls-exporter,,n=user,r=12C4CD5C-E38E-4A98-8F6D-15C38F51CCC6")));
    assertThat(((SaslStep.Challenge) challenge).data().toUtf8())
        .contains("r=" + nonce + ",s=QSXCR+Q6sek8bf92,i=4096,h=G6k/rBLDqgOhRRaCuuatSDFkJ08=");

    SaslStep end =
        server.next(
            Optional.of(
                Bytes.utf8(
                    "c=cD10bHMtZXhwb3J0ZXIsLFRISVMgSVMgRkFLRSBDQiBEQVRB,r="
                        + nonce
                        + ",x=19C6532F-1CF4-4A27-A18D-DC9CEA41BBB3,p=M/SIDjT+dfcxUh89jZEypRvFxB4=")));
    assertThat(((SaslStep.Success) end).additionalData().flatMap(Bytes::toUtf8))
        .contains("v=MQrMPvv7yv4x4Cq4W4Ih25EqS2c=");
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.Decoys;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.SampleAccount;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Verifier;
import dev.latchkey.sasl.clientkey.ClientKeyClient;
import dev.latchkey.sasl.clientkey.ClientKeyMaterial;
import dev.latchkey.sasl.clientkey.ClientKeyMechanism;
import dev.latchkey.sasl.clientkey.ClientKeyVariant;
import dev.latchkey.sasl.clientkey.HeldClientKey;
import dev.latchkey.sasl.clientkey.LiveClientKeyDirectory;
import dev.latchkey.sasl.gs2.ChannelBindingChoice;
import dev.latchkey.sasl.ht.HtClient;
import dev.latchkey.sasl.ht.HtMechanism;
import dev.latchkey.sasl.ht.HtVariant;
import dev.latchkey.sasl.ht.LiveHtDirectory;
import dev.latchkey.sasl.xtoken.XTokenClient;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// No specification of a token mechanism has vectors for what we speak, so each is written once
/// more from its formula, in another language: both must agree octet for octet.
class SecondImplementationTest {
  private static final int ROUNDS = 20;
  private static final List<String> NAMES = List.of("nina", "bo", "j\u00fcrgen", "\u4e2d\u6587");

  private final SeededRandom random = SeededRandom.announced();
  private final ManualClock clock = new ManualClock(SampleAccount.CREATED);
  private final SecondImplementation python = new SecondImplementation();
  @TempDir private Path folder;

  private AccountJid anyone() {
    return AccountJid.parse(NAMES.get(random.nextInt(NAMES.size())) + "@chat.example");
  }

  private Secret text(int octets) {
    return Secret.ofText(Bytes.random(octets, random).toBase64());
  }

  private static Optional<Bytes> utf8(String text) {
    return Optional.of(Bytes.utf8(text));
  }

  private static SaslStep.Success run(
      SaslMechanism server, ConnectionFacts facts, AccountJid account, ClientMechanism client) {
    return (SaslStep.Success)
        server
            .begin(
                new SignInRequest(
                    facts,
                    account.domain(),
                    Optional.of(account.jid()),
                    Optional.of(new UserAgentId("agent")),
                    List.of()))
            .next(client.initialResponse());
  }

  private static AccountSnapshot with(AccountJid account, Verifier verifier) {
    SampleAccount sample = new SampleAccount(account.toString());
    Device device = sample.device("phone", DeviceStatus.ACTIVE, 0);
    Credential _ = sample.credential("token", device, verifier);
    return sample.snapshot();
  }

  @Test
  @Spec(
      doc = "draft-schmaus-kitten-sasl-ht-09",
      section = "3",
      rule = "HMAC(token, \"Initiator\" || cb-data), and \"Responder\" in return")
  void htIsTheFormula() throws Exception {
    for (HtVariant variant : HtVariant.values()) {
      for (int round = 0; round < ROUNDS; round++) {
        AccountJid account = anyone();
        Secret token = text(1 + random.nextInt(150));
        Map<ChannelBindingType, Bytes> bindings = new EnumMap<>(ChannelBindingType.class);
        for (ChannelBindingType type : ChannelBindingType.values()) {
          bindings.put(type, Bytes.random(1 + random.nextInt(64), random));
        }
        ConnectionFacts facts = new ConnectionFacts(bindings, Optional.empty());
        AccountSnapshot snapshot =
            with(
                account,
                new Verifier.Fast(
                    variant.mechanism().text(), token, new UserAgentId("agent").sha256(), true));
        HtClient client = HtClient.begin(variant, account, token, facts);
        SaslStep.Success end =
            run(
                HtMechanism.of(
                    variant,
                    new LiveHtDirectory(_ -> Optional.of(snapshot), clock, Decoys.UNSEALED)),
                facts,
                account,
                client);
        python.add(
            "ht",
            List.of(
                utf8(variant.hash().word().replace("-", "").toLowerCase(Locale.ROOT)),
                utf8(account.localpart()),
                Optional.of(token.reveal()),
                Optional.of(variant.binding().map(bindings::get).orElse(Bytes.EMPTY))),
            client.initialResponse().orElseThrow(),
            end.additionalData().orElseThrow());
      }
    }
    python.agrees(folder);
  }

  /// So that the second implementation is not only ours twice: QXmpp's own test has a message of
  /// HT-SHA3-512-NONE, which differs from ours in the hash alone.
  @Test
  void theFormulaIsThatOfAnotherClient() throws Exception {
    Bytes published =
        Bytes.base64(
                "Ym93bWFuAJvHQZJynTMTHwKpXP0AYsGYWSIJMiQn/esiN1G6daGDry+2Fruyr11JLvyWPEmP1VxEZ6qB"
                    + "dNd/es7G1pRpmDg=")
            .orElseThrow();
    python.add(
        "ht-message",
        List.of(utf8("sha3_512"), utf8("bowman"), utf8("s3cr3tt0k3n"), Optional.of(Bytes.EMPTY)),
        published);
    python.agrees(folder);
  }

  @Test
  @Spec(
      doc = "draft-cridland-kitten-clientkey-00",
      section = "4",
      rule = "HMAC(Secret, \"Client Response\" NUL authcid NUL client-id NUL Counter NUL cb-data)")
  void clientKeyIsTheFormula() throws Exception {
    for (ClientKeyVariant variant : ClientKeyVariant.values()) {
      for (int round = 0; round < ROUNDS; round++) {
        AccountJid account = anyone();
        String id = text(1 + random.nextInt(40)).revealText();
        Secret validationKey = Secret.of(Bytes.random(32, random));
        ClientKeyMaterial material = ClientKeyMaterial.make(validationKey, random);
        HeldClientKey held =
            HeldClientKey.registered(id, validationKey, material.encryptedSecret()).orElseThrow();
        long counter = random.nextLong(round % 2 == 0 ? 3 : Long.MAX_VALUE - 64);
        Bytes exporter = Bytes.random(32, random);
        ConnectionFacts facts =
            new ConnectionFacts(
                Map.of(ChannelBindingType.TLS_EXPORTER, exporter), Optional.empty());
        ClientKeyClient client =
            ClientKeyClient.begin(
                variant,
                account,
                held,
                counter,
                variant.bindsToChannel()
                    ? new ChannelBindingChoice.Bound(ChannelBindingType.TLS_EXPORTER, exporter)
                    : new ChannelBindingChoice.Unable());
        AccountSnapshot snapshot =
            with(
                account,
                new Verifier.ClientKey(
                    id,
                    "Phone",
                    material.encryptedSecret(),
                    material.validator(),
                    counter,
                    0,
                    false));
        SaslStep.Success end =
            run(
                ClientKeyMechanism.of(
                    variant,
                    new LiveClientKeyDirectory(
                        _ -> Optional.of(snapshot), _ -> false, clock, Decoys.UNSEALED)),
                facts,
                account,
                client);
        python.add(
            "client-key",
            List.of(
                utf8(variant.bindsToChannel() ? "p=tls-exporter,," : "n,,"),
                utf8(account.localpart()),
                utf8(id),
                Optional.of(held.secret().reveal()),
                Optional.of(validationKey.reveal()),
                utf8(Long.toString(counter)),
                Optional.of(exporter).filter(data -> variant.bindsToChannel())),
            material.encryptedSecret().reveal(),
            material.validator().reveal(),
            client.initialResponse().orElseThrow(),
            end.additionalData().orElseThrow());
      }
    }
    python.agrees(folder);
  }

  @Test
  void clientKeyLinkIsTheFormula() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      AccountJid account = anyone();
      Secret serverKey = Secret.of(Bytes.random(round % 2 == 0 ? 20 : 32, random));
      Secret validationKey = Secret.of(Bytes.random(32, random));
      String id = text(1 + random.nextInt(40)).revealText();
      python.add(
          "client-key-link",
          List.of(
              Optional.of(serverKey.reveal()),
              utf8(account.domain().name()),
              utf8(account.toString()),
              utf8(id),
              Optional.of(validationKey.reveal())),
          EnrolmentLink.ofClientKey(serverKey, account, id, validationKey));
    }
    python.agrees(folder);
  }

  @Test
  void xTokenIsTheFormula() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      AccountJid account = anyone();
      Secret token = text(1 + random.nextInt(60));
      python.add(
          "x-token",
          List.of(utf8(account.localpart()), Optional.of(token.reveal())),
          new XTokenClient(account, token).initialResponse().orElseThrow(),
          token.reveal().sha256());
    }
    python.agrees(folder);
  }
}

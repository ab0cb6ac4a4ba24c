// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.ht.HtVariant;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.tls.TlsFacts;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeyringTest {
  private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");

  @TempDir Path folder;

  private static TlsFacts tls(Optional<Bytes> exporter) {
    return new TlsFacts(
        "TLSv1.3",
        exporter,
        Optional.empty(),
        Optional.of(Bytes.utf8("end")),
        Optional.empty(),
        List.of(),
        false);
  }

  private static StreamFeatures offering(String... mechanisms) {
    Element.Builder fast = Element.named("fast", Namespaces.FAST);
    for (String name : mechanisms) {
      fast.child(Element.text("mechanism", Namespaces.FAST, name));
    }
    return new StreamFeatures(
        Element.named("features", Namespaces.STREAMS)
            .child(
                Element.named("authentication", Namespaces.SASL2)
                    .child(Element.named("inline", Namespaces.SASL2).child(fast.build()).build())
                    .build())
            .build());
  }

  private static DeviceAccount device(CredentialKind kind) {
    return new DeviceAccount(
        AccountJid.parse("nina@chat.example"),
        new DeviceId("dev-1"),
        kind,
        new CredentialId("cred-1"),
        NOW,
        NOW,
        "",
        Optional.empty(),
        "0d1b7e2f-6f0a-4f4b-9f0e-0123456789ab",
        Optional.empty(),
        Optional.empty());
  }

  private Keyring holding(HtVariant variant) {
    DeviceHome home = DeviceHome.at(folder);
    DeviceAccount device = device(CredentialKind.FAST);
    home.complete(
        device,
        new KeptToken(Secret.ofText("t"), variant, NOW, NOW, Optional.empty()),
        Optional.empty());
    return Keyring.of(home, device);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "section 31",
      rule = "a missing binding is a failure, never an empty binding")
  void doesNotUseATokenOnAConnectionWithNothingToBindItTo() {
    Keyring keyring = holding(HtVariant.HT_SHA_512_EXPR);
    StreamFeatures offer = offering("HT-SHA-512-EXPR", "HT-SHA-512-NONE");
    assertThat(
            keyring.choose(offer, tls(Optional.of(Bytes.utf8("exported"))), false, List.of(), NOW))
        .isPresent();
    TlsFacts bare = tls(Optional.empty());
    assertThat(keyring.choose(offer, bare, false, List.of(), NOW)).isEmpty();
    assertThat(keyring.nothing(offer, bare))
        .isInstanceOf(ServerNotTrustedException.class)
        .hasMessageContaining("nothing to bind");
  }

  @Test
  void saysThatTheCertificateIsMissingAndNotAToken() {
    Keyring keyring = Keyring.of(DeviceHome.at(folder), device(CredentialKind.CERTIFICATE));
    assertThat(keyring.nothing(offering("HT-SHA-512-EXPR"), tls(Optional.empty())))
        .hasMessage(
            "nina@chat.example: %s is missing. Put it back, or ask for a new invitation, and enrol"
                + " again with --replace",
            folder.resolve("device.crt"));
  }

  @Test
  void asksForTheStrongestThatTheConnectionCanBind() {
    StreamFeatures offer =
        offering("HT-SHA-256-NONE", "HT-SHA-512-ENDP", "HT-SHA-512-UNIQ", "HT-SHA-256-EXPR");
    TlsFacts whole = tls(Optional.of(Bytes.utf8("exported")));
    TlsFacts bare = tls(Optional.empty());
    assertThat(TokenChoice.strongest(offer, whole, false)).contains(HtVariant.HT_SHA_256_EXPR);
    assertThat(TokenChoice.strongest(offer, bare, false)).contains(HtVariant.HT_SHA_512_ENDP);
    assertThat(TokenChoice.strongest(offer, bare, true)).isEmpty();
  }

  @Test
  void readsAnOfferThatItWrote() {
    StreamFeatures offer = offering("HT-SHA-512-EXPR");
    assertThat(StreamFeatures.parse(offer.element().toXml())).contains(offer);
    assertThat(StreamFeatures.parse("<features/>")).isEmpty();
    assertThat(StreamFeatures.parse("")).isEmpty();
  }
}

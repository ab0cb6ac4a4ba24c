// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.demo;

import dev.latchkey.client.ClientStream;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.StreamErrorException;
import dev.latchkey.client.StreamFeatures;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.ClientMechanism;
import dev.latchkey.sasl.ConnectionFacts;
import dev.latchkey.sasl.EnrolmentLink;
import dev.latchkey.sasl.SaslServerException;
import dev.latchkey.sasl.clientkey.ClientKeyClient;
import dev.latchkey.sasl.clientkey.ClientKeyVariant;
import dev.latchkey.sasl.clientkey.HeldClientKey;
import dev.latchkey.sasl.gs2.ChannelBindingChoice;
import dev.latchkey.sasl.ht.HtClient;
import dev.latchkey.sasl.ht.HtVariant;
import dev.latchkey.sasl.scram.ScramClient;
import dev.latchkey.sasl.scram.ScramVariant;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.framing.StreamEvent;
import dev.latchkey.wire.framing.StreamHeader;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the demo shows of FAST tokens (XEP-0484) and client keys (30.L), said by hand: one flight
/// is sent, and what comes then is judged.
///
/// What is needed later of an earlier scene is kept in fields. Used once, by one thread.
final class TokenScenes {
  private static final HtVariant VARIANT = HtVariant.HT_SHA_256_EXPR;
  private static final String USER_AGENT = "3c1f1b1e-8f0d-4b55-9a6c-0d2f5a7e9b41";
  private static final String KEY_ID = "5b0f6b0c8d1e4a27";

  /// Makes a stream on which nothing has been said.
  @FunctionalInterface
  interface Dial {
    ClientStream dial() throws IOException, InterruptedException;
  }

  private final AccountJid account;
  private final Dial dial;
  private final Duration patience;
  private final SecureRandom random = new SecureRandom();

  private Optional<Secret> token = Optional.empty();
  private Optional<Element> said = Optional.empty();
  private Optional<HeldClientKey> key = Optional.empty();
  private long counter;

  TokenScenes(AccountJid account, Dial dial, Duration patience) {
    this.account = account;
    this.dial = dial;
    this.patience = patience;
  }

  /// A code makes a device with a token, and the token signs it in.
  void signInByToken(LoginUri code) throws Unexpected, IOException, InterruptedException {
    String version;
    try (ClientStream stream = dial.dial()) {
      StreamFeatures features = stream.open();
      version = version(features);
      Element wish =
          Element.named("request-token", Namespaces.FAST)
              .attribute("mechanism", VARIANT.mechanism().text())
              .build();
      SaslOutcome outcome =
          stream.authenticate(features, proof(stream, code), List.of(userAgent(), wish));
      token =
          outcome instanceof SaslOutcome.Succeeded(Element success)
              ? success
                  .child("token", Namespaces.FAST)
                  .flatMap(given -> given.attribute("token"))
                  .map(Secret::ofText)
              : Optional.empty();
    }
    if (token.isEmpty()) {
      throw new Unexpected("the code was not exchanged for a token");
    }
    try (ClientStream stream = dial.dial()) {
      HtClient mechanism =
          HtClient.begin(
              VARIANT,
              account,
              token.get(),
              new ConnectionFacts(
                  Map.of(ChannelBindingType.TLS_EXPORTER, exporter(stream)), Optional.empty()));
      Element authenticate =
          authenticate(mechanism, version, userAgent(), Element.empty("fast", Namespaces.FAST));
      said = Optional.of(authenticate);
      verify(inOneFlight(stream, authenticate), mechanism, "the token");
    }
  }

  /// What signed in a moment ago is said once more, byte for byte, on another connection.
  void refuseReplay() throws Unexpected, IOException, InterruptedException {
    try (ClientStream stream = dial.dial()) {
      refuse(inOneFlight(stream, said.orElseThrow()), "a replay");
    }
  }

  /// A code makes a device with a client key, and the key signs it in.
  void signInByKey(LoginUri code) throws Unexpected, IOException, InterruptedException {
    key = Optional.of(register(code));
    try (ClientStream stream = signedInByKey()) {
      stream.features();
    }
  }

  private HeldClientKey register(LoginUri code)
      throws Unexpected, IOException, InterruptedException {
    Secret validationKey = Secret.of(Bytes.random(32, random));
    try (ClientStream stream = dial.dial()) {
      StreamFeatures features = stream.open();
      ScramClient proof = proof(stream, code);
      Element wish =
          Element.named("enrol", Namespaces.LATCHKEY_CSR).attribute("by", "client-key").build();
      if (!(stream.authenticate(features, proof, List.of(wish)) instanceof SaslOutcome.Continued)) {
        throw new Unexpected("the fresh code was not taken");
      }
      Bytes link =
          EnrolmentLink.ofClientKey(
              proof.enrolmentKey().serverKey(), account, KEY_ID, validationKey);
      stream.send(
          Element.named("next", Namespaces.SASL2)
              .attribute("task", "LK-ENROL")
              .child(
                  Element.named("register", Namespaces.CLIENT_KEY)
                      .child(Element.text("id", Namespaces.CLIENT_KEY, KEY_ID))
                      .child(Element.text("name", Namespaces.CLIENT_KEY, "Keyed device"))
                      .child(
                          Element.text(
                              "key", Namespaces.CLIENT_KEY, validationKey.reveal().toBase64()))
                      .build())
              .child(Element.text("link", Namespaces.LATCHKEY_CSR, link.toBase64()))
              .build());
      return stream
          .next()
          .child("registered", Namespaces.CLIENT_KEY)
          .flatMap(registered -> registered.child("encrypted-secret", Namespaces.CLIENT_KEY))
          .map(Element::text)
          .flatMap(Bytes::base64)
          .flatMap(masked -> HeldClientKey.registered(KEY_ID, validationKey, Secret.of(masked)))
          .orElseThrow(() -> new Unexpected("the client key was not registered"));
    }
  }

  /// A copy of the device's store, one sign-in old, is used while the device is connected.
  void detectClone() throws Unexpected, IOException, InterruptedException {
    long copied = counter - 1;
    try (ClientStream device = signedInByKey();
        ClientStream clone = dial.dial()) {
      refuse(inOneFlight(clone, authenticate(keyed(clone, copied), "")), "a copy of a client key");
      if (!isToldThatItWasRevoked(device)) {
        throw new Unexpected("the device that was copied goes on");
      }
    }
  }

  private boolean isToldThatItWasRevoked(ClientStream stream) {
    try {
      while (stream.next(patience).isPresent()) {
        // what a session is told before its end
      }
      return false;
    } catch (StreamErrorException end) {
      return end.deviceRevoked();
    }
  }

  private ClientStream signedInByKey() throws Unexpected, IOException, InterruptedException {
    ClientStream stream = dial.dial();
    ClientMechanism mechanism = keyed(stream, counter++);
    Element bind = Element.empty("bind", Namespaces.BIND2);
    verify(inOneFlight(stream, authenticate(mechanism, "", bind)), mechanism, "the client key");
    return stream;
  }

  private ClientMechanism keyed(ClientStream stream, long value) {
    return ClientKeyClient.begin(
        ClientKeyVariant.CLIENT_KEY_PLUS,
        account,
        key.orElseThrow(),
        value,
        new ChannelBindingChoice.Bound(ChannelBindingType.TLS_EXPORTER, exporter(stream)));
  }

  private ScramClient proof(ClientStream stream, LoginUri code) {
    return ScramClient.begin(
        ScramVariant.SCRAM_SHA_256_PLUS,
        account,
        code.token().canonical(),
        new ChannelBindingChoice.Bound(ChannelBindingType.TLS_EXPORTER, exporter(stream)),
        Optional.empty(),
        random);
  }

  private static Bytes exporter(ClientStream stream) {
    return stream.tls().exporter().orElseThrow();
  }

  private static Element userAgent() {
    return Element.named("user-agent", Namespaces.SASL2).attribute("id", USER_AGENT).build();
  }

  private static String version(StreamFeatures features) {
    return features
        .element()
        .child("config-version", Namespaces.PIPELINING)
        .flatMap(version -> version.attribute("value"))
        .orElse("");
  }

  /// @param version of the offer it is made for (XEP-0509); empty to leave that out
  private static Element authenticate(
      ClientMechanism mechanism, String version, Element... extras) {
    List<Element> all = new ArrayList<>(List.of(extras));
    if (!version.isEmpty()) {
      all.add(
          Element.named("config-version", Namespaces.PIPELINING)
              .attribute("value", version)
              .build());
    }
    return Element.named("authenticate", Namespaces.SASL2)
        .attribute("mechanism", mechanism.name().text())
        .child(
            mechanism
                .initialResponse()
                .map(data -> Element.text("initial-response", Namespaces.SASL2, data.toBase64())))
        .children(all)
        .build();
  }

  /// Sends the stream header and the sign-in, and nothing more before the answer is there.
  private Element inOneFlight(ClientStream stream, Element authenticate)
      throws Unexpected, InterruptedException {
    stream
        .connection()
        .open(
            new StreamHeader(
                Optional.of(account.domain().name()),
                Optional.of(account.toString()),
                Optional.empty(),
                Optional.of("1.0"),
                Optional.of("en"),
                Namespaces.CLIENT));
    stream.send(authenticate);
    Optional<StreamEvent> opened = stream.connection().next(patience);
    if (opened.isEmpty() || !(opened.get() instanceof StreamEvent.Opened)) {
      throw new Unexpected("the server did not open its stream");
    }
    stream.features();
    return stream.next();
  }

  private static void verify(Element answer, ClientMechanism mechanism, String what)
      throws Unexpected {
    if (!answer.is("success", Namespaces.SASL2)) {
      throw new Unexpected(what + " was not taken in one round trip");
    }
    try {
      mechanism.verify(
          answer
              .child("additional-data", Namespaces.SASL2)
              .flatMap(data -> Bytes.base64(data.text())));
    } catch (SaslServerException unproven) {
      throw new Unexpected(String.valueOf(unproven.getMessage()));
    }
  }

  private static void refuse(Element answer, String what) throws Unexpected {
    if (!answer.is("failure", Namespaces.SASL2)
        || answer.child("not-authorized", Namespaces.SASL).isEmpty()) {
      throw new Unexpected(what + " was not refused");
    }
  }
}

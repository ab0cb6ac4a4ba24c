// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.NINA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.client.ClientStream;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.StreamFeatures;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.ClientMechanism;
import dev.latchkey.sasl.ConnectionFacts;
import dev.latchkey.sasl.EnrolmentLink;
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
import dev.latchkey.wire.tls.TlsFacts;
import java.security.SecureRandom;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// What a client with a token or a key says (XEP-0484, XEP-0399), element by element, so that a
/// test can also say it wrongly.
final class TokenPeer {
  /// The user agent that most tests are about.
  static final String AGENT = "d4565fa7-4d72-4749-b3d3-740edbf87770";

  private TokenPeer() {}

  /// A FAST token, as its holder keeps it.
  ///
  /// @param variant what it is good for
  /// @param agent whose it is
  record Held(HtVariant variant, Secret token, String agent) {
    /// The first message with it on a connection.
    HtClient on(TlsFacts tls) {
      return HtClient.begin(variant, NINA, token, facts(tls));
    }

    /// The client's message, from the formula (draft -09).
    Bytes initiated(Bytes binding) {
      return Bytes.concat(
          Bytes.utf8(NINA.localpart() + "\0"), mac(Bytes.concat(Bytes.utf8("Initiator"), binding)));
    }

    /// The server's answer, likewise.
    Bytes responded(Bytes binding) {
      return mac(Bytes.concat(Bytes.utf8("Responder"), binding));
    }

    private Bytes mac(Bytes data) {
      return variant.hash().mac(token.reveal(), data);
    }

    Held with(HtVariant other) {
      return new Held(other, token, agent);
    }

    Held with(String otherAgent) {
      return new Held(variant, token, otherAgent);
    }

    Held with(Secret other) {
      return new Held(variant, other, agent);
    }
  }

  /// What a connection can be bound by, from the client's end.
  static ConnectionFacts facts(TlsFacts tls) {
    Map<ChannelBindingType, Bytes> bindings = new EnumMap<>(ChannelBindingType.class);
    tls.exporter().ifPresent(data -> bindings.put(ChannelBindingType.TLS_EXPORTER, data));
    tls.unique().ifPresent(data -> bindings.put(ChannelBindingType.TLS_UNIQUE, data));
    tls.serverEndPoint()
        .ifPresent(data -> bindings.put(ChannelBindingType.TLS_SERVER_END_POINT, data));
    return new ConnectionFacts(bindings, Optional.empty());
  }

  /// `<user-agent id=''/>`.
  static Element userAgent(String id) {
    return Element.named("user-agent", Namespaces.SASL2).attribute("id", id).build();
  }

  /// `<request-token/>`.
  static Element request(HtVariant variant) {
    return Element.named("request-token", Namespaces.FAST)
        .attribute("mechanism", variant.mechanism().text())
        .build();
  }

  /// `<fast/>`.
  static Element fast() {
    return Element.empty("fast", Namespaces.FAST);
  }

  /// `<fast invalidate='true'/>`.
  static Element invalidate() {
    return Element.named("fast", Namespaces.FAST).attribute("invalidate", "true").build();
  }

  /// `<config-version/>` of XEP-0509.
  static Element configVersion(String value) {
    return Element.named("config-version", Namespaces.PIPELINING).attribute("value", value).build();
  }

  /// The version of what is offered on a stream.
  static String configVersion(StreamFeatures features) {
    return features
        .element()
        .child("config-version", Namespaces.PIPELINING)
        .flatMap(version -> version.attribute("value"))
        .orElseThrow();
  }

  /// The mechanisms that tokens are good for.
  static List<String> fastMechanisms(StreamFeatures features) {
    return features
        .element()
        .child("authentication", Namespaces.SASL2)
        .flatMap(offer -> offer.child("inline", Namespaces.SASL2))
        .flatMap(inline -> inline.child("fast", Namespaces.FAST))
        .stream()
        .flatMap(fast -> fast.children("mechanism", Namespaces.FAST))
        .map(Element::text)
        .toList();
  }

  /// Signs in by password on a stream that is not opened yet.
  static SaslOutcome byPassword(ClientStream stream, Secret password, Element... extras) {
    return byPassword(stream, NINA, password, extras);
  }

  static SaslOutcome byPassword(
      ClientStream stream, AccountJid account, Secret password, Element... extras) {
    StreamFeatures features = stream.open();
    return stream.authenticate(
        features,
        Peer.scram(stream, ScramVariant.SCRAM_SHA_256_PLUS, account, password),
        List.of(extras));
  }

  /// Signs in by token on a stream that is not opened yet; the server's proof is checked.
  static SaslOutcome byToken(ClientStream stream, Held held, Element... extras) {
    return byToken(stream, stream.open(), held, extras);
  }

  static SaslOutcome byToken(
      ClientStream stream, StreamFeatures features, Held held, Element... extras) {
    return stream.authenticate(
        features,
        held.on(stream.tls()),
        Stream.concat(Stream.of(userAgent(held.agent()), fast()), Stream.of(extras)).toList());
  }

  /// An `<authenticate/>` with whatever message, as text.
  static String authenticate(Held held, Bytes message, Element... extras) {
    return Element.named("authenticate", Namespaces.SASL2)
        .attribute("mechanism", held.variant().mechanism().text())
        .child(Element.text("initial-response", Namespaces.SASL2, message.toBase64()))
        .child(userAgent(held.agent()))
        .child(fast())
        .children(List.of(extras))
        .build()
        .toXml();
  }

  /// The `<success/>`; fails if there is none.
  static Element success(SaslOutcome outcome) {
    assertThat(outcome).isInstanceOf(SaslOutcome.Succeeded.class);
    return ((SaslOutcome.Succeeded) outcome).success();
  }

  /// The `<failure/>`; fails if there is none.
  static Element failure(SaslOutcome outcome) {
    assertThat(outcome).isInstanceOf(SaslOutcome.Failed.class);
    return ((SaslOutcome.Failed) outcome).failure();
  }

  /// The condition of a `<failure/>`.
  static String condition(SaslOutcome outcome) {
    return failure(outcome)
        .children()
        .filter(child -> child.namespace().equals(Namespaces.SASL))
        .map(Element::name)
        .findFirst()
        .orElseThrow();
  }

  /// The token in a `<success/>`, if there is one.
  static Optional<Held> token(Element success, HtVariant variant, String agent) {
    return success
        .child("token", Namespaces.FAST)
        .flatMap(token -> token.attribute("token"))
        .map(text -> new Held(variant, Secret.ofText(text), agent));
  }

  /// Has a token made for the device of a password.
  static Held ask(RunningServer server, LoginUri pinned, Secret password, HtVariant variant)
      throws Exception {
    return ask(server, pinned, password, variant, AGENT);
  }

  static Held ask(
      RunningServer server, LoginUri pinned, Secret password, HtVariant variant, String agent)
      throws Exception {
    try (ClientStream stream = server.stream(pinned, Optional.empty())) {
      return token(
              success(byPassword(stream, password, userAgent(agent), request(variant))),
              variant,
              agent)
          .orElseThrow();
    }
  }

  /// The first message with a client key, bound to the channel.
  static ClientMechanism key(TlsFacts tls, HeldClientKey key, long counter) {
    return ClientKeyClient.begin(
        ClientKeyVariant.CLIENT_KEY_PLUS,
        NINA,
        key,
        counter,
        new ChannelBindingChoice.Bound(
            ChannelBindingType.TLS_EXPORTER, tls.exporter().orElseThrow()));
  }

  /// Signs in by client key on a stream that is not opened yet.
  static SaslOutcome byKey(
      ClientStream stream, HeldClientKey key, long counter, Element... extras) {
    StreamFeatures features = stream.open();
    return stream.authenticate(features, key(stream.tls(), key, counter), List.of(extras));
  }

  /// What a client draws before it registers a key.
  record NewKey(String id, Secret validationKey) {
    static NewKey draw() {
      SecureRandom random = new SecureRandom();
      return new NewKey(Bytes.random(8, random).toHex(), Secret.of(Bytes.random(32, random)));
    }

    /// `<register/>`.
    Element register() {
      return Element.named("register", Namespaces.CLIENT_KEY)
          .child(Element.text("id", Namespaces.CLIENT_KEY, id))
          .child(Element.text("name", Namespaces.CLIENT_KEY, "made by hand"))
          .child(Element.text("key", Namespaces.CLIENT_KEY, validationKey.reveal().toBase64()))
          .build();
    }

    /// What ties it to the code that was proven.
    Bytes link(ScramClient code) {
      return EnrolmentLink.ofClientKey(code.enrolmentKey().serverKey(), NINA, id, validationKey);
    }

    /// `<next task='LK-ENROL'/>` with it.
    Element task(Bytes link) {
      return Element.named("next", Namespaces.SASL2)
          .attribute("task", "LK-ENROL")
          .child(register())
          .child(Element.text("link", Namespaces.LATCHKEY_CSR, link.toBase64()))
          .build();
    }

    /// What the client keeps once it was registered.
    HeldClientKey held(Element success) {
      Bytes masked =
          success
              .child("registered", Namespaces.CLIENT_KEY)
              .flatMap(registered -> registered.child("encrypted-secret", Namespaces.CLIENT_KEY))
              .map(Element::text)
              .flatMap(Bytes::base64)
              .orElseThrow();
      return HeldClientKey.registered(id, validationKey, Secret.of(masked)).orElseThrow();
    }
  }

  /// Proves a code on a stream that is not opened yet, up to the task that has a client key
  /// registered.
  static ScramClient provenForKey(ClientStream stream, LoginUri uri, Element... extras) {
    StreamFeatures features = stream.open();
    ScramClient code = HandMade.code(stream, uri);
    assertThat(
            stream.authenticate(
                features,
                code,
                Stream.concat(Stream.of(Peer.enrol("client-key")), Stream.of(extras)).toList()))
        .isInstanceOf(SaslOutcome.Continued.class);
    return code;
  }

  /// Makes a device of a code that has a client key.
  static HeldClientKey enrol(RunningServer server, LoginUri uri) throws Exception {
    NewKey key = NewKey.draw();
    try (ClientStream stream = server.stream(uri, Optional.empty())) {
      ScramClient code = provenForKey(stream, uri);
      stream.send(key.task(key.link(code)));
      Element answer = stream.next();
      assertThat(answer.is("success", Namespaces.SASL2)).as(answer.toXml()).isTrue();
      return key.held(answer);
    }
  }
}

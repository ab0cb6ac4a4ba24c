// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import dev.latchkey.client.ClientException;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.StreamErrorException;
import dev.latchkey.client.StreamFeatures;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.EnrolmentLink;
import dev.latchkey.sasl.gs2.ChannelBindingChoice;
import dev.latchkey.sasl.scram.ScramClient;
import dev.latchkey.sasl.scram.ScramVariant;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a client says, element by element, so that a test can also say it wrongly.
final class Peer {
  private Peer() {}

  /// The features of a server that had no SASL2.
  static StreamFeatures onlySasl1(StreamFeatures features) {
    return new StreamFeatures(
        Element.named("features", Namespaces.STREAMS)
            .children(
                features
                    .element()
                    .children()
                    .filter(feature -> !feature.is("authentication", Namespaces.SASL2))
                    .toList())
            .build());
  }

  /// The client's half of SCRAM; bound to the channel where the mechanism is.
  static ScramClient scram(
      ClientStream stream, ScramVariant variant, AccountJid account, Secret password) {
    return ScramClient.begin(
        variant,
        account,
        password,
        variant.bindsToChannel()
            ? new ChannelBindingChoice.Bound(
                ChannelBindingType.TLS_EXPORTER, stream.tls().exporter().orElseThrow())
            : new ChannelBindingChoice.Unable(),
        Optional.empty(),
        new SecureRandom());
  }

  /// `<enrol by=''/>`.
  static Element enrol(String by) {
    return Element.named("enrol", Namespaces.LATCHKEY_CSR).attribute("by", by).build();
  }

  /// `<sign/>`, linked to the code that was proven.
  static Element sign(ScramClient code, AccountJid account, Bytes request) {
    Bytes link = EnrolmentLink.ofRequest(code.enrolmentKey().serverKey(), account, request);
    return Element.named("sign", Namespaces.LATCHKEY_CSR)
        .child(Element.text("request", Namespaces.LATCHKEY_CSR, request.toBase64()))
        .child(Element.text("link", Namespaces.LATCHKEY_CSR, link.toBase64()))
        .build();
  }

  /// `<next task='LK-ENROL'/>`.
  static Element next(Element sign) {
    return Element.named("next", Namespaces.SASL2)
        .attribute("task", "LK-ENROL")
        .child(sign)
        .build();
  }

  /// A request.
  static Element iq(String type, String id, Element payload) {
    return Element.named("iq", Namespaces.CLIENT)
        .attribute("type", type)
        .attribute("id", id)
        .child(payload)
        .build();
  }

  /// Asks, and hears the answer: nothing else may come before it.
  static Element ask(ClientStream stream, Element iq) {
    stream.send(iq);
    return stream.next();
  }

  /// The condition of a stanza error; `result` if the answer is none.
  static String condition(Element answer) {
    return answer
        .child("error", Namespaces.CLIENT)
        .flatMap(
            error ->
                error
                    .children()
                    .filter(child -> child.namespace().equals(Namespaces.STANZA_ERRORS))
                    .findFirst())
        .map(Element::name)
        .orElseGet(() -> answer.attribute("type").orElse("none"));
  }

  /// `<bind/>` of Bind 2.
  static Element bind2() {
    return Element.named("bind", Namespaces.BIND2)
        .child(Element.text("tag", Namespaces.BIND2, "Test"))
        .build();
  }

  /// RFC 6120's `<bind/>`.
  static Element bind(String id, String resource) {
    return iq(
        "set",
        id,
        Element.named("bind", Namespaces.BIND)
            .child(Element.text("resource", Namespaces.BIND, resource))
            .build());
  }

  /// A chat message.
  static Element message(String to, String body) {
    return Element.named("message", Namespaces.CLIENT)
        .attribute("to", to)
        .attribute("type", "chat")
        .child(Element.text("body", Namespaces.CLIENT, body))
        .build();
  }

  /// What was heard until a stream ended.
  ///
  /// @param elements what came before
  /// @param end how it ended
  record Heard(List<Element> elements, ClientException end) {
    /// Whether it ended because the device was revoked.
    boolean saysRevoked() {
      return end instanceof StreamErrorException error
          && error.condition().equals("not-authorized")
          && error.deviceRevoked();
    }

    /// Whether an element of this name came.
    boolean has(String name) {
      return elements.stream().anyMatch(element -> element.name().equals(name));
    }
  }

  /// Listens until the stream ends; fails if it does not.
  static Heard untilEnd(ClientStream stream) {
    List<Element> elements = new ArrayList<>();
    while (true) {
      try {
        Optional<Element> element = stream.next(RunningServer.PATIENCE);
        if (element.isEmpty()) {
          throw new AssertionError("the stream did not end after " + elements);
        }
        elements.add(element.get());
      } catch (ClientException end) {
        return new Heard(List.copyOf(elements), end);
      }
    }
  }
}

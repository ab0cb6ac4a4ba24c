// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.sasl.scram.SaslOffer;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.framing.StreamEvent;
import dev.latchkey.wire.framing.StreamFraming;
import dev.latchkey.wire.framing.StreamLimits;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// What a server offers in its `<stream:features/>`.
///
/// @param element all of it
public record StreamFeatures(Element element) {
  /// Reads what [Element#toXml] wrote of it.
  ///
  /// @return nothing if it is none
  static Optional<StreamFeatures> parse(String xml) {
    String stream =
        "<stream:stream xmlns='%s' xmlns:stream='%s'>%s"
            .formatted(Namespaces.CLIENT, Namespaces.STREAMS, xml);
    return new StreamFraming(StreamLimits.AUTHENTICATED)
        .feed(stream.getBytes(StandardCharsets.UTF_8)).stream()
            .filter(StreamEvent.Received.class::isInstance)
            .map(event -> ((StreamEvent.Received) event).element())
            .filter(element -> element.is("features", Namespaces.STREAMS))
            .findFirst()
            .map(StreamFeatures::new);
  }

  /// Whether STARTTLS is there.
  public boolean startTls() {
    return element.child("starttls", Namespaces.TLS).isPresent();
  }

  /// Whether SASL2 (XEP-0388) is there.
  public boolean sasl2() {
    return authentication().isPresent();
  }

  /// The mechanisms of the profile that the kit uses: SASL2's if it is there, else SASL1's.
  public List<String> mechanisms() {
    return authentication()
        .map(offer -> texts(offer, "mechanism", Namespaces.SASL2))
        .or(
            () ->
                element
                    .child("mechanisms", Namespaces.SASL)
                    .map(offer -> texts(offer, "mechanism", Namespaces.SASL)))
        .orElse(List.of());
  }

  /// The channel-binding types (XEP-0440); nothing if the server does not say.
  public Optional<List<String>> channelBindingTypes() {
    return element
        .child("sasl-channel-binding", Namespaces.CHANNEL_BINDING)
        .map(
            offer ->
                offer
                    .children("channel-binding", Namespaces.CHANNEL_BINDING)
                    .flatMap(type -> type.attribute("type").stream())
                    .toList());
  }

  /// Whether Bind 2 (XEP-0386) can be asked for inline.
  public boolean bind2() {
    return inline().flatMap(inline -> inline.child("bind", Namespaces.BIND2)).isPresent();
  }

  /// Whether Bind 2 can enable stream management with it.
  public boolean manageInline() {
    return inline()
        .flatMap(inline -> inline.child("bind", Namespaces.BIND2))
        .flatMap(bind -> bind.child("inline", Namespaces.BIND2))
        .filter(
            inline ->
                inline
                    .children("feature", Namespaces.BIND2)
                    .anyMatch(
                        feature ->
                            feature
                                .attribute("var")
                                .equals(Optional.of(Namespaces.STREAM_MANAGEMENT))))
        .isPresent();
  }

  /// Whether a session can be resumed inline (XEP-0198).
  public boolean resumeInline() {
    return inline().flatMap(inline -> inline.child("sm", Namespaces.STREAM_MANAGEMENT)).isPresent();
  }

  /// Whether stream management can be enabled, or a session resumed, after signing in.
  public boolean management() {
    return element.child("sm", Namespaces.STREAM_MANAGEMENT).isPresent();
  }

  /// Whether a device can be enrolled inline in this way (rule 11).
  ///
  /// @param way `csr`, `certificate` or `client-key`
  public boolean enrolsBy(String way) {
    return inline()
        .flatMap(inline -> inline.child("enrol", Namespaces.LATCHKEY_CSR))
        .filter(enrol -> texts(enrol, "by", Namespaces.LATCHKEY_CSR).contains(way))
        .isPresent();
  }

  /// The mechanisms that tokens are good for (XEP-0484).
  public List<String> tokenMechanisms() {
    return inline()
        .flatMap(inline -> inline.child("fast", Namespaces.FAST))
        .map(offer -> texts(offer, "mechanism", Namespaces.FAST))
        .orElse(List.of());
  }

  /// The name of this offer, by which a client may sign in before it has seen it again (XEP-0509).
  public Optional<String> version() {
    return element
        .child("config-version", Namespaces.PIPELINING)
        .filter(version -> version.attribute("scheme").orElse("opaque").equals("opaque"))
        .flatMap(version -> version.attribute("value"));
  }

  /// Whether a resource can be bound by RFC 6120 §7.
  public boolean bind() {
    return element.child("bind", Namespaces.BIND).isPresent();
  }

  /// What XEP-0474 hashes.
  public SaslOffer offer() {
    return new SaslOffer(mechanisms(), channelBindingTypes());
  }

  private Optional<Element> authentication() {
    return element.child("authentication", Namespaces.SASL2);
  }

  private Optional<Element> inline() {
    return authentication().flatMap(offer -> offer.child("inline", Namespaces.SASL2));
  }

  private static List<String> texts(Element parent, String name, String namespace) {
    return parent.children(name, namespace).map(Element::text).toList();
  }
}

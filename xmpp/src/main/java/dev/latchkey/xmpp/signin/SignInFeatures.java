// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.signin;

import dev.latchkey.credential.Domain;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.ConnectionFacts;
import dev.latchkey.sasl.ConnectionKind;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.sasl.SaslMechanism;
import dev.latchkey.sasl.SignInRequest;
import dev.latchkey.sasl.xtoken.XTokenMechanism;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.framing.StreamLimits;
import dev.latchkey.xmpp.protocol.FastElements;
import dev.latchkey.xmpp.session.Backend;
import dev.latchkey.xmpp.session.ManagementElements;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// What a domain lists in `<stream:features/>`, before and after signing in. It is put together and
/// written once for each kind of stream. Thread-safe.
public final class SignInFeatures {
  /// In clear (RFC 6120 §5.4.1).
  static final String START_TLS =
      features(
          List.of(
              Element.named("starttls", Namespaces.TLS).child("required", Namespaces.TLS).build()));

  private final Domain domain;
  private final DomainOffer offer;
  private final Backend backend;
  private final SignInPolicy policy;
  private final Map<ConnectionKind, Listing> listings = new ConcurrentHashMap<>();
  private final List<MechanismName> tokens;
  private final Map<After, String> written = new ConcurrentHashMap<>();

  /// What is listed to who may sign in.
  ///
  /// @param mechanisms those of the ordinary lists
  /// @param names theirs, as XEP-0474 hashes them
  /// @param fast those that need a token (XEP-0484), which stand in a list of their own
  /// @param version names all of it (XEP-0509)
  /// @param xml the whole
  record Listing(
      List<SaslMechanism> mechanisms,
      List<MechanismName> names,
      List<SaslMechanism> fast,
      ConfigVersion version,
      String xml) {}

  /// What is listed to who has signed in.
  private enum After {
    UNBOUND,
    BOUND,
    BOUND_AND_MANAGED
  }

  /// @param domain whose streams they are
  /// @param offer what it offers to who wants to sign in
  /// @param backend asked for its features once
  public SignInFeatures(Domain domain, DomainOffer offer, Backend backend, SignInPolicy policy) {
    this.domain = domain;
    this.offer = offer;
    this.tokens = Exchange.names(offer.fast());
    this.backend = backend;
    this.policy = policy;
  }

  /// What the domain offers.
  DomainOffer offer() {
    return offer;
  }

  /// The mechanisms that a token may be asked for.
  List<MechanismName> tokens() {
    return tokens;
  }

  /// In TLS.
  Listing beforeSignIn(ConnectionFacts facts) {
    return listings.computeIfAbsent(facts.kind(), kind -> list(kind, facts));
  }

  private Listing list(ConnectionKind kind, ConnectionFacts facts) {
    List<SaslMechanism> listed = usable(offer.mechanisms(), kind);
    List<SaslMechanism> fast = usable(offer.fast(), kind);
    List<MechanismName> names = Exchange.names(listed);
    List<Element> features =
        beforeSignIn(listed, fast, new SignInRequest(facts, domain, Optional.empty(), names));
    ConfigVersion version = ConfigVersion.of(features);
    features.add(version.feature());
    return new Listing(listed, names, fast, version, features(features));
  }

  private static List<SaslMechanism> usable(List<SaslMechanism> all, ConnectionKind kind) {
    return all.stream().filter(mechanism -> mechanism.usableOn(kind)).toList();
  }

  private static String features(List<Element> features) {
    return Element.named("features", Namespaces.STREAMS).children(features).build().toXml();
  }

  private List<Element> beforeSignIn(
      List<SaslMechanism> listed, List<SaslMechanism> fast, SignInRequest request) {
    List<Element> features = new ArrayList<>();
    if (!listed.isEmpty()) {
      features.add(mechanisms(listed));
    }
    if (!listed.isEmpty() || !fast.isEmpty()) {
      features.add(authentication(listed, fast));
      List<ChannelBindingType> bindings = request.offeredChannelBindingTypes();
      if (!bindings.isEmpty()) {
        features.add(channelBindings(bindings));
      }
    }
    features.add(limits(policy.before(), policy.authentication()));
    return features;
  }

  private static Element mechanisms(List<SaslMechanism> listed) {
    return Element.named("mechanisms", Namespaces.SASL)
        .children(listed.stream().map(m -> mechanism(m, Namespaces.SASL)).toList())
        .build();
  }

  private Element authentication(List<SaslMechanism> listed, List<SaslMechanism> fast) {
    Element.Builder inline = Element.named("inline", Namespaces.SASL2);
    if (backend.losesNothingByBind2()) {
      inline.child(Element.named("bind", Namespaces.BIND2).child(inlineFeatures()).build());
    }
    inline.child(ManagementElements.FEATURE); // XEP-0198 §6: to resume
    if (!fast.isEmpty()) {
      inline.child(FastElements.offer(Exchange.names(fast)));
    }
    Element.Builder enrol = Element.named("enrol", Namespaces.LATCHKEY_CSR);
    if (offer.signing()) {
      enrol.child(Element.text("by", Namespaces.LATCHKEY_CSR, "csr"));
    }
    if (offer.certificates()) {
      enrol.child(Element.text("by", Namespaces.LATCHKEY_CSR, "certificate"));
    }
    if (offer.clientKeys()) {
      enrol.child(Element.text("by", Namespaces.LATCHKEY_CSR, "client-key"));
    }
    if (offer.signing() || offer.certificates() || offer.clientKeys()) {
      inline.child(enrol.build());
    }
    return Element.named("authentication", Namespaces.SASL2)
        .children(listed.stream().map(m -> mechanism(m, Namespaces.SASL2)).toList())
        .child(inline.build())
        .build();
  }

  private Element inlineFeatures() {
    return Element.named("inline", Namespaces.BIND2)
        .children(
            Stream.concat(
                    Stream.of(Namespaces.STREAM_MANAGEMENT), backend.inlineFeatures().stream())
                .map(
                    feature ->
                        Element.named("feature", Namespaces.BIND2)
                            .attribute("var", feature)
                            .build())
                .toList())
        .build();
  }

  private static Element mechanism(SaslMechanism mechanism, String namespace) {
    return Element.text("mechanism", namespace, mechanism.name().text());
  }

  /// XEP-0440: what the mechanisms that bind can bind to on this connection.
  private static Element channelBindings(List<ChannelBindingType> types) {
    return Element.named("sasl-channel-binding", Namespaces.CHANNEL_BINDING)
        .children(
            types.stream()
                .map(
                    type ->
                        Element.named("channel-binding", Namespaces.CHANNEL_BINDING)
                            .attribute("type", type.word())
                            .build())
                .toList())
        .build();
  }

  /// After SASL, without a resource (RFC 6120 §7).
  String beforeBinding() {
    return written.computeIfAbsent(After.UNBOUND, _ -> features(unbound()));
  }

  private List<Element> unbound() {
    List<Element> features = new ArrayList<>();
    features.add(Element.empty("bind", Namespaces.BIND));
    // RFC 3921's session is long gone; clients that still look for it are told it is optional.
    features.add(
        Element.named("session", Namespaces.SESSION).child("optional", Namespaces.SESSION).build());
    features.add(ManagementElements.FEATURE);
    features.addAll(authTokens());
    features.addAll(backend.features(domain));
    features.add(limits(policy.after(), policy.binding()));
    return features;
  }

  /// With a resource.
  ///
  /// @param managed whether stream management was enabled with it: then it is not offered again,
  ///   since some clients take that for an invitation to resume
  String whenBound(boolean managed) {
    return written.computeIfAbsent(
        managed ? After.BOUND_AND_MANAGED : After.BOUND, _ -> features(bound(managed)));
  }

  private List<Element> bound(boolean managed) {
    List<Element> features = new ArrayList<>(backend.features(domain));
    if (!managed) {
      features.add(ManagementElements.FEATURE);
    }
    features.addAll(authTokens());
    features.add(limits(policy.after(), policy.idle()));
    return features;
  }

  /// Where X-TOKENs sign in, they can be asked for.
  private List<Element> authTokens() {
    return Exchange.names(offer.mechanisms()).contains(XTokenMechanism.NAME)
        ? List.of(Element.empty("x-token", Namespaces.AUTH_TOKENS))
        : List.of();
  }

  /// XEP-0478.
  private static Element limits(StreamLimits limits, Duration silence) {
    return Element.named("limits", Namespaces.STREAM_LIMITS)
        .child(
            Element.text(
                "max-bytes", Namespaces.STREAM_LIMITS, Integer.toString(limits.elementBytes())))
        .child(
            Element.text(
                "idle-seconds", Namespaces.STREAM_LIMITS, Long.toString(silence.toSeconds())))
        .build();
  }
}

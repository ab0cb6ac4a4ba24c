// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.Bytes;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.gs2.ChannelBindingChoice;
import dev.latchkey.wire.tls.TlsFacts;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// What a proof can be bound to: what this end of the connection knows, and what the server says
/// that it knows.
final class ChannelBindings {
  private static final String TLS_1_3 = "TLSv1.3";

  /// What this kit can compute.
  private static final Set<ChannelBindingType> KNOWN =
      Set.of(ChannelBindingType.TLS_EXPORTER, ChannelBindingType.TLS_SERVER_END_POINT);

  private final StreamFeatures features;
  private final TlsFacts tls;
  private final Map<ChannelBindingType, Bytes> ours;

  private ChannelBindings(StreamFeatures features, TlsFacts tls) {
    this.features = features;
    this.tls = tls;
    this.ours = ours(tls);
  }

  /// Those of a connection.
  ///
  /// @throws ServerNotTrustedException if the offer contradicts itself: somebody has changed it
  static ChannelBindings of(StreamFeatures features, TlsFacts tls) {
    refuseContradictions(features);
    return new ChannelBindings(features, tls);
  }

  /// What this end knows; a type that could not be computed is absent.
  static Map<ChannelBindingType, Bytes> ours(TlsFacts tls) {
    Map<ChannelBindingType, Bytes> ours = new EnumMap<>(ChannelBindingType.class);
    tls.exporter().ifPresent(data -> ours.put(ChannelBindingType.TLS_EXPORTER, data));
    tls.serverEndPoint().ifPresent(data -> ours.put(ChannelBindingType.TLS_SERVER_END_POINT, data));
    return ours;
  }

  /// The best that both have.
  Optional<ChannelBindingChoice.Bound> bound() {
    return theirs().stream()
        .filter(ours::containsKey)
        .findFirst()
        .map(type -> new ChannelBindingChoice.Bound(type, Objects.requireNonNull(ours.get(type))));
  }

  /// What to say where no proof is bound. RFC 5802 §6: "y" says that we could and saw no -PLUS, so
  /// that a server that did list one learns that somebody took it away.
  ChannelBindingChoice unbound() {
    return plusIsListed(features) || ours.isEmpty()
        ? new ChannelBindingChoice.Unable()
        : new ChannelBindingChoice.NotOffered();
  }

  private List<ChannelBindingType> theirs() {
    // A server without XEP-0440 (SASL1 only): the default type of this TLS version, RFC 9266 §3.
    return features
        .channelBindingTypes()
        .map(
            listed ->
                List.of(ChannelBindingType.values()).stream()
                    .filter(type -> listed.contains(type.word()))
                    .toList())
        .orElseGet(
            () ->
                List.of(
                    tls.protocol().equals(TLS_1_3)
                        ? ChannelBindingType.TLS_EXPORTER
                        : ChannelBindingType.TLS_SERVER_END_POINT));
  }

  private static boolean plusIsListed(StreamFeatures features) {
    return features.mechanisms().stream().anyMatch(name -> name.endsWith("-PLUS"));
  }

  /// XEP-0440: with SASL2 the list of types and the -PLUS mechanisms come together or not at all,
  /// and the one type that every server has is in it or another one of ours is.
  private static void refuseContradictions(StreamFeatures features) {
    if (!features.sasl2()) {
      return;
    }
    boolean plus = plusIsListed(features);
    Optional<List<String>> types = features.channelBindingTypes();
    if (plus && types.isEmpty()) {
      throw downgraded("it lists -PLUS mechanisms, but no channel-binding types");
    }
    if (!plus && types.isPresent()) {
      throw downgraded("it lists channel-binding types, but no -PLUS mechanism");
    }
    if (types.isPresent()
        && types.get().stream()
            .flatMap(word -> ChannelBindingType.of(word).stream())
            .noneMatch(KNOWN::contains)) {
      throw downgraded("it lists no channel-binding type that every server has");
    }
  }

  private static ServerNotTrustedException downgraded(String how) {
    return new ServerNotTrustedException(
        "what the server offers contradicts itself (" + how + "): somebody may stand in between");
  }
}

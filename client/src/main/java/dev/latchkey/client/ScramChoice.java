// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.gs2.ChannelBindingChoice;
import dev.latchkey.sasl.scram.ScramClient;
import dev.latchkey.sasl.scram.ScramVariant;
import dev.latchkey.wire.tls.TlsFacts;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// Which SCRAM the kit speaks with a server, and what it is bound to: the strongest that both can.
///
/// @param variant which mechanism
/// @param binding to what
public record ScramChoice(ScramVariant variant, ChannelBindingChoice binding) {
  private static final String TLS_1_3 = "TLSv1.3";

  /// Chooses.
  ///
  /// @throws ServerNotTrustedException if the offer contradicts itself: somebody has changed it
  /// @throws ClientException if there is no SCRAM in the offer
  public static ScramChoice of(StreamFeatures features, TlsFacts tls) {
    List<ScramVariant> offered =
        ScramVariant.BY_PREFERENCE.stream()
            .filter(variant -> features.mechanisms().contains(variant.mechanism().text()))
            .toList();
    if (offered.isEmpty()) {
      throw new ClientException(
          "the server offers no mechanism that this kit speaks with a secret (SCRAM-SHA-256 or"
              + " SCRAM-SHA-1, with or without -PLUS)");
    }
    refuseContradictions(features);
    Map<ChannelBindingType, Bytes> ours = ours(tls);
    boolean listed = features.mechanisms().stream().anyMatch(name -> name.endsWith("-PLUS"));
    Optional<ChannelBindingChoice> bound =
        commonType(features, tls, ours)
            .map(
                type ->
                    new ChannelBindingChoice.Bound(
                        type, java.util.Objects.requireNonNull(ours.get(type))));
    // A proof that covers the channel comes before the better hash.
    if (bound.isPresent()) {
      Optional<ScramVariant> plus =
          offered.stream().filter(ScramVariant::bindsToChannel).findFirst();
      if (plus.isPresent()) {
        return new ScramChoice(plus.get(), bound.get());
      }
    }
    ScramVariant plain =
        offered.stream()
            .filter(variant -> !variant.bindsToChannel())
            .findFirst()
            .orElseThrow(
                () ->
                    new ClientException(
                        "the server wants channel binding of a type that this connection does not"
                            + " have"));
    // RFC 5802 §6: "y" says that we could and saw no -PLUS, so that a server that did list one
    // learns that somebody took it away.
    return new ScramChoice(
        plain,
        listed || ours.isEmpty()
            ? new ChannelBindingChoice.Unable()
            : new ChannelBindingChoice.NotOffered());
  }

  /// The client's half of this exchange.
  public ScramClient begin(
      AccountJid account, Secret password, StreamFeatures features, RandomGenerator random) {
    return ScramClient.begin(
        variant, account, password, binding, Optional.of(features.offer()), random);
  }

  /// XEP-0440: with SASL2 the list of types and the -PLUS mechanisms come together or not at all,
  /// and the one type that every server has is in it or another one of ours is.
  private static void refuseContradictions(StreamFeatures features) {
    if (!features.sasl2()) {
      return;
    }
    boolean plus = features.mechanisms().stream().anyMatch(name -> name.endsWith("-PLUS"));
    Optional<List<String>> types = features.channelBindingTypes();
    if (plus && types.isEmpty()) {
      throw downgraded("it lists -PLUS mechanisms, but no channel-binding types");
    }
    if (!plus && types.isPresent()) {
      throw downgraded("it lists channel-binding types, but no -PLUS mechanism");
    }
    if (types.isPresent()
        && types.get().stream().allMatch(word -> ChannelBindingType.of(word).isEmpty())) {
      throw downgraded("it lists no channel-binding type that every server has");
    }
  }

  private static ServerNotTrustedException downgraded(String how) {
    return new ServerNotTrustedException(
        "what the server offers contradicts itself (" + how + "): somebody may stand in between");
  }

  private static Map<ChannelBindingType, Bytes> ours(TlsFacts tls) {
    Map<ChannelBindingType, Bytes> ours = new java.util.EnumMap<>(ChannelBindingType.class);
    tls.exporter().ifPresent(data -> ours.put(ChannelBindingType.TLS_EXPORTER, data));
    tls.serverEndPoint().ifPresent(data -> ours.put(ChannelBindingType.TLS_SERVER_END_POINT, data));
    return ours;
  }

  private static Optional<ChannelBindingType> commonType(
      StreamFeatures features, TlsFacts tls, Map<ChannelBindingType, Bytes> ours) {
    Optional<List<String>> listed = features.channelBindingTypes();
    // A server without XEP-0440 (SASL1 only): the default type of this TLS version, RFC 9266 §3.
    List<ChannelBindingType> theirs =
        listed.isPresent()
            ? List.of(ChannelBindingType.values()).stream()
                .filter(type -> listed.get().contains(type.word()))
                .toList()
            : List.of(
                tls.protocol().equals(TLS_1_3)
                    ? ChannelBindingType.TLS_EXPORTER
                    : ChannelBindingType.TLS_SERVER_END_POINT);
    return theirs.stream().filter(ours::containsKey).findFirst();
  }
}

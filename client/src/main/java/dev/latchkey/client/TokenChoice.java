// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.ht.HtVariant;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.tls.TlsFacts;
import java.util.Optional;

/// Which HT mechanism both sides have.
final class TokenChoice {
  private TokenChoice() {}

  /// Whether a token for it can be used with this server on this connection.
  static boolean isUsable(HtVariant variant, StreamFeatures offer, TlsFacts tls) {
    return offer.tokenMechanisms().contains(variant.mechanism().text()) && binds(variant, tls);
  }

  /// Whether the connection has what it binds to: a missing binding is none, never an empty one.
  static boolean binds(HtVariant variant, TlsFacts tls) {
    return variant.binding().map(ChannelBindings.ours(tls)::containsKey).orElse(true);
  }

  /// The strongest to ask a token for.
  ///
  /// @param beside whether the device has something stronger than a token: then only one that is
  ///   bound to the TLS connection is good enough (rule 62)
  static Optional<HtVariant> strongest(StreamFeatures offer, TlsFacts tls, boolean beside) {
    return HtVariant.BY_PREFERENCE.stream()
        .filter(variant -> isUsable(variant, offer, tls))
        .filter(
            variant ->
                !beside || variant.binding().equals(Optional.of(ChannelBindingType.TLS_EXPORTER)))
        .findFirst();
  }

  /// What asks for one.
  static Element request(HtVariant variant) {
    return Element.named("request-token", Namespaces.FAST)
        .attribute("mechanism", variant.mechanism().text())
        .build();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.gs2.ChannelBindingChoice;
import dev.latchkey.sasl.scram.ScramClient;
import dev.latchkey.sasl.scram.ScramVariant;
import dev.latchkey.wire.tls.TlsFacts;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// Which SCRAM the kit speaks with a server, and what it is bound to: the strongest that both can.
///
/// @param variant which mechanism
/// @param binding to what
public record ScramChoice(ScramVariant variant, ChannelBindingChoice binding) {
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
    ChannelBindings bindings = ChannelBindings.of(features, tls);
    Optional<ChannelBindingChoice.Bound> bound = bindings.bound();
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
    return new ScramChoice(plain, bindings.unbound());
  }

  /// The client's half of this exchange.
  public ScramClient begin(
      AccountJid account, Secret password, StreamFeatures features, RandomGenerator random) {
    return ScramClient.begin(
        variant, account, password, binding, Optional.of(features.offer()), random);
  }
}

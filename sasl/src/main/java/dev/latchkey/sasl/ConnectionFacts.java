// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import dev.latchkey.credential.Bytes;
import java.util.Map;
import java.util.Optional;

/// What is known of a connection before anybody signs in on it: computed once, when its TLS
/// handshake ended.
///
/// @param channelBindings what this connection can be bound by; a type that could not be computed
///   is absent, never empty
/// @param peerCertificate the DER of the certificate that the peer showed
public record ConnectionFacts(
    Map<ChannelBindingType, Bytes> channelBindings, Optional<Bytes> peerCertificate) {
  /// Copies.
  public ConnectionFacts {
    channelBindings = Map.copyOf(channelBindings);
  }

  /// Which facts there are.
  public ConnectionKind kind() {
    return new ConnectionKind(channelBindings.keySet(), peerCertificate.isPresent());
  }
}

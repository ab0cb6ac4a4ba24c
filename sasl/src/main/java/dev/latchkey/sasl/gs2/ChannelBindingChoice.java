// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.gs2;

import dev.latchkey.credential.Bytes;
import dev.latchkey.sasl.ChannelBindingType;

/// What a client does about channel binding (RFC 5802 §6); whoever holds the connection decides.
public sealed interface ChannelBindingChoice {
  /// Binds the proof to the TLS connection: with a -PLUS mechanism, and only there.
  ///
  /// @param type by what
  /// @param data the octets, as the client's own end of the connection computes them
  record Bound(ChannelBindingType type, Bytes data) implements ChannelBindingChoice {
    /// Checks.
    ///
    /// @throws IllegalArgumentException if there are no octets: a binding to nothing is none
    public Bound {
      if (data.isEmpty()) {
        throw new IllegalArgumentException("channel-binding data of no octets");
      }
    }
  }

  /// Could, but the server listed no -PLUS mechanism. If it did, it refuses, since somebody between
  /// has changed the list.
  record NotOffered() implements ChannelBindingChoice {}

  /// Cannot on this connection.
  record Unable() implements ChannelBindingChoice {}
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import java.util.Set;

/// What of a connection decides which mechanisms can be used on it: which facts there are, whatever
/// they say. There are few kinds, so what is offered need not be put together for each connection.
///
/// @param channelBindings what it can be bound by
/// @param certificate whether the peer showed a certificate
public record ConnectionKind(Set<ChannelBindingType> channelBindings, boolean certificate) {
  /// Copies.
  public ConnectionKind {
    channelBindings = Set.copyOf(channelBindings);
  }
}

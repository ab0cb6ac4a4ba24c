// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.management.StanzaCount;
import java.util.List;
import java.util.Optional;

/// What a device has once it is signed in.
sealed interface Arrival {
  /// The stream that carries it.
  ClientStream stream();

  /// A new session.
  ///
  /// @param identity as whom
  /// @param management if both sides count its stanzas
  /// @param handled how many stanzas of the session that was not resumed the server has handled, if
  ///   it still knows
  /// @param early stanzas that came before both sides began to count
  record Bound(
      ClientStream stream,
      WhoAmI identity,
      Optional<Management> management,
      Optional<StanzaCount> handled,
      List<Element> early)
      implements Arrival {}

  /// The session that there was before.
  ///
  /// @param handled how many of our stanzas the server has handled
  record Resumed(ClientStream stream, StanzaCount handled) implements Arrival {}

  /// The server resumed something, but not what we asked for.
  ///
  /// @param what what is wrong with its answer
  record Mistaken(ClientStream stream, String what) implements Arrival {}
}

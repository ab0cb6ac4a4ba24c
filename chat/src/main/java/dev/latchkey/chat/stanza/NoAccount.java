// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.stanza;

import dev.latchkey.wire.element.Element;
import java.util.Optional;

/// What an address answers that is no account's. Whoever must look like that (rule 5: strangers;
/// XEP-0191: somebody blocked) is answered by this same method.
public final class NoAccount {
  private NoAccount() {}

  /// The answer to a stanza.
  ///
  /// Messages are dropped, since an error would differ from one that waits for its addressee (rule
  /// 5). A probe hears `unsubscribed`: from here it is words to the one who probes, and changes
  /// nobody's roster.
  ///
  /// @return nothing if it is dropped
  public static Optional<Element> answer(Element stanza) {
    return switch (stanza.name()) {
      case "iq" ->
          Stanzas.mayAnswer(stanza)
              ? Optional.of(Stanzas.error(stanza, StanzaError.SERVICE_UNAVAILABLE))
              : Optional.empty();
      case "presence" ->
          PresenceType.of(stanza)
              .filter(type -> type == PresenceType.PROBE)
              .map(_ -> Stanzas.reply(stanza, PresenceType.UNSUBSCRIBED.word()).build());
      default -> Optional.empty();
    };
  }
}

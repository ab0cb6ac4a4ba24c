// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.blocking;

import dev.latchkey.chat.stanza.NoAccount;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.chat.stanza.Stanzas;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import java.util.Optional;

/// Whether a stanza passes an account's block list (XEP-0191 §3.3). Pure.
public sealed interface Passage {
  /// The list has nothing against it.
  record Open() implements Passage {}

  /// It goes no further, and nothing of it is kept.
  ///
  /// @param answer what its sender gets; nothing if it is dropped
  record Blocked(Optional<Element> answer) implements Passage {}

  /// A stanza to the account.
  ///
  /// SECURITY: who is blocked is answered as if there were no account ([NoAccount], rule 5). The
  /// XEP would have errors to messages and silence to probes; both would tell that the account is
  /// there.
  ///
  /// @param from the full or bare JID that it really comes from
  static Passage inbound(BlockList list, AccountJid owner, Jid from, Element stanza) {
    return list.blocks(from, owner) ? new Blocked(NoAccount.answer(stanza)) : new Open();
  }

  /// A stanza of the account to another address.
  static Passage outbound(BlockList list, AccountJid owner, Jid to, Element stanza) {
    if (!list.blocks(to, owner)) {
      return new Open();
    }
    return new Blocked(
        Stanzas.mayAnswer(stanza)
            ? Optional.of(
                Stanzas.error(
                    stanza,
                    StanzaError.NOT_ACCEPTABLE.with(
                        Element.empty("blocked", BlockNamespaces.ERRORS))))
            : Optional.empty());
  }
}

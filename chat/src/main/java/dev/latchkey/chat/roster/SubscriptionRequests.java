// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.roster;

import dev.latchkey.chat.stanza.PresenceType;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.Optional;

/// What is kept of a request until it is answered (RFC 6121 §3.1.3): the whole stanza if it is
/// small, else its words to people, cut short.
final class SubscriptionRequests {
  /// So many characters of XML are kept.
  static final int LONGEST = 4_096;

  /// So many characters of the words are kept if the stanza is longer than that.
  static final int LONGEST_STATUS = 512;

  private SubscriptionRequests() {}

  /// @param contact the bare JID that asks; the stanza is from it, whatever resource sent it
  static Element kept(Element presence, Jid contact) {
    Element.Builder bare =
        Element.named("presence", Namespaces.CLIENT)
            .attribute("type", PresenceType.SUBSCRIBE.word())
            .attribute("from", contact.toString())
            .attribute(
                "to",
                presence.attribute("to").flatMap(Jid::tryParse).map(to -> to.bare().toString()));
    Element whole = bare.build();
    if (presence.toXml().length() > LONGEST) {
      return whole.toBuilder().child(status(presence)).build();
    }
    return whole.toBuilder()
        .attribute("id", presence.attribute("id"))
        .attribute("xml:lang", presence.attribute("xml:lang"))
        .children(presence.children().toList())
        .build();
  }

  private static Optional<Element> status(Element presence) {
    return presence
        .child("status", Namespaces.CLIENT)
        .map(Element::text)
        .filter(words -> !words.isBlank())
        .map(words -> Element.text("status", Namespaces.CLIENT, cut(words)));
  }

  private static String cut(String words) {
    if (words.length() <= LONGEST_STATUS) {
      return words;
    }
    boolean splits = Character.isHighSurrogate(words.charAt(LONGEST_STATUS - 1));
    return words.substring(0, splits ? LONGEST_STATUS - 1 : LONGEST_STATUS);
  }
}

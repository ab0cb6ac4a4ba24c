// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.delivery;

import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.Optional;

/// Copies of messages for an account's other devices (XEP-0280). Pure.
public final class Carbons {
  public static final String NAMESPACE = "urn:xmpp:carbons:2";
  private static final String FORWARD = "urn:xmpp:forward:0";

  private Carbons() {}

  /// The copy of a message that another device of the account got.
  ///
  /// @param to the full JID of the device that sees the copy
  public static Element received(Element message, Jid to) {
    return copy("received", message, to);
  }

  /// The copy of a message that another device of the account sent.
  ///
  /// @param to the full JID of the device that sees the copy
  public static Element sent(Element message, Jid to) {
    return copy("sent", message, to);
  }

  /// The message that a copy is of; nothing if it is none.
  static Optional<Element> copied(Element message) {
    return message
        .child("received", NAMESPACE)
        .or(() -> message.child("sent", NAMESPACE))
        .flatMap(direction -> direction.child("forwarded", FORWARD))
        .flatMap(forwarded -> forwarded.child("message", Namespaces.CLIENT));
  }

  /// §8: from the account itself, which is what tells a client that it may believe it.
  private static Element copy(String direction, Element message, Jid to) {
    return Element.named("message", Namespaces.CLIENT)
        .attribute("from", to.bare().toString())
        .attribute("to", to.toString())
        .attribute("type", message.attribute("type").orElse("normal"))
        .child(
            Element.named(direction, NAMESPACE)
                .child(Element.named("forwarded", FORWARD).child(message).build())
                .build())
        .build();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.delivery;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What is held back from a client that nobody looks at (XEP-0352 §5): presence, of which only each
/// sender's last counts, and the typing of others, which is worth nothing later. Everything else
/// goes at once, after what was held back, so that nothing overtakes. Not thread-safe.
public final class ClientState {
  /// When so much is held back, it goes.
  static final int MOST_HELD = 128;

  private static final String CHAT_STATES = "http://jabber.org/protocol/chatstates";

  private final Map<String, Element> held = new LinkedHashMap<>();
  private boolean inactive;

  /// Everything goes at once.
  public ClientState() {}

  /// As it stood.
  ///
  /// @param held what was held back from a client that nobody looked at
  public ClientState(boolean inactive, List<Element> held) {
    this.inactive = inactive;
    held.forEach(presence -> this.held.put(presence.attribute("from").orElse(""), presence));
  }

  /// Whether nobody looks at the client.
  public boolean isInactive() {
    return inactive;
  }

  /// What is held back, in order.
  public List<Element> held() {
    return List.copyOf(held.values());
  }

  /// Something is for the client.
  ///
  /// @return what it gets now, in order
  public List<Element> offer(Element stanza) {
    if (!inactive) {
      return List.of(stanza);
    }
    if (isTyping(stanza)) {
      return List.of();
    }
    if (isPresence(stanza)) {
      String sender = stanza.attribute("from").orElse("");
      held.remove(sender);
      held.put(sender, stanza);
      return held.size() < MOST_HELD ? List.of() : release();
    }
    return pass(stanza);
  }

  /// Something is for the client that must not be dropped: it goes at once.
  ///
  /// @return what the client gets now, in order
  public List<Element> pass(Element stanza) {
    List<Element> now = release();
    now.add(stanza);
    return now;
  }

  /// Nobody looks at the client.
  public void inactive() {
    inactive = true;
  }

  /// Somebody does again.
  ///
  /// @return what was held back
  public List<Element> active() {
    inactive = false;
    return release();
  }

  private List<Element> release() {
    List<Element> all = new ArrayList<>(held.values());
    held.clear();
    return all;
  }

  private static boolean isPresence(Element stanza) {
    return stanza.name().equals("presence")
        && stanza.attribute("type").filter(type -> !type.equals("unavailable")).isEmpty();
  }

  /// A message with nothing but a chat state (XEP-0085) in it, or the copy of one: who writes on
  /// another device would wake this one with every pause.
  private static boolean isTyping(Element stanza) {
    if (!stanza.name().equals("message")) {
      return false;
    }
    List<Element> children =
        Carbons.copied(stanza).orElse(stanza).children().filter(ClientState::says).toList();
    return !children.isEmpty()
        && children.stream().allMatch(child -> child.namespace().equals(CHAT_STATES));
  }

  /// Whether a part of a message is more than how to treat it.
  private static boolean says(Element child) {
    return !child.name().equals("thread")
        && !child.namespace().equals("urn:xmpp:hints")
        && !child.is("origin-id", Namespaces.STANZA_ID);
  }
}

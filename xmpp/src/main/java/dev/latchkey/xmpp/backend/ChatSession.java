// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.InvalidJidException;
import dev.latchkey.credential.Jid;
import dev.latchkey.credential.Resource;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.xmpp.session.Attachment;
import dev.latchkey.xmpp.session.ClientSide;
import dev.latchkey.xmpp.session.EndReason;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// One session in the embedded chat domain. Called by one thread at a time.
final class ChatSession implements Attachment {
  /// RFC 6121 §4.7.2.3.
  private static final int LOWEST = -128;

  private static final int HIGHEST = 127;

  /// How many addresses may be told of the end beside those that may know anyway.
  private static final int MOST_DIRECTED = 256;

  private final EmbeddedBackend backend;
  private final AccountJid account;
  private final Resource resource;
  private final ClientSide client;
  private final Set<Jid> directed = new LinkedHashSet<>();

  ChatSession(EmbeddedBackend backend, AccountJid account, Resource resource, ClientSide client) {
    this.backend = backend;
    this.account = account;
    this.resource = resource;
    this.client = client;
  }

  @Override
  public void handle(Element stanza) {
    Optional<String> address = stanza.attribute("to");
    if (address.isEmpty()) {
      toNobody(stanza);
      return;
    }
    Jid to;
    try {
      to = Jid.parse(address.get());
    } catch (InvalidJidException malformed) {
      EmbeddedBackend.refuse(client, stanza, StanzaError.JID_MALFORMED);
      return;
    }
    if (to.equals(account.jid()) && stanza.name().equals("iq")) {
      backend.answerForAccount(stanza).ifPresent(client::deliver);
      return;
    }
    if (stanza.name().equals("presence")) {
      remember(stanza, to);
    }
    backend.route(client, stanza, to);
  }

  /// RFC 6121 §10.3: a message to nobody is to the own account, presence is for all who may know, a
  /// request is the server's to answer.
  private void toNobody(Element stanza) {
    switch (stanza.name()) {
      case "message" -> backend.route(client, stanza, account.jid());
      case "presence" -> announce(stanza);
      default -> backend.answerForAccount(stanza).ifPresent(client::deliver);
    }
  }

  private void announce(Element stanza) {
    String type = stanza.attribute("type").orElse("");
    if (type.isEmpty()) {
      backend.announce(account, resource, stanza, Optional.of(priority(stanza)));
    } else if (type.equals("unavailable")) {
      backend.announce(account, resource, stanza, Optional.empty());
    } else {
      EmbeddedBackend.refuse(client, stanza, StanzaError.BAD_REQUEST);
    }
  }

  /// RFC 6121 §4.7.2.3: a number from -128 to 127; what is none counts as nothing said.
  private static int priority(Element presence) {
    String text =
        presence.child("priority", Namespaces.CLIENT).map(Element::text).orElse("0").strip();
    if (!text.matches("[+-]?[0-9]{1,3}")) {
      return 0;
    }
    int value = Integer.parseInt(text);
    return value < LOWEST || value > HIGHEST ? 0 : value;
  }

  /// RFC 6121 §4.6: who was told in particular is told of the end too.
  private void remember(Element presence, Jid to) {
    String type = presence.attribute("type").orElse("");
    if (type.isEmpty() && directed.size() < MOST_DIRECTED) {
      directed.add(to);
    } else if (type.equals("unavailable")) {
      directed.remove(to);
    }
  }

  @Override
  public void end(List<Element> undelivered, EndReason reason) {
    Element unavailable =
        Element.named("presence", Namespaces.CLIENT)
            .attribute("from", account.with(resource).toString())
            .attribute("type", "unavailable")
            .build();
    backend.leave(account, resource, client, unavailable);
    for (Jid told : directed) {
      backend.route(client, unavailable.with("to", told.toString()), told);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.element.Node;
import dev.latchkey.wire.element.Text;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// Ids that tell a client where in its archive a message stands (XEP-0359).
public final class StanzaIds {
  private StanzaIds() {}

  /// A message without the ids that only these accounts' server may give: whoever else put them in
  /// made them up (XEP-0359 §3.2). Do this with every message before it is kept or delivered.
  public static Element without(Element message, Collection<AccountJid> accounts) {
    if (message.child("stanza-id", Namespaces.STANZA_ID).isEmpty()) {
      return message; // as nearly all
    }
    Set<Jid> ours = accounts.stream().map(AccountJid::jid).collect(Collectors.toUnmodifiableSet());
    if (message.children().noneMatch(child -> isBy(ours, child))) {
      return message;
    }
    Element.Builder rest = Element.named(message.name(), message.namespace());
    message.attributes().forEach(rest::attribute);
    for (Node node : message.nodes()) {
      switch (node) {
        case Text(String run) -> rest.text(run);
        case Element child when isBy(ours, child) -> {}
        case Element child -> rest.child(child);
      }
    }
    return rest.build();
  }

  private static boolean isBy(Set<Jid> ours, Element child) {
    return child.is("stanza-id", Namespaces.STANZA_ID)
        && child.attribute("by").flatMap(Jid::tryParse).filter(ours::contains).isPresent();
  }

  /// A message with the id it has in an account's archive; only for that account's own clients
  /// (XEP-0313 §3.4).
  public static Element with(Element message, AccountJid account, KeptId id) {
    return without(message, List.of(account)).toBuilder()
        .child(
            Element.named("stanza-id", Namespaces.STANZA_ID)
                .attribute("by", account.toString())
                .attribute("id", id.text())
                .build())
        .build();
  }
}

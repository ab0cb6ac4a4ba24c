// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.roster;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.time.Instant;
import java.util.List;

/// Values that the tests of this room share.
final class RosterSamples {
  static final AccountJid ROMEO = AccountJid.parse("romeo@example.org");
  static final Jid JULIET = Jid.parse("juliet@example.org");
  static final Jid NURSE = Jid.parse("nurse@example.org");
  static final Instant NOW = Instant.parse("2026-05-01T12:00:00Z");

  private RosterSamples() {}

  static RosterItem item(Jid contact, SubscriptionState state) {
    return RosterItem.listed(contact, "", List.of(), new Subscription(state, false));
  }

  static Roster roster(RosterItem... items) {
    return Roster.of(7, List.of(items));
  }

  static Element subscribe(Element... children) {
    return Element.named("presence", Namespaces.CLIENT)
        .attribute("type", "subscribe")
        .attribute("id", "s1")
        .attribute("from", "juliet@example.org/balcony")
        .attribute("to", "romeo@example.org")
        .children(List.of(children))
        .build();
  }

  static Element presence(String type) {
    return Element.named("presence", Namespaces.CLIENT)
        .attribute("type", type)
        .attribute("from", "juliet@example.org")
        .attribute("to", "romeo@example.org")
        .build();
  }
}

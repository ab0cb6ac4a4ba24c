// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.roster;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The requests of `jabber:iq:roster` (RFC 6121 §2). Pure.
public final class RosterRequests {
  /// So many octets of UTF-8 may a name have, and each group.
  public static final int LONGEST_NAME = 1_023;

  /// In so many groups may one contact be.
  public static final int MOST_GROUPS = 64;

  private RosterRequests() {}

  /// Whether a request is one of these.
  public static boolean isOne(Iq iq) {
    return iq.payload().is("query", RosterNamespaces.ROSTER);
  }

  /// Answers a request of the account to its own roster.
  ///
  /// @param owner whose roster and request it is; requests of others to it are refused elsewhere
  public static RosterAnswer answer(Iq iq, AccountJid owner, Roster roster, Instant now) {
    return iq.isSet() ? set(iq, owner, roster, now) : get(iq, roster);
  }

  private static RosterAnswer get(Iq iq, Roster roster) {
    if (items(iq).findAny().isPresent()) {
      return refused(iq, StanzaError.BAD_REQUEST); // §2.1.3
    }
    Optional<String> known = iq.payload().attribute("ver");
    if (known.filter(roster.ver()::equals).isPresent()) {
      return new RosterAnswer(iq.result(Optional.empty()), Optional.empty(), true); // §2.6.3
    }
    Element query =
        Element.named("query", RosterNamespaces.ROSTER)
            .attribute("ver", known.map(_ -> roster.ver()))
            .children(roster.listed().stream().map(RosterRequests::element).toList())
            .build();
    return new RosterAnswer(iq.result(Optional.of(query)), Optional.empty(), true);
  }

  private static RosterAnswer set(Iq iq, AccountJid owner, Roster roster, Instant now) {
    List<Element> items = items(iq).limit(2).toList();
    if (items.size() != 1) {
      return refused(iq, StanzaError.BAD_REQUEST); // §2.3.3, first rule
    }
    Element item = items.getFirst();
    Optional<String> address = item.attribute("jid");
    if (address.isEmpty()) {
      return refused(iq, StanzaError.BAD_REQUEST);
    }
    Optional<Jid> parsed = address.flatMap(Jid::tryParse);
    if (parsed.isEmpty()) {
      return refused(iq, StanzaError.JID_MALFORMED);
    }
    Jid contact = parsed.get().bare(); // §2.1.2.3
    if (contact.equals(owner.jid())) {
      return refused(iq, StanzaError.NOT_ALLOWED);
    }
    // §2.1.2.5: of a client's values only remove means anything.
    if (item.attribute("subscription").filter("remove"::equals).isPresent()) {
      return changed(iq, roster.remove(contact, now));
    }
    return wrong(item)
        .map(error -> refused(iq, error))
        .orElseGet(
            () ->
                changed(
                    iq,
                    roster.set(
                        new RosterItemRequest(
                            contact, item.attribute("name").orElse(""), groups(item)),
                        now)));
  }

  /// What else there may be is another protocol's, and passed over (RFC 6120 §8.4).
  private static Stream<Element> items(Iq iq) {
    return iq.payload().children("item", RosterNamespaces.ROSTER);
  }

  private static RosterAnswer changed(Iq iq, RosterChange change) {
    return change
        .refusal()
        .map(error -> refused(iq, error))
        .orElseGet(() -> new RosterAnswer(iq.result(Optional.empty()), Optional.of(change), false));
  }

  private static Optional<StanzaError> wrong(Element item) {
    List<String> groups = groups(item);
    if (groups.size() > MOST_GROUPS
        || item.attribute("name").filter(RosterRequests::isLong).isPresent()) {
      return Optional.of(StanzaError.NOT_ACCEPTABLE);
    }
    if (new HashSet<>(groups).size() != groups.size()) {
      return Optional.of(StanzaError.BAD_REQUEST); // §2.3.3: a group twice
    }
    return groups.stream().anyMatch(group -> group.isEmpty() || isLong(group))
        ? Optional.of(StanzaError.NOT_ACCEPTABLE)
        : Optional.empty();
  }

  private static List<String> groups(Element item) {
    return item.children("group", RosterNamespaces.ROSTER).map(Element::text).toList();
  }

  private static boolean isLong(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME;
  }

  /// The roster push of one contact as it stands, to one interested resource (RFC 6121 §2.1.6).
  ///
  /// @param to the resource's full JID
  /// @param id a fresh one; the client answers it
  public static Element push(Roster roster, Jid contact, Jid to, String id) {
    Element item =
        roster
            .item(contact)
            .filter(RosterItem::listed)
            .map(RosterRequests::element)
            .orElseGet(() -> removed(contact));
    return Element.named("iq", Namespaces.CLIENT)
        .attribute("type", "set")
        .attribute("id", id)
        .attribute("to", to.toString())
        .child(
            Element.named("query", RosterNamespaces.ROSTER)
                .attribute("ver", roster.ver())
                .child(item)
                .build())
        .build();
  }

  private static Element removed(Jid contact) {
    return Element.named("item", RosterNamespaces.ROSTER)
        .attribute("jid", contact.toString())
        .attribute("subscription", "remove")
        .build();
  }

  private static Element element(RosterItem item) {
    Subscription subscription = item.subscription();
    return Element.named("item", RosterNamespaces.ROSTER)
        .attribute("jid", item.contact().toString())
        .attribute("name", Optional.of(item.name()).filter(name -> !name.isEmpty()))
        .attribute("subscription", subscription.state().word())
        .attribute(
            "ask",
            subscription.state().isPendingOut() ? Optional.of("subscribe") : Optional.empty())
        .attribute("approved", subscription.approved() ? Optional.of("true") : Optional.empty())
        .children(
            item.groups().stream()
                .map(group -> Element.text("group", RosterNamespaces.ROSTER, group))
                .toList())
        .build();
  }

  private static RosterAnswer refused(Iq iq, StanzaError error) {
    return new RosterAnswer(iq.error(error), Optional.empty(), false);
  }
}

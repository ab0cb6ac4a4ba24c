// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import java.util.Map;
import java.util.Set;

/// A node as it stands, without its items; with all its people, or with the one person alone for
/// whose sake it was looked up.
///
/// @param name unique in the account
/// @param configuration how it behaves
/// @param affiliations members and outcasts, by bare JID
/// @param subscribers who subscribed, by the bare or full JID they asked to be told at
public record Node(
    String name,
    NodeConfiguration configuration,
    Map<Jid, Affiliation> affiliations,
    Set<Jid> subscribers) {
  /// Copies.
  public Node {
    affiliations = Map.copyOf(affiliations);
    subscribers = Set.copyOf(subscribers);
  }

  /// A fresh one.
  public static Node of(String name, NodeConfiguration configuration) {
    return new Node(name, configuration, Map.of(), Set.of());
  }

  /// Whether somebody may read it (XEP-0060 §6.5.1).
  public Access access(Requester who) {
    if (who.owner()) {
      return Access.GRANTED;
    }
    Affiliation affiliation = affiliations.get(who.jid().bare());
    if (affiliation == Affiliation.OUTCAST) {
      return Access.OUTCAST;
    }
    return switch (configuration.access()) {
      case OPEN -> Access.GRANTED;
      case PRESENCE -> who.subscribed() ? Access.GRANTED : Access.NO_PRESENCE;
      case ROSTER ->
          !who.subscribed()
              ? Access.NO_PRESENCE
              : who.groups().stream().anyMatch(configuration.groups()::contains)
                  ? Access.GRANTED
                  : Access.NOT_IN_GROUP;
      case WHITELIST -> affiliation == Affiliation.MEMBER ? Access.GRANTED : Access.NOT_LISTED;
    };
  }

  /// Whether somebody who may read it may subscribe. One person gets few subscriptions, so that
  /// nobody uses up all there are; those of others never keep out the owner.
  ///
  /// @param address the owner's
  public boolean hasRoomFor(Jid subscriber, AccountJid address, Bounds bounds) {
    if (subscribers.contains(subscriber)) {
      return true;
    }
    Jid person = subscriber.bare();
    long theirs = subscribers.stream().filter(jid -> jid.bare().equals(person)).count();
    long others = subscribers.stream().filter(jid -> !jid.bare().equals(address.jid())).count();
    return theirs < bounds.personSubscriptions()
        && (person.equals(address.jid()) || others < bounds.subscriptions());
  }

  /// Whether, and if not why not.
  public enum Access {
    /// May read.
    GRANTED,
    /// Is kept out by name.
    OUTCAST,
    /// Is not subscribed to the owner's presence.
    NO_PRESENCE,
    /// Is in none of the node's roster groups.
    NOT_IN_GROUP,
    /// Is not on the whitelist.
    NOT_LISTED
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Where nodes and items are kept. Calls block; what they did is durable when they return.
///
/// Thread-safe. Each change is all or nothing. A change that was decided on a configuration names
/// it, and is not made if the node has another by then. An account that was never heard of has no
/// nodes, and one that is deleted gets none: there is no room for them ([Outcome#FULL]).
///
/// Whoever asks for one person's sake, named by a bare JID, gets nodes with nobody else in them: of
/// the affiliations theirs, of the subscriptions those of their bare JID and of their resources.
/// What nobody is told of is not read, so a request costs about what its answer does.
public interface NodeStore {
  /// How a change ended.
  enum Outcome {
    /// It is made.
    DONE,
    /// The node is not as it was when this was decided: it is gone, or there, or configured
    /// otherwise. Nothing is changed.
    CHANGED,
    /// It would be more than the bounds allow. Nothing is changed.
    FULL
  }

  /// The node with this name, with all its people.
  Optional<Node> find(AccountId account, String name);

  /// The node with this name, for one person's sake.
  Optional<Node> find(AccountId account, String name, Jid person);

  /// All nodes of an account for one person's sake, by name.
  List<Node> nodes(AccountId account, Jid person);

  /// The nodes of an account where a person has an affiliation or a subscription, for their sake,
  /// by name.
  List<Node> nodesWith(AccountId account, Jid person);

  /// Makes a node; [Outcome#CHANGED] if it is there.
  Outcome create(AccountId account, String name, NodeConfiguration configuration, Bounds bounds);

  /// Configures a node, and lets its oldest items go that are now too many, or all if it keeps
  /// none.
  ///
  /// @param expected as it was when this was decided
  Outcome configure(
      AccountId account, String name, NodeConfiguration expected, NodeConfiguration next);

  /// Publishes: each item takes the place of the one with its id and becomes the newest; then the
  /// oldest go that are too many. A node that keeps nothing keeps nothing.
  ///
  /// @param expected the configuration this was decided on; if nothing, the node is not there and
  ///   is made
  /// @param configuration what the node has, or is made with
  /// @return [Outcome#FULL] if the account would have more nodes or octets than the bounds say
  Outcome publish(
      AccountId account,
      String name,
      Optional<NodeConfiguration> expected,
      NodeConfiguration configuration,
      List<Item> items,
      Bounds bounds);

  /// Removes items.
  ///
  /// @return [Outcome#CHANGED] if one of them is not there; then none is removed
  Outcome retract(AccountId account, String name, Collection<String> ids);

  /// Removes all items of a node; [Outcome#CHANGED] if there is no such node.
  Outcome purge(AccountId account, String name);

  /// Removes a node with all it has; [Outcome#CHANGED] if there is none.
  Outcome delete(AccountId account, String name);

  /// The newest items of a node, the newest last.
  ///
  /// @param limit how many at most
  /// @param octets how many UTF-8 octets of payload at most, but always one item
  List<Item> items(AccountId account, String name, int limit, int octets);

  /// The items with these ids that are there, the newest last.
  ///
  /// @param octets how many UTF-8 octets of payload at most, but always one item
  List<Item> items(AccountId account, String name, Collection<String> ids, int octets);

  /// The ids of the newest items, the newest last.
  List<String> itemIds(AccountId account, String name, int limit);

  /// A node and its newest item.
  ///
  /// @param node the node, for one person's sake
  /// @param item its newest item
  record Last(Node node, Item item) {}

  /// The newest items of all these nodes of all these accounts, where the node sends it to who
  /// becomes available ([LastItem#ON_SUBSCRIPTION_AND_PRESENCE]) and has one. One view, read once.
  ///
  /// @param person who becomes available
  Map<AccountId, List<Last>> lastItems(
      Collection<AccountId> accounts, Set<String> names, Jid person);

  /// Sets what the owner made of some people; an empty one removes. [Outcome#CHANGED] if there is
  /// no such node, [Outcome#FULL] if they would be more than the bounds say.
  ///
  /// @param affiliations by bare JID
  Outcome affiliate(
      AccountId account, String name, Map<Jid, Optional<Affiliation>> affiliations, Bounds bounds);

  /// Adds a subscriber; one that is there stays. [Outcome#FULL] if [Node#hasRoomFor] says so.
  ///
  /// @param address the account's
  /// @param expected the configuration this was decided on
  Outcome subscribe(
      AccountId account,
      AccountJid address,
      String name,
      NodeConfiguration expected,
      Jid subscriber,
      Bounds bounds);

  /// Removes subscribers.
  ///
  /// @return [Outcome#CHANGED] if one of them, or the node, is not there; then none is removed
  Outcome unsubscribe(AccountId account, String name, Collection<Jid> subscribers);

  /// Removes all an account has.
  void forget(AccountId account);

  /// Removes somebody from all nodes of all accounts, whatever their owners made of them and
  /// whichever of their resources subscribed.
  ///
  /// @param person a bare JID
  void forgetPerson(Jid person);
}

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

/// Hands everything on; a test overrides what it has to do with.
public class ForwardingNodeStore implements NodeStore {
  private final NodeStore to;

  /// @param to where everything goes
  public ForwardingNodeStore(NodeStore to) {
    this.to = to;
  }

  @Override
  public Optional<Node> find(AccountId account, String name) {
    return to.find(account, name);
  }

  @Override
  public Optional<Node> find(AccountId account, String name, Jid person) {
    return to.find(account, name, person);
  }

  @Override
  public List<Node> nodes(AccountId account, Jid person) {
    return to.nodes(account, person);
  }

  @Override
  public List<Node> nodesWith(AccountId account, Jid person) {
    return to.nodesWith(account, person);
  }

  @Override
  public Outcome create(
      AccountId account, String name, NodeConfiguration configuration, Bounds bounds) {
    return to.create(account, name, configuration, bounds);
  }

  @Override
  public Outcome configure(
      AccountId account, String name, NodeConfiguration expected, NodeConfiguration next) {
    return to.configure(account, name, expected, next);
  }

  @Override
  public Outcome publish(
      AccountId account,
      String name,
      Optional<NodeConfiguration> expected,
      NodeConfiguration configuration,
      List<Item> items,
      Bounds bounds) {
    return to.publish(account, name, expected, configuration, items, bounds);
  }

  @Override
  public Outcome retract(AccountId account, String name, Collection<String> ids) {
    return to.retract(account, name, ids);
  }

  @Override
  public Outcome purge(AccountId account, String name) {
    return to.purge(account, name);
  }

  @Override
  public Outcome delete(AccountId account, String name) {
    return to.delete(account, name);
  }

  @Override
  public List<Item> items(AccountId account, String name, int limit, int octets) {
    return to.items(account, name, limit, octets);
  }

  @Override
  public List<Item> items(AccountId account, String name, Collection<String> ids, int octets) {
    return to.items(account, name, ids, octets);
  }

  @Override
  public List<String> itemIds(AccountId account, String name, int limit) {
    return to.itemIds(account, name, limit);
  }

  @Override
  public Map<AccountId, List<Last>> lastItems(
      Collection<AccountId> accounts, Set<String> names, Jid person) {
    return to.lastItems(accounts, names, person);
  }

  @Override
  public Outcome affiliate(
      AccountId account, String name, Map<Jid, Optional<Affiliation>> affiliations, Bounds bounds) {
    return to.affiliate(account, name, affiliations, bounds);
  }

  @Override
  public Outcome subscribe(
      AccountId account,
      AccountJid address,
      String name,
      NodeConfiguration expected,
      Jid subscriber,
      Bounds bounds) {
    return to.subscribe(account, address, name, expected, subscriber, bounds);
  }

  @Override
  public Outcome unsubscribe(AccountId account, String name, Collection<Jid> subscribers) {
    return to.unsubscribe(account, name, subscribers);
  }

  @Override
  public void forget(AccountId account) {
    to.forget(account);
  }

  @Override
  public void forgetPerson(Jid person) {
    to.forgetPerson(person);
  }
}

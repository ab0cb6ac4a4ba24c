// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/// The nodes without a disk, held to the same contract as those with.
public final class InMemoryNodeStore implements NodeStore {
  private final Map<AccountId, SortedMap<String, Kept>> accounts = new HashMap<>();

  private static final class Kept {
    Node node;
    final LinkedHashMap<String, Item> items = new LinkedHashMap<>();

    Kept(Node node) {
      this.node = node;
    }

    void put(Item item) {
      items.remove(item.id());
      items.put(item.id(), item);
    }

    void trim() {
      int most = node.configuration().persist() ? node.configuration().maxItems() : 0;
      while (items.size() > most) {
        items.pollFirstEntry();
      }
    }
  }

  private SortedMap<String, Kept> of(AccountId account) {
    return accounts.computeIfAbsent(account, _ -> new TreeMap<>());
  }

  private Optional<Kept> kept(AccountId account, String name) {
    return Optional.ofNullable(of(account).get(name));
  }

  private Optional<Kept> kept(AccountId account, String name, NodeConfiguration expected) {
    return kept(account, name).filter(kept -> kept.node.configuration().equals(expected));
  }

  @Override
  public synchronized Optional<Node> find(AccountId account, String name) {
    return kept(account, name).map(kept -> kept.node);
  }

  /// All nodes of an account with all their people, for tests that compare.
  public synchronized List<Node> nodes(AccountId account) {
    return of(account).values().stream().map(kept -> kept.node).toList();
  }

  @Override
  public synchronized Optional<Node> find(AccountId account, String name, Jid person) {
    return find(account, name).map(node -> with(node, person));
  }

  @Override
  public synchronized List<Node> nodes(AccountId account, Jid person) {
    return nodes(account).stream().map(node -> with(node, person)).toList();
  }

  @Override
  public synchronized List<Node> nodesWith(AccountId account, Jid person) {
    return nodes(account, person).stream()
        .filter(node -> !node.affiliations().isEmpty() || !node.subscribers().isEmpty())
        .toList();
  }

  private static Node with(Node node, Jid person) {
    Map<Jid, Affiliation> affiliations = new HashMap<>(node.affiliations());
    affiliations.keySet().removeIf(jid -> !jid.equals(person));
    Set<Jid> subscribers = new HashSet<>(node.subscribers());
    subscribers.removeIf(jid -> !jid.bare().equals(person));
    return new Node(node.name(), node.configuration(), affiliations, subscribers);
  }

  @Override
  public synchronized Outcome create(
      AccountId account, String name, NodeConfiguration configuration, Bounds bounds) {
    if (kept(account, name).isPresent()) {
      return Outcome.CHANGED;
    }
    if (of(account).size() >= bounds.nodes()) {
      return Outcome.FULL;
    }
    of(account).put(name, new Kept(Node.of(name, configuration)));
    return Outcome.DONE;
  }

  @Override
  public synchronized Outcome configure(
      AccountId account, String name, NodeConfiguration expected, NodeConfiguration next) {
    Optional<Kept> kept = kept(account, name, expected);
    kept.ifPresent(
        one -> {
          one.node = new Node(name, next, one.node.affiliations(), one.node.subscribers());
          one.trim();
        });
    return kept.isPresent() ? Outcome.DONE : Outcome.CHANGED;
  }

  @Override
  public synchronized Outcome publish(
      AccountId account,
      String name,
      Optional<NodeConfiguration> expected,
      NodeConfiguration configuration,
      List<Item> items,
      Bounds bounds) {
    Optional<Kept> there = kept(account, name);
    if (!there.map(kept -> kept.node.configuration()).equals(expected)) {
      return Outcome.CHANGED;
    }
    if (there.isEmpty() && of(account).size() >= bounds.nodes()) {
      return Outcome.FULL;
    }
    Kept next = new Kept(there.map(kept -> kept.node).orElse(Node.of(name, configuration)));
    there.ifPresent(kept -> next.items.putAll(kept.items));
    items.forEach(next::put);
    next.trim();
    long others =
        of(account).values().stream()
            .filter(kept -> !kept.node.name().equals(name))
            .mapToLong(InMemoryNodeStore::octets)
            .sum();
    if (!items.isEmpty() && others + octets(next) > bounds.accountOctets()) {
      return Outcome.FULL;
    }
    of(account).put(name, next);
    return Outcome.DONE;
  }

  private static long octets(Kept kept) {
    return kept.items.values().stream().mapToLong(Item::octets).sum();
  }

  @Override
  public synchronized Outcome retract(AccountId account, String name, Collection<String> ids) {
    Optional<Kept> kept = kept(account, name).filter(one -> one.items.keySet().containsAll(ids));
    kept.ifPresent(one -> ids.forEach(one.items::remove));
    return kept.isPresent() ? Outcome.DONE : Outcome.CHANGED;
  }

  @Override
  public synchronized Outcome purge(AccountId account, String name) {
    Optional<Kept> kept = kept(account, name);
    kept.ifPresent(one -> one.items.clear());
    return kept.isPresent() ? Outcome.DONE : Outcome.CHANGED;
  }

  @Override
  public synchronized Outcome delete(AccountId account, String name) {
    return of(account).remove(name) == null ? Outcome.CHANGED : Outcome.DONE;
  }

  @Override
  public synchronized List<Item> items(AccountId account, String name, int limit, int octets) {
    return newest(
        kept(account, name).stream().flatMap(k -> k.items.values().stream()).toList(),
        limit,
        octets);
  }

  @Override
  public synchronized List<Item> items(
      AccountId account, String name, Collection<String> ids, int octets) {
    return newest(
        kept(account, name).stream()
            .flatMap(kept -> kept.items.values().stream())
            .filter(item -> ids.contains(item.id()))
            .toList(),
        Integer.MAX_VALUE,
        octets);
  }

  private static List<Item> newest(List<Item> all, int limit, int octets) {
    Deque<Item> found = new ArrayDeque<>();
    long sum = 0;
    for (Item item : all.reversed()) {
      sum += item.octets();
      if (found.size() >= limit || (sum > octets && !found.isEmpty())) {
        break;
      }
      found.addFirst(item);
    }
    return List.copyOf(found);
  }

  @Override
  public synchronized List<String> itemIds(AccountId account, String name, int limit) {
    return items(account, name, limit, Integer.MAX_VALUE).stream().map(Item::id).toList();
  }

  @Override
  public synchronized Map<AccountId, List<Last>> lastItems(
      Collection<AccountId> wanted, Set<String> names, Jid person) {
    Map<AccountId, List<Last>> found = new HashMap<>();
    for (AccountId account : wanted) {
      List<Last> lasts = new ArrayList<>();
      for (Kept kept : of(account).values()) {
        if (names.contains(kept.node.name())
            && kept.node.configuration().lastItem() == LastItem.ON_SUBSCRIPTION_AND_PRESENCE
            && !kept.items.isEmpty()) {
          lasts.add(new Last(with(kept.node, person), kept.items.lastEntry().getValue()));
        }
      }
      if (!lasts.isEmpty()) {
        found.put(account, lasts);
      }
    }
    return found;
  }

  @Override
  public synchronized Outcome affiliate(
      AccountId account, String name, Map<Jid, Optional<Affiliation>> affiliations, Bounds bounds) {
    Optional<Kept> kept = kept(account, name);
    if (kept.isEmpty()) {
      return Outcome.CHANGED;
    }
    Node node = kept.get().node;
    Map<Jid, Affiliation> next = new HashMap<>(node.affiliations());
    affiliations.forEach(
        (jid, affiliation) ->
            affiliation.ifPresentOrElse(word -> next.put(jid, word), () -> next.remove(jid)));
    if (next.size() > bounds.affiliations()) {
      return Outcome.FULL;
    }
    kept.get().node = new Node(name, node.configuration(), next, node.subscribers());
    return Outcome.DONE;
  }

  @Override
  public synchronized Outcome subscribe(
      AccountId account,
      AccountJid address,
      String name,
      NodeConfiguration expected,
      Jid subscriber,
      Bounds bounds) {
    Optional<Kept> kept = kept(account, name, expected);
    if (kept.isEmpty()) {
      return Outcome.CHANGED;
    }
    Node node = kept.get().node;
    if (!node.hasRoomFor(subscriber, address, bounds)) {
      return Outcome.FULL;
    }
    Set<Jid> next = new HashSet<>(node.subscribers());
    next.add(subscriber);
    kept.get().node = new Node(name, node.configuration(), node.affiliations(), next);
    return Outcome.DONE;
  }

  @Override
  public synchronized Outcome unsubscribe(
      AccountId account, String name, Collection<Jid> subscribers) {
    Optional<Kept> kept =
        kept(account, name).filter(one -> one.node.subscribers().containsAll(subscribers));
    kept.ifPresent(
        one -> {
          Set<Jid> next = new HashSet<>(one.node.subscribers());
          next.removeAll(subscribers);
          one.node = new Node(name, one.node.configuration(), one.node.affiliations(), next);
        });
    return kept.isPresent() ? Outcome.DONE : Outcome.CHANGED;
  }

  @Override
  public synchronized void forget(AccountId account) {
    accounts.remove(account);
  }

  @Override
  public synchronized void forgetPerson(Jid person) {
    for (SortedMap<String, Kept> nodes : accounts.values()) {
      for (Kept kept : nodes.values()) {
        Map<Jid, Affiliation> affiliations = new HashMap<>(kept.node.affiliations());
        affiliations.keySet().removeIf(jid -> jid.bare().equals(person));
        Set<Jid> subscribers = new HashSet<>(kept.node.subscribers());
        subscribers.removeIf(jid -> jid.bare().equals(person));
        kept.node =
            new Node(kept.node.name(), kept.node.configuration(), affiliations, subscribers);
      }
    }
  }
}

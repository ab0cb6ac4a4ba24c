// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// A message store that forgets when the process ends. Thread-safe.
public class InMemoryMessageStore implements MessageStore {
  private record Row(Element message, Jid peer) {}

  private static final class Account {
    long last;
    final TreeMap<KeptId, Row> archive = new TreeMap<>();
    final TreeMap<KeptId, Element> offline = new TreeMap<>();
    ArchivePreferences preferences = ArchivePreferences.USUAL;
  }

  private final RandomGenerator random;
  private final Map<AccountId, Account> accounts = new HashMap<>();

  /// @param random draws what nobody may guess of an id
  public InMemoryMessageStore(RandomGenerator random) {
    this.random = random;
  }

  private Account account(AccountId id) {
    return accounts.computeIfAbsent(id, _ -> new Account());
  }

  @Override
  public synchronized Kept keep(Element message, List<Copy> copies, Instant now, Room room) {
    if (copies.stream().map(Copy::owner).distinct().count() < copies.size()) {
      throw new IllegalArgumentException("an owner keeps one copy");
    }
    Set<AccountId> crowded = new HashSet<>();
    Map<AccountId, KeptId> ids = new HashMap<>();
    for (Copy copy : copies) {
      Account account = account(copy.owner());
      boolean waits = copy.offline() && lets(room, account, message);
      KeptId id = KeptId.next(account.last, now, random.nextInt());
      account.last = id.micros();
      if (copy.archived()) {
        account.archive.put(id, new Row(message, copy.peer()));
        ids.put(copy.owner(), id);
        while (account.archive.size() > 1
            && octets(account.archive.values().stream().map(Row::message))
                > room.archivedOctets()) {
          account.archive.pollFirstEntry();
        }
      }
      if (waits) {
        account.offline.put(id, message);
        ids.put(copy.owner(), id);
      } else if (copy.offline()) {
        crowded.add(copy.owner());
      }
    }
    return new Kept(ids, crowded);
  }

  private static boolean lets(Room room, Account account, Element message) {
    return room.lets(
        account.offline.size(),
        octets(account.offline.values().stream()),
        octets(Stream.of(message)));
  }

  private static long octets(Stream<Element> messages) {
    return messages
        .mapToLong(message -> message.toXml().getBytes(StandardCharsets.UTF_8).length)
        .sum();
  }

  @Override
  public synchronized boolean undelivered(AccountId account, KeptId archived, Room room) {
    Account found = account(account);
    Row row = found.archive.get(archived);
    if (row == null) {
      return false;
    }
    if (found.offline.containsKey(archived)) {
      return true;
    }
    if (!lets(room, found, row.message())) {
      return false;
    }
    found.offline.put(archived, row.message());
    return true;
  }

  @Override
  public synchronized List<OfflineMessage> offline(
      AccountId account, Optional<KeptId> after, int most) {
    Account found = account(account);
    List<OfflineMessage> page = new ArrayList<>();
    long length = 0;
    for (Map.Entry<KeptId, Element> next : found.offline.entrySet()) {
      if (after.filter(last -> next.getKey().compareTo(last) <= 0).isPresent()) {
        continue;
      }
      length += next.getValue().toXml().length();
      if (page.size() == most || (!page.isEmpty() && length > MOST_PAGE_LENGTH)) {
        break;
      }
      page.add(
          new OfflineMessage(
              next.getKey(), found.archive.containsKey(next.getKey()), next.getValue()));
    }
    return page;
  }

  @Override
  public synchronized void delivered(AccountId account, Collection<KeptId> ids) {
    ids.forEach(account(account).offline::remove);
  }

  @Override
  public synchronized Optional<ArchiveEnds> clearOffline(AccountId account) {
    Account found = account(account);
    found.offline.keySet().removeIf(found.archive::containsKey);
    return ends(account);
  }

  @Override
  public synchronized ArchiveAnswer archivePage(AccountId account, ArchiveQuery query) {
    TreeMap<KeptId, Row> archive = account(account).archive;
    ArchiveQuery.Filter filter = query.filter();
    boolean allThere =
        Stream.of(
                filter.ids().stream(),
                filter.afterId().stream(),
                filter.beforeId().stream(),
                query.after().stream(),
                query.before().stream())
            .flatMap(ids -> ids)
            .allMatch(archive::containsKey);
    if (!allThere) {
      return new ArchiveAnswer.NotFound();
    }
    List<ArchivedMessage> all =
        archive.entrySet().stream()
            .filter(entry -> matches(filter, entry.getKey(), entry.getValue().peer()))
            .map(entry -> new ArchivedMessage(entry.getKey(), entry.getValue().message()))
            .toList();
    List<ArchivedMessage> between =
        all.stream()
            .filter(found -> query.after().filter(a -> found.id().compareTo(a) <= 0).isEmpty())
            .filter(found -> query.before().filter(b -> found.id().compareTo(b) >= 0).isEmpty())
            .toList();
    List<ArchivedMessage> page = new ArrayList<>();
    long length = 0;
    for (ArchivedMessage found : query.fromEnd() ? between.reversed() : between) {
      length += found.message().toXml().length();
      if (page.size() == query.most() || (!page.isEmpty() && length > MOST_PAGE_LENGTH)) {
        break;
      }
      page.add(found);
    }
    boolean counted =
        page.size() == all.size() || (query.most() == 0 && all.size() <= MOST_COUNTED);
    return new ArchiveAnswer.Page(
        query.fromEnd() ? page.reversed() : page,
        page.size() == between.size(),
        counted ? OptionalLong.of(all.size()) : OptionalLong.empty());
  }

  private static boolean matches(ArchiveQuery.Filter filter, KeptId id, Jid peer) {
    return filter.with().filter(w -> !w.equals(w.isBare() ? peer.bare() : peer)).isEmpty()
        && filter.start().filter(start -> id.stamp().isBefore(start)).isEmpty()
        && filter.end().filter(end -> id.stamp().isAfter(end)).isEmpty()
        && filter.afterId().filter(after -> id.compareTo(after) <= 0).isEmpty()
        && filter.beforeId().filter(before -> id.compareTo(before) >= 0).isEmpty()
        && (filter.ids().isEmpty() || filter.ids().contains(id));
  }

  @Override
  public synchronized Optional<ArchiveEnds> ends(AccountId account) {
    TreeMap<KeptId, Row> archive = account(account).archive;
    return archive.isEmpty()
        ? Optional.empty()
        : Optional.of(new ArchiveEnds(archive.firstKey(), archive.lastKey()));
  }

  @Override
  public synchronized ArchivePreferences preferences(AccountId account) {
    return account(account).preferences;
  }

  @Override
  public synchronized void prefer(AccountId account, ArchivePreferences preferences) {
    account(account).preferences = preferences;
  }

  @Override
  public synchronized int expire(Instant before, int most) {
    int removed = 0;
    for (Account account : accounts.values()) {
      while (removed < most
          && !account.archive.isEmpty()
          && account.archive.firstKey().stamp().isBefore(before)) {
        account.archive.pollFirstEntry();
        removed++;
      }
    }
    return removed;
  }

  @Override
  public synchronized void forget(AccountId account) {
    accounts.remove(account);
  }
}

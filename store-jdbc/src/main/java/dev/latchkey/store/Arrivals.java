// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.history.Copy;
import dev.latchkey.chat.history.Kept;
import dev.latchkey.chat.history.KeptId;
import dev.latchkey.chat.history.Room;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Bytes;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/// Where messages are written when they are kept, and from where they are filed, many at a time, in
/// the archives and among what waits. A commit dirties whole pages; filed one by one, each message
/// would cost one of every table and index of each account that keeps it.
///
/// What a transaction does is one row of the table "arrival" ([ArrivalRecord]), and stays in memory
/// until it is filed. Whoever reads or changes what an account keeps lets file before ([#holds],
/// [#settle]); then nobody sees the difference. All but [#holds] is for the writer's thread.
final class Arrivals implements Database.Companion {
  /// So many places of messages are held at most, before those of the next transaction.
  private static final int MOST_PLACES = 4000;

  /// So many octets of messages are held at most, and one message: so much of memory, several
  /// times, and so much an archive is beyond its room for a while.
  private static final long MOST_OCTETS = 4L << 20;

  /// So many accounts are known by heart.
  private static final int MOST_OWNERS = 1000;

  /// So many messages leave archives that are too large when others are filed; where there are more
  /// they go with the next.
  private static final int MOST_REMOVED = 2 * MOST_PLACES;

  /// Whose messages have not been filed. What is being filed stays in `filing` until that is
  /// committed, so that whoever looks at both, in this order, and finds nothing sees it in the
  /// tables.
  private final Set<AccountId> held = ConcurrentHashMap.newKeySet();

  private final Set<AccountId> filing = ConcurrentHashMap.newKeySet();

  /// How large the archives may be of those whose messages have not been filed, as was told last.
  /// It stays when they are not known by heart any more, and when something is undone.
  private final Map<AccountId, Long> rooms = new HashMap<>();

  private final Settled settled = new Settled();

  private final Map<AccountId, Owner> owners;

  /// What this transaction has done.
  private final RecordOutput records = new RecordOutput();

  /// What has arrived, by account. It is what the table holds, and `records`.
  private final Map<Long, Arrived> arrived = new TreeMap<>();

  /// Whether `arrived` is known; if not, it is to be read.
  private boolean known;

  private int places;
  private long octets;

  /// How often accounts had been changed when nobody known by heart was deleted.
  private long changes;

  Arrivals() {
    this(MOST_OWNERS);
  }

  /// @param mostOwners so many accounts are known by heart
  Arrivals(int mostOwners) {
    owners =
        new LinkedHashMap<>(mostOwners, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<AccountId, Owner> eldest) {
            return size() > mostOwners;
          }
        };
  }

  /// What is remembered of accounts while nothing changes what they keep. Thread-safe.
  Settled settled() {
    return settled;
  }

  /// Whether something of an account has not been filed yet. If not, whoever reads after this sees
  /// all of it. Thread-safe.
  boolean holds(AccountId account) {
    return held.contains(account) || filing.contains(account);
  }

  @Override
  public boolean isWaiting() {
    return !known || places > 0;
  }

  @Override
  public void write(Sql sql, boolean idle) throws SQLException {
    know(sql);
    if (places >= MOST_PLACES || (idle && places > 0)) {
      file(sql);
    }
  }

  @Override
  public void finish(Sql sql) throws SQLException {
    if (records.length() > 0) {
      sql.update("INSERT INTO arrival (records) VALUES (?)", records.toBytes());
      records.clear();
    }
  }

  @Override
  public void ended() {
    settled.ended();
  }

  @Override
  public void committed(Sql sql) {
    for (AccountId account : filing) {
      if (!held.contains(account)) {
        rooms.remove(account);
      }
    }
    filing.clear();
  }

  @Override
  public void undone() {
    // What stays in "filing" is only asked for once more than it need be.
    held.addAll(filing);
    owners.clear();
    records.clear();
    known = false;
  }

  /// Reads what a process left here that was killed, or what something undone was mixed with, and
  /// files it: work that fails again and again must not let much be read again and again.
  private void know(Sql sql) throws SQLException {
    if (known) {
      return;
    }
    arrived.clear();
    places = 0;
    octets = 0;
    for (Bytes row :
        sql.list("SELECT records FROM arrival ORDER BY position", it -> it.octets("records"))) {
      for (ArrivalRecord record : ArrivalRecord.read(row)) {
        for (long account : record.accounts()) {
          if (!arrived.containsKey(account)) {
            arrives(account, owner(sql, account));
          }
        }
        hold(record);
      }
    }
    known = true;
    if (places > 0) {
      file(sql);
    }
  }

  private static AccountId owner(Sql sql, long account) throws SQLException {
    return sql.first(
            "SELECT id FROM account WHERE position = ?",
            row -> new AccountId(row.text("id")),
            account)
        .orElseThrow(
            () -> new StoreException("a message arrived for an account that is not there"));
  }

  private void arrives(long account, AccountId owner) {
    arrived.computeIfAbsent(account, _ -> new Arrived(owner));
    held.add(owner);
  }

  private Optional<Arrived> arrivedFor(long account) {
    return Optional.ofNullable(arrived.get(account));
  }

  /// Holds what has happened to messages of accounts that [arrive][#arrives].
  private void hold(ArrivalRecord record) {
    switch (record) {
      case ArrivalRecord.Kept(Bytes stanza, List<ArrivalRecord.Place> where) -> {
        for (ArrivalRecord.Place place : where) {
          arrivedFor(place.account()).orElseThrow().add(place, stanza);
        }
        places += Math.max(1, where.size());
        octets += stanza.length();
      }
      case ArrivalRecord.Delivered(long account, KeptId id) ->
          arrivedFor(account).orElseThrow().delivered(id);
    }
  }

  private void happens(ArrivalRecord record) {
    hold(record);
    ArrivalRecord.write(record, records);
  }

  /// A copy and whom it is for.
  private record Place(Copy copy, Owner owner, boolean waits) {}

  /// Keeps a message.
  ///
  /// @param stanza its XML
  /// @param tags used on this thread only
  Kept keep(Sql sql, Bytes stanza, List<Copy> copies, Instant now, Room room, Tags tags)
      throws SQLException {
    know(sql);
    forgetWhereDeleted(sql);
    List<Place> kept = new ArrayList<>();
    Set<AccountId> crowded = new HashSet<>();
    for (Copy copy : copies) {
      Optional<Owner> owner = owner(sql, copy.owner());
      if (owner.isEmpty()) {
        continue;
      }
      boolean fits = !copy.offline() || owner.get().lets(room, stanza.length());
      if (!fits) {
        crowded.add(copy.owner());
      }
      boolean waits = copy.offline() && fits;
      if (copy.archived() || waits) {
        kept.add(new Place(copy, owner.get(), waits));
      }
    }
    Map<AccountId, KeptId> ids = keep(stanza, kept, now, room, tags);
    if (octets >= MOST_OCTETS) {
      file(sql); // also within a transaction: hundreds of long messages may share one
    }
    return new Kept(ids, crowded);
  }

  /// Rule 5: what nobody keeps arrives all the same. A commit that wrote nothing would tell its
  /// waiter so by the time it took.
  private Map<AccountId, KeptId> keep(
      Bytes stanza, List<Place> kept, Instant now, Room room, Tags tags) {
    Map<AccountId, KeptId> ids = new HashMap<>();
    List<ArrivalRecord.Place> where = new ArrayList<>();
    for (Place place : kept) {
      Copy copy = place.copy();
      Owner owner = place.owner();
      KeptId id = owner.next(now, tags.next());
      ids.put(copy.owner(), id);
      where.add(
          new ArrivalRecord.Place(
              owner.account(), id, copy.peer().toString(), copy.archived(), place.waits()));
      owner.keeps(id, stanza.length(), place.waits());
      if (copy.archived()) {
        rooms.put(copy.owner(), room.archivedOctets());
      }
      arrives(owner.account(), copy.owner());
      settled.changed(copy.owner());
    }
    happens(new ArrivalRecord.Kept(stanza, where));
    return ids;
  }

  private void forgetWhereDeleted(Sql sql) {
    long changed = sql.updatesOf(AccountRows.UPDATE);
    if (changed != changes) {
      owners.clear();
      changes = changed;
    }
  }

  private Optional<Owner> owner(Sql sql, AccountId account) throws SQLException {
    Owner byHeart = owners.get(account);
    if (byHeart != null) {
      return Optional.of(byHeart);
    }
    settle(sql, account); // what has not been filed is not counted in the tables
    Optional<Owner> read = Owner.of(sql, account);
    read.ifPresent(it -> owners.put(account, it));
    return read;
  }

  /// A message does not wait any more, if it has not been filed yet.
  ///
  /// @return whether it is done; else it is to be looked for where it waits
  boolean delivered(Sql sql, AccountId account, KeptId id) throws SQLException {
    know(sql);
    Owner owner = owners.get(account);
    if (owner == null) {
      return false;
    }
    Optional<Integer> waits = arrivedFor(owner.account()).flatMap(of -> of.waits(id));
    if (waits.isEmpty()) {
      return false;
    }
    owner.delivered(waits.get());
    happens(new ArrivalRecord.Delivered(owner.account(), id));
    return true;
  }

  /// Files everything if something of an account is here, because the account's tables are about to
  /// be read or changed.
  void settle(Sql sql, AccountId account) throws SQLException {
    know(sql);
    if (held.contains(account)) {
      file(sql);
    }
    owners.remove(account); // what is known by heart may be wrong when they are changed
    settled.changed(account);
  }

  /// Files everything. Done also when the database is opened: what a process left here that was
  /// killed.
  void file(Sql sql) throws SQLException {
    know(sql);
    filing.addAll(held);
    held.clear();
    int most = MOST_REMOVED;
    for (Map.Entry<Long, Arrived> entry : arrived.entrySet()) {
      AccountId owner = entry.getValue().owner();
      settled.changed(owner);
      long archived = entry.getValue().file(sql, entry.getKey());
      most -= makeRoom(sql, owner, entry.getKey(), archived, most);
    }
    if (places > 0) {
      sql.update("DELETE FROM arrival");
    }
    records.clear();
    arrived.clear();
    places = 0;
    octets = 0;
  }

  /// Removes what is too much.
  ///
  /// @param account the account's row
  /// @param archived how many octets its archive has
  /// @param most how many messages at most
  /// @return how many
  private int makeRoom(Sql sql, AccountId owner, long account, long archived, int most)
      throws SQLException {
    long excess = archived - rooms.getOrDefault(owner, Long.MAX_VALUE);
    return excess > 0 && most > 0 ? MessageRows.removeExcess(sql, owner, account, most, excess) : 0;
  }
}

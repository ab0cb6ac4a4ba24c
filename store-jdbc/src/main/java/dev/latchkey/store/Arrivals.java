// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.history.ArchivePreferences;
import dev.latchkey.chat.history.Copy;
import dev.latchkey.chat.history.Kept;
import dev.latchkey.chat.history.KeptId;
import dev.latchkey.chat.history.Room;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Jid;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/// Where messages are written when they are kept, and from where they move, many at a time, into
/// the archives and to what waits. A commit dirties whole pages; written one by one, each message
/// would cost one of every table and index of each account that keeps it.
///
/// Whoever reads or changes what an account keeps lets them move before ([#holds], [#settle]); then
/// nobody sees the difference. All but [#holds] and [#isWaiting] is for the writer's thread.
final class Arrivals implements Database.Companion {
  /// So many rows are held at most, before those of the next transaction.
  private static final int MOST_ROWS = 2000;

  /// So many octets of messages are held at most: so much an archive is beyond its room for a
  /// while.
  private static final long MOST_OCTETS = 4L << 20;

  /// So many accounts are known by heart.
  private static final int MOST_OWNERS = 1000;

  /// So many messages leave archives that are too large when others move in; where there are more
  /// they go with the next.
  private static final int MOST_REMOVED = 4 * MOST_ROWS;

  /// A position that no message has.
  private static final long NOWHERE = 0;

  private static final String ROW = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

  /// Adds the row of a message that one account keeps.
  private static final String ONE_ARRIVES =
      "INSERT INTO arrival (position, message, account, id, tag, octets, archived, waits, bare,"
          + " exact, holders, stanza) VALUES "
          + ROW;

  /// Adds the rows of a message that two accounts keep, as nearly all.
  private static final String TWO_ARRIVE = ONE_ARRIVES + ", " + ROW;

  /// Bodies first; a history begins with the first message.
  private static final List<String> MOVES =
      List.of(
          "INSERT INTO message (position, holders, stanza) SELECT position, holders, stanza FROM"
              + " arrival WHERE holders > 0 ORDER BY position",
          "INSERT INTO archive (account, id, tag, message, bare, exact)"
              + " SELECT account, id, tag, message, bare, exact FROM arrival"
              + " WHERE archived ORDER BY account, id",
          "INSERT INTO offline (account, id, tag, message)"
              + " SELECT account, id, tag, message FROM arrival WHERE waits ORDER BY account, id",
          "INSERT INTO history"
              + " (account, last, standing, archived_octets, waiting, waiting_octets)"
              + " SELECT account, MAX(id), '"
              + ArchivePreferences.USUAL.standing().word()
              + "', SUM(octets * archived), SUM(waits), SUM(octets * waits)"
              + " FROM arrival WHERE TRUE GROUP BY account ON CONFLICT (account) DO UPDATE SET"
              + " last = excluded.last,"
              + " archived_octets = archived_octets + excluded.archived_octets,"
              + " waiting = waiting + excluded.waiting,"
              + " waiting_octets = waiting_octets + excluded.waiting_octets",
          "DELETE FROM arrival");

  /// Whose messages have not moved. What moves stays in `moving` until that is committed, so that
  /// whoever looks at both, in this order, and finds nothing sees it in the tables.
  private final Set<AccountId> held = ConcurrentHashMap.newKeySet();

  private final Set<AccountId> moving = ConcurrentHashMap.newKeySet();

  private final Settled settled = new Settled();

  private final Map<AccountId, Owner> owners =
      new LinkedHashMap<>(MOST_OWNERS, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<AccountId, Owner> eldest) {
          return size() > MOST_OWNERS;
        }
      };

  /// At most so much has not moved.
  private int rows;

  private long octets;

  /// So much moved in the transaction that is not committed.
  private int movingRows;

  private long movingOctets;

  /// The last row, if it is known.
  private Optional<Long> newest = Optional.empty();

  /// How often accounts had been changed when nobody known by heart was deleted.
  private long changes;

  /// What is remembered of accounts while nothing changes what they keep. Thread-safe.
  Settled settled() {
    return settled;
  }

  /// Whether something of an account has not moved yet. If not, whoever reads after this sees all
  /// of it. Thread-safe.
  boolean holds(AccountId account) {
    return held.contains(account) || moving.contains(account);
  }

  /// Whether something of anybody has not moved yet. Thread-safe.
  @Override
  public boolean isWaiting() {
    return !held.isEmpty() || !moving.isEmpty();
  }

  @Override
  public void write(Sql sql, boolean idle) throws SQLException {
    if (rows >= MOST_ROWS || octets >= MOST_OCTETS || (idle && !held.isEmpty())) {
      move(sql);
    }
  }

  @Override
  public void ended() {
    settled.ended();
  }

  @Override
  public void committed(Sql sql) {
    moving.clear();
    movingRows = 0;
    movingOctets = 0;
  }

  @Override
  public void undone() {
    // What stays in "moving" is only asked for once more than it need be.
    held.addAll(moving);
    rows += movingRows;
    octets += movingOctets;
    movingRows = 0;
    movingOctets = 0;
    owners.clear();
    newest = Optional.empty();
  }

  /// A copy and whom it is for.
  private record Place(Copy copy, Owner owner, boolean waits) {
    int holders() {
      return (copy.archived() ? 1 : 0) + (waits ? 1 : 0);
    }
  }

  /// What is kept of a message.
  record Body(String stanza, long octets) {}

  /// Keeps a message.
  Kept keep(Sql sql, Body body, List<Copy> copies, Instant now, Room room, RandomGenerator random)
      throws SQLException {
    forgetWhereDeleted(sql);
    // Before anything known of the others is used: what moves may change it.
    for (Copy copy : copies) {
      if (!owners.containsKey(copy.owner())) {
        settle(sql, copy.owner());
      }
    }
    List<Place> places = new ArrayList<>();
    Set<AccountId> crowded = new HashSet<>();
    for (Copy copy : copies) {
      Optional<Owner> owner = owner(sql, copy.owner());
      if (owner.isEmpty()) {
        continue;
      }
      boolean fits = !copy.offline() || owner.get().lets(room, body.octets());
      if (!fits) {
        crowded.add(copy.owner());
      }
      Place place = new Place(copy, owner.get(), copy.offline() && fits);
      if (place.holders() > 0) {
        places.add(place);
      }
    }
    if (places.isEmpty()) {
      keepNowhere(sql, body);
      return new Kept(Map.of(), crowded);
    }
    return new Kept(insert(sql, body, places, now, room, random), crowded);
  }

  /// Rule 5: a commit that wrote nothing would tell its waiter, by the time it took, that nobody
  /// keeps the message.
  private static void keepNowhere(Sql sql, Body body) throws SQLException {
    sql.update(
        ONE_ARRIVES,
        NOWHERE,
        NOWHERE,
        0,
        0,
        0,
        body.octets(),
        false,
        false,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        body.stanza());
    sql.update("DELETE FROM arrival WHERE position = ?", NOWHERE);
  }

  private Map<AccountId, KeptId> insert(
      Sql sql, Body body, List<Place> places, Instant now, Room room, RandomGenerator random)
      throws SQLException {
    long first = (newest.isPresent() ? newest.get() : newestRow(sql)) + 1;
    Map<AccountId, KeptId> ids = new HashMap<>();
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < places.size(); i++) {
      Copy copy = places.get(i).copy();
      KeptId id = places.get(i).owner().next(now, random.nextInt());
      ids.put(copy.owner(), id);
      values.addAll(List.of(first + i, first));
      values.addAll(row(sql, places.get(i), id, body.octets()));
      values.addAll(
          i == 0
              ? List.of(places.stream().mapToInt(Place::holders).sum(), body.stanza())
              : List.of(Optional.empty(), Optional.empty()));
    }
    sql.update(arrive(places.size()), values.toArray());
    for (int i = 0; i < places.size(); i++) {
      Copy copy = places.get(i).copy();
      Owner.OnItsWay way = new Owner.OnItsWay(first + i, first, body.octets());
      KeptId id = Optional.ofNullable(ids.get(copy.owner())).orElseThrow();
      places.get(i).owner().keeps(id, way, copy.archived(), places.get(i).waits(), room);
      held.add(copy.owner());
      settled.changed(copy.owner());
    }
    newest = Optional.of(first + places.size() - 1);
    rows += places.size();
    octets += body.octets();
    return ids;
  }

  private static String arrive(int many) {
    return many == 2 ? TWO_ARRIVE : ONE_ARRIVES + (", " + ROW).repeat(many - 1);
  }

  private static List<Object> row(Sql sql, Place place, KeptId id, long octets)
      throws SQLException {
    Owner owner = place.owner();
    Optional<Long> bare = Optional.empty();
    Optional<Long> exact = Optional.empty();
    if (place.copy().archived()) {
      Jid peer = place.copy().peer();
      bare = Optional.of(owner.peer(sql, peer.bare()));
      exact = peer.isBare() ? bare : Optional.of(owner.peer(sql, peer));
    }
    return List.of(
        owner.account(),
        id.micros(),
        id.tag(),
        octets,
        place.copy().archived(),
        place.waits(),
        bare,
        exact);
  }

  /// The greatest position that a body or a row here has.
  private static long newestRow(Sql sql) throws SQLException {
    return sql.first(
            "SELECT MAX(COALESCE((SELECT MAX(position) FROM message), 0),"
                + " COALESCE((SELECT MAX(position) FROM arrival), 0)) AS newest",
            row -> row.number("newest"))
        .orElseThrow();
  }

  private void forgetWhereDeleted(Sql sql) {
    long changed = sql.updatesOf(AccountRows.UPDATE);
    if (changed != changes) {
      owners.clear();
      changes = changed;
    }
  }

  private Optional<Owner> owner(Sql sql, AccountId account) throws SQLException {
    Owner known = owners.get(account);
    if (known != null) {
      return Optional.of(known);
    }
    Optional<Owner> read = Owner.of(sql, account);
    read.ifPresent(it -> owners.put(account, it));
    return read;
  }

  /// A message does not wait any more, if it had not moved yet.
  ///
  /// @return whether it is done; else it is to be looked for where it waits
  boolean delivered(Sql sql, AccountId account, KeptId id) throws SQLException {
    Owner owner = owners.get(account);
    if (owner == null) {
      return false;
    }
    Optional<Owner.OnItsWay> gone = owner.delivered(id);
    if (gone.isEmpty()) {
      return false;
    }
    // The rows stay: one tells the newest id that the account ever had.
    sql.update("UPDATE arrival SET waits = 0 WHERE position = ?", gone.get().row());
    sql.update("UPDATE arrival SET holders = holders - 1 WHERE position = ?", gone.get().body());
    return true;
  }

  /// Lets everything move if something of an account is here, because the account's tables are
  /// about to be read or changed.
  void settle(Sql sql, AccountId account) throws SQLException {
    if (held.contains(account)) {
      move(sql);
    }
    owners.remove(account); // what is known by heart may be wrong when they are changed
    settled.changed(account);
  }

  /// Moves everything. Done also when the database is opened: what a process left here that was
  /// killed.
  void move(Sql sql) throws SQLException {
    List<AccountId> all = List.copyOf(held);
    moving.addAll(all);
    held.clear();
    all.forEach(settled::changed); // what is too much goes
    for (String statement : MOVES) {
      sql.update(statement);
    }
    movingRows += rows;
    movingOctets += octets;
    rows = 0;
    octets = 0;
    int most = MOST_REMOVED;
    for (AccountId account : all) {
      Owner owner = owners.get(account);
      if (owner != null) {
        owner.moved();
        if (owner.excess() > 0 && most > 0) {
          owners.remove(account);
          most -= MessageRows.removeExcess(sql, owner.account(), most, owner.excess());
        }
      }
    }
  }
}

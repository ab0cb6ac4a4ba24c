// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.history.ArchiveAnswer;
import dev.latchkey.chat.history.ArchiveEnds;
import dev.latchkey.chat.history.ArchivePreferences;
import dev.latchkey.chat.history.ArchivePreferences.Standing;
import dev.latchkey.chat.history.ArchiveQuery;
import dev.latchkey.chat.history.Copy;
import dev.latchkey.chat.history.Kept;
import dev.latchkey.chat.history.KeptId;
import dev.latchkey.chat.history.MessageStore;
import dev.latchkey.chat.history.OfflineMessage;
import dev.latchkey.chat.history.Room;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// The message store over SQLite.
///
/// Thread-safe. Callers wait for the disk, but no native code runs on their threads.
final class JdbcMessageStore implements MessageStore {
  /// So many rows are removed in one transaction, so that nobody else waits long.
  private static final int BATCH = 1000;

  /// How many octets the body has that a row of "archive" or "offline" names; the body itself is
  /// not read for it.
  private static final String OCTETS =
      "(SELECT octet_length(stanza) FROM message WHERE position = message) AS octets";

  /// What waits although the archive holds it.
  private static final String ARCHIVED_OFFLINE =
      "SELECT id, message, "
          + OCTETS
          + " FROM offline WHERE account = ? AND EXISTS"
          + " (SELECT 1 FROM archive WHERE archive.account = offline.account"
          + " AND archive.id = offline.id)";

  private static final Words<Standing> STANDING = Words.of(Standing.class, Standing::word);

  private final Database database;
  private final RandomGenerator random;

  /// @param random draws what nobody may guess of an id
  JdbcMessageStore(Database database, RandomGenerator random) {
    this.database = database;
    this.random = random;
  }

  /// An account, the newest id it ever had, and how much is kept for it.
  private record Owner(
      long account, long last, long archivedOctets, long waiting, long waitingOctets) {}

  /// What is kept of a message.
  private record Body(String stanza, long octets) {}

  /// A copy and whom it is for.
  private record Place(Copy copy, Owner owner, boolean waits) {
    long account() {
      return owner.account();
    }

    int holders() {
      return (copy.archived() ? 1 : 0) + (waits ? 1 : 0);
    }
  }

  @Override
  public Kept keep(Element message, List<Copy> copies, Instant now, Room room) {
    if (copies.stream().map(Copy::owner).distinct().count() < copies.size()) {
      throw new IllegalArgumentException("an owner keeps one copy");
    }
    String stanza = message.toXml(); // not on the writer's thread
    Body body = new Body(stanza, stanza.getBytes(StandardCharsets.UTF_8).length);
    return database.write(sql -> keep(sql, body, copies, now, room));
  }

  private Kept keep(Sql sql, Body body, List<Copy> copies, Instant now, Room room)
      throws SQLException {
    List<Place> places = new ArrayList<>();
    Set<AccountId> onlyArchived = new HashSet<>();
    for (Copy copy : copies) {
      Optional<Owner> owner = owner(sql, copy.owner());
      if (owner.isEmpty()) {
        continue;
      }
      boolean fits = !copy.offline() || lets(room, owner.get(), body.octets());
      if (!fits && !copy.archived()) {
        return new Kept.Full(copy.owner());
      }
      if (!fits) {
        onlyArchived.add(copy.owner());
      }
      places.add(new Place(copy, owner.get(), copy.offline() && fits));
    }
    int holders = places.stream().mapToInt(Place::holders).sum();
    Map<AccountId, KeptId> ids = new HashMap<>();
    if (holders > 0) {
      long position = insertBody(sql, body.stanza(), holders);
      for (Place place : places) {
        KeptId id = insert(sql, place, position, body.octets(), now);
        if (place.holders() > 0) {
          ids.put(place.copy().owner(), id);
        }
        if (place.copy().archived()) {
          makeRoom(sql, place.owner(), id, body.octets(), room);
        }
      }
    }
    return new Kept.Written(ids, onlyArchived);
  }

  private static boolean lets(Room room, Owner owner, long octets) {
    return room.lets(owner.waiting(), owner.waitingOctets(), octets);
  }

  /// Removes the oldest of an archive that has become too large; when that would be very many, the
  /// rest goes with the next messages.
  private static void makeRoom(Sql sql, Owner owner, KeptId newest, long octets, Room room)
      throws SQLException {
    long excess = owner.archivedOctets() + octets - room.archivedOctets();
    if (excess > 0) {
      removeArchived(sql, owner.account(), newest.micros(), BATCH, excess);
    }
  }

  private static long insertBody(Sql sql, String stanza, int holders) throws SQLException {
    return sql.first(
            "INSERT INTO message (holders, stanza) VALUES (?, ?) RETURNING position",
            row -> row.number("position"),
            holders,
            stanza)
        .orElseThrow();
  }

  private KeptId insert(Sql sql, Place place, long body, long octets, Instant now)
      throws SQLException {
    KeptId id = KeptId.next(place.owner().last(), now, random.nextInt());
    sql.update(
        "INSERT INTO history (account, last, standing, archived_octets, waiting, waiting_octets)"
            + " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (account) DO UPDATE SET"
            + " last = excluded.last,"
            + " archived_octets = archived_octets + excluded.archived_octets,"
            + " waiting = waiting + excluded.waiting,"
            + " waiting_octets = waiting_octets + excluded.waiting_octets",
        place.account(),
        id.micros(),
        ArchivePreferences.USUAL.standing().word(),
        place.copy().archived() ? octets : 0,
        place.waits(),
        place.waits() ? octets : 0);
    if (place.copy().archived()) {
      Jid peer = place.copy().peer();
      long bare = peer(sql, place.account(), peer.bare());
      sql.update(
          "INSERT INTO archive (account, id, tag, message, bare, exact) VALUES (?, ?, ?, ?, ?, ?)",
          place.account(),
          id.micros(),
          id.tag(),
          body,
          bare,
          peer.isBare() ? bare : peer(sql, place.account(), peer));
    }
    if (place.waits()) {
      insertOffline(sql, place.account(), id, body);
    }
    return id;
  }

  private static void insertOffline(Sql sql, long account, KeptId id, long body)
      throws SQLException {
    sql.update(
        "INSERT INTO offline (account, id, tag, message) VALUES (?, ?, ?, ?)",
        account,
        id.micros(),
        id.tag(),
        body);
  }

  /// Only of who is not deleted, as [#living].
  private static Optional<Owner> owner(Sql sql, AccountId account) throws SQLException {
    return sql.first(
        "SELECT account.position, COALESCE(last, 0) AS last,"
            + " COALESCE(archived_octets, 0) AS archived_octets,"
            + " COALESCE(waiting, 0) AS waiting,"
            + " COALESCE(waiting_octets, 0) AS waiting_octets FROM account"
            + " LEFT JOIN history ON history.account = account.position"
            + " WHERE account.id = ? AND account.status <> 'deleted'",
        row ->
            new Owner(
                row.number("position"),
                row.number("last"),
                row.number("archived_octets"),
                row.number("waiting"),
                row.number("waiting_octets")),
        account.value());
  }

  private static long peer(Sql sql, long account, Jid jid) throws SQLException {
    Optional<Long> known = knownPeer(sql, account, jid);
    if (known.isPresent()) {
      return known.get();
    }
    return sql.first(
            "INSERT INTO peer (account, jid) VALUES (?, ?) RETURNING position",
            row -> row.number("position"),
            account,
            jid.toString())
        .orElseThrow();
  }

  private static Optional<Long> knownPeer(Sql sql, long account, Jid jid) throws SQLException {
    return sql.first(
        "SELECT position FROM peer WHERE account = ? AND jid = ?",
        row -> row.number("position"),
        account,
        jid.toString());
  }

  /// For what is written: nothing more is kept for who is deleted, whose sessions may still end.
  private static Optional<Long> living(Sql sql, AccountId account) throws SQLException {
    return sql.first(
        "SELECT position FROM account WHERE id = ? AND status <> 'deleted'",
        row -> row.number("position"),
        account.value());
  }

  private static Optional<Long> known(Sql sql, AccountId account) throws SQLException {
    return sql.first(
        "SELECT position FROM account WHERE id = ?",
        row -> row.number("position"),
        account.value());
  }

  @Override
  public boolean undelivered(AccountId account, KeptId archived, Room room) {
    return database.write(
        sql -> {
          Optional<Owner> owner = owner(sql, account);
          if (owner.isEmpty()) {
            return false;
          }
          long position = owner.get().account();
          Optional<MessagePages.Place> place = MessagePages.find(sql, position, archived);
          if (place.isEmpty()) {
            return false;
          }
          if (isWaiting(sql, position, archived)) {
            return true;
          }
          long body = place.get().body();
          long octets = octets(sql, body);
          if (!lets(room, owner.get(), octets)) {
            return false;
          }
          insertOffline(sql, position, archived, body);
          sql.update("UPDATE message SET holders = holders + 1 WHERE position = ?", body);
          countWaiting(sql, position, 1, octets);
          return true;
        });
  }

  private static long octets(Sql sql, long body) throws SQLException {
    return sql.first(
            "SELECT octet_length(stanza) AS octets FROM message WHERE position = ?",
            row -> row.number("octets"),
            body)
        .orElseThrow();
  }

  private static void countWaiting(Sql sql, long account, int messages, long octets)
      throws SQLException {
    sql.update(
        "UPDATE history SET waiting = waiting + ?, waiting_octets = waiting_octets + ?"
            + " WHERE account = ?",
        messages,
        octets,
        account);
  }

  private static boolean isWaiting(Sql sql, long account, KeptId id) throws SQLException {
    return sql.first(
            "SELECT 1 AS waits FROM offline WHERE account = ? AND id = ?",
            row -> row.flag("waits"),
            account,
            id.micros())
        .isPresent();
  }

  @Override
  public List<OfflineMessage> offline(AccountId account, Optional<KeptId> after, int most) {
    MessagePages pages = new MessagePages();
    return database.read(
        sql -> {
          Optional<Long> position = known(sql, account);
          return position.isEmpty() ? List.of() : pages.offline(sql, position.get(), after, most);
        });
  }

  @Override
  public void delivered(AccountId account, Collection<KeptId> ids) {
    List<KeptId> these = List.copyOf(ids);
    database.write(
        sql -> {
          Optional<Long> position = known(sql, account);
          if (position.isPresent()) {
            for (KeptId id : these) {
              removeOffline(
                  sql,
                  "SELECT id, message, "
                      + OCTETS
                      + " FROM offline WHERE account = ? AND id = ? AND tag = ?",
                  position.get(),
                  id.micros(),
                  id.tag());
            }
          }
          return true;
        });
  }

  @Override
  public Optional<ArchiveEnds> clearOffline(AccountId account) {
    Seen seen =
        database.read(
            sql -> {
              Optional<Long> position = known(sql, account);
              return position.isEmpty()
                  ? new Seen(Optional.empty(), false)
                  : new Seen(
                      ends(sql, position.get()),
                      sql.first(
                              ARCHIVED_OFFLINE + " LIMIT 1", JdbcMessageStore::held, position.get())
                          .isPresent());
            });
    if (seen.waits()) {
      database.write(
          sql -> {
            Optional<Long> position = known(sql, account);
            return position.isEmpty() ? 0 : removeOffline(sql, ARCHIVED_OFFLINE, position.get());
          });
    }
    return seen.ends();
  }

  /// @param waits whether there is something to clear
  private record Seen(Optional<ArchiveEnds> ends, boolean waits) {}

  /// A row and the body it holds.
  private record Held(long id, long body, long octets) {}

  private static Held held(Row row) throws SQLException {
    return new Held(row.number("id"), row.number("message"), row.number("octets"));
  }

  /// @param query gives id, message and [#OCTETS]; its first value is the account
  private static int removeOffline(Sql sql, String query, long account, Object... values)
      throws SQLException {
    List<Object> all = new ArrayList<>(List.of(account));
    all.addAll(List.of(values));
    List<Held> rows = sql.list(query, JdbcMessageStore::held, all.toArray());
    for (Held held : rows) {
      sql.update("DELETE FROM offline WHERE account = ? AND id = ?", account, held.id());
      release(sql, held.body());
    }
    if (!rows.isEmpty()) {
      countWaiting(sql, account, -rows.size(), -rows.stream().mapToLong(Held::octets).sum());
    }
    return rows.size();
  }

  /// One fewer holds the body; who was the last removes it.
  private static void release(Sql sql, long body) throws SQLException {
    if (sql.update("DELETE FROM message WHERE position = ? AND holders = 1", body) == 0) {
      sql.update("UPDATE message SET holders = holders - 1 WHERE position = ?", body);
    }
  }

  @Override
  public ArchiveAnswer archivePage(AccountId account, ArchiveQuery query) {
    MessagePages pages = new MessagePages();
    return database.read(
        sql -> {
          Optional<Long> position = known(sql, account);
          return position.isEmpty()
              ? MessagePages.ofNothing(query)
              : pages.archive(sql, position.get(), query);
        });
  }

  @Override
  public Optional<ArchiveEnds> ends(AccountId account) {
    return database.read(
        sql -> {
          Optional<Long> position = known(sql, account);
          return position.isEmpty() ? Optional.empty() : ends(sql, position.get());
        });
  }

  private static Optional<ArchiveEnds> ends(Sql sql, long account) throws SQLException {
    Optional<KeptId> first =
        sql.first(
            "SELECT id, tag FROM archive WHERE account = ? ORDER BY id LIMIT 1",
            MessagePages::id,
            account);
    Optional<KeptId> last =
        sql.first(
            "SELECT id, tag FROM archive WHERE account = ? ORDER BY id DESC LIMIT 1",
            MessagePages::id,
            account);
    return first.map(oldest -> new ArchiveEnds(oldest, last.orElse(oldest)));
  }

  @Override
  public ArchivePreferences preferences(AccountId account) {
    return database.read(
        sql -> {
          Optional<Long> position = known(sql, account);
          Optional<Standing> standing =
              position.isEmpty()
                  ? Optional.empty()
                  : sql.first(
                      "SELECT standing FROM history WHERE account = ?",
                      row -> STANDING.value(row.text("standing")),
                      position.get());
          if (standing.isEmpty()) {
            return ArchivePreferences.USUAL;
          }
          return new ArchivePreferences(
              standing.get(),
              listed(sql, position.orElseThrow(), true),
              listed(sql, position.orElseThrow(), false));
        });
  }

  private static Set<Jid> listed(Sql sql, long account, boolean always) throws SQLException {
    return sql
        .list(
            "SELECT jid FROM history_exception WHERE account = ? AND always = ?",
            row -> Jid.parse(row.text("jid")),
            account,
            always)
        .stream()
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public void prefer(AccountId account, ArchivePreferences preferences) {
    database.write(
        sql -> {
          Optional<Long> position = living(sql, account);
          if (position.isPresent()) {
            prefer(sql, position.get(), preferences);
          }
          return true;
        });
  }

  private static void prefer(Sql sql, long account, ArchivePreferences preferences)
      throws SQLException {
    sql.update(
        "INSERT INTO history (account, last, standing) VALUES (?, 0, ?)"
            + " ON CONFLICT (account) DO UPDATE SET standing = excluded.standing",
        account,
        preferences.standing().word());
    sql.update("DELETE FROM history_exception WHERE account = ?", account);
    list(sql, account, preferences.always(), true);
    list(sql, account, preferences.never(), false);
  }

  private static void list(Sql sql, long account, Set<Jid> jids, boolean always)
      throws SQLException {
    for (Jid jid : jids) {
      sql.update(
          "INSERT INTO history_exception (account, jid, always) VALUES (?, ?, ?)",
          account,
          jid.toString(),
          always);
    }
  }

  @Override
  public int expire(Instant before, int most) {
    long end = KeptId.atLeast(before);
    // Looking at every account is not for the writer.
    List<Long> accounts =
        database.read(
            sql ->
                sql.list(
                    "SELECT account FROM history WHERE (SELECT id FROM archive"
                        + " WHERE archive.account = history.account ORDER BY id LIMIT 1) < ?"
                        + " LIMIT ?",
                    row -> row.number("account"),
                    end,
                    most));
    int removed = 0;
    for (long account : accounts) {
      int rest = most - removed;
      removed += database.write(sql -> removeArchived(sql, account, end, rest, Long.MAX_VALUE));
    }
    return removed;
  }

  /// Removes the oldest.
  ///
  /// @param before only what has a lesser id
  /// @param most how many rows at most
  /// @param enough so many octets need not go on
  private static int removeArchived(Sql sql, long account, long before, int most, long enough)
      throws SQLException {
    Oldest oldest = new Oldest(enough);
    sql.each(
        "SELECT id, message, bare, exact, "
            + OCTETS
            + " FROM archive WHERE account = ? AND id < ? ORDER BY id LIMIT ?",
        oldest,
        account,
        before,
        most);
    for (Held held : oldest.rows) {
      sql.update("DELETE FROM archive WHERE account = ? AND id = ?", account, held.id());
      release(sql, held.body());
    }
    for (long peer : oldest.peers) {
      sql.update(
          "DELETE FROM peer WHERE position = ?"
              + " AND NOT EXISTS (SELECT 1 FROM archive WHERE bare = ?)"
              + " AND NOT EXISTS (SELECT 1 FROM archive WHERE exact = ?)",
          peer,
          peer,
          peer);
    }
    if (!oldest.rows.isEmpty()) {
      sql.update(
          "UPDATE history SET archived_octets = archived_octets - ? WHERE account = ?",
          oldest.octets,
          account);
    }
    return oldest.rows.size();
  }

  /// The oldest rows of an archive, until they have enough octets.
  private static final class Oldest implements Sql.Visitor {
    final List<Held> rows = new ArrayList<>();
    final Set<Long> peers = new HashSet<>();
    private final long enough;
    long octets;

    Oldest(long enough) {
      this.enough = enough;
    }

    @Override
    public boolean visit(Row row) throws SQLException {
      Held held = held(row);
      rows.add(held);
      peers.add(row.number("bare"));
      peers.add(row.number("exact"));
      octets += held.octets();
      return octets < enough;
    }
  }

  @Override
  public void forget(AccountId account) {
    Optional<Long> position = database.read(sql -> known(sql, account));
    if (position.isEmpty()) {
      return;
    }
    long row = position.get();
    int removed = BATCH;
    while (removed == BATCH) {
      removed =
          database.write(sql -> removeArchived(sql, row, Long.MAX_VALUE, BATCH, Long.MAX_VALUE));
    }
    database.write(
        sql -> {
          removeOffline(
              sql, "SELECT id, message, " + OCTETS + " FROM offline WHERE account = ?", row);
          sql.update("DELETE FROM history_exception WHERE account = ?", row);
          sql.update("DELETE FROM history WHERE account = ?", row);
          return true;
        });
  }
}

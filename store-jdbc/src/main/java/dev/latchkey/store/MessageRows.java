// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.history.KeptId;
import dev.latchkey.credential.AccountId;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Kept messages as rows: how they leave archives and what waits, and their bodies with the last.
final class MessageRows {
  /// So many rows are removed in one transaction, so that nobody else waits long.
  static final int BATCH = 1000;

  /// How many octets the body has that a row of "archive" or "offline" names; the body itself is
  /// not read for it.
  private static final String OCTETS =
      "(SELECT octet_length(stanza) FROM message WHERE position = message) AS octets";

  private static final String WAITING = "SELECT id, message, " + OCTETS + " FROM offline";

  /// What waits although the archive holds it.
  private static final String ARCHIVED_WAITING =
      WAITING
          + " WHERE account = ? AND EXISTS (SELECT 1 FROM archive"
          + " WHERE archive.account = offline.account AND archive.id = offline.id)";

  private MessageRows() {}

  /// A row and the body it holds.
  private record Held(long id, long body, long octets) {}

  private static Held held(Row row) throws SQLException {
    return new Held(row.number("id"), row.number("message"), row.number("octets"));
  }

  /// The row of an account, also of one that is deleted.
  static Optional<Long> account(Sql sql, AccountId account) throws SQLException {
    return sql.first(
        "SELECT position FROM account WHERE id = ?",
        row -> row.number("position"),
        account.value());
  }

  /// The row of an account that is not deleted: for what is written, as the sessions of who is
  /// deleted may still end.
  static Optional<Long> livingAccount(Sql sql, AccountId account) throws SQLException {
    return sql.first(
        "SELECT position FROM account WHERE id = ? AND status <> 'deleted'",
        row -> row.number("position"),
        account.value());
  }

  /// Lets an archived message wait.
  static void insertWaiting(Sql sql, long account, MessagePages.Place place, long octets)
      throws SQLException {
    sql.update(
        "INSERT INTO offline (account, id, tag, message) VALUES (?, ?, ?, ?)",
        account,
        place.id().micros(),
        place.id().tag(),
        place.body());
    sql.update("UPDATE message SET holders = holders + 1 WHERE position = ?", place.body());
    countWaiting(sql, account, 1, octets);
  }

  static boolean isWaiting(Sql sql, long account, KeptId id) throws SQLException {
    return sql.first(
            "SELECT 1 AS waits FROM offline WHERE account = ? AND id = ?",
            row -> row.flag("waits"),
            account,
            id.micros())
        .isPresent();
  }

  /// How many octets a body has.
  static long octets(Sql sql, long body) throws SQLException {
    return sql.first(
            "SELECT octet_length(stanza) AS octets FROM message WHERE position = ?",
            row -> row.number("octets"),
            body)
        .orElseThrow();
  }

  /// Whether something waits that the archive holds.
  static boolean hasArchivedWaiting(Sql sql, long account) throws SQLException {
    return sql.first(ARCHIVED_WAITING + " LIMIT 1", MessageRows::held, account).isPresent();
  }

  /// Removes from what waits all that the archive holds.
  static int removeArchivedWaiting(Sql sql, long account) throws SQLException {
    return removeWaiting(sql, account, sql.list(ARCHIVED_WAITING, MessageRows::held, account));
  }

  static int removeWaiting(Sql sql, long account) throws SQLException {
    return removeWaiting(
        sql, account, sql.list(WAITING + " WHERE account = ?", MessageRows::held, account));
  }

  static int removeWaiting(Sql sql, long account, KeptId id) throws SQLException {
    return removeWaiting(
        sql,
        account,
        sql.list(
            WAITING + " WHERE account = ? AND id = ? AND tag = ?",
            MessageRows::held,
            account,
            id.micros(),
            id.tag()));
  }

  private static int removeWaiting(Sql sql, long account, List<Held> rows) throws SQLException {
    for (Held held : rows) {
      sql.update("DELETE FROM offline WHERE account = ? AND id = ?", account, held.id());
      release(sql, held.body());
    }
    if (!rows.isEmpty()) {
      countWaiting(sql, account, -rows.size(), -rows.stream().mapToLong(Held::octets).sum());
    }
    return rows.size();
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

  /// One fewer holds the body; who was the last removes it.
  static void release(Sql sql, long body) throws SQLException {
    if (sql.update("DELETE FROM message WHERE position = ? AND holders = 1", body) == 0) {
      sql.update("UPDATE message SET holders = holders - 1 WHERE position = ?", body);
    }
  }

  /// Removes the oldest of an archive, but never the newest.
  ///
  /// @param most how many at most
  /// @param excess so many octets need not be exceeded
  static int removeExcess(Sql sql, long account, int most, long excess) throws SQLException {
    long newest =
        sql.first(
                "SELECT COALESCE(MAX(id), 0) AS newest FROM archive WHERE account = ?",
                row -> row.number("newest"),
                account)
            .orElseThrow();
    return removeArchived(sql, account, newest, most, excess);
  }

  /// Removes the oldest of an archive.
  ///
  /// @param before only what has a lesser id
  /// @param most how many at most
  static int removeArchived(Sql sql, long account, long before, int most) throws SQLException {
    return removeArchived(sql, account, before, most, Long.MAX_VALUE);
  }

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
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.history.KeptId;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Bytes;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// Kept messages as rows: what waits, how it leaves, and what is counted of both that and archives.
final class MessageRows {
  /// So many messages are removed in one transaction, so that nobody else waits long.
  static final int BATCH = 1000;

  /// As many runs of an archive have about so many messages.
  private static final int RUNS = BATCH / 20;

  private MessageRows() {}

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

  /// Adds to what waits.
  ///
  /// @param archived whether the archive has it, too
  static void insertWaiting(Sql sql, long account, KeptId id, boolean archived, Bytes stanza)
      throws SQLException {
    sql.update(
        "INSERT INTO offline (account, id, tag, archived, stanza) VALUES (?, ?, ?, ?, ?)",
        account,
        id.micros(),
        id.tag(),
        archived,
        text(stanza));
  }

  /// What was written here is UTF-8.
  private static String text(Bytes stanza) {
    return stanza.toUtf8().orElseThrow(() -> new StoreException("a message is no UTF-8"));
  }

  static boolean isWaiting(Sql sql, long account, KeptId id) throws SQLException {
    return sql.first(
            "SELECT 1 AS waits FROM offline WHERE account = ? AND id = ?",
            row -> row.flag("waits"),
            account,
            id.micros())
        .isPresent();
  }

  /// Whether something waits that the archive holds.
  static boolean hasArchivedWaiting(Sql sql, long account) throws SQLException {
    return sql.first(
            "SELECT 1 AS waits FROM offline WHERE account = ? AND archived LIMIT 1",
            row -> row.flag("waits"),
            account)
        .isPresent();
  }

  /// Removes from what waits all that the archive holds.
  static void removeArchivedWaiting(Sql sql, long account) throws SQLException {
    removeWaiting(sql, account, "archived");
  }

  static int removeWaiting(Sql sql, long account) throws SQLException {
    return removeWaiting(sql, account, "TRUE");
  }

  static int removeWaiting(Sql sql, long account, KeptId id) throws SQLException {
    return removeWaiting(sql, account, "id = ? AND tag = ?", id.micros(), id.tag());
  }

  private static int removeWaiting(Sql sql, long account, String which, Object... values)
      throws SQLException {
    Object[] all = new Object[values.length + 1];
    all[0] = account;
    System.arraycopy(values, 0, all, 1, values.length);
    List<Long> octets =
        sql.list(
            "DELETE FROM offline WHERE account = ? AND "
                + which
                + " RETURNING octet_length(stanza) AS octets",
            row -> row.number("octets"),
            all);
    if (!octets.isEmpty()) {
      count(sql, account, 0, -octets.size(), -octets.stream().mapToLong(it -> it).sum());
    }
    return octets.size();
  }

  /// Counts what an account keeps.
  ///
  /// @param archivedOctets so many more has its archive
  /// @param waiting so many more messages wait
  /// @param waitingOctets so many more octets these have
  static void count(Sql sql, long account, long archivedOctets, int waiting, long waitingOctets)
      throws SQLException {
    sql.update(
        "UPDATE history SET archived_octets = MAX(0, archived_octets + ?), waiting = waiting + ?,"
            + " waiting_octets = waiting_octets + ? WHERE account = ?",
        archivedOctets,
        waiting,
        waitingOctets,
        account);
  }

  /// Removes the oldest of an archive, but never the newest.
  ///
  /// @param most how many at most
  /// @param excess so many octets need not be exceeded
  static int removeExcess(Sql sql, AccountId owner, long account, int most, long excess)
      throws SQLException {
    ArchiveRuns runs = new ArchiveRuns(sql, owner, account);
    long newest = runs.newest().map(KeptId::micros).orElse(0L);
    return removed(sql, account, runs.takeOldest(newest, most, excess));
  }

  /// Removes the oldest of an archive.
  ///
  /// @param before only what has a lesser id
  /// @param most how many at most
  static int removeArchived(Sql sql, AccountId owner, long account, long before, int most)
      throws SQLException {
    return removed(
        sql,
        account,
        new ArchiveRuns(sql, owner, account).takeOldest(before, most, Long.MAX_VALUE));
  }

  private static int removed(Sql sql, long account, ArchiveRuns.Taken taken) throws SQLException {
    if (taken.messages() > 0) {
      sql.update(
          "UPDATE offline SET archived = FALSE WHERE account = ? AND id <= ? AND archived",
          account,
          taken.upTo());
      count(sql, account, -taken.octets(), 0, 0);
    }
    return taken.messages();
  }

  /// Removes some of an archive, whatever it holds.
  ///
  /// @return whether there may be more
  static boolean removeArchive(Sql sql, AccountId owner, long account) throws SQLException {
    return new ArchiveRuns(sql, owner, account).remove(BATCH, RUNS);
  }
}

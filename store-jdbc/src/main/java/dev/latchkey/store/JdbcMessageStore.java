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
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/// The message store over SQLite.
///
/// What is kept goes through [Arrivals]; all else sees the tables only, and lets file before what
/// has arrived. Thread-safe. Callers wait for the disk, but no native code runs on their threads.
final class JdbcMessageStore implements MessageStore {
  private static final Words<Standing> STANDING = Words.of(Standing.class, Standing::word);

  private final Database database;
  private final Arrivals arrivals;
  private final Tags tags; // the writer's

  /// @param arrivals goes with the database's transactions
  /// @param random draws what nobody may guess of an id
  JdbcMessageStore(Database database, Arrivals arrivals, RandomGenerator random) {
    this.database = database;
    this.arrivals = arrivals;
    this.tags = new Tags(random);
  }

  @Override
  public Kept keep(Element message, List<Copy> copies, Instant now, Room room) {
    requireOneEach(copies);
    Bytes stanza = Bytes.utf8(message.toXml()); // not on the writer's thread
    return database.write(sql -> arrivals.keep(sql, stanza, copies, now, room, tags));
  }

  private static void requireOneEach(List<Copy> copies) {
    Set<AccountId> owners = new HashSet<>();
    for (Copy copy : copies) {
      if (!owners.add(copy.owner())) {
        throw new IllegalArgumentException("an owner keeps one copy");
      }
    }
  }

  /// Work on what an account keeps.
  private interface AccountWork<T> {
    T run(Sql sql, long account) throws SQLException;
  }

  /// Reads what an account keeps.
  ///
  /// @param nobody the answer if there is no such account
  private <T> T read(AccountId account, T nobody, AccountWork<T> work) {
    if (arrivals.holds(account)) {
      database.write(
          sql -> {
            arrivals.settle(sql, account);
            return true;
          });
    }
    return database.read(
        sql -> {
          Optional<Long> row = MessageRows.account(sql, account);
          return row.isEmpty() ? nobody : work.run(sql, row.get());
        });
  }

  /// Changes what an account keeps.
  ///
  /// @param nobody the answer if there is no such account
  private <T> T write(AccountId account, T nobody, AccountWork<T> work) {
    return database.write(
        sql -> {
          arrivals.settle(sql, account);
          Optional<Long> row = MessageRows.account(sql, account);
          return row.isEmpty() ? nobody : work.run(sql, row.get());
        });
  }

  @Override
  public boolean undelivered(AccountId account, KeptId archived, Room room) {
    return database.write(
        sql -> {
          arrivals.settle(sql, account);
          Optional<Owner> owner = Owner.of(sql, account);
          return owner.isPresent() && letWait(sql, account, owner.get(), archived, room);
        });
  }

  private static boolean letWait(
      Sql sql, AccountId account, Owner owner, KeptId archived, Room room) throws SQLException {
    Optional<ArchiveRun.Entry> entry =
        new ArchiveRuns(sql, account, owner.account()).find(archived);
    if (entry.isEmpty()) {
      return false;
    }
    if (MessageRows.isWaiting(sql, owner.account(), archived)) {
      return true;
    }
    Bytes stanza = entry.get().stanza();
    if (!owner.lets(room, stanza.length())) {
      return false;
    }
    MessageRows.insertWaiting(sql, owner.account(), archived, true, stanza);
    MessageRows.count(sql, owner.account(), 0, 1, stanza.length());
    return true;
  }

  @Override
  public List<OfflineMessage> offline(AccountId account, Optional<KeptId> after, int most) {
    MessagePages pages = new MessagePages(account);
    return read(account, List.of(), (sql, row) -> pages.offline(sql, row, after, most));
  }

  @Override
  public void delivered(AccountId account, Collection<KeptId> ids) {
    List<KeptId> these = List.copyOf(ids);
    database.write(
        sql -> {
          List<KeptId> filed = new ArrayList<>();
          for (KeptId id : these) {
            if (!arrivals.delivered(sql, account, id)) {
              filed.add(id);
            }
          }
          if (!filed.isEmpty()) {
            arrivals.settle(sql, account);
            Optional<Long> row = MessageRows.account(sql, account);
            for (KeptId id : row.isEmpty() ? List.<KeptId>of() : filed) {
              MessageRows.removeWaiting(sql, row.get(), id);
            }
          }
          return true;
        });
  }

  @Override
  public Optional<ArchiveEnds> clearOffline(AccountId account) {
    Settled settled = arrivals.settled();
    Optional<Settled.Ends> known = settled.of(account);
    if (known.isPresent()) {
      return known.get().ends();
    }
    long moment = settled.moment();
    Seen seen =
        read(
            account,
            new Seen(Optional.empty(), false),
            (sql, row) ->
                new Seen(ends(sql, account, row), MessageRows.hasArchivedWaiting(sql, row)));
    if (seen.waits()) {
      // More may have come meanwhile: what is cleared must lie within the ends that are told.
      return write(account, Optional.empty(), (sql, row) -> clearOffline(sql, account, row));
    }
    settled.remember(account, new Settled.Ends(seen.ends()), moment);
    return seen.ends();
  }

  private static Optional<ArchiveEnds> clearOffline(Sql sql, AccountId account, long row)
      throws SQLException {
    MessageRows.removeArchivedWaiting(sql, row);
    return ends(sql, account, row);
  }

  /// @param waits whether there is something to clear
  private record Seen(Optional<ArchiveEnds> ends, boolean waits) {}

  @Override
  public ArchiveAnswer archivePage(AccountId account, ArchiveQuery query) {
    MessagePages pages = new MessagePages(account);
    return read(
        account, MessagePages.ofNothing(query), (sql, row) -> pages.archive(sql, row, query));
  }

  @Override
  public Optional<ArchiveEnds> ends(AccountId account) {
    return read(account, Optional.empty(), (sql, row) -> ends(sql, account, row));
  }

  private static Optional<ArchiveEnds> ends(Sql sql, AccountId account, long row)
      throws SQLException {
    ArchiveRuns runs = new ArchiveRuns(sql, account, row);
    Optional<KeptId> first = runs.oldest();
    Optional<KeptId> last = runs.newest();
    return first.map(oldest -> new ArchiveEnds(oldest, last.orElse(oldest)));
  }

  @Override
  public ArchivePreferences preferences(AccountId account) {
    return database.read(
        sql -> {
          Optional<Long> position = MessageRows.account(sql, account);
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
              listed(sql, account, position.orElseThrow(), true),
              listed(sql, account, position.orElseThrow(), false));
        });
  }

  private static Set<Jid> listed(Sql sql, AccountId account, long position, boolean always)
      throws SQLException {
    return sql
        .list(
            "SELECT jid FROM history_exception WHERE account = ? AND always = ?",
            row -> row.address("jid", account),
            position,
            always)
        .stream()
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public void prefer(AccountId account, ArchivePreferences preferences) {
    database.write(
        sql -> {
          Optional<Long> position = MessageRows.livingAccount(sql, account);
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
    database.write(
        sql -> {
          arrivals.file(sql);
          return true;
        });
    // Looking at every account is not for the writer.
    List<AccountId> accounts =
        database.read(
            sql ->
                sql.list(
                    "SELECT account.id FROM history JOIN account ON position = account"
                        + " WHERE (SELECT oldest FROM archive_run"
                        + " WHERE archive_run.account = history.account"
                        + " ORDER BY first LIMIT 1) < ?"
                        + " LIMIT ?",
                    row -> new AccountId(row.text("id")),
                    end,
                    most));
    int removed = 0;
    for (AccountId account : accounts) {
      int rest = most - removed;
      if (rest <= 0) {
        break;
      }
      removed +=
          write(account, 0, (sql, row) -> MessageRows.removeArchived(sql, account, row, end, rest));
    }
    return removed;
  }

  @Override
  public void forget(AccountId account) {
    boolean more = true;
    while (more) {
      more = write(account, false, (sql, row) -> MessageRows.removeArchive(sql, account, row));
    }
    write(
        account,
        true,
        (sql, row) -> {
          MessageRows.removeWaiting(sql, row);
          sql.update("DELETE FROM history_exception WHERE account = ?", row);
          sql.update("DELETE FROM history WHERE account = ?", row);
          return true;
        });
  }
}

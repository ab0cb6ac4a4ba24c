// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.history.KeptId;
import dev.latchkey.chat.history.Room;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Jid;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What the writer knows by heart of an account that keeps messages, so that none of them begins
/// with reading it again. Counts what is on its way into the tables, too. Used by one thread.
final class Owner {
  /// So many of whom it writes with are known by heart; the others are looked up.
  private static final int MOST_PEERS = 32;

  /// A message that is on its way into the tables.
  ///
  /// @param row where it stands among the arrivals
  /// @param body where its body stands among them
  /// @param octets how many it has
  record OnItsWay(long row, long body, long octets) {}

  private final long account;
  private long last;
  private long archivedOctets;
  private long waiting;
  private long waitingOctets;

  /// What its archive may have, as was told last.
  private long archiveRoom = Long.MAX_VALUE;

  private final Map<KeptId, OnItsWay> toWait = new HashMap<>();
  private final Map<Jid, Long> peers =
      new LinkedHashMap<>(MOST_PEERS, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Jid, Long> eldest) {
          return size() > MOST_PEERS;
        }
      };

  private Owner(Row row) throws SQLException {
    account = row.number("position");
    last = row.number("last");
    archivedOctets = row.number("archived_octets");
    waiting = row.number("waiting");
    waitingOctets = row.number("waiting_octets");
  }

  /// Reads it. Nothing more is kept for who is deleted, whose sessions may still end.
  static Optional<Owner> of(Sql sql, AccountId account) throws SQLException {
    return sql.first(
        "SELECT account.position, COALESCE(last, 0) AS last,"
            + " COALESCE(archived_octets, 0) AS archived_octets,"
            + " COALESCE(waiting, 0) AS waiting,"
            + " COALESCE(waiting_octets, 0) AS waiting_octets FROM account"
            + " LEFT JOIN history ON history.account = account.position"
            + " WHERE account.id = ? AND account.status <> 'deleted'",
        Owner::new,
        account.value());
  }

  /// Its row.
  long account() {
    return account;
  }

  /// Whether so much more may wait for it.
  boolean lets(Room room, long octets) {
    return room.lets(waiting, waitingOctets, octets);
  }

  /// The id of the next message it keeps.
  KeptId next(Instant now, int tag) {
    return KeptId.next(last, now, tag);
  }

  /// It keeps one more.
  ///
  /// @param room how much may be kept for it
  void keeps(KeptId id, OnItsWay message, boolean archived, boolean waits, Room room) {
    last = id.micros();
    if (archived) {
      archivedOctets += message.octets();
      archiveRoom = room.archivedOctets();
    }
    if (waits) {
      waiting++;
      waitingOctets += message.octets();
      toWait.put(id, message);
    }
  }

  /// One does not wait any more, if it was still on its way.
  Optional<OnItsWay> delivered(KeptId id) {
    Optional<OnItsWay> gone = Optional.ofNullable(toWait.remove(id));
    gone.ifPresent(
        it -> {
          waiting--;
          waitingOctets -= it.octets();
        });
    return gone;
  }

  /// All that was on its way has arrived in the tables.
  void moved() {
    toWait.clear();
  }

  /// By how many octets its archive is too large.
  long excess() {
    return Math.max(0, archivedOctets - archiveRoom);
  }

  /// The row of somebody it writes with; makes it if need be.
  long peer(Sql sql, Jid jid) throws SQLException {
    Long known = peers.get(jid);
    if (known != null) {
      return known;
    }
    Optional<Long> found =
        sql.first(
            "SELECT position FROM peer WHERE account = ? AND jid = ?",
            row -> row.number("position"),
            account,
            jid.toString());
    long position = found.isPresent() ? found.get() : insert(sql, jid);
    peers.put(jid, position);
    return position;
  }

  private long insert(Sql sql, Jid jid) throws SQLException {
    return sql.first(
            "INSERT INTO peer (account, jid) VALUES (?, ?) RETURNING position",
            row -> row.number("position"),
            account,
            jid.toString())
        .orElseThrow();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.history.KeptId;
import dev.latchkey.chat.history.Room;
import dev.latchkey.credential.AccountId;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/// What the writer knows by heart of an account that keeps messages, so that none of them begins
/// with reading it again. Counts what is on its way into the tables, too. Used by one thread.
final class Owner {
  private final long account;
  private long last;
  private long waiting;
  private long waitingOctets;

  private Owner(Row row) throws SQLException {
    account = row.number("position");
    last = row.number("last");
    waiting = row.number("waiting");
    waitingOctets = row.number("waiting_octets");
  }

  /// Reads it. Nothing more is kept for who is deleted, whose sessions may still end.
  static Optional<Owner> of(Sql sql, AccountId account) throws SQLException {
    return sql.first(
        "SELECT account.position, COALESCE(last, 0) AS last,"
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
  /// @param octets how many octets the message has
  void keeps(KeptId id, long octets, boolean waits) {
    last = id.micros();
    if (waits) {
      waiting++;
      waitingOctets += octets;
    }
  }

  /// One does not wait any more.
  void delivered(long octets) {
    waiting--;
    waitingOctets -= octets;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.history.ArchivePreferences;
import dev.latchkey.chat.history.KeptId;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Bytes;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What has arrived for one account and is not filed yet. Used by one thread.
final class Arrived {
  /// A history begins with the first message.
  private static final String COUNTS =
      "INSERT INTO history (account, last, standing, archived_octets, waiting, waiting_octets)"
          + " VALUES (?, ?, '"
          + ArchivePreferences.USUAL.standing().word()
          + "', ?, ?, ?) ON CONFLICT (account) DO UPDATE SET"
          + " last = excluded.last,"
          + " archived_octets = archived_octets + excluded.archived_octets,"
          + " waiting = waiting + excluded.waiting,"
          + " waiting_octets = waiting_octets + excluded.waiting_octets"
          + " RETURNING archived_octets";

  private final AccountId owner;
  private final ArchiveRunWriter archived = new ArchiveRunWriter(ArchiveRuns.MOST_OCTETS);
  private final Map<KeptId, Waiting> waiting = new LinkedHashMap<>();
  private long archivedOctets;
  private long last;

  private record Waiting(Bytes stanza, boolean archived) {}

  Arrived(AccountId owner) {
    this.owner = owner;
  }

  AccountId owner() {
    return owner;
  }

  /// Adds a message that is newer than all before.
  void add(ArrivalRecord.Place place, Bytes stanza) {
    last = place.id().micros(); // also of what is delivered meanwhile: no id is used again
    if (place.archived()) {
      archived.add(place.id(), place.peer(), stanza);
      archivedOctets += stanza.length();
    }
    if (place.waits()) {
      waiting.put(place.id(), new Waiting(stanza, place.archived()));
    }
  }

  /// How many octets a message has that waits.
  Optional<Integer> waits(KeptId id) {
    return Optional.ofNullable(waiting.get(id)).map(message -> message.stanza().length());
  }

  void delivered(KeptId id) {
    waiting.remove(id);
  }

  /// Files all of it.
  ///
  /// @param account the account's row
  /// @return how many octets its archive has now
  long file(Sql sql, long account) throws SQLException {
    new ArchiveRuns(sql, owner, account).append(archived.runs());
    long waitingOctets = 0;
    for (Map.Entry<KeptId, Waiting> entry : waiting.entrySet()) {
      Waiting message = entry.getValue();
      MessageRows.insertWaiting(sql, account, entry.getKey(), message.archived(), message.stanza());
      waitingOctets += message.stanza().length();
    }
    return sql.first(
            COUNTS,
            row -> row.number("archived_octets"),
            account,
            last,
            archivedOctets,
            waiting.size(),
            waitingOctets)
        .orElseThrow();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.history.KeptId;
import dev.latchkey.credential.Bytes;
import java.util.ArrayList;
import java.util.List;

/// What happened to messages since all that had arrived was filed, in the order in which it
/// happened. Rows of the table "arrival" hold these.
sealed interface ArrivalRecord {
  int KEPT = 1;
  int DELIVERED = 2;

  /// The rows of the accounts to whose messages it happened.
  List<Long> accounts();

  /// A message was kept.
  ///
  /// @param stanza its XML
  /// @param places by whom; it may be nobody (rule 5)
  record Kept(Bytes stanza, List<Place> places) implements ArrivalRecord {
    /// Copies.
    public Kept {
      places = List.copyOf(places);
    }

    @Override
    public List<Long> accounts() {
      return places.stream().map(Place::account).toList();
    }
  }

  /// Where one account keeps a message.
  ///
  /// @param account the account's row
  /// @param peer the other side's JID
  /// @param archived whether in its archive
  /// @param waits whether among what waits for it
  record Place(long account, KeptId id, String peer, boolean archived, boolean waits) {
    private int flags() {
      return (archived ? 1 : 0) + (waits ? 2 : 0);
    }
  }

  /// What waited for an account does not any more.
  ///
  /// @param account the account's row
  record Delivered(long account, KeptId id) implements ArrivalRecord {
    @Override
    public List<Long> accounts() {
      return List.of(account);
    }
  }

  /// Writes one behind others.
  static void write(ArrivalRecord record, RecordOutput records) {
    switch (record) {
      case Kept(Bytes stanza, List<Place> places) -> {
        records.small(KEPT).octets(stanza).small(places.size());
        for (Place place : places) {
          records.number(place.account()).id(place.id()).text(place.peer()).small(place.flags());
        }
      }
      case Delivered(long account, KeptId id) -> records.small(DELIVERED).number(account).id(id);
    }
  }

  /// Reads those of a row.
  ///
  /// @throws StoreException if they cannot be read: they were promised to be kept, so that nobody
  ///   goes on without them
  static List<ArrivalRecord> read(Bytes octets) {
    try {
      RecordInput records = new RecordInput(octets);
      List<ArrivalRecord> all = new ArrayList<>();
      while (!records.isAtEnd()) {
        all.add(
            switch (records.small()) {
              case KEPT -> new Kept(records.octets(), places(records));
              case DELIVERED -> new Delivered(records.number(), records.id());
              default -> throw new IllegalArgumentException("a record of an unknown kind");
            });
      }
      return all;
    } catch (IllegalArgumentException damaged) {
      throw new StoreException(
          "the database holds messages in its table \"arrival\" that cannot be read: restore it"
              + " from a backup, or remove what that table holds and lose the newest messages",
          damaged);
    }
  }

  private static List<Place> places(RecordInput records) {
    int many = records.small();
    List<Place> places = new ArrayList<>();
    for (int i = 0; i < many; i++) {
      long account = records.number();
      KeptId id = records.id();
      String peer = records.text();
      int flags = records.small();
      places.add(new Place(account, id, peer, (flags & 1) != 0, (flags & 2) != 0));
    }
    return places;
  }
}

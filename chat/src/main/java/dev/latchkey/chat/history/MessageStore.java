// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

import dev.latchkey.credential.AccountId;
import dev.latchkey.wire.element.Element;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// Keeps messages: in archives, and for who is away.
///
/// All calls block. What a call has done when it returns survives the end of the process.
/// Thread-safe. Messages are other people's words: they appear in no log and in no exception.
public interface MessageStore {
  /// So many characters of messages are in one page at most, except that one message always fits.
  int MOST_PAGE_LENGTH = 1 << 20;

  /// So far a result is counted.
  int MOST_COUNTED = 10_000;

  /// Keeps a message for all who keep it, as one. If nobody does it costs as much as if one did, so
  /// that whoever waits for it does not learn that (rule 5).
  ///
  /// @param message without forged ids ([StanzaIds#without])
  /// @param copies who keeps what of it; an owner stands in it once. Accounts that are not there
  ///   are left out
  /// @param now the time
  /// @param room how much is kept for each of them
  /// @throws IllegalArgumentException if an owner stands in it twice
  Kept keep(Element message, List<Copy> copies, Instant now, Room room);

  /// Lets a message that an archive holds wait, because it did not arrive after all.
  ///
  /// @param room how much is kept for the account; what is more is only archived
  /// @return whether it waits now; not if the archive does not hold it (any more)
  boolean undelivered(AccountId account, KeptId archived, Room room);

  /// What waits for an account, the oldest first. It stays until it is [#delivered].
  ///
  /// @param after only what came later than this
  /// @param most how many at most; fewer may come although there are more, but never none
  List<OfflineMessage> offline(AccountId account, Optional<KeptId> after, int most);

  /// Removes exactly these from what waits; those that are gone already do not matter.
  void delivered(AccountId account, Collection<KeptId> ids);

  /// Removes from what waits all that the account's archive holds: its clients read it there. What
  /// the archive does not hold stays. Costs one reading where there is nothing to remove.
  ///
  /// @return the ends of the archive, as [#ends]
  Optional<ArchiveEnds> clearOffline(AccountId account);

  /// One page of an archive.
  ArchiveAnswer archivePage(AccountId account, ArchiveQuery query);

  /// The ends of an archive; nothing if it is empty.
  Optional<ArchiveEnds> ends(AccountId account);

  /// What an account wants archived; [ArchivePreferences#USUAL] if it never said.
  ArchivePreferences preferences(AccountId account);

  /// Changes what an account wants archived from now on.
  void prefer(AccountId account, ArchivePreferences preferences);

  /// Removes the oldest messages of all archives; what waits stays. Their ids are never used again.
  ///
  /// @param before what was kept earlier goes
  /// @param most how many at most, so that nobody waits long
  /// @return how many; fewer than `most` when there are none left
  int expire(Instant before, int most);

  /// Removes all of an account. What a crash leaves of it, doing it again removes.
  void forget(AccountId account);
}

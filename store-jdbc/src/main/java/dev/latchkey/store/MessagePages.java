// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.history.ArchiveAnswer;
import dev.latchkey.chat.history.ArchiveQuery;
import dev.latchkey.chat.history.ArchivedMessage;
import dev.latchkey.chat.history.KeptId;
import dev.latchkey.chat.history.MessageStore;
import dev.latchkey.chat.history.OfflineMessage;
import dev.latchkey.credential.AccountId;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// Reads kept messages, a page at a time. For one call; not thread-safe.
///
/// They are found through an index, however many there are, and only the bodies that are shown are
/// read as XML.
final class MessagePages {
  private final AccountId owner;
  private final KeptElements elements = new KeptElements();
  private long length;

  /// @param owner whose messages are read
  MessagePages(AccountId owner) {
    this.owner = owner;
  }

  /// The messages that wait; without a limit, since one that cannot be read does not count: who
  /// reads it ends it.
  static final String WAITING =
      "SELECT id, tag, archived, stanza FROM offline WHERE account = ? AND id > ? ORDER BY id";

  private static KeptId id(Row row) throws SQLException {
    return new KeptId(row.number("id"), (int) row.number("tag"));
  }

  /// What an archive in which there is nothing answers.
  static ArchiveAnswer ofNothing(ArchiveQuery query) {
    return asked(query).findAny().isPresent()
        ? new ArchiveAnswer.NotFound()
        : new ArchiveAnswer.Page(List.of(), true, OptionalLong.of(0));
  }

  /// All ids that must be there.
  private static Stream<KeptId> asked(ArchiveQuery query) {
    ArchiveQuery.Filter filter = query.filter();
    return Stream.of(
            filter.ids().stream(),
            filter.afterId().stream(),
            filter.beforeId().stream(),
            query.after().stream(),
            query.before().stream())
        .flatMap(ids -> ids);
  }

  ArchiveAnswer archive(Sql sql, long account, ArchiveQuery query) throws SQLException {
    ArchiveRuns runs = new ArchiveRuns(sql, owner, account);
    for (KeptId id : asked(query).toList()) {
      if (runs.find(id).isEmpty()) {
        return new ArchiveAnswer.NotFound();
      }
    }
    ArchiveRuns.Range all = range(query.filter());
    ArchiveRuns.Range between =
        all.within(
            query.after().map(id -> id.micros() + 1).orElse(0L),
            query.before().map(id -> id.micros() - 1).orElse(Long.MAX_VALUE));
    List<KeptId> ids = query.filter().ids();
    List<ArchivedMessage> messages = new ArrayList<>();
    List<KeptId> left = new ArrayList<>();
    each(
        runs,
        ids,
        between,
        query.fromEnd(),
        entry -> {
          if (page(sql, entry, query.most(), messages)) {
            return true;
          }
          left.add(entry.id());
          return false;
        });
    boolean complete = left.isEmpty();
    boolean whole = complete && query.after().isEmpty() && query.before().isEmpty();
    OptionalLong count = OptionalLong.empty();
    if (whole) {
      count = OptionalLong.of(messages.size());
    } else if (query.most() == 0) {
      count = count(runs, ids, all);
    }
    return new ArchiveAnswer.Page(
        query.fromEnd() ? messages.reversed() : messages, complete, count);
  }

  /// Looks at messages of a range.
  ///
  /// @param ids only these; all, if there are none
  private static void each(
      ArchiveRuns runs,
      List<KeptId> ids,
      ArchiveRuns.Range range,
      boolean fromEnd,
      ArchiveRuns.Visitor visitor)
      throws SQLException {
    if (ids.isEmpty()) {
      runs.each(range, fromEnd, visitor);
      return;
    }
    List<KeptId> sorted = ids.stream().distinct().sorted().toList();
    for (KeptId id : fromEnd ? sorted.reversed() : sorted) {
      Optional<ArchiveRun.Entry> entry = runs.find(id.micros()).filter(range::holds);
      if (entry.isPresent() && !visitor.visit(entry.get())) {
        return;
      }
    }
  }

  /// Puts a message on a page.
  ///
  /// @param page takes the messages, in the order they are found
  /// @return whether it has found room; one that cannot be read needs none
  private boolean page(Sql sql, ArchiveRun.Entry entry, int most, List<ArchivedMessage> page) {
    if (page.size() == most || !hasRoom(entry.stanza().length(), page.isEmpty())) {
      return false;
    }
    try {
      page.add(new ArchivedMessage(entry.id(), elements.read(entry.stanza(), owner)));
    } catch (UnreadableRowException unreadable) {
      sql.leaveOut(unreadable);
    }
    return true;
  }

  private static ArchiveRuns.Range range(ArchiveQuery.Filter filter) {
    long from =
        Math.max(
            filter.start().map(KeptId::atLeast).orElse(0L),
            filter.afterId().map(id -> id.micros() + 1).orElse(0L));
    long to =
        Math.min(
            filter.end().map(KeptId::atMost).orElse(Long.MAX_VALUE),
            filter.beforeId().map(id -> id.micros() - 1).orElse(Long.MAX_VALUE));
    return new ArchiveRuns.Range(filter.with(), from, to);
  }

  /// Counts as far as that is quick.
  private static OptionalLong count(ArchiveRuns runs, List<KeptId> ids, ArchiveRuns.Range range)
      throws SQLException {
    List<KeptId> listed = new ArrayList<>();
    if (!ids.isEmpty()) {
      each(runs, ids, range, false, entry -> listed.add(entry.id()));
      return OptionalLong.of(listed.size());
    }
    long counted = runs.count(range, MessageStore.MOST_COUNTED);
    return counted > MessageStore.MOST_COUNTED ? OptionalLong.empty() : OptionalLong.of(counted);
  }

  List<OfflineMessage> offline(Sql sql, long account, Optional<KeptId> after, int most)
      throws SQLException {
    List<OfflineMessage> messages = new ArrayList<>();
    sql.each(
        WAITING,
        row -> {
          String stanza = row.text("stanza");
          if (!hasRoom(stanza.length(), messages.isEmpty())) {
            return false;
          }
          messages.add(
              new OfflineMessage(id(row), row.flag("archived"), elements.read(stanza, owner)));
          return messages.size() < most;
        },
        account,
        after.map(KeptId::micros).orElse(-1L));
    return messages;
  }

  /// Whether a message has room on the page.
  ///
  /// @param first whether it is shown however long it is
  private boolean hasRoom(int more, boolean first) {
    length += more;
    return first || length <= MessageStore.MOST_PAGE_LENGTH;
  }
}

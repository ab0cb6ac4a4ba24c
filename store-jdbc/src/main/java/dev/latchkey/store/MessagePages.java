// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.history.ArchiveAnswer;
import dev.latchkey.chat.history.ArchiveQuery;
import dev.latchkey.chat.history.ArchivedMessage;
import dev.latchkey.chat.history.KeptId;
import dev.latchkey.chat.history.MessageStore;
import dev.latchkey.chat.history.OfflineMessage;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// Reads kept messages, a page at a time. For one call; not thread-safe.
///
/// The rows are found through an index, which costs a few pages of it however long the archive is,
/// and only the bodies that are shown are read.
final class MessagePages {
  private final AccountId owner;
  private final KeptElements elements = new KeptElements();
  private long length;

  /// @param owner whose messages are read
  MessagePages(AccountId owner) {
    this.owner = owner;
  }

  /// The messages that wait, with their bodies; without a limit, as [#pageOf].
  static final String WAITING =
      "SELECT id, tag, stanza, EXISTS (SELECT 1 FROM archive"
          + " WHERE archive.account = offline.account AND archive.id = offline.id) AS archived"
          + " FROM offline LEFT JOIN message ON position = offline.message"
          + " WHERE account = ? AND id > ? ORDER BY id";

  /// Where a message is kept.
  record Place(KeptId id, long body) {}

  /// Which rows, by the one index that finds them, and between which ids (both included).
  private record Range(String column, long value, long from, long to) {
    boolean holds(Row row) throws SQLException {
      long id = row.number("id");
      return row.number(column) == value && id >= from && id <= to;
    }

    Range within(long low, long high) {
      return new Range(column, value, Math.max(from, low), Math.min(to, high));
    }
  }

  static KeptId id(Row row) throws SQLException {
    return new KeptId(row.number("id"), (int) row.number("tag"));
  }

  private static Place place(Row row) throws SQLException {
    return new Place(id(row), row.number("message"));
  }

  /// The row with an id.
  static Optional<Place> find(Sql sql, long account, KeptId id) throws SQLException {
    return sql.first(
        "SELECT id, tag, message FROM archive WHERE account = ? AND id = ? AND tag = ?",
        MessagePages::place,
        account,
        id.micros(),
        id.tag());
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
    for (KeptId id : asked(query).toList()) {
      if (find(sql, account, id).isEmpty()) {
        return new ArchiveAnswer.NotFound();
      }
    }
    Optional<Range> all = range(sql, account, query.filter());
    if (all.isEmpty()) {
      return new ArchiveAnswer.Page(List.of(), true, OptionalLong.of(0));
    }
    Range between =
        all.get()
            .within(
                query.after().map(id -> id.micros() + 1).orElse(0L),
                query.before().map(id -> id.micros() - 1).orElse(Long.MAX_VALUE));
    List<KeptId> ids = query.filter().ids();
    List<ArchivedMessage> messages = new ArrayList<>();
    boolean complete =
        ids.isEmpty()
            ? isWhole(sql, between, query, messages)
            : isWhole(sql, listed(sql, account, ids, between, query.fromEnd()), query, messages);
    boolean whole = complete && query.after().isEmpty() && query.before().isEmpty();
    OptionalLong count = OptionalLong.empty();
    if (whole) {
      count = OptionalLong.of(messages.size());
    } else if (query.most() == 0) {
      count =
          ids.isEmpty()
              ? count(sql, all.get())
              : OptionalLong.of(listed(sql, account, ids, all.get(), false).size());
    }
    return new ArchiveAnswer.Page(
        query.fromEnd() ? messages.reversed() : messages, complete, count);
  }

  /// Reads a page of a range.
  ///
  /// @param page takes the messages, in the order they are found
  /// @return whether that is all there is
  private boolean isWhole(Sql sql, Range range, ArchiveQuery query, List<ArchivedMessage> page)
      throws SQLException {
    List<KeptId> left = new ArrayList<>();
    sql.each(
        pageOf(range.column(), query.fromEnd()),
        row -> {
          Optional<Element> message =
              page.size() == query.most()
                  ? Optional.empty()
                  : readIfRoom(row.text("stanza"), page.isEmpty());
          if (message.isEmpty()) {
            left.add(id(row));
            return false;
          }
          return page.add(new ArchivedMessage(id(row), message.get()));
        },
        range.value(),
        range.from(),
        range.to());
    return left.isEmpty();
  }

  /// The statement for a page: rows and bodies at once, so that a page is one statement and not one
  /// for each message. A body that is missing shows. It has no limit, since one that cannot be read
  /// does not count: who reads it ends it.
  ///
  /// @param column `account`, `bare` or `exact`
  static String pageOf(String column, boolean fromEnd) {
    return "SELECT id, tag, stanza FROM archive LEFT JOIN message ON position = message WHERE "
        + column
        + " = ? AND id BETWEEN ? AND ? ORDER BY id"
        + (fromEnd ? " DESC" : "");
  }

  /// Reads a page of rows that were found before.
  private boolean isWhole(
      Sql sql, List<Place> places, ArchiveQuery query, List<ArchivedMessage> page)
      throws SQLException {
    for (Place place : places) {
      if (page.size() == query.most()) {
        return false;
      }
      try {
        Optional<Element> message = body(sql, place, page.isEmpty());
        if (message.isEmpty()) {
          return false;
        }
        page.add(new ArchivedMessage(place.id(), message.get()));
      } catch (UnreadableRowException unreadable) {
        sql.leaveOut(unreadable);
      }
    }
    return true;
  }

  /// @return nothing if it is known that nothing matches
  private static Optional<Range> range(Sql sql, long account, ArchiveQuery.Filter filter)
      throws SQLException {
    long from =
        Math.max(
            filter.start().map(KeptId::atLeast).orElse(0L),
            filter.afterId().map(id -> id.micros() + 1).orElse(0L));
    long to =
        Math.min(
            filter.end().map(KeptId::atMost).orElse(Long.MAX_VALUE),
            filter.beforeId().map(id -> id.micros() - 1).orElse(Long.MAX_VALUE));
    if (filter.with().isEmpty()) {
      return Optional.of(new Range("account", account, from, to));
    }
    Jid with = filter.with().get();
    // A peer belongs to one account, so its rows are the account's.
    return sql.first(
        "SELECT position FROM peer WHERE account = ? AND jid = ?",
        row -> new Range(with.isBare() ? "bare" : "exact", row.number("position"), from, to),
        account,
        with.toString());
  }

  private static List<Place> listed(
      Sql sql, long account, List<KeptId> ids, Range range, boolean fromEnd) throws SQLException {
    List<Place> places = new ArrayList<>();
    for (KeptId id : ids.stream().distinct().sorted().toList()) {
      sql.first(
              "SELECT account, bare, exact, id, tag, message FROM archive"
                  + " WHERE account = ? AND id = ?",
              row -> range.holds(row) ? Optional.of(place(row)) : Optional.<Place>empty(),
              account,
              id.micros())
          .flatMap(place -> place)
          .ifPresent(places::add);
    }
    return fromEnd ? places.reversed() : places;
  }

  /// Counts as far as that is quick.
  private static OptionalLong count(Sql sql, Range range) throws SQLException {
    long counted =
        sql.first(
                "SELECT COUNT(*) AS counted FROM (SELECT 1 FROM archive WHERE "
                    + range.column()
                    + " = ? AND id BETWEEN ? AND ? LIMIT ?)",
                row -> row.number("counted"),
                range.value(),
                range.from(),
                range.to(),
                MessageStore.MOST_COUNTED + 1)
            .orElseThrow();
    return counted > MessageStore.MOST_COUNTED ? OptionalLong.empty() : OptionalLong.of(counted);
  }

  List<OfflineMessage> offline(Sql sql, long account, Optional<KeptId> after, int most)
      throws SQLException {
    List<OfflineMessage> messages = new ArrayList<>();
    sql.each(
        WAITING,
        row -> {
          Optional<Element> message = readIfRoom(row.text("stanza"), messages.isEmpty());
          if (message.isEmpty()) {
            return false;
          }
          messages.add(new OfflineMessage(id(row), row.flag("archived"), message.get()));
          return messages.size() < most;
        },
        account,
        after.map(KeptId::micros).orElse(-1L));
    return messages;
  }

  /// @param first whether it is shown however long it is
  /// @return nothing if the page is full
  private Optional<Element> body(Sql sql, Place place, boolean first) throws SQLException {
    String stanza =
        sql.first(
                "SELECT stanza FROM message WHERE position = ?",
                row -> row.text("stanza"),
                place.body())
            .orElseThrow(() -> new StoreException("the database lost the body of a message"));
    return readIfRoom(stanza, first);
  }

  private Optional<Element> readIfRoom(String stanza, boolean first) {
    length += stanza.length();
    return !first && length > MessageStore.MOST_PAGE_LENGTH
        ? Optional.empty()
        : Optional.of(elements.read(stanza, owner));
  }
}

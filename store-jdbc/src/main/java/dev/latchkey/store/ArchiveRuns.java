// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.history.KeptId;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Jid;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The runs of one account's archive: what is found in them, put behind them, and taken from their
/// beginning. Whatever is asked for is found through an index; the cost does not grow with the
/// archive. One that cannot be read is left out. For one piece of work; not thread-safe.
final class ArchiveRuns {
  /// A run has at most so many octets, unless it is a single message: a page of few people's
  /// messages reads whole runs.
  static final int MOST_OCTETS = 8192;

  /// A run is written again for what comes behind it only while it has at most so many octets.
  private static final int MOST_REWRITTEN = 4096;

  private static final String OLDEST =
      "SELECT position, first, oldest, entries FROM archive_run WHERE account = ? ORDER BY first";

  private static final String NEWEST = OLDEST + " DESC";

  static final String REMOVE_PEERS =
      "DELETE FROM archive_peer WHERE account = ?1 AND (jid, first) IN"
          + " (SELECT jid, first FROM archive_peer WHERE account = ?1 LIMIT ?2)";

  static final String REMOVE_RUNS =
      "DELETE FROM archive_run WHERE position IN"
          + " (SELECT position FROM archive_run WHERE account = ?1 ORDER BY first LIMIT ?2)";

  private final Sql sql;
  private final AccountId owner;
  private final long account;

  /// @param owner whose archive
  /// @param account their row
  ArchiveRuns(Sql sql, AccountId owner, long account) {
    this.sql = sql;
    this.owner = owner;
    this.account = account;
  }

  /// Looks at a message.
  interface Visitor {
    /// Looks, and tells whether to go on.
    boolean visit(ArchiveRun.Entry entry) throws SQLException;
  }

  /// Which messages.
  ///
  /// @param with to or from this address
  /// @param from the least id, as [KeptId#micros]
  /// @param to the greatest
  record Range(Optional<Jid> with, long from, long to) {
    Range within(long low, long high) {
      return new Range(with, Math.max(from, low), Math.min(to, high));
    }

    boolean holds(ArchiveRun.Entry entry) {
      return isBetween(entry) && with.map(jid -> entry.isWith(jid.toString())).orElse(true);
    }

    private boolean isBetween(ArchiveRun.Entry entry) {
      return entry.id().micros() >= from && entry.id().micros() <= to;
    }
  }

  /// The statement that finds the runs of a range: from that in which its beginning may lie.
  ///
  /// @param with whether only of messages with somebody
  static String runsOf(boolean with, boolean fromEnd) {
    String order = fromEnd ? " DESC" : "";
    return with
        ? "SELECT first, entries FROM archive_peer CROSS JOIN archive_run USING (account, first)"
            + " WHERE account = ?1 AND jid = ?4 AND first BETWEEN COALESCE((SELECT MAX(first)"
            + " FROM archive_peer WHERE account = ?1 AND jid = ?4 AND first <= ?2), 0) AND ?3"
            + " ORDER BY archive_peer.first"
            + order
        : "SELECT first, entries FROM archive_run"
            + " WHERE account = ?1 AND first BETWEEN COALESCE((SELECT MAX(first)"
            + " FROM archive_run WHERE account = ?1 AND first <= ?2), 0) AND ?3"
            + " ORDER BY first"
            + order;
  }

  /// Looks at the messages of a range until somebody has seen enough.
  ///
  /// @param fromEnd the newest first
  void each(Range range, boolean fromEnd, Visitor visitor) throws SQLException {
    eachRun(range, fromEnd, row -> visit(run(row), range, fromEnd, visitor));
  }

  private void eachRun(Range range, boolean fromEnd, Sql.Visitor visitor) throws SQLException {
    List<Object> values = new ArrayList<>(List.of(account, range.from(), range.to()));
    range.with().ifPresent(jid -> values.add(jid.toString()));
    sql.each(runsOf(range.with().isPresent(), fromEnd), visitor, values.toArray());
  }

  private static boolean visit(ArchiveRun run, Range range, boolean fromEnd, Visitor visitor)
      throws SQLException {
    for (ArchiveRun.Entry entry : fromEnd ? run.entries().reversed() : run.entries()) {
      if (range.holds(entry) && !visitor.visit(entry)) {
        return false;
      }
    }
    return true;
  }

  /// @throws UnreadableRowException if it is none
  private ArchiveRun run(Row row) throws SQLException {
    Bytes entries = row.octets("entries");
    try {
      return ArchiveRun.read(entries);
    } catch (IllegalArgumentException none) {
      throw UnreadableRowException.ofMessages(owner, none);
    }
  }

  /// How many messages of a range there are. Only the runs at its ends are read.
  ///
  /// @param most further it is not counted
  long count(Range range, int most) throws SQLException {
    Optional<End> low = end(range, false);
    Optional<End> high = end(range, true);
    if (low.isEmpty() || high.isEmpty()) {
      return 0;
    }
    if (low.get().first() == high.get().first()) {
      return low.get().messages();
    }
    List<Object> values =
        new ArrayList<>(List.of(account, low.get().first(), high.get().first(), most + 1L));
    range.with().ifPresent(jid -> values.add(jid.toString()));
    long between =
        sql.first(
                countBetween(range.with().isPresent()),
                row -> row.number("counted"),
                values.toArray())
            .orElseThrow();
    return low.get().messages() + between + high.get().messages();
  }

  /// The statement that counts the messages of whole runs between two.
  ///
  /// @param with whether only of messages with somebody
  static String countBetween(boolean with) {
    return "SELECT COALESCE(SUM(messages), 0) AS counted FROM (SELECT messages FROM "
        + (with ? "archive_peer" : "archive_run")
        + " WHERE account = ?1 AND first > ?2 AND first < ?3"
        + (with ? " AND jid = ?5" : "")
        + " LIMIT ?4)";
  }

  /// The run at an end of a range.
  ///
  /// @param messages how many of its messages are in the range
  private record End(long first, long messages) {}

  private Optional<End> end(Range range, boolean fromEnd) throws SQLException {
    List<End> found = new ArrayList<>();
    eachRun(
        range,
        fromEnd,
        row -> {
          long messages = run(row).entries().stream().filter(range::holds).count();
          found.add(new End(row.number("first"), messages));
          return false;
        });
    return found.stream().findFirst();
  }

  /// The message with an id, whatever its tag.
  Optional<ArchiveRun.Entry> find(long micros) throws SQLException {
    List<ArchiveRun.Entry> found = new ArrayList<>();
    each(new Range(Optional.empty(), micros, micros), false, found::add);
    return found.stream().findFirst();
  }

  /// The message with an id.
  Optional<ArchiveRun.Entry> find(KeptId id) throws SQLException {
    return find(id.micros()).filter(entry -> entry.id().equals(id));
  }

  Optional<KeptId> oldest() throws SQLException {
    return first(OLDEST).map(run -> run.entries().getFirst().id());
  }

  Optional<KeptId> newest() throws SQLException {
    return first(NEWEST).map(run -> run.entries().getLast().id());
  }

  private Optional<ArchiveRun> first(String statement) throws SQLException {
    List<ArchiveRun> first = new ArrayList<>();
    sql.each(
        statement,
        row -> {
          first.add(run(row));
          return false;
        },
        account);
    return first.stream().findFirst();
  }

  /// Puts runs behind all others.
  ///
  /// @param runs the oldest first
  void append(List<ArchiveRun.Written> runs) throws SQLException {
    boolean first = true;
    for (ArchiveRun.Written run : runs) {
      append(run, first ? tail(run.entries().length()) : Optional.empty());
      first = false;
    }
  }

  private void append(ArchiveRun.Written run, Optional<Tail> tail) throws SQLException {
    if (tail.isPresent()) {
      sql.update(
          "UPDATE archive_run SET messages = messages + ?, entries = ? WHERE position = ?",
          run.messages(),
          Bytes.concat(tail.get().entries(), run.entries()),
          tail.get().position());
    } else {
      sql.update(
          "INSERT INTO archive_run (account, first, oldest, messages, entries)"
              + " VALUES (?, ?, ?, ?, ?)",
          account,
          run.first(),
          run.first(),
          run.messages(),
          run.entries());
    }
    for (Map.Entry<String, Integer> peer : run.peers().entrySet()) {
      sql.update(
          "INSERT INTO archive_peer (account, jid, first, messages) VALUES (?, ?, ?, ?)"
              + " ON CONFLICT DO UPDATE SET messages = messages + excluded.messages",
          account,
          peer.getKey(),
          tail.map(Tail::first).orElse(run.first()),
          peer.getValue());
    }
  }

  private record Tail(long position, long first, Bytes entries) {}

  /// The newest run, if it is short. Whether it can be read is not looked at: if not, neither can
  /// what comes behind it in the same row, which is little.
  ///
  /// @param more how many octets are to go behind it
  private Optional<Tail> tail(int more) throws SQLException {
    if (more > MOST_REWRITTEN) {
      return Optional.empty();
    }
    return sql.first(
        "SELECT position, first, entries FROM ("
            + NEWEST
            + " LIMIT 1) WHERE octet_length(entries) <= ?",
        row -> new Tail(row.number("position"), row.number("first"), row.octets("entries")),
        account,
        MOST_REWRITTEN);
  }

  /// What was taken from an archive.
  ///
  /// @param octets how many octets the messages had
  /// @param upTo no greater id, as [KeptId#micros], was among them
  record Taken(int messages, long octets, long upTo) {}

  /// Takes the oldest messages. A run that cannot be read goes as a whole when its turn has come.
  ///
  /// @param before only what has a lesser id
  /// @param most how many at most
  /// @param enough so many octets need not be exceeded
  Taken takeOldest(long before, int most, long enough) throws SQLException {
    Oldest oldest = new Oldest(before, most, enough);
    sql.each(OLDEST, oldest, account);
    for (Cut cut : oldest.cuts) {
      take(cut);
    }
    return new Taken(oldest.messages, oldest.octets, oldest.upTo);
  }

  private void take(Cut cut) throws SQLException {
    if (cut.peers().isEmpty()) {
      sql.update("DELETE FROM archive_run WHERE position = ?", cut.position());
      sql.update("DELETE FROM archive_peer WHERE account = ? AND first = ?", account, cut.first());
      return;
    }
    Map<String, Integer> stay = Map.of();
    if (cut.stays().isEmpty()) {
      sql.update("DELETE FROM archive_run WHERE position = ?", cut.position());
    } else {
      ArchiveRun.Written run = ArchiveRun.written(cut.stays());
      stay = run.peers();
      sql.update(
          "UPDATE archive_run SET oldest = ?, messages = ?, entries = ? WHERE position = ?",
          run.first(),
          run.messages(),
          run.entries(),
          cut.position());
    }
    for (String peer : cut.peers()) {
      Integer left = stay.get(peer);
      if (left == null) {
        sql.update(
            "DELETE FROM archive_peer WHERE account = ? AND jid = ? AND first = ?",
            account,
            peer,
            cut.first());
      } else {
        sql.update(
            "UPDATE archive_peer SET messages = ? WHERE account = ? AND jid = ? AND first = ?",
            left,
            account,
            peer,
            cut.first());
      }
    }
  }

  /// A run and how it is cut.
  ///
  /// @param peers with whom what goes is, by bare and by full JID; nothing if nobody knows what is
  ///   in it
  private record Cut(long position, long first, Set<String> peers, List<ArchiveRun.Entry> stays) {}

  /// Chooses the oldest messages.
  private final class Oldest implements Sql.Visitor {
    final List<Cut> cuts = new ArrayList<>();
    private final long before;
    private final int most;
    private final long enough;
    int messages;
    long octets;
    long upTo;

    Oldest(long before, int most, long enough) {
      this.before = before;
      this.most = most;
      this.enough = enough;
    }

    @Override
    public boolean visit(Row row) throws SQLException {
      List<ArchiveRun.Entry> entries;
      try {
        entries = run(row).entries();
      } catch (UnreadableRowException damaged) {
        sql.leaveOut(damaged);
        return isTaken(row);
      }
      Set<String> peers = new HashSet<>();
      int gone = 0;
      while (gone < entries.size() && isChosen(entries.get(gone))) {
        ArchiveRun.Entry entry = entries.get(gone);
        messages++;
        octets += entry.stanza().length();
        upTo = Math.max(upTo, entry.id().micros());
        peers.add(entry.peer());
        peers.add(ArchiveRun.bare(entry.peer()));
        gone++;
      }
      if (gone > 0) {
        cuts.add(
            new Cut(
                row.number("position"),
                row.number("first"),
                peers,
                List.copyOf(entries.subList(gone, entries.size())))); // keeps nothing else of them
      }
      return gone == entries.size();
    }

    /// Whether the turn of one that cannot be read has come; then it goes, and counts as one
    /// message of its own length.
    private boolean isTaken(Row row) throws SQLException {
      boolean taken = messages < most && octets < enough && row.number("oldest") < before;
      if (taken) {
        messages++;
        octets += row.octets("entries").length();
        upTo = before - 1; // whatever was in it, nobody takes what waits for something archived
        cuts.add(new Cut(row.number("position"), row.number("first"), Set.of(), List.of()));
      }
      return taken;
    }

    private boolean isChosen(ArchiveRun.Entry entry) {
      return messages < most && octets < enough && entry.id().micros() < before;
    }
  }

  /// Removes some of it, whatever it holds: first whom all the messages are with. To look for the
  /// peers of each run would be to look at all of them again and again.
  ///
  /// @param peers so many of these at most
  /// @param runs so many of these at most
  /// @return whether there may be more
  boolean remove(int peers, int runs) throws SQLException {
    return sql.update(REMOVE_PEERS, account, peers) == peers
        || sql.update(REMOVE_RUNS, account, runs) == runs;
  }
}

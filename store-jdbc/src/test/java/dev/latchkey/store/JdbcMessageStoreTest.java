// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.chat.history.ArchiveAnswer;
import dev.latchkey.chat.history.ArchiveEnds;
import dev.latchkey.chat.history.ArchivePreferences;
import dev.latchkey.chat.history.ArchiveQuery;
import dev.latchkey.chat.history.ArchivedMessage;
import dev.latchkey.chat.history.Copy;
import dev.latchkey.chat.history.Kept;
import dev.latchkey.chat.history.KeptId;
import dev.latchkey.chat.history.MessageStore;
import dev.latchkey.chat.history.MessageStoreContract;
import dev.latchkey.chat.history.OfflineMessage;
import dev.latchkey.chat.history.Room;
import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JdbcMessageStoreTest extends MessageStoreContract {
  private static final Jid PEER = Jid.parse("romeo@montague.example/orchard");

  /// What is kept is filed only when it must.
  private static final Limits LIMITS = new Limits(3, 256, 1024, Duration.ofDays(1), Duration.ZERO);

  @TempDir private Path folder;
  private Arrivals arrivals = new Arrivals();
  private Database database;
  private JdbcMessageStore store;

  private static final Room ROOM = new Room(9, 1L << 40, 1L << 40);

  @BeforeEach
  void begin() {
    database = open(LIMITS);
    store = new JdbcMessageStore(database, arrivals, random);
    makeAccounts();
  }

  private Database open(Limits limits) {
    return open(folder.resolve("test.db"), limits);
  }

  private Database open(Path file, Limits limits) {
    return open(file, limits, new Arrivals());
  }

  private Database open(Path file, Limits limits, Arrivals empty) {
    arrivals = empty;
    return Database.open(
        file,
        limits,
        List.of(arrivals),
        sql -> {
          arrivals.file(sql);
          return true;
        });
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Override
  protected MessageStore store() {
    return store;
  }

  @Override
  protected AccountId newAccount(String localpart) {
    AccountId id = new AccountId("acct-" + localpart);
    database.write(
        sql ->
            sql.update(
                "INSERT INTO account (id, localpart, domain, status, version, created)"
                    + " VALUES (?, ?, 'capulet.example', 'active', 0, ?)",
                id.value(),
                localpart,
                NOW));
    return id;
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 5",
      rule = "what nobody keeps is written all the same, so that its commit takes as long")
  void whatNobodyKeepsCostsWhatIsKept() throws Exception {
    AccountId paris = newAccount("paris");
    Room none = new Room(0, 0, 1L << 40);

    var _ = written(List.of(new Copy(paris, PEER, false, true)), ROOM);
    long kept = written(List.of(new Copy(paris, PEER, false, true)), ROOM);

    assertThat(written(List.of(), ROOM)).isEqualTo(kept);
    assertThat(written(List.of(new Copy(new AccountId("acct-gone"), PEER, true, true)), ROOM))
        .isEqualTo(kept);
    assertThat(written(List.of(new Copy(paris, PEER, false, true)), none)).isEqualTo(kept);
    assertThat(rows("arrival")).isEqualTo(5);
    assertThat(store.ends(paris)).isEmpty(); // all of it is filed
    assertThat(rows("arrival")).isZero();
    assertThat(rows("offline")).isEqualTo(2);
  }

  /// How much longer the log is when a message was kept.
  private long written(List<Copy> copies, Room room) throws IOException {
    Path log = folder.resolve("test.db-wal");
    Element message = Element.named("message", "jabber:client").build();
    long before = Files.size(log);
    var _ = store.keep(message, copies, NOW, room);
    return Files.size(log) - before;
  }

  private long rows(String table) {
    return database.read(
        sql ->
            sql.first("SELECT COUNT(*) AS n FROM " + table, row -> row.number("n")).orElseThrow());
  }

  private void keep(String body, Copy... copies) {
    store.keep(message(body), List.of(copies), NOW, ROOM);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design",
      rule = "a row with an address that is none to this version is left out")
  void leavesOutAPreferenceThatItCannotRead() {
    AccountId account = newAccount("tybalt");
    Jid other = Jid.parse("mercutio@verona.example");
    store.prefer(
        account,
        new ArchivePreferences(ArchivePreferences.Standing.NEVER, Set.of(PEER, other), Set.of()));
    ChatDatabase.spoil(database, "history_exception", "jid", PEER.toString());
    assertThat(store.preferences(account))
        .isEqualTo(
            new ArchivePreferences(ArchivePreferences.Standing.NEVER, Set.of(other), Set.of()));
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design",
      rule = "a row with an element that is none to this version is left out")
  void leavesOutMessagesThatItCannotRead() {
    AccountId account = newAccount("tybalt");
    List<KeptId> ids =
        Stream.of("spoil", "one", "spoil too", "spoil three", "two", "spoil four")
            .map(
                body ->
                    store
                        .keep(
                            message(body), List.of(new Copy(account, PEER, true, true)), NOW, ROOM)
                        .ids()
                        .get(account))
            .toList();
    assertThat(archived(account)).hasSize(6);
    ChatDatabase.spoilElement(database, "offline", "stanza", "spoil");
    assertThat(spoilArchived("CAST(replace(CAST(entries AS TEXT), 'spoil', '<poil') AS BLOB)"))
        .isOne();
    List<KeptId> sound = List.of(ids.get(1), ids.get(4));

    assertThat(archived(account)).isEqualTo(sound);
    for (int most : List.of(1, 2)) {
      ArchiveAnswer.Page first = page(account, ArchiveQuery.first(most));
      assertThat(first.messages())
          .extracting(ArchivedMessage::id)
          .isEqualTo(sound.subList(0, most));
      ArchiveAnswer.Page last = page(account, ArchiveQuery.last(most));
      assertThat(last.messages())
          .extracting(ArchivedMessage::id)
          .isEqualTo(sound.subList(2 - most, 2));
    }
    assertThat(page(account, ArchiveQuery.first(1)).complete()).isFalse();
    assertThat(page(account, ArchiveQuery.first(1).after(sound.getFirst())).messages())
        .extracting(ArchivedMessage::id)
        .containsExactly(sound.getLast());
    assertThat(page(account, ArchiveQuery.first(9).of(ArchiveQuery.Filter.only(ids))).messages())
        .extracting(ArchivedMessage::id)
        .isEqualTo(sound);
    assertThat(store.offline(account, Optional.empty(), 1))
        .extracting(OfflineMessage::id)
        .containsExactly(sound.getFirst());
    assertThat(store.offline(account, Optional.of(sound.getFirst()), 9))
        .extracting(OfflineMessage::id)
        .containsExactly(sound.getLast());
  }

  private ArchiveAnswer.Page page(AccountId account, ArchiveQuery query) {
    return (ArchiveAnswer.Page) store.archivePage(account, query);
  }

  private int spoilArchived(String entries) {
    return database.write(sql -> sql.update("UPDATE archive_run SET entries = " + entries));
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design",
      rule = "what cannot be read is left out, and goes when it is old all the same")
  void leavesOutAPartOfAnArchiveThatItCannotReadAndLetsItExpire() {
    AccountId account = newAccount("tybalt");
    List<KeptId> ids = new ArrayList<>();
    for (String body : List.of("one", "x".repeat(9000), "three")) {
      ids.add(archive(account, body));
      assertThat(store.ends(account)).isPresent(); // it is filed
    }
    assertThat(rows("archive_run")).isEqualTo(3);
    int spoiled =
        database.write(
            sql ->
                sql.update(
                    "UPDATE archive_run SET entries = substr(entries, 1, 9) WHERE first = ?",
                    ids.get(1).micros()));
    assertThat(spoiled).isOne();

    assertThat(archived(account)).containsExactly(ids.get(0), ids.get(2));
    assertThat(store.expire(NOW.plusSeconds(1), 2)).isEqualTo(2);
    assertThat(rows("archive_run")).isOne();
    assertThat(archived(account)).containsExactly(ids.get(2));
    assertThat(store.expire(NOW.plusSeconds(1), 2)).isOne();
    for (String table : List.of("archive_run", "archive_peer")) {
      assertThat(rows(table)).as(table).isZero();
    }
    assertThat(kept(account).getFirst()).isNotNegative();
  }

  private KeptId archive(AccountId account, String body) {
    return Optional.ofNullable(
            store
                .keep(message(body), List.of(new Copy(account, PEER, true, false)), NOW, ROOM)
                .ids()
                .get(account))
        .orElseThrow();
  }

  @Test
  void whatWaitsIsNotTakenForArchivedOnceAPartOfTheArchiveThatNobodyCanReadIsGone() {
    AccountId account = newAccount("tybalt");
    keep("hello", new Copy(account, PEER, true, true));
    assertThat(store.ends(account)).isPresent();
    assertThat(spoilArchived("x'ff'")).isOne();
    assertThat(store.expire(NOW.plusSeconds(1), 9)).isOne();
    store.clearOffline(account);
    assertThat(store.offline(account, Optional.empty(), 9)).hasSize(1);
  }

  @Test
  void aForgottenAccountTakesAlongWhatNobodyCanRead() {
    AccountId account = newAccount("tybalt");
    archive(account, "one");
    assertThat(store.ends(account)).isPresent();
    assertThat(spoilArchived("x'ff'")).isOne();
    store.forget(account);
    for (String table : List.of("archive_run", "archive_peer")) {
      assertThat(rows(table)).as(table).isZero();
    }
  }

  @Test
  void aPartOfAnArchiveThatHoldsNothingExpires() {
    AccountId account = newAccount("tybalt");
    archive(account, "one");
    assertThat(store.ends(account)).isPresent();
    assertThat(spoilArchived("x''")).isOne();
    assertThat(store.ends(account)).isEmpty();
    assertThat(store.expire(NOW.plusSeconds(1), 9)).isOne();
    for (String table : List.of("archive_run", "archive_peer")) {
      assertThat(rows(table)).as(table).isZero();
    }
  }

  @Test
  void expiryAsksForNothingMoreOnceSoManyAreRemoved() {
    List<AccountId> accounts = Stream.of("a", "b", "c").map(this::newAccount).toList();
    for (AccountId account : accounts) {
      for (int i = 0; i < 3; i++) {
        archive(account, "hello");
      }
    }
    long before = database.counters().writes();
    assertThat(store.expire(NOW.plusSeconds(1), 3)).isEqualTo(3);
    assertThat(database.counters().writes() - before).isEqualTo(2); // all is filed, and one archive
  }

  @Test
  void aMessageWaitsOnWhenTheArchiveHoldsItNoMore() {
    AccountId recipient = newAccount("recipient");
    keep("hello", new Copy(recipient, PEER, true, true));
    store.clearOffline(recipient);
    assertThat(rows("offline")).isZero();
    assertThat(store.undelivered(recipient, store.ends(recipient).orElseThrow().last(), ROOM))
        .isTrue();
    store.expire(NOW.plusSeconds(1), 9);
    assertThat(rows("archive_run")).isZero();
    store.clearOffline(recipient);
    assertThat(store.offline(recipient, Optional.empty(), 9))
        .extracting(OfflineMessage::archived)
        .containsExactly(false);
    store.forget(recipient);
    assertThat(rows("offline")).isZero();
  }

  @Test
  void whatNobodyKeepsIsFiledNowhere() {
    keep("hello");
    keep("hello", new Copy(newAccount("sender"), PEER, false, false));
    store.expire(NOW, 1); // files
    for (String table : List.of("arrival", "archive_run", "offline", "history")) {
      assertThat(rows(table)).as(table).isZero();
    }
  }

  @Test
  void nothingIsLeftOfAForgottenAccount() {
    AccountId account = newAccount("account");
    IntStream.range(0, 1_100)
        .parallel() // so that they share transactions
        .forEach(i -> keep("hello", new Copy(account, PEER, true, i == 7)));
    store.forget(account);
    for (String table :
        List.of(
            "arrival", "archive_run", "archive_peer", "offline", "history", "history_exception")) {
      assertThat(rows(table)).as(table).isZero();
    }
  }

  @Test
  void peersGoWithTheirLastMessage() {
    AccountId account = newAccount("account");
    keep("old", new Copy(account, PEER, true, false));
    keep("old", new Copy(account, PEER.bare(), true, false));
    assertThat(store.ends(account)).isPresent();
    assertThat(rows("archive_peer")).isEqualTo(2);
    store.expire(NOW.plusSeconds(1), 1);
    assertThat(rows("archive_peer")).isOne();
    store.expire(NOW.plusSeconds(1), 1);
    assertThat(rows("archive_peer")).isZero();
  }

  @Test
  void keepsNothingForWhoIsNotThereOrIsDeleted() {
    AccountId deleted = newAccount("deleted");
    AccountId there = newAccount("there");
    database.write(
        sql -> sql.update("UPDATE account SET status = 'deleted' WHERE id = ?", deleted.value()));
    Kept kept =
        store.keep(
            message("hello"),
            List.of(
                new Copy(deleted, PEER, true, true),
                new Copy(new AccountId("acct-nobody"), PEER, true, true),
                new Copy(there, PEER, true, false)),
            NOW,
            ROOM);
    assertThat(kept)
        .isEqualTo(new Kept(Map.of(there, store.ends(there).orElseThrow().last()), Set.of()));
    assertThat(rows("offline")).isZero();
    assertThat(archived(there)).hasSize(1);
    assertThat(rows("archive_run")).isOne();
  }

  @Test
  void everyPageIsFoundThroughAnIndex() {
    for (boolean with : List.of(true, false)) {
      for (boolean fromEnd : List.of(true, false)) {
        List<Object> values = new ArrayList<>(List.of(1, 0, Long.MAX_VALUE));
        if (with) {
          values.add(PEER.toString());
        }
        List<String> plan =
            database.read(
                sql ->
                    sql.list(
                        "EXPLAIN QUERY PLAN " + ArchiveRuns.runsOf(with, fromEnd),
                        row -> row.text("detail"),
                        values.toArray()));
        assertThat(plan)
            .noneMatch(step -> step.contains("SCAN") || step.contains("TEMP B-TREE"))
            .first()
            .asString()
            .contains(with ? "jid=? AND first>? AND first<?" : "account=? AND first>? AND first<?");
      }
    }
    List<String> plan =
        database.read(
            sql ->
                sql.list(
                    "EXPLAIN QUERY PLAN " + MessagePages.WAITING, row -> row.text("detail"), 1, 0));
    assertThat(plan).noneMatch(step -> step.contains("SCAN") || step.contains("TEMP B-TREE"));
  }

  @Test
  void whatIsForgottenIsFoundThroughAnIndexSoManyRowsAtATime() {
    for (String statement : List.of(ArchiveRuns.REMOVE_PEERS, ArchiveRuns.REMOVE_RUNS)) {
      List<String> plan =
          database.read(
              sql ->
                  sql.list("EXPLAIN QUERY PLAN " + statement, row -> row.text("detail"), 1, 1000));
      assertThat(plan)
          .as(statement)
          .noneMatch(step -> step.contains("SCAN") || step.contains("TEMP B-TREE"))
          .first()
          .asString()
          .containsAnyOf("(account=? AND jid=? AND first=?)", "(rowid=?)");
    }
  }

  @Test
  void aForgottenAccountTakesAlongManyPeers() {
    AccountId account = newAccount("account");
    for (int i = 0; i < 1_100; i++) {
      keep("hello", new Copy(account, Jid.parse("romeo@montague.example/" + i), true, false));
    }
    assertThat(store.ends(account)).isPresent();
    assertThat(rows("archive_peer")).isGreaterThan(1_100);
    store.forget(account);
    assertThat(rows("archive_peer") + rows("archive_run")).isZero();
  }

  private List<KeptId> archived(AccountId account) {
    return ((ArchiveAnswer.Page) store.archivePage(account, ArchiveQuery.first(99)))
        .messages().stream().map(ArchivedMessage::id).toList();
  }

  private Optional<KeptId> keptAs(AccountId account, Copy... copies) {
    Kept kept = store.keep(message("hello"), List.of(copies), NOW, ROOM);
    return Optional.ofNullable(kept.ids().get(account));
  }

  @Test
  void messagesAreFiledManyAtATimeAndKeepTheirIds() {
    AccountId account = newAccount("account");
    AccountId other = newAccount("other");
    List<KeptId> ids =
        IntStream.range(0, 5)
            .mapToObj(
                _ ->
                    keptAs(
                            account,
                            new Copy(account, PEER, true, true),
                            new Copy(other, PEER, true, false))
                        .orElseThrow())
            .toList();
    assertThat(rows("arrival")).isEqualTo(5);
    assertThat(rows("archive_run")).isZero();
    assertThat(archived(account)).isEqualTo(ids);
    assertThat(rows("arrival")).isZero();
    assertThat(rows("archive_run")).isEqualTo(2);
    assertThat(archived(other)).hasSize(5);
    assertThat(store.offline(account, Optional.empty(), 9))
        .extracting(OfflineMessage::id)
        .isEqualTo(ids);
  }

  @Test
  void whatATransactionKeepsIsOneRow() throws Exception {
    AccountId account = newAccount("account");
    keepTogether(20, message("hello"), account);
    assertThat(rows("arrival")).isBetween(1L, 2L); // one of them may have come too late
    assertThat(archived(account)).hasSize(20);
  }

  @Test
  void aTransactionOfManyLongMessagesDoesNotHoldThemAll() throws Exception {
    AccountId account = newAccount("account");
    keepTogether(11, message("x".repeat(1 << 20)), account);
    assertThat(octets("arrival", "records")).isLessThan(5L << 20);
    assertThat(rows("archive_run")).isGreaterThanOrEqualTo(8);
    assertThat(store.ends(account)).isPresent();
    assertThat(rows("archive_run")).isEqualTo(11);
  }

  @Test
  void whatIsKeptBesideSomethingThatFailsIsKeptAndOnce() throws Exception {
    AccountId account = newAccount("account");
    Runnable kept = () -> keep("hello", new Copy(account, PEER, true, true));
    Runnable undone = () -> failToKeep(new Copy(account, PEER, true, true));
    Together.run(database, List.of(kept, undone, kept, undone, kept));
    Path copy = folder.resolve("copy.db");
    Files.createFile(copy); // as it would be found after a kill
    database.copyTo(copy);
    assertThat(archived(account)).hasSize(3);
    database.close();
    database = open(copy, LIMITS);
    store = new JdbcMessageStore(database, arrivals, random);
    assertThat(archived(account)).hasSize(3);
    assertThat(waitingIds(account)).isEqualTo(archived(account));
    long octets = 3L * message("hello").toXml().length();
    assertThat(kept(account)).isEqualTo(List.of(octets, 3L, octets));
  }

  private void failToKeep(Copy copy) {
    assertThatThrownBy(
            () ->
                database.write(
                    sql -> {
                      arrivals.keep(
                          sql, Bytes.utf8("<undone/>"), List.of(copy), NOW, ROOM, new Tags(random));
                      throw new IllegalStateException("a bug");
                    }))
        .hasMessage("a bug");
  }

  @Test
  void whatFailsLetsWhatHasArrivedBeReadOnceMoreAtMost() throws Exception {
    AccountId account = newAccount("account");
    Runnable kept = () -> keep("hello", new Copy(account, PEER, true, true));
    kept.run();
    failToKeep(new Copy(account, PEER, true, true));
    assertThat(rows("arrival")).isZero(); // what was read again is filed
    Together.run(
        database,
        List.of(
            kept,
            () -> failToKeep(new Copy(account, PEER, true, true)),
            kept,
            () -> failToKeep(new Copy(account, PEER, true, true)),
            kept,
            () -> failToKeep(new Copy(account, PEER, true, true)),
            kept));
    assertThat(rows("arrival")).isOne();
    assertThat(archived(account)).hasSize(5);
  }

  private void keepTogether(int many, Element message, AccountId account) throws Exception {
    Runnable keeping =
        () -> store.keep(message, List.of(new Copy(account, PEER, true, false)), NOW, ROOM);
    Together.run(database, Stream.generate(() -> keeping).limit(many).toList());
  }

  @Test
  void onlySoManyMessagesWaitToBeFiled() {
    AccountId account = newAccount("account");
    String large = "x".repeat(1 << 20);
    for (int i = 0; i < 9; i++) {
      keep(large, new Copy(account, PEER, true, false));
    }
    assertThat(rows("arrival")).isBetween(1L, 4L);
    IntStream.range(0, 5_000)
        .parallel() // so that they share transactions
        .forEach(_ -> keep("hello", new Copy(account, PEER, true, false)));
    assertThat(rows("archive_run")).isGreaterThan(9);
    assertThat(octets("arrival", "records")).isBetween(1L, 4_256L * 500);
    assertThat(octets("arrival", "records") + octets("archive_run", "entries"))
        .isGreaterThan((9L << 20) + 5_000L * message("hello").toXml().length());
  }

  private long octets(String table, String column) {
    return database.read(
        sql ->
            sql.first(
                    "SELECT COALESCE(SUM(length(%s)), 0) AS n FROM %s".formatted(column, table),
                    row -> row.number("n"))
                .orElseThrow());
  }

  @Test
  void whatWasFiledAndUndoneIsFiledAgain() {
    AccountId account = newAccount("account");
    String large = "x".repeat(3 << 20);
    keep(large, new Copy(account, PEER, true, false));
    assertThatThrownBy(
            () ->
                database.write(
                    sql -> {
                      arrivals.file(sql);
                      throw new IllegalStateException("a bug");
                    }))
        .hasMessage("a bug");
    assertThat(rows("arrival")).isZero();
    assertThat(rows("archive_run")).isOne();
    AccountId other = newAccount("other");
    keep(large, new Copy(other, PEER, true, false));
    assertThat(rows("arrival")).isOne();
    keep(large, new Copy(other, PEER, true, false)); // which is too much
    assertThat(rows("arrival")).isZero();
    assertThat(rows("archive_run")).isEqualTo(3);
    keep("next", new Copy(other, PEER, true, false));
    assertThat(rows("arrival")).isOne();
    assertThat(store.ends(other)).isPresent();
    assertThat(rows("archive_run")).isEqualTo(4);
    assertThat(rows("arrival")).isZero();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design",
      rule = "what the archive holds waits no more, and lies within the ends that are told")
  void clearingTellsOfAllThatItClears() throws Exception {
    AccountId account = newAccount("account");
    keep("before", new Copy(account, PEER, true, true));
    assertThat(store.ends(account)).isPresent(); // it is filed
    AtomicReference<Optional<ArchiveEnds>> told = new AtomicReference<>(Optional.empty());
    Together.run(
        database,
        List.of(
            () -> keep("meanwhile", new Copy(account, PEER, true, true)),
            () -> told.set(store.clearOffline(account))));
    assertThat(waitingIds(account)).isEmpty();
    assertThat(told.get()).isEqualTo(store.ends(account));
  }

  @Test
  void messagesAreFiledWhenThereIsNothingElseToDo() {
    database.close();
    database = open(new Limits(1, 256, 1024, Duration.ofMillis(1), Duration.ZERO));
    store = new JdbcMessageStore(database, arrivals, random);
    AccountId account = newAccount("account");
    keep("hello", new Copy(account, PEER, true, false));
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (rows("archive_run") == 0 && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(rows("archive_run")).isOne();
    assertThat(rows("arrival")).isZero();
  }

  @Test
  void whatAKilledProcessLeftIsFiledWhenTheDatabaseIsOpened() throws IOException {
    AccountId account = newAccount("account");
    KeptId id = keptAs(account, new Copy(account, PEER, true, true)).orElseThrow();
    KeptId gone = keptAs(account, new Copy(account, PEER, false, true)).orElseThrow();
    KeptId read = keptAs(account, new Copy(account, PEER, true, true)).orElseThrow();
    store.delivered(account, List.of(gone, read));
    assertThat(rows("arrival")).isEqualTo(4);
    Path copy = folder.resolve("copy.db");
    Files.createFile(copy); // as it would be found after a kill
    database.copyTo(copy);
    database.close();
    database = open(copy, LIMITS);
    store = new JdbcMessageStore(database, arrivals, random);
    assertThat(rows("arrival")).isZero();
    assertThat(archived(account)).containsExactly(id, read);
    assertThat(waitingIds(account)).containsExactly(id);
    long octets = message("hello").toXml().length();
    assertThat(kept(account)).isEqualTo(List.of(2 * octets, 1L, octets));
    assertThat(keptAs(account, new Copy(account, PEER, true, false)).orElseThrow())
        .isGreaterThan(read);
  }

  private List<KeptId> waitingIds(AccountId account) {
    return store.offline(account, Optional.empty(), 99).stream().map(OfflineMessage::id).toList();
  }

  @Test
  void whatIsDeliveredBeforeItIsFiledIsWrittenNowhereElse() {
    AccountId account = newAccount("account");
    KeptId gone = keptAs(account, new Copy(account, PEER, false, true)).orElseThrow();
    KeptId archived = keptAs(account, new Copy(account, PEER, true, true)).orElseThrow();
    KeptId waits = keptAs(account, new Copy(account, PEER, false, true)).orElseThrow();
    store.delivered(account, List.of(gone, archived));
    assertThat(rows("offline")).isZero();
    assertThat(waitingIds(account)).containsExactly(waits);
    assertThat(archived(account)).containsExactly(archived);
    assertThat(rows("offline")).isOne();
    store.delivered(account, List.of(waits));
    store.expire(NOW.plusSeconds(1), 9);
    assertThat(rows("offline") + rows("archive_run")).isZero();
    assertThat(kept(account)).isEqualTo(List.of(0L, 0L, 0L));
  }

  private List<Long> kept(AccountId account) {
    return ChatDatabase.counted(database, account).orElseThrow();
  }

  @Test
  void anIdIsNotUsedAgainAlthoughItsMessageWasNeverFiled() {
    AccountId account = newAccount("account");
    KeptId gone = keptAs(account, new Copy(account, PEER, false, true)).orElseThrow();
    store.delivered(account, List.of(gone));
    database.close();
    database = open(LIMITS);
    store = new JdbcMessageStore(database, arrivals, random);
    assertThat(keptAs(account, new Copy(account, PEER, false, true)).orElseThrow().micros())
        .isGreaterThan(gone.micros());
  }

  @Test
  void keepsNothingMoreForWhoIsDeletedMeanwhile() {
    AccountId account = newAccount("account");
    keep("before", new Copy(account, PEER, true, true));
    database.write(
        sql -> {
          Account known = AccountRows.account(sql, account).orElseThrow();
          AccountRows.update(sql, known.withStatus(AccountStatus.DELETED));
          return true;
        });
    assertThat(keptAs(account, new Copy(account, PEER, true, true))).isEmpty();
    assertThat(archived(account)).hasSize(1);
    store.forget(account);
    store.expire(NOW, 1); // what nobody keeps goes when it would be filed
    for (String table : List.of("arrival", "archive_run", "archive_peer", "offline", "history")) {
      assertThat(rows(table)).as(table).isZero();
    }
  }

  @Test
  void knowsNothingByHeartOfWhatWasUndone() {
    AccountId account = newAccount("account");
    keep("before", new Copy(account, PEER, true, true));
    failToKeep(new Copy(account, PEER.bare(), true, true));
    keep("after", new Copy(account, PEER.bare(), true, true));
    assertThat(archived(account)).hasSize(2);
    long octets = (long) message("before").toXml().length() + message("after").toXml().length();
    assertThat(kept(account)).isEqualTo(List.of(octets, 2L, octets));
  }

  @Test
  void filingMakesRoomWhoeverLooks() {
    AccountId account = newAccount("account");
    AccountId other = newAccount("other");
    Room two = new Room(9, 1L << 40, 2L * message("1").toXml().length());
    for (int i = 1; i <= 5; i++) {
      store.keep(
          message("" + i),
          List.of(new Copy(account, PEER, true, false), new Copy(other, PEER, true, false)),
          NOW,
          two);
    }
    assertThat(archived(other)).hasSize(2);
    assertThat(archived(account)).hasSize(2);
    store.keep(message("6"), List.of(new Copy(account, PEER, true, false)), NOW, two);
    assertThat(archived(account)).hasSize(2);
    assertThat(kept(account).getFirst()).isEqualTo(two.archivedOctets());
  }

  @Test
  void filingMakesRoomAlsoForWhoIsNotKnownByHeartAnyMore() {
    AccountId account = newAccount("account");
    keepMoreThanTwo(account);
    for (List<AccountId> some : List.of(many("a"), many("b"), many("c"), many("d"))) {
      store.keep(
          message("hello"),
          some.stream().map(it -> new Copy(it, PEER, true, false)).toList(),
          NOW,
          ROOM);
    }
    assertThat(archived(account)).hasSize(2);
  }

  /// More than a quarter of those that are known by heart.
  private List<AccountId> many(String prefix) {
    return database.write(
        sql -> {
          List<AccountId> ids = new ArrayList<>();
          for (int i = 0; i < 255; i++) {
            AccountId id = new AccountId(prefix + i);
            sql.update(
                "INSERT INTO account (id, localpart, domain, status, version, created)"
                    + " VALUES (?1, ?1, 'capulet.example', 'active', 0, ?2)",
                id.value(),
                NOW);
            ids.add(id);
          }
          return ids;
        });
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design",
      rule = "the order of ids is the order in which messages were kept; none is used again")
  void countsWhatWasNotFiledAlsoOfWhomItForgetsForSomebodyElseOfTheSameMessage() {
    AccountId account = newAccount("account");
    AccountId other = newAccount("other");
    database.close();
    database = open(folder.resolve("test.db"), LIMITS, new Arrivals(1));
    store = new JdbcMessageStore(database, arrivals, random);
    Room one = new Room(1, 1L << 40, 1L << 40);
    Copy copy = new Copy(account, PEER, true, true);
    store.keep(message("one"), List.of(copy), NOW, one);
    Kept second =
        store.keep(message("two"), List.of(new Copy(other, PEER, true, false), copy), NOW, one);
    assertThat(second.crowded()).containsExactly(account);
    assertThat(archived(account)).hasSize(2).doesNotHaveDuplicates();
  }

  private void keepMoreThanTwo(AccountId account) {
    Room two = new Room(9, 1L << 40, 2L * message("1").toXml().length());
    for (int i = 1; i <= 5; i++) {
      store.keep(message("" + i), List.of(new Copy(account, PEER, true, false)), NOW, two);
    }
  }

  @Test
  void filingMakesRoomAlsoWhenSomethingWasUndone() {
    AccountId account = newAccount("account");
    keepMoreThanTwo(account);
    assertThatThrownBy(
            () ->
                database.write(
                    _ -> {
                      throw new IllegalStateException("a bug");
                    }))
        .hasMessage("a bug");
    assertThat(archived(account)).hasSize(2);
  }

  @Test
  void filingMakesRoomAlsoWhenAnAccountWasChanged() {
    AccountId account = newAccount("account");
    AccountId other = newAccount("other");
    keepMoreThanTwo(account);
    database.write(
        sql -> {
          AccountRows.update(sql, AccountRows.account(sql, other).orElseThrow());
          return true;
        });
    keep("hello", new Copy(other, PEER, true, false));
    assertThat(archived(account)).hasSize(2);
  }

  @Test
  void keptMessagesAreThereWhenTheDatabaseIsOpenedAgain() {
    AccountId account = newAccount("account");
    keep("hello", new Copy(account, PEER, true, true));
    database.close();
    database = open(LIMITS);
    store = new JdbcMessageStore(database, arrivals, random);
    assertThat(store.offline(account, Optional.empty(), 9)).hasSize(1);
    assertThat(store.archivePage(account, ArchiveQuery.last(9)).toString()).contains("message");
  }
}

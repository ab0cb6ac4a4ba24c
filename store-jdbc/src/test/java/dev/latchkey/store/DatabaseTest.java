// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.testkit.Spec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DatabaseTest {
  private static final Limits LIMITS = new Limits(2, 16, 64, Duration.ofMillis(20), Duration.ZERO);

  @TempDir private Path folder;
  private final FakeCompanion companion = new FakeCompanion();
  private Database database;

  @BeforeEach
  void open() {
    database = open(LIMITS);
  }

  private Database open(Limits limits) {
    return Database.open(
        folder.resolve("test.db"),
        limits,
        List.of(companion),
        sql -> {
          sql.execute("CREATE TABLE IF NOT EXISTS number (n INTEGER PRIMARY KEY) STRICT");
          return true;
        });
  }

  @AfterEach
  void close() {
    database.close();
  }

  /// Does as it is told, once.
  private static final class FakeCompanion implements Database.Companion {
    volatile boolean waiting;
    volatile boolean failsBefore;
    volatile boolean failsAfter;
    volatile boolean breaks;
    final AtomicInteger undone = new AtomicInteger();
    final CountDownLatch lagged = new CountDownLatch(1);

    @Override
    public boolean isWaiting() {
      return waiting;
    }

    @Override
    public void write(Sql sql, boolean idle) throws SQLException {
      if (failsBefore) {
        failsBefore = false;
        throw new SQLException("before the work");
      }
      if (breaks) {
        breaks = false;
        throw new StackOverflowError("before the work");
      }
    }

    @Override
    public void undone() {
      undone.incrementAndGet();
    }

    @Override
    public void committed(Sql sql) throws IOException {
      if (failsAfter) {
        failsAfter = false;
        throw new IOException("after the commit");
      }
      if (waiting) {
        waiting = false;
        lagged.countDown();
      }
    }
  }

  private boolean insert(int n) {
    return database.write(sql -> sql.update("INSERT INTO number VALUES (?)", n) == 1);
  }

  private List<Long> numbers() {
    return database.read(sql -> sql.list("SELECT n FROM number ORDER BY n", r -> r.number("n")));
  }

  /// Holds the writer until everything else that is brought waits behind it.
  private List<Future<Boolean>> together(ExecutorService threads, List<Database.Work<Boolean>> all)
      throws InterruptedException {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    List<Future<Boolean>> results = new ArrayList<>();
    Future<Boolean> holder =
        threads.submit(
            () ->
                database.write(
                    _ -> {
                      begun.countDown();
                      return await(go);
                    }));
    assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
    long before = database.counters().writes();
    for (Database.Work<Boolean> work : all) {
      results.add(threads.submit(() -> database.write(work)));
    }
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (database.counters().writes() < before + all.size() && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    go.countDown();
    results.add(holder);
    return results;
  }

  private static boolean await(CountDownLatch latch) {
    try {
      return latch.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  @Test
  void writesWhatWaitsInFewTransactions() throws Exception {
    List<Database.Work<Boolean>> works = new ArrayList<>();
    for (int i = 0; i < 48; i++) {
      int n = i;
      works.add(sql -> sql.update("INSERT INTO number VALUES (?)", n) == 1);
    }
    long before = database.counters().transactions();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Boolean> result : together(threads, works)) {
        assertThat(result.get(30, TimeUnit.SECONDS)).isTrue();
      }
    }
    assertThat(numbers()).hasSize(48);
    // One for the holder, 3 groups of 16; a straggler may make one more.
    assertThat(database.counters().transactions() - before).isBetween(4L, 6L);
  }

  @Test
  void failsOnlyWhatCannotBeDone() throws Exception {
    List<Database.Work<Boolean>> works = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      int n = i;
      works.add(sql -> sql.update("INSERT INTO number VALUES (?)", n) == 1);
    }
    works.add(
        5,
        sql -> {
          sql.update("INSERT INTO number VALUES (1000)");
          throw new IllegalStateException("a bug");
        });
    works.add(
        6,
        sql -> {
          sql.update("INSERT INTO number VALUES (1001)");
          sql.update("INSERT INTO number VALUES (NULL, 'no such column')");
          return true;
        });
    works.add(
        7,
        sql -> {
          sql.update("INSERT INTO number VALUES (1002)");
          throw new StackOverflowError();
        });
    List<Throwable> failures = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Boolean> result : together(threads, works)) {
        try {
          assertThat(result.get(30, TimeUnit.SECONDS)).isTrue();
        } catch (ExecutionException failed) {
          failures.add(failed.getCause());
        }
      }
    }
    assertThat(failures)
        .hasExactlyElementsOfTypes(
            IllegalStateException.class, StoreException.class, StoreException.class);
    assertThat(numbers()).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
    // Once with all together, and once for each that fails.
    assertThat(companion.undone.get()).isEqualTo(4);
  }

  @Test
  void triesEachPieceAloneWhenTheTransactionBreaksBeforeItsCommit() throws Exception {
    List<Database.Work<Boolean>> works = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      int n = i;
      works.add(
          sql -> {
            return sql.update("INSERT INTO number VALUES (?)", n) == 1;
          });
    }
    works.addFirst(
        sql -> {
          // As SQLite does when the disk is full: with all together, and with a savepoint for each.
          int full = sql.list("SELECT n FROM number WHERE n >= 77", r -> r.number("n")).size();
          if (full < 2) {
            sql.execute("ROLLBACK");
            sql.update("INSERT INTO number VALUES (?)", 77 + full);
            throw new SQLException("the disk was full");
          }
          return true;
        });
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Boolean> result : together(threads, works)) {
        assertThat(result.get(30, TimeUnit.SECONDS)).isTrue();
      }
    }
    assertThat(numbers()).containsExactly(0L, 1L, 2L, 3L, 4L, 77L, 78L);
  }

  @Test
  void failsAndWritesNothingWhenTheTransactionCannotBegin() {
    companion.failsBefore = true;
    assertThatThrownBy(() -> insert(1)).isInstanceOf(StoreException.class);
    assertThat(numbers()).isEmpty();
    assertThat(insert(2)).isTrue();
  }

  @Test
  void whatBreaksEndsTheWorkNotTheWriter() throws Exception {
    companion.breaks = true;
    FutureTask<Boolean> first = new FutureTask<>(() -> insert(1));
    var _ = Thread.ofVirtual().start(first);
    assertThatThrownBy(() -> first.get(30, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(StoreException.class);
    assertThat(insert(2)).isTrue();
    assertThat(numbers()).containsExactly(2L);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 40",
      rule = "Nobody is answered before what was committed also stands in the log")
  void doesNotAnswerWhenWhatFollowsTheCommitFails() {
    companion.failsAfter = true;
    assertThatThrownBy(() -> insert(1)).isInstanceOf(StoreException.class);
    assertThat(insert(2)).isTrue();
  }

  @Test
  void writesWhatLagsByItself() throws Exception {
    companion.waiting = true;
    assertThat(companion.lagged.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void runsOnItsOwnPlatformThreadsOnly() throws Exception {
    Set<Thread> seen = ConcurrentHashMap.newKeySet();
    Database.Work<Boolean> work = _ -> seen.add(Thread.currentThread());
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 50; i++) {
        threads.submit(() -> database.write(work)).get(30, TimeUnit.SECONDS);
        threads.submit(() -> database.read(work)).get(30, TimeUnit.SECONDS);
      }
    }
    assertThat(seen).noneMatch(Thread::isVirtual).allMatch(t -> t.getName().startsWith("store-"));
  }

  @Test
  void readersCannotWrite() {
    assertThatThrownBy(() -> database.read(sql -> sql.update("INSERT INTO number VALUES (1)")))
        .isInstanceOf(StoreException.class);
    assertThat(insert(1)).isTrue();
    assertThat(numbers()).containsExactly(1L);
  }

  @Test
  void finishesWhatWaitsWhenItIsClosed() throws Exception {
    List<Database.Work<Boolean>> works = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      int n = i;
      works.add(sql -> sql.update("INSERT INTO number VALUES (?)", n) == 1);
    }
    int written = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> results = together(threads, works);
      database.close();
      for (Future<Boolean> result : results) {
        try {
          assertThat(result.get(30, TimeUnit.SECONDS)).isTrue();
          written++;
        } catch (ExecutionException refused) {
          assertThat(refused).hasRootCauseMessage("the store is closed");
        }
      }
    }
    assertThatThrownBy(() -> insert(1000)).isInstanceOf(StoreException.class);
    assertThatThrownBy(this::numbers).isInstanceOf(StoreException.class);
    assertThatThrownBy(database::rewrite).isInstanceOf(StoreException.class);
    database = open(LIMITS);
    assertThat(numbers()).hasSize(written - 1);
  }

  @Test
  void leavesOneWholeFileWhenItIsClosed() throws Exception {
    insert(1);
    numbers();
    database.close();
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(folder.resolve("test.db"));
    }
  }

  /// What stands in the files, whether or not it can be asked for.
  private boolean isInTheFiles(String text) throws IOException {
    boolean found = false;
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        found |= Files.readString(file, StandardCharsets.ISO_8859_1).contains(text);
      }
    }
    return found;
  }

  private void writeAndReplace(String gone, String stays) {
    List<String> statements =
        List.of(
            "CREATE TABLE IF NOT EXISTS said (text TEXT) STRICT",
            "INSERT INTO said VALUES ('%s')".formatted(gone),
            "UPDATE said SET text = '%s'".formatted(stays));
    for (String statement : statements) {
      boolean _ =
          database.write(
              sql -> {
                sql.execute(statement);
                return true;
              });
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "keys at rest",
      rule = "what was replaced is in no file after the database was written anew")
  void leavesNothingOfWhatWasReplacedWhenItIsRewritten() throws Exception {
    writeAndReplace("what is gone", "what stays");
    assertThat(isInTheFiles("what is gone")).isTrue();

    database.rewrite();

    assertThat(isInTheFiles("what is gone")).isFalse();
    assertThat(isInTheFiles("what stays")).isTrue();
    assertThat(insert(1)).isTrue();
    assertThat(numbers()).containsExactly(1L);
    assertThat(companion.undone).hasValue(0);
  }

  @Test
  void saysWhenItCannotBeRewrittenAndGoesOn() throws Exception {
    writeAndReplace("what is gone", "what stays");
    database.close();
    database =
        Database.open(
            folder.resolve("test.db"),
            LIMITS,
            List.of(companion),
            // Not at all instead of long.
            sql -> sql.list("PRAGMA busy_timeout = 0", _ -> true));
    assertThat(insert(1)).isTrue();
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("test.db"));
        Statement reader = connection.createStatement()) {
      reader.execute("BEGIN");
      assertThat(reader.executeQuery("SELECT * FROM number").next()).isTrue();
      assertThatThrownBy(database::rewrite)
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("test.db")
          .rootCause()
          .hasMessageContaining("reading it");
      assertThat(insert(2)).isTrue();
      reader.execute("COMMIT");
    }
    database.rewrite();
    assertThat(numbers()).containsExactly(1L, 2L);
    assertThat(isInTheFiles("what is gone")).isFalse();
  }

  @Test
  void closesTwice() {
    database.close();
    database.close();
  }

  @Test
  void tellsAnInterruptedCallerThatNothingWasBegun() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> insert(1)).hasMessageContaining("before the work was begun");
    assertThat(Thread.interrupted()).isTrue();
    assertThat(numbers()).isEmpty();
  }

  @Test
  void keepsItsFilesFromOthers() throws Exception {
    insert(1);
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        assertThat(Files.getPosixFilePermissions(file)).as("%s", file).hasSize(2);
      }
    }
  }

  @Test
  void refusesAFileThatIsNoDatabase() throws Exception {
    Path file = folder.resolve("other.db");
    Files.writeString(file, "certainly not a database, however long one looks at it".repeat(100));
    assertThatThrownBy(() -> Database.open(file, LIMITS, List.of(companion), _ -> true))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void refusesTheTablesOfANewerLatchkey() throws Exception {
    database.close();
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("test.db"));
        Statement statement = connection.createStatement()) {
      statement.execute(
          "INSERT INTO flyway_schema_history SELECT 99, '99', description, type, script,"
              + " checksum, installed_by, installed_on, execution_time, success"
              + " FROM flyway_schema_history WHERE version = '1'");
    }
    assertThatThrownBy(() -> open(LIMITS)).isInstanceOf(StoreException.class);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/// One SQLite database, its writer and its readers.
///
/// Native calls pin the carrier of a virtual thread, so they run only on the platform threads of
/// this class. The writer takes all work that waits, up to a bound, runs it in one transaction,
/// commits once, and only then answers. A piece that fails is undone alone. Thread-safe.
final class Database implements AutoCloseable {
  /// Work on a connection, run on one of the database's own threads.
  interface Work<T> {
    T run(Sql sql) throws SQLException;
  }

  /// What ends a piece of work.
  private interface End {
    void run(Sql sql) throws SQLException;
  }

  /// What belongs to every transaction of the writer; called on the writer's thread only.
  interface Companion {
    /// Whether something that may lag waits to be written.
    boolean isWaiting();

    /// Writes what may lag; called within the transaction, before its work.
    ///
    /// @param idle whether there is no other work
    void write(Sql sql, boolean idle) throws SQLException;

    /// Writes what the work of the transaction has left to it; called before its commit, and before
    /// work that may be undone alone counts as done.
    default void finish(Sql sql) throws SQLException {}

    /// A transaction has ended, whether or not anything of it was written; called before anybody is
    /// answered.
    default void ended() {}

    /// Makes durable elsewhere what the transaction did; called after its commit and before anybody
    /// is answered.
    void committed(Sql sql) throws SQLException, IOException;

    /// Something of what was done since the last commit is undone: what is known of the database
    /// from there may be wrong.
    void undone();
  }

  private static final Logger LOG = LoggerFactory.getLogger(Database.class);
  private static final Duration FOREVER = Duration.ofDays(1);

  private final Path file;
  private final ReentrantLock copies = new ReentrantLock();
  private final Limits limits;
  private final List<Companion> companions;
  private final LeftOut leftOut;
  private final Intake<Job<?>> writes;
  private final Intake<Job<?>> reads;
  private final Thread writer;
  private final List<Sql> reading;
  private final List<Thread> readers;
  private final LongAdder readCount = new LongAdder();
  private final LongAdder writeCount = new LongAdder();
  private final LongAdder transactionCount = new LongAdder();

  private Database(
      Path file,
      Limits limits,
      List<Companion> companions,
      LeftOut leftOut,
      Sql writing,
      List<Sql> reading) {
    this.file = file;
    this.limits = limits;
    this.companions = List.copyOf(companions);
    this.leftOut = leftOut;
    this.writes = new Intake<>(limits.queue());
    this.reads = new Intake<>(limits.queue());
    this.writer = Thread.ofPlatform().name("store-writer").unstarted(() -> write(writing));
    this.reading = List.copyOf(reading);
    this.readers = new ArrayList<>();
    for (Sql sql : reading) {
      readers.add(
          Thread.ofPlatform()
              .name("store-reader-" + readers.size())
              .daemon()
              .unstarted(() -> read(sql)));
    }
  }

  /// Makes the file if it is not there, brings its tables up to date, and starts the threads.
  ///
  /// @param preparation runs on the writer's connection first; the threads start only if it
  ///   succeeds
  /// @throws StoreException if the file is no database, or one of a newer Latchkey
  static Database open(Path file, Limits limits, List<Companion> companions, Work<?> preparation) {
    List<Sql> connections = new ArrayList<>();
    try {
      create(file);
      migrate(file);
      LeftOut leftOut = new LeftOut();
      Sql writing = connect(file, false, leftOut);
      connections.add(writing);
      preparation.run(writing);
      List<Sql> reading = new ArrayList<>();
      for (int i = 0; i < limits.readers(); i++) {
        Sql sql = connect(file, true, leftOut);
        connections.add(sql);
        reading.add(sql);
      }
      Database database = new Database(file, limits, companions, leftOut, writing, reading);
      database.writer.start();
      database.readers.forEach(Thread::start);
      connections.clear();
      return database;
    } catch (SQLException | FlywayException broken) {
      throw new StoreException("%s: cannot be opened as a database".formatted(file), broken);
    } catch (IOException broken) {
      throw new StoreException("%s: cannot be made".formatted(file), broken);
    } finally {
      connections.reversed().forEach(Database::close);
    }
  }

  private static void create(Path file) throws IOException {
    try {
      // SQLite gives the files beside it the mode of this one.
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } catch (FileAlreadyExistsException expected) {
      LOG.debug("{} is there", file);
    }
  }

  /// Whether the tables of a file are of a newer Latchkey than this one.
  ///
  /// @throws FlywayException if it holds no history of its tables
  static boolean isNewer(Path file) {
    return Arrays.stream(flyway(file).info().all())
        .anyMatch(migration -> migration.getState() == MigrationState.FUTURE_SUCCESS);
  }

  /// Brings the tables of a file up to date.
  static void migrate(Path file) {
    flyway(file).migrate();
  }

  private static Flyway flyway(Path file) {
    return Flyway.configure()
        .dataSource(source(file, false))
        .locations("classpath:dev/latchkey/store/migrations")
        // An older Latchkey must not work on tables it does not know.
        .ignoreMigrationPatterns(new String[0])
        .load();
  }

  private static SQLiteDataSource source(Path file, boolean readOnly) {
    SQLiteConfig config = new SQLiteConfig();
    config.setJournalMode(SQLiteConfig.JournalMode.WAL);
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    config.enforceForeignKeys(true);
    config.setBusyTimeout(10_000);
    config.setReadOnly(readOnly);
    config.setGetGeneratedKeys(false); // nobody asks, and it would cost every insert a statement
    SQLiteDataSource source = new SQLiteDataSource(config);
    source.setUrl("jdbc:sqlite:" + file);
    return source;
  }

  /// A connection for a while.
  static Sql connect(Path file, boolean readOnly) throws SQLException {
    return connect(file, readOnly, new LeftOut());
  }

  private static Sql connect(Path file, boolean readOnly, LeftOut leftOut) throws SQLException {
    Sql sql = new Sql(source(file, readOnly).getConnection(), leftOut);
    // What stands in the schema of a file that somebody else may have touched runs nothing.
    sql.execute("PRAGMA trusted_schema = OFF");
    sql.execute("PRAGMA cell_size_check = ON");
    // 16 MiB: what is written again and again goes home into the file less often. It answers, and
    // an answer that is left open would stand in the way of a copy.
    var _ = sql.first("PRAGMA wal_autocheckpoint = 4096", row -> row.number("wal_autocheckpoint"));
    if (!readOnly) {
      // 16 MiB: what a transaction of many rows touches must fit, or its pages are written twice.
      sql.execute("PRAGMA cache_size = -16384");
    }
    return sql;
  }

  private static void close(Sql sql) {
    try {
      sql.close();
    } catch (SQLException broken) {
      LOG.warn("a connection to the database does not close", broken);
    }
  }

  /// Runs work on one consistent view of the database that shows all that was answered before.
  <T> T read(Work<T> work) {
    readCount.increment();
    return await(reads, new Job<>(sql -> onOneView(sql, work), true));
  }

  /// Makes something of what a row held, outside of the threads that read rows.
  ///
  /// @return nothing if it cannot be read; then the row is left out as [Sql#each] does it
  <T> Optional<T> readable(Supplier<T> of) {
    try {
      return Optional.of(of.get());
    } catch (UnreadableRowException unreadable) {
      leftOut.add(unreadable);
      return Optional.empty();
    }
  }

  /// Runs work in the writer's next transaction; when it returns, the work's effects are durable.
  /// If the work throws, its effects are undone.
  <T> T write(Work<T> work) {
    writeCount.increment();
    return await(writes, new Job<>(work, false));
  }

  private static <T> T onOneView(Sql sql, Work<T> work) throws SQLException {
    sql.execute("BEGIN");
    try {
      return work.run(sql);
    } finally {
      sql.execute("COMMIT");
    }
  }

  /// Writes the file anew and empties the write-ahead log: what was removed or replaced before is
  /// in neither any more. Needs as much room again for a while, beside the file and where SQLite
  /// keeps what is temporary. Who writes waits meanwhile, who reads does not.
  ///
  /// @throws StoreException if it cannot be done; then nothing is lost, and it can be asked for
  ///   again
  void rewrite() {
    var _ = await(writes, new Job<>(this::rewritten, true));
  }

  private boolean rewritten(Sql sql) {
    try {
      sql.execute("VACUUM");
      // What was there before lies in the log and the file until all of the log is in the file.
      // SQLite waits for those that read, as long as for any lock.
      if (sql.list("PRAGMA wal_checkpoint(TRUNCATE)", row -> row.number("busy")).contains(1L)) {
        throw new SQLException("somebody has been reading it all the time");
      }
      return true;
    } catch (SQLException failed) {
      throw new StoreException("%s: could not be written anew".formatted(file), failed);
    }
  }

  /// @throws StoreException if it is closed
  void requireOpen() {
    writes.requireOpen();
  }

  /// How much was done.
  StoreCounters counters() {
    return new StoreCounters(
        readCount.sum(),
        reading.stream().mapToLong(Sql::rows).sum(),
        writeCount.sum(),
        transactionCount.sum());
  }

  private static <T> T await(Intake<Job<?>> intake, Job<T> job) {
    try {
      intake.put(job);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new StoreException("interrupted before the work was begun", interrupted);
    }
    try {
      // Not interruptible: once begun, the caller must learn how it ended.
      return job.result.join();
    } catch (CompletionException failed) {
      throw switch (failed.getCause()) {
        case RuntimeException known -> known;
        case Throwable broken -> new StoreException("the database failed", broken);
        case null -> new StoreException("the database failed", failed);
      };
    }
  }

  private void read(Sql sql) {
    try {
      while (!reads.isFinished()) {
        for (Job<?> job : reads.take(1, FOREVER)) {
          job.runAlone(sql);
        }
      }
    } catch (InterruptedException unexpected) {
      throw new IllegalStateException("nobody interrupts a reader", unexpected);
    } finally {
      close(sql);
    }
  }

  private void write(Sql sql) {
    try {
      while (!writes.isFinished()) {
        List<Job<?>> jobs = writes.gather(limits.group(), limits.lag(), limits.gathering());
        transact(sql, jobs.stream().filter(job -> !job.alone).toList());
        jobs.stream().filter(job -> job.alone).forEach(job -> job.runAlone(sql));
      }
      transact(sql, List.of());
    } catch (InterruptedException unexpected) {
      throw new IllegalStateException("nobody interrupts the writer", unexpected);
    } finally {
      close(sql);
    }
  }

  private void transact(Sql sql, List<Job<?>> jobs) {
    if (jobs.isEmpty() && companions.stream().noneMatch(Companion::isWaiting)) {
      return;
    }
    boolean committing = false;
    try {
      work(sql, jobs);
      committing = true;
      sql.execute("COMMIT");
      transactionCount.increment();
      companions.forEach(Companion::ended);
      for (Companion companion : companions) {
        companion.committed(sql);
      }
      jobs.forEach(Job::answer);
    } catch (SQLException | IOException | RuntimeException | Error broken) {
      rollBack(sql);
      companions.forEach(Companion::ended);
      if (committing || jobs.size() == 1) {
        LOG.error("a transaction failed", broken);
        jobs.forEach(job -> job.result.completeExceptionally(broken));
      } else {
        // The whole transaction broke before its commit: each piece of work gets one of its own,
        // so that only those fail that cannot be done.
        LOG.warn("a transaction failed; its {} pieces are tried alone", jobs.size(), broken);
        jobs.forEach(job -> transact(sql, List.of(job)));
      }
    }
  }

  /// Does all that belongs to a transaction but the commit. Nearly never a piece fails, so only
  /// when one did all are done again with a savepoint around each: it costs more than many a piece.
  private void work(Sql sql, List<Job<?>> jobs) throws SQLException {
    begin(sql, jobs.isEmpty());
    if (jobs.stream().allMatch(job -> job.succeeds(sql))) {
      finish(sql);
      return;
    }
    rollBack(sql);
    begin(sql, false);
    for (Job<?> job : jobs) {
      if (!job.runWithin(sql, this::finish)) {
        companions.forEach(Companion::undone);
      }
    }
  }

  private void begin(Sql sql, boolean idle) throws SQLException {
    sql.execute("BEGIN IMMEDIATE");
    for (Companion companion : companions) {
      companion.write(sql, idle);
    }
  }

  private void finish(Sql sql) throws SQLException {
    for (Companion companion : companions) {
      companion.finish(sql);
    }
  }

  private void rollBack(Sql sql) {
    companions.forEach(Companion::undone);
    try {
      sql.execute("ROLLBACK");
    } catch (SQLException none) {
      LOG.debug("there was nothing to roll back", none);
    }
  }

  /// Writes a copy of all that was answered before into an empty file, and makes it durable. What
  /// is free in the database, and with it what was deleted, is not in the copy. Nobody else waits
  /// for it; one copy is made at a time.
  ///
  /// @return how many octets it has
  long copyTo(Path target) {
    CompletableFuture<Long> result = new CompletableFuture<>();
    copies.lock();
    try {
      requireOpen();
      Thread copier =
          Thread.ofPlatform()
              .name("store-copier")
              .daemon()
              .start(
                  () -> {
                    try {
                      result.complete(copy(target));
                    } catch (SQLException | IOException | RuntimeException failed) {
                      result.completeExceptionally(failed);
                    }
                  });
      try {
        return result.join();
      } finally {
        join(copier);
      }
    } catch (CompletionException failed) {
      throw new StoreException(
          "%s: the copy could not be written: %s"
              .formatted(target, String.valueOf(failed.getCause())),
          failed);
    } finally {
      copies.unlock();
    }
  }

  private long copy(Path target) throws SQLException, IOException {
    try (Sql sql = connect(file, true)) {
      // One view of the database from its beginning to its end, whatever is written meanwhile.
      sql.update("VACUUM INTO ?", target.toString());
    }
    try (FileChannel copied = FileChannel.open(target, StandardOpenOption.WRITE)) {
      copied.force(true); // SQLite does not
      return copied.size();
    }
  }

  /// Takes no more work, finishes what was begun, writes what lags, and ends the threads.
  @Override
  public void close() {
    copies.lock(); // a copy that was begun is finished: it is somebody's backup
    try {
      closeThreads();
    } finally {
      copies.unlock();
    }
  }

  private void closeThreads() {
    // The writer's connection must be the last to close: that brings the write-ahead log home into
    // the file, and a reader may not.
    reads.close();
    readers.forEach(Database::join);
    writes.close();
    join(writer);
  }

  private static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException later) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /// One piece of work and who waits for it.
  private static final class Job<T> {
    private final Work<T> work;
    private final boolean alone;
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private Runnable answer = () -> {};

    /// @param alone whether it is no part of a transaction of the writer
    Job(Work<T> work, boolean alone) {
      this.work = work;
      this.alone = alone;
    }

    void runAlone(Sql sql) {
      try {
        result.complete(work.run(sql));
      } catch (SQLException | RuntimeException | Error failed) {
        result.completeExceptionally(failed);
      }
    }

    /// Runs it and tells whether it could be done; if not, the transaction must be undone.
    boolean succeeds(Sql sql) {
      try {
        T value = work.run(sql);
        answer = () -> result.complete(value);
        return true;
      } catch (SQLException | RuntimeException | Error _) {
        return false; // it is asked again, and then answered
      }
    }

    /// Runs it so that its effects are undone alone if it fails.
    ///
    /// @param end runs behind it, and is undone with it
    /// @return whether it did not fail
    /// @throws SQLException if the transaction as a whole is broken
    boolean runWithin(Sql sql, End end) throws SQLException {
      sql.execute("SAVEPOINT work");
      boolean done = false;
      try {
        T value = work.run(sql);
        end.run(sql);
        answer = () -> result.complete(value);
        done = true;
      } catch (SQLException | RuntimeException | Error failed) {
        sql.execute("ROLLBACK TO work");
        answer = () -> result.completeExceptionally(failed);
      }
      sql.execute("RELEASE work");
      return done;
    }

    void answer() {
      answer.run();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.credential.AesGcmSealer;
import dev.latchkey.credential.Sealer;
import dev.latchkey.credential.Waypoint;
import dev.latchkey.credential.Waypoints;
import dev.latchkey.store.folder.DataFolder;
import dev.latchkey.store.folder.MasterKeyFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.flywaydb.core.api.FlywayException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts a backup in the place of the database while no server runs (rule 40).
///
/// A copy of the backup is checked beside the database, what is dead is killed in it, and only then
/// it takes the database's place, at once: a crash leaves the one or the other, and never one in
/// which something lives that was revoked. Native code runs on the caller's thread, which must be a
/// platform thread. Not thread-safe.
public final class Restoration {
  private static final Logger LOG = LoggerFactory.getLogger(Restoration.class);
  private static final String MAGIC = "SQLite format 3\0";
  private static final int HEADER = 100;
  private static final int LARGEST_PAGE = 65_536;
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private final DataFolder folder;
  private final RandomGenerator random;
  private final InstantSource clock;
  private final Waypoints waypoints;

  /// @param folder where to; locked by the caller until it is done
  /// @param random a source of secrets
  /// @param clock tells when
  /// @param waypoints where tests step in
  public Restoration(
      DataFolder folder, RandomGenerator random, InstantSource clock, Waypoints waypoints) {
    this.folder = folder;
    this.random = random;
    this.clock = clock;
    this.waypoints = waypoints;
  }

  /// What was done.
  ///
  /// @param kept where the database is that was there before
  /// @param report what was done to the copy, so that nothing revoked lives again
  public record Done(Optional<Path> kept, RestoreReport report) {}

  /// Puts a backup in place.
  ///
  /// @throws BackupException if it is refused; then nothing was changed
  /// @throws StoreException if the backup is in place, but could not be opened
  public Done putBack(Path backup) {
    requireFiles(backup);
    Sealer sealer = new AesGcmSealer(MasterKeyFile.open(folder.masterKeyFile(), random), random);
    Optional<Path> kept;
    RestoreReport report;
    try {
      Path copy = folder.unfinishedDatabase();
      try {
        copy(backup, copy);
        report = prepare(backup, copy, sealer);
        waypoints.reached(Waypoint.BACKUP_CHECKED);
        kept = keep();
        for (String part : List.of("-wal", "-shm")) {
          Files.deleteIfExists(beside(folder.database(), part));
        }
        waypoints.reached(Waypoint.BEFORE_BACKUP_IN_PLACE);
        Files.move(copy, folder.database(), StandardCopyOption.ATOMIC_MOVE);
        Backup.sync(folder.path());
        waypoints.reached(Waypoint.BACKUP_IN_PLACE);
      } finally {
        for (String part : List.of("", "-wal", "-shm", "-journal")) {
          Files.deleteIfExists(beside(copy, part));
        }
      }
    } catch (IOException broken) {
      throw new BackupException(
          "\"%s\" cannot be put in place: %s".formatted(backup, broken), broken);
    }
    JdbcCredentialStore.open(folder, sealer).close(); // writes into the log what died in the copy
    return new Done(kept, report);
  }

  private void requireFiles(Path backup) {
    if (!Backup.isThere(backup)) {
      throw new BackupException("there is no file \"%s\".".formatted(backup));
    }
    if (!Files.isRegularFile(backup, LinkOption.NOFOLLOW_LINKS)) {
      throw new BackupException(
          "\"%s\" is a link or no file: name the backup itself.".formatted(backup));
    }
    if (backup.toAbsolutePath().normalize().equals(folder.database())) {
      throw new BackupException(
          "\"%s\" is the database itself, not a backup of it.".formatted(backup));
    }
    if (Files.isSymbolicLink(folder.database())) {
      throw new BackupException(
          "\"%s\" is a link, which would be lost: put the database itself there first."
              .formatted(folder.database()));
    }
    if (!Backup.isThere(folder.masterKeyFile())) {
      throw new BackupException(
          "there is no \"%s\": put back the master key that the backup was made with; without it nothing that was sealed opens."
              .formatted(folder.masterKeyFile()));
    }
    if (!Backup.isThere(folder.revocationLog())) {
      throw new BackupException(
          "there is no \"%s\": without it devices that were revoked since the backup would return. Put it back. If it is lost for good, make an empty file of that name (mode 600), and revoke again what was revoked since."
              .formatted(folder.revocationLog()));
    }
  }

  private static void copy(Path backup, Path copy) throws IOException {
    try (FileChannel from =
            FileChannel.open(backup, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        FileChannel to = FileChannel.open(copy, StandardOpenOption.WRITE)) {
      long size = from.size();
      for (long at = 0; at < size; ) {
        long moved = from.transferTo(at, size - at, to);
        if (moved <= 0) {
          throw new EOFException("it became shorter while it was read");
        }
        at += moved;
      }
    }
  }

  /// Checks the copy, and kills in it what died after it was made.
  private RestoreReport prepare(Path backup, Path copy, Sealer sealer) throws IOException {
    RestoreReport report;
    checkHeader(backup, copy);
    try {
      try (Sql sql = Database.connect(copy, false)) {
        checkTables(backup, sql);
      }
      if (Database.isNewer(copy)) {
        throw new BackupException(
            "\"%s\" was made by a newer Latchkey than this one: restore it with that one."
                .formatted(backup));
      }
      try (Sql sql = Database.connect(copy, false)) {
        checkBelongs(backup, sql, sealer);
      }
      Database.migrate(copy);
      report = replay(copy, sealer);
    } catch (SQLException | FlywayException damaged) {
      throw new BackupException("\"%s\" is damaged: %s".formatted(backup, damaged), damaged);
    }
    try (FileChannel written = FileChannel.open(copy, StandardOpenOption.WRITE)) {
      written.force(true);
    }
    return report;
  }

  private RestoreReport replay(Path copy, Sealer sealer) throws SQLException, IOException {
    try (RevocationLog log = RevocationLog.open(folder.revocationLog());
        Sql sql = Database.connect(copy, false)) {
      sql.execute("BEGIN IMMEDIATE");
      RestoreReport report = new Replay(sql, new CredentialRows(sealer), clock.instant()).run(log);
      sql.execute("COMMIT");
      return report;
    }
  }

  /// SQLite itself would take an empty file for an empty database.
  private static void checkHeader(Path backup, Path copy) throws IOException {
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    long size;
    try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.READ)) {
      size = channel.size();
      while (header.hasRemaining() && channel.read(header) >= 0) {
        // until it is full or the file ends
      }
    }
    byte[] octets = header.array();
    if (header.hasRemaining()
        || !new String(octets, 0, MAGIC.length(), StandardCharsets.ISO_8859_1).equals(MAGIC)) {
      throw new BackupException(
          "\"%s\" is no database%s.".formatted(backup, size == 0 ? ": it is empty" : ""));
    }
    // File format of SQLite §1.3: page size (1 stands for 65536) and how many pages there are.
    int page = Short.toUnsignedInt(header.getShort(16));
    long whole = (page == 1 ? LARGEST_PAGE : page) * Integer.toUnsignedLong(header.getInt(28));
    if (size < whole) {
      throw new BackupException(
          "\"%s\" is truncated: it has %d octets of %d.".formatted(backup, size, whole));
    }
  }

  private static void checkTables(Path backup, Sql sql) throws SQLException {
    String answer = sql.list("PRAGMA quick_check(1)", row -> row.text("quick_check")).getFirst();
    if (!answer.equals("ok")) {
      throw new BackupException("\"%s\" is damaged: %s".formatted(backup, answer));
    }
    List<String> tables =
        sql.list(
            """
            SELECT name FROM sqlite_master WHERE type = 'table'
              AND name IN ('flyway_schema_history', 'account', 'server_secret', 'revocation_log')
            """,
            row -> row.text("name"));
    if (tables.size() < 4) {
      throw new BackupException("\"%s\" is a database, but none of Latchkey's.".formatted(backup));
    }
  }

  private void checkBelongs(Path backup, Sql sql, Sealer sealer) throws SQLException, IOException {
    if (!JdbcCredentialStore.isSealedBy(sql, sealer)) {
      throw new BackupException(
          "\"%s\" was made with another master key than \"%s\": it is of another folder, or the key is not the one that belongs to it."
              .formatted(backup, folder.masterKeyFile()));
    }
    try (RevocationLog log = RevocationLog.open(folder.revocationLog())) {
      Optional<Integer> line = JdbcCredentialStore.differingLine(sql, log);
      if (line.isPresent()) {
        throw new BackupException(
            "%s:%d tells of another revocation than \"%s\": they do not belong together."
                .formatted(folder.revocationLog(), line.get(), backup));
      }
    }
  }

  /// Keeps the database that is there under another name, with what is not yet in its file.
  private Optional<Path> keep() throws IOException {
    Path database = folder.database();
    if (Files.notExists(database)) {
      return Optional.empty();
    }
    if (Files.exists(beside(database, "-wal"))) {
      try (Sql sql = Database.connect(database, false)) {
        sql.list("PRAGMA wal_checkpoint(TRUNCATE)", _ -> true);
      } catch (SQLException damaged) {
        LOG.warn("{} cannot be opened; it is kept as it is", database, damaged);
      }
    }
    String name = ".before-restore-" + STAMP.format(clock.instant());
    Path kept = beside(database, name);
    for (int more = 2; Files.exists(kept, LinkOption.NOFOLLOW_LINKS); more++) {
      kept = beside(database, name + "-" + more); // of a restore that was interrupted just now
    }
    for (String part : List.of("", "-wal")) {
      if (Files.exists(beside(database, part))) {
        link(beside(database, part), beside(kept, part));
      }
    }
    Backup.sync(folder.path());
    return Optional.of(kept);
  }

  private static void link(Path from, Path to) throws IOException {
    try {
      Files.createLink(to, from);
    } catch (UnsupportedOperationException noLinksHere) {
      LOG.debug("no links on this file system", noLinksHere);
      Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
    }
  }

  private static Path beside(Path file, String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }
}

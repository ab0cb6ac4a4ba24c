// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.chat.AccountDirectory;
import dev.latchkey.chat.blocking.BlockStore;
import dev.latchkey.chat.eventing.NodeStore;
import dev.latchkey.chat.history.MessageStore;
import dev.latchkey.chat.roster.RosterStore;
import dev.latchkey.chat.storage.PrivateStore;
import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CertificateHolder;
import dev.latchkey.credential.Commit;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialChange;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialStore;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Event;
import dev.latchkey.credential.SealException;
import dev.latchkey.credential.Sealer;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Verifier;
import dev.latchkey.store.folder.DataFolder;
import dev.latchkey.xmpp.session.HibernationStore;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/// The credential store over SQLite, with the revocation log beside it (rule 40).
///
/// Thread-safe. Callers wait for the disk, but no native code runs on their threads. What SCRAM
/// keeps is sealed with the master key; everything else that is a secret is not here at all.
public final class JdbcCredentialStore implements CredentialStore, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JdbcCredentialStore.class);
  private static final String KEY_CHECK = "master-key-check";
  private static final Secret KEY_CHECKED = Secret.ofText("latchkey");

  private final Database database;
  private final Bookkeeping bookkeeping;
  private final Arrivals arrivals;
  private final CredentialRows credentials;
  private final Sealer sealer;
  private final SealedRows sealed;

  private JdbcCredentialStore(
      Database database,
      Bookkeeping bookkeeping,
      Arrivals arrivals,
      CredentialRows credentials,
      Sealer sealer) {
    this.database = database;
    this.bookkeeping = bookkeeping;
    this.arrivals = arrivals;
    this.credentials = credentials;
    this.sealer = sealer;
    this.sealed = new SealedRows(database, sealer);
  }

  /// Opens the database of a data folder, or makes it.
  ///
  /// @param folder where it is; stays locked by the caller while the store is open
  /// @param sealer seals under the master key of the folder
  /// @throws RestoredDatabaseException if the database is older than the revocation log
  /// @throws StoreException if a file is damaged, of a newer Latchkey, or the master key is not the
  ///   one it was made with
  public static JdbcCredentialStore open(DataFolder folder, Sealer sealer) {
    return open(folder, sealer, Limits.USUAL);
  }

  static JdbcCredentialStore open(DataFolder folder, Sealer sealer, Limits limits) {
    return open(
        folder,
        sealer,
        limits,
        (sql, log, _) -> {
          throw new RestoredDatabaseException(
              ("%s is older than %s: it ends at revocation %d, the log at %d. If you put back a"
                      + " backup, use `latchkey restore FILE`, or start once with"
                      + " `serve --after-restore`; then nothing that was revoked comes back.")
                  .formatted(
                      folder.database(),
                      folder.revocationLog(),
                      AccountRows.lastRevocation(sql),
                      log.lastSeq()));
        });
  }

  /// A store and what was done to its database.
  ///
  /// @param store open
  /// @param report what was done; nothing if the database was no older copy
  public record Restored(JdbcCredentialStore store, RestoreReport report) {}

  /// Opens a database that may be an older copy: what the revocation log knows and the copy does
  /// not is revoked again, and all codes that are open in it die (rule 40).
  ///
  /// @param clock tells when, for the accounts' histories
  /// @throws StoreException as [#open]
  public static Restored openAfterRestore(DataFolder folder, Sealer sealer, InstantSource clock) {
    AtomicReference<RestoreReport> report = new AtomicReference<>(RestoreReport.NOTHING);
    JdbcCredentialStore store =
        open(
            folder,
            sealer,
            Limits.USUAL,
            (sql, log, credentials) ->
                report.set(new Replay(sql, credentials, clock.instant()).run(log)));
    return new Restored(store, report.get());
  }

  /// What to do with a database that is older than its log.
  private interface OlderCopy {
    void met(Sql sql, RevocationLog log, CredentialRows credentials) throws SQLException;
  }

  private static JdbcCredentialStore open(
      DataFolder folder, Sealer sealer, Limits limits, OlderCopy olderCopy) {
    CredentialRows credentials = new CredentialRows(sealer);
    RevocationLog log;
    try {
      log = RevocationLog.open(folder.revocationLog());
    } catch (IOException broken) {
      throw new StoreException(
          "%s: cannot be read or written".formatted(folder.revocationLog()), broken);
    }
    boolean opened = false;
    try {
      Bookkeeping bookkeeping = new Bookkeeping(log);
      Arrivals arrivals = new Arrivals();
      Database database =
          Database.open(
              folder.database(),
              limits,
              List.of(bookkeeping, arrivals),
              sql -> {
                sql.execute("BEGIN IMMEDIATE");
                checkMasterKey(sql, sealer, folder);
                checkLog(sql, log, folder);
                if (log.lastSeq() > AccountRows.lastRevocation(sql)) {
                  olderCopy.met(sql, log, credentials);
                }
                arrivals.file(sql);
                sql.execute("COMMIT");
                bookkeeping.catchUp(sql);
                return true;
              });
      opened = true;
      return new JdbcCredentialStore(database, bookkeeping, arrivals, credentials, sealer);
    } finally {
      if (!opened) {
        close(log);
      }
    }
  }

  private static void close(RevocationLog log) {
    try {
      log.close();
    } catch (IOException broken) {
      LOG.warn("the revocation log does not close", broken);
    }
  }

  private static void checkMasterKey(Sql sql, Sealer sealer, DataFolder folder)
      throws SQLException {
    Optional<Secret> checked;
    try {
      checked = serverSecret(sql, sealer, KEY_CHECK);
    } catch (SealException refused) {
      throw new StoreException(
          "%s was made with another master key: put back the %s that belongs to it"
              .formatted(folder.database(), folder.masterKeyFile()),
          refused);
    }
    if (checked.isEmpty()) {
      putServerSecret(sql, sealer, KEY_CHECK, KEY_CHECKED);
    }
  }

  /// Whether a database was made with one of these master keys.
  static boolean isSealedBy(Sql sql, Sealer sealer) throws SQLException {
    try {
      return serverSecret(sql, sealer, KEY_CHECK).isPresent();
    } catch (SealException refused) {
      return false;
    }
  }

  /// As far as both go, database and log must tell the same.
  private static void checkLog(Sql sql, RevocationLog log, DataFolder folder) throws SQLException {
    Optional<Integer> line = differingLine(sql, log);
    if (line.isPresent()) {
      throw new StoreException(
          "%s:%d tells of another revocation than %s: they do not belong together"
              .formatted(folder.revocationLog(), line.get(), folder.database()));
    }
  }

  /// The first line of the log that tells of another revocation than the database.
  static Optional<Integer> differingLine(Sql sql, RevocationLog log) throws SQLException {
    List<Revocation> rows = AccountRows.revocationsAfter(sql, 0);
    for (int i = 0; i < Math.min(rows.size(), log.found().size()); i++) {
      if (!rows.get(i).equals(log.found().get(i))) {
        return Optional.of(i + 1);
      }
    }
    return Optional.empty();
  }

  /// Which accounts there are to chat with.
  public AccountDirectory directory() {
    return new JdbcAccountDirectory(database);
  }

  /// The contacts, in the same database.
  public RosterStore rosters() {
    return new JdbcRosterStore(database);
  }

  /// The block lists, in the same database.
  public BlockStore blocks() {
    return new JdbcBlockStore(database);
  }

  /// The messages, in the same database.
  ///
  /// @param random draws what nobody may guess of a message's id
  public MessageStore messages(RandomGenerator random) {
    return new JdbcMessageStore(database, arrivals, random);
  }

  /// Personal eventing, in the same database.
  public NodeStore nodes() {
    return new JdbcNodeStore(database);
  }

  /// Sessions that sleep while the server is stopped, in the same database.
  public HibernationStore hibernation() {
    return new JdbcHibernationStore(database);
  }

  /// What clients keep for themselves, in the same database.
  public PrivateStore privates() {
    return new JdbcPrivateStore(database);
  }

  /// What goes with each transaction: times that lag, what is remembered, and the log.
  private static final class Bookkeeping implements Database.Companion {
    final Touches touches = new Touches();
    final Snapshots snapshots = new Snapshots();
    final RevocationLog log;

    // Of the transaction that is being written; the writer's own.
    private final Set<AccountId> changed = new HashSet<>();
    private final Set<Bytes> listed = new HashSet<>();

    /// How often the writer had appended to its table when all of it was in the log.
    private long logged = -1;

    Bookkeeping(RevocationLog log) {
      this.log = log;
    }

    @Override
    public boolean isWaiting() {
      return touches.isWaiting();
    }

    @Override
    public void write(Sql sql, boolean idle) throws SQLException {
      for (Map.Entry<DeviceId, Instant> touch : touches.begin().entrySet()) {
        AccountRows.touch(sql, touch.getKey(), touch.getValue());
      }
    }

    /// An account is not any more what was read of it.
    void changed(AccountId account) {
      changed.add(account);
    }

    /// A certificate is listed.
    void listed(Bytes fingerprint) {
      listed.add(fingerprint);
    }

    @Override
    public void ended() {
      snapshots.forget(changed, listed);
      changed.clear();
      listed.clear();
    }

    @Override
    public void committed(Sql sql) throws SQLException, IOException {
      touches.written();
      // Rule 40: after the commit, so that the log is never ahead of its own database, and before
      // anybody is answered. Also what an earlier try could not write.
      long updates = sql.updatesOf(AccountRows.APPEND_REVOCATION);
      if (updates != logged) {
        log.append(AccountRows.revocationsAfter(sql, log.lastSeq()));
        logged = updates;
      }
    }

    @Override
    public void undone() {
      // What was not written is still held, and what may not have been logged is looked for again.
    }

    void catchUp(Sql sql) throws SQLException {
      try {
        log.append(AccountRows.revocationsAfter(sql, log.lastSeq()));
      } catch (IOException broken) {
        throw new StoreException("the revocation log cannot be written", broken);
      }
    }
  }

  @Override
  public Optional<AccountSnapshot> find(AccountJid account) {
    return find(
        sql -> {
          Optional<Account> found = AccountRows.account(sql, account);
          if (found.isEmpty()) {
            readStandIn(sql, account);
          }
          return found;
        });
  }

  /// Reads all of somebody else, always the same for one name, and throws it away: what a stranger
  /// asks for in vain takes as long to read as what somebody has (rule 15).
  private void readStandIn(Sql sql, AccountJid nobody) throws SQLException {
    Optional<AccountId> other = AccountRows.standIn(sql, nobody);
    if (other.isPresent()) {
      var _ = AccountRows.devices(sql, other.get());
      var _ = credentials.of(sql, other.get());
    }
  }

  @Override
  public Optional<AccountSnapshot> find(AccountId account) {
    return find(sql -> AccountRows.account(sql, account));
  }

  private Optional<AccountSnapshot> find(Database.Work<Optional<Account>> account) {
    long moment = bookkeeping.snapshots.moment();
    Touches.View held = bookkeeping.touches.view();
    Optional<AccountSnapshot> read = database.read(sql -> snapshot(sql, account.run(sql), held));
    read.ifPresent(it -> bookkeeping.snapshots.remember(it, moment, bookkeeping.touches));
    return read;
  }

  @Override
  public Optional<AccountSnapshot> remembered(AccountJid account) {
    return bookkeeping.snapshots.at(account);
  }

  private Optional<AccountSnapshot> snapshot(Sql sql, Optional<Account> account, Touches.View held)
      throws SQLException {
    if (account.isEmpty()) {
      return Optional.empty();
    }
    AccountId id = account.get().id();
    return Optional.of(
        new AccountSnapshot(
            account.get(),
            AccountRows.devices(sql, id).stream().map(held::on).toList(),
            credentials.of(sql, id)));
  }

  /// Without the disk where it is remembered: who asks has shown that he holds the key, so nobody
  /// learns by the time it takes what he does not know.
  @Override
  public List<CertificateHolder> holdersOf(Bytes fingerprint) {
    return bookkeeping.snapshots.holdersOf(fingerprint).orElseGet(() -> readHolders(fingerprint));
  }

  private List<CertificateHolder> readHolders(Bytes fingerprint) {
    long moment = bookkeeping.snapshots.moment();
    Touches.View held = bookkeeping.touches.view();
    List<CertificateHolder> read =
        database.read(
            sql -> {
              List<CertificateHolder> holders = new ArrayList<>();
              for (CredentialRows.Listing listing : credentials.listings(sql, fingerprint)) {
                AccountSnapshot snapshot =
                    snapshot(sql, AccountRows.account(sql, listing.account()), held).orElseThrow();
                holders.add(
                    CertificateHolder.of(
                        snapshot, snapshot.credential(listing.credential()).orElseThrow()));
              }
              return List.copyOf(holders);
            });
    bookkeeping.snapshots.remember(fingerprint, read, moment, bookkeeping.touches);
    return read;
  }

  @Override
  public List<Account> accounts() {
    return database.read(AccountRows::accounts).stream()
        .sorted(Comparator.comparing(account -> account.jid().toString()))
        .toList();
  }

  @Override
  public List<Event> events(AccountId account, long after, int limit) {
    return database.read(sql -> AccountRows.events(sql, account, after, limit));
  }

  @Override
  public Commit commit(List<CredentialChange> changes) {
    List<CredentialChange> all = List.copyOf(changes);
    try {
      if (areLazy(all)) {
        lazily(all);
      } else {
        database.write(
            sql -> {
              new Writing(sql).apply(all);
              return true;
            });
      }
      return new Commit.Committed();
    } catch (LostException lost) {
      return new Commit.Lost(lost.which);
    }
  }

  @Override
  public int removeExpired(Instant before, int limit) {
    // Nearly always there is none, and the writer need not be asked.
    return database.read(sql -> CredentialRows.expired(sql, before, 1)).isEmpty()
        ? 0
        : database.write(
            sql -> {
              List<CredentialRows.Listing> expired = CredentialRows.expired(sql, before, limit);
              for (CredentialRows.Listing each : expired) {
                CredentialRows.remove(sql, each.account(), each.credential());
              }
              for (AccountId account :
                  expired.stream()
                      .map(CredentialRows.Listing::account)
                      .collect(Collectors.toUnmodifiableSet())) {
                AccountRows.raiseVersion(sql, account);
                bookkeeping.changed(account);
              }
              return expired.size();
            });
  }

  /// What may lag needs no flush of its own: its preconditions are read, and it is held.
  private void lazily(List<CredentialChange> changes) {
    List<CredentialChange> conditions = new ArrayList<>(changes);
    conditions.removeIf(CredentialChange.Touch.class::isInstance);
    if (conditions.isEmpty()) {
      database.requireOpen();
    } else {
      database.read(
          sql -> {
            for (CredentialChange condition : conditions) {
              requireHolds(sql, condition);
            }
            return true;
          });
    }
    for (CredentialChange change : changes) {
      if (change
          instanceof CredentialChange.Touch(AccountId account, DeviceId device, Instant at)) {
        bookkeeping.snapshots.touch(account, device, at, () -> bookkeeping.touches.add(device, at));
      }
    }
  }

  /// Whether none of them needs a flush of its own.
  private static boolean areLazy(List<CredentialChange> changes) {
    for (CredentialChange change : changes) {
      if (isDurable(change)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isDurable(CredentialChange change) {
    return switch (change) {
      case CredentialChange.RequireVersion _,
          CredentialChange.RequireDevice _,
          CredentialChange.Touch _ ->
          false;
      case CredentialChange.PutAccount _,
          CredentialChange.PutDevice _,
          CredentialChange.PutCredential _,
          CredentialChange.RemoveCredential _,
          CredentialChange.Append _,
          CredentialChange.Withdraw _ ->
          true;
    };
  }

  private static void requireHolds(Sql sql, CredentialChange change) throws SQLException {
    boolean holds =
        switch (change) {
          case CredentialChange.RequireVersion(AccountId account, long version) ->
              sql.first(
                      "SELECT 1 FROM account WHERE id = ? AND version = ?",
                      _ -> true,
                      account.value(),
                      version)
                  .isPresent();
          case CredentialChange.RequireDevice(DeviceId device, long generation) ->
              sql.first(
                      """
                      SELECT 1 FROM device d JOIN account a ON a.id = d.account
                      WHERE d.id = ? AND d.generation = ?
                        AND d.status = 'active' AND a.status = 'active'
                      """,
                      _ -> true,
                      device.value(),
                      generation)
                  .isPresent();
          default -> true;
        };
    if (!holds) {
      throw new LostException(change);
    }
  }

  /// One commit on its way into the database; on the writer's thread.
  private final class Writing {
    private final Sql sql;
    private final Set<AccountId> guarded = new HashSet<>();
    private final Set<AccountId> changed = new HashSet<>();

    Writing(Sql sql) {
      this.sql = sql;
    }

    void apply(List<CredentialChange> changes) throws SQLException {
      try {
        for (CredentialChange change : changes) {
          apply(change);
        }
        for (AccountId account : changed) {
          AccountRows.raiseVersion(sql, account);
          bookkeeping.changed(account);
        }
      } catch (SQLiteException refused) {
        if ((refused.getResultCode().code & 0xff) == SQLiteErrorCode.SQLITE_CONSTRAINT.code) {
          throw new IllegalArgumentException(
              "a change names an account or a device that is not there", refused);
        }
        throw refused;
      }
    }

    private void apply(CredentialChange change) throws SQLException {
      requireHolds(sql, change);
      switch (change) {
        case CredentialChange.RequireVersion required -> guarded.add(required.account());
        case CredentialChange.RequireDevice _ -> {}
        case CredentialChange.PutAccount put -> put(put);
        case CredentialChange.PutDevice(Device device) -> {
          guard(device.account());
          AccountRows.put(sql, device);
        }
        case CredentialChange.PutCredential(Credential credential) -> {
          guard(credential.account());
          credentials.put(sql, credential);
          if (credential.verifier() instanceof Verifier.Certificate certificate) {
            bookkeeping.listed(certificate.fingerprint());
          }
        }
        case CredentialChange.RemoveCredential(AccountId account, CredentialId token) -> {
          guard(account);
          CredentialRows.remove(sql, account, token);
        }
        case CredentialChange.Touch(AccountId account, DeviceId device, Instant at) -> {
          AccountRows.touch(sql, device, at);
          bookkeeping.changed(account);
        }
        case CredentialChange.Append(Event event) -> AccountRows.append(sql, event);
        case CredentialChange.Withdraw withdraw -> AccountRows.append(sql, withdraw.withdrawal());
      }
    }

    private void put(CredentialChange.PutAccount put) throws SQLException {
      Account account = put.account();
      boolean isNew = AccountRows.account(sql, account.id()).isEmpty();
      if (isNew) {
        guarded.add(account.id());
      }
      guard(account.id());
      if (account.status() != AccountStatus.DELETED
          && AccountRows.account(sql, account.jid())
              .filter(other -> !other.id().equals(account.id()))
              .isPresent()) {
        throw new LostException(put);
      }
      if (isNew) {
        AccountRows.insert(sql, account);
      } else {
        AccountRows.update(sql, account);
      }
    }

    private void guard(AccountId account) {
      if (!guarded.contains(account)) {
        throw new IllegalArgumentException(
            "a change of account " + account + " without its version");
      }
      changed.add(account);
    }
  }

  /// A precondition does not hold: undoes the commit.
  private static final class LostException extends RuntimeException {
    private final transient CredentialChange which;

    LostException(CredentialChange which) {
      super("lost", null, false, false);
      this.which = which;
    }
  }

  /// A secret of the server itself, such as the key that salts are made of (rule 15): drawn and
  /// sealed when first asked for, the same ever after.
  ///
  /// @param name which
  /// @param length how many octets
  /// @param random a source of secrets
  /// @throws IllegalArgumentException if it is there with another length
  public Secret serverSecret(String name, int length, RandomGenerator random) {
    Secret secret =
        database
            .read(sql -> serverSecret(sql, sealer, name))
            .orElseGet(
                () ->
                    database.write(
                        sql -> {
                          Optional<Secret> meanwhile = serverSecret(sql, sealer, name);
                          if (meanwhile.isPresent()) {
                            return meanwhile.get();
                          }
                          Secret drawn = Secret.of(Bytes.random(length, random));
                          putServerSecret(sql, sealer, name, drawn);
                          return drawn;
                        }));
    if (secret.reveal().length() != length) {
      throw new IllegalArgumentException(
          "the secret %s has %d octets, not %d".formatted(name, secret.reveal().length(), length));
    }
    return secret;
  }

  private static Optional<Secret> serverSecret(Sql sql, Sealer sealer, String name)
      throws SQLException {
    return sql.first(
        "SELECT sealed FROM server_secret WHERE name = ?",
        row -> Secret.of(SealedColumn.SERVER_SECRET.secret(sealer, row, name).reveal()),
        name);
  }

  private static void putServerSecret(Sql sql, Sealer sealer, String name, Secret secret)
      throws SQLException {
    sql.update(
        "INSERT INTO server_secret (name, sealed) VALUES (?, ?)",
        name,
        SealedColumn.SERVER_SECRET.seal(sealer, secret, name));
  }

  /// What is sealed in the database.
  SealedRows sealed() {
    return sealed;
  }

  /// Writes a copy of the database into a new file, mode 0600, while everything goes on but a
  /// change of the master key: one waits for the other. It is whole or not there. What it needs
  /// beside it to be of use, the master key, is not in it.
  ///
  /// @param file where; the folder is there, the file is not
  /// @return how many octets it has
  /// @throws BackupException if it cannot be written there
  public long backup(Path file) {
    return sealed.alone(() -> new Backup(file).write(database));
  }

  /// How much was asked of the database since it was opened.
  public StoreCounters counters() {
    return database.counters();
  }

  /// Finishes what was begun, writes what lagged, and closes the files.
  @Override
  public void close() {
    database.close();
    close(bookkeeping.log);
  }
}

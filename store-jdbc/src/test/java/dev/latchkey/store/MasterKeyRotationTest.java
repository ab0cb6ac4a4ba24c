// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static dev.latchkey.store.OpenFolder.commit;
import static dev.latchkey.store.OpenFolder.guard;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.AesGcmSealer;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialChange;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.MasterKey;
import dev.latchkey.credential.Samples;
import dev.latchkey.credential.SealException;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Verifier;
import dev.latchkey.credential.Waypoint;
import dev.latchkey.credential.Waypoints;
import dev.latchkey.store.folder.DataFolder;
import dev.latchkey.store.folder.DataFolderException;
import dev.latchkey.store.folder.MasterKeyFile;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MasterKeyRotationTest {
  /// More than one batch holds.
  private static final int ACCOUNTS = 60;

  private static final int ROBBED = 5;

  /// So many sign in, and as many register, while the key changes so often.
  private static final int WORKERS = 3;

  private static final int ROTATIONS = 4;

  /// Version, key id, nonce, the token of a sample, tag.
  private static final int SEALED_TOKEN = 1 + 8 + 12 + 43 + 16;

  private final SeededRandom random = SeededRandom.announced();
  private final Samples samples = new Samples(random);

  @TempDir private Path temporary;
  private DataFolder folder;
  private AesGcmSealer sealer;
  private JdbcCredentialStore store;
  private final List<AccountSnapshot> accounts = new ArrayList<>();
  private Secret serverSecret = Secret.ofText("");

  @BeforeEach
  void fill() {
    open();
    for (int i = 0; i < ACCOUNTS; i++) {
      Account account = samples.account("user" + i + "@chat.example");
      Device device = samples.device(account.id());
      List<CredentialChange> changes = new ArrayList<>();
      changes.add(new CredentialChange.PutAccount(account));
      changes.add(new CredentialChange.PutDevice(device));
      for (Verifier verifier :
          List.of(
              samples.fast(),
              samples.clientKey(),
              samples.authToken(),
              new Verifier.Password(samples.keys()))) {
        changes.add(
            new CredentialChange.PutCredential(
                samples.credential(account.id(), Optional.of(device.id()), verifier)));
      }
      changes.add(
          new CredentialChange.PutCredential(
              samples.credential(account.id(), Optional.empty(), samples.code())));
      commit(store, changes.toArray(CredentialChange[]::new));
      accounts.add(store.find(account.id()).orElseThrow());
    }
    serverSecret = store.serverSecret("salt", 32, random);
  }

  private void open() {
    folder = DataFolder.open(temporary.resolve("data"));
    sealer = new AesGcmSealer(MasterKeyFile.open(folder.masterKeyFile(), random), random);
    store = JdbcCredentialStore.open(folder, sealer);
  }

  @AfterEach
  void close() {
    store.close();
    folder.close();
  }

  /// As after a crash: nothing is left in memory.
  private void reopen() {
    close();
    open();
  }

  private void assertEverythingOpens() {
    for (AccountSnapshot account : accounts) {
      // Equality opens every sealed secret of both: these with the keys from before.
      assertThat(store.find(account.account().id())).contains(account);
    }
    assertThat(store.serverSecret("salt", 32, random)).isEqualTo(serverSecret);
  }

  private MasterKeyRotation rotation(Waypoints waypoints, SealedValues... others) {
    return new MasterKeyRotation(
        folder.masterKeyFile(), sealer, random, store, List.of(others), waypoints);
  }

  private MasterKeyRotation.Rotated rotate() {
    return rotation(Waypoints.NONE).run(_ -> {}).orElseThrow();
  }

  /// The ids of all keys that something in the database is sealed with.
  private Set<String> keysInUse() throws Exception {
    return keysIn(folder.database());
  }

  private static Set<String> keysIn(Path database) throws Exception {
    Set<String> ids = new HashSet<>();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        Statement statement = connection.createStatement()) {
      for (SealedColumn column : SealedColumn.values()) {
        try (ResultSet rows =
            statement.executeQuery(
                "SELECT DISTINCT lower(hex(substr(%s, 2, 8))) FROM %s"
                    .formatted(column.column(), column.table()))) {
          while (rows.next()) {
            ids.add(rows.getString(1));
          }
        }
      }
    }
    return ids;
  }

  /// How many live tokens of some accounts somebody reads who has a key and copies the files of the
  /// database: what can be asked for of them, and what cannot.
  private int tokensReadBy(MasterKey key) throws Exception {
    AesGcmSealer thief = new AesGcmSealer(List.of(key), random);
    byte[] head = Bytes.concat(Bytes.of((byte) 1), key.id()).toArray();
    List<Bytes> contexts =
        accounts.subList(0, ROBBED).stream()
            .flatMap(account -> account.credentials().stream())
            .filter(credential -> credential.verifier() instanceof Verifier.Fast)
            .map(it -> Bytes.lengthPrefixed(Bytes.utf8("fast.token"), Bytes.utf8(it.id().value())))
            .toList();
    int read = 0;
    try (Stream<Path> files = Files.list(folder.path())) {
      for (Path file : files.filter(it -> it.toString().contains("latchkey.db")).toList()) {
        byte[] octets = Files.readAllBytes(file);
        for (int at = indexOf(octets, head, 0); at >= 0; at = indexOf(octets, head, at + 1)) {
          int end = Math.min(octets.length, at + SEALED_TOKEN);
          Bytes sealed = Bytes.of(Arrays.copyOfRange(octets, at, end));
          read += contexts.stream().anyMatch(context -> opens(thief, sealed, context)) ? 1 : 0;
        }
      }
    }
    return read;
  }

  private static int indexOf(byte[] octets, byte[] what, int from) {
    for (int i = from; i + what.length <= octets.length; i++) {
      if (octets[i] == what[0] && Arrays.equals(octets, i, i + what.length, what, 0, what.length)) {
        return i;
      }
    }
    return -1;
  }

  private static boolean opens(AesGcmSealer sealer, Bytes sealed, Bytes context) {
    try {
      return !sealer.open(sealed, context).reveal().isEmpty();
    } catch (SealException refused) {
      return false;
    }
  }

  /// Whether something that a key has sealed is in a file, also where nothing asks for it.
  private boolean isInTheFiles(Bytes key) throws Exception {
    byte[] head = Bytes.concat(Bytes.of((byte) 1), key).toArray();
    boolean found = false;
    try (Stream<Path> files = Files.list(folder.path())) {
      for (Path file : files.toList()) {
        found |= indexOf(Files.readAllBytes(file), head, 0) >= 0;
      }
    }
    return found;
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "keys at rest",
      rule = "with the key from before nothing that is good now is read from a copy of the files")
  void whoHasTheOldKeyAndTheFilesReadsNothing() throws Exception {
    MasterKey old = MasterKeyFile.open(folder.masterKeyFile(), random).getFirst();
    assertThat(tokensReadBy(old)).isGreaterThanOrEqualTo(ROBBED);

    Bytes first = rotate().key();

    assertThat(tokensReadBy(old)).isZero();
    assertThat(isInTheFiles(old.id())).isFalse();
    assertThat(isInTheFiles(first)).isTrue();
    store.close();
    assertThat(tokensReadBy(old)).isZero();
    assertThat(isInTheFiles(old.id())).isFalse();
    folder.close();
    open();
    rotate();
    assertThat(isInTheFiles(first)).isFalse();
    assertEverythingOpens();
  }

  @Test
  void keepsTheOldKeyWhereTheFileCannotBeWrittenAnew() throws Exception {
    MasterKey old = MasterKeyFile.open(folder.masterKeyFile(), random).getFirst();
    MasterKeyRotation rotation =
        rotation(
            point -> {
              if (point == Waypoint.ALL_RESEALED) {
                store.close();
              }
            });
    assertThatThrownBy(() -> rotation.run(_ -> {})).isInstanceOf(StoreException.class);
    assertThat(MasterKeyFile.open(folder.masterKeyFile(), random))
        .hasSize(2)
        .extracting(MasterKey::id)
        .contains(old.id());

    reopen();
    assertEverythingOpens();
    assertThat(rotate().removed()).hasSize(2).contains(old.id());
    assertThat(isInTheFiles(old.id())).isFalse();
    assertEverythingOpens();
  }

  @Test
  void leavesNothingToTheOldKey() throws Exception {
    MasterKey old = MasterKeyFile.open(folder.masterKeyFile(), random).getFirst();
    assertThat(keysInUse()).containsExactly(old.id().toHex());
    AtomicLong told = new AtomicLong();
    LongConsumer progress =
        all -> {
          assertThat(all).isGreaterThan(told.get());
          told.set(all);
        };

    MasterKeyRotation.Rotated rotated = rotation(Waypoints.NONE).run(progress).orElseThrow();

    // A token, a key's two halves, four verifiers of a password and four of a code; two secrets.
    assertThat(rotated.resealed()).isEqualTo(ACCOUNTS * 11 + 2).isEqualTo(told.get());
    assertThat(rotated.removed()).containsExactly(old.id());
    assertThat(rotated.left()).isEmpty();
    assertThat(keysInUse()).containsExactly(rotated.key().toHex());
    assertThat(MasterKeyFile.open(folder.masterKeyFile(), random))
        .extracting(MasterKey::id)
        .containsExactly(rotated.key())
        .doesNotContain(old.id());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.masterKeyFile())))
        .isEqualTo("rw-------");
    assertEverythingOpens();
    reopen();
    assertEverythingOpens();
  }

  @Test
  void rotatesAgainAndAgain() throws Exception {
    Set<String> keys = new HashSet<>();
    for (int i = 0; i < 3; i++) {
      keys.add(rotate().key().toHex());
    }
    assertThat(keys).hasSize(3);
    reopen();
    rotate();
    assertEverythingOpens();
    assertThat(keysInUse()).hasSize(1).doesNotContainAnyElementsOf(keys);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "decision 0016",
      rule = "what is remembered opens, whatever it was sealed with when it was read")
  void whatIsRememberedOpensAfterARotation() {
    assertThat(accounts).allMatch(it -> store.remembered(it.account().jid()).isPresent());
    rotate();
    for (AccountSnapshot account : accounts) {
      AccountSnapshot now =
          store
              .remembered(account.account().jid())
              .or(() -> store.find(account.account().jid()))
              .orElseThrow();
      assertThat(now.credentials())
          .filteredOn(it -> it.verifier() instanceof Verifier.Fast)
          .allMatch(it -> !((Verifier.Fast) it.verifier()).token().reveal().isEmpty());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Waypoint.class,
      names = {"MASTER_KEY_ADDED", "RESEALED", "ALL_RESEALED", "BEFORE_MASTER_KEY_REMOVAL"})
  @Spec(
      doc = "latchkey",
      section = "rule 40",
      rule = "Whenever the machine stops while the master key changes, everything is readable")
  void losesNothingWhereverItIsHalted(Waypoint where) throws Exception {
    MasterKeyRotation rotation =
        rotation(
            point -> {
              if (point == where) {
                throw new Halt();
              }
            });
    assertThatThrownBy(() -> rotation.run(_ -> {})).isInstanceOf(Halt.class);

    reopen();
    assertEverythingOpens();
    assertThat(MasterKeyFile.open(folder.masterKeyFile(), random)).hasSize(2);
    // The next one finishes it.
    MasterKeyRotation.Rotated rotated = rotate();
    assertThat(rotated.removed()).hasSize(2);
    for (Bytes removed : rotated.removed()) {
      assertThat(isInTheFiles(removed)).isFalse();
    }
    assertThat(keysInUse()).containsExactly(rotated.key().toHex());
    reopen();
    assertEverythingOpens();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 199, 200, 201, 450})
  void losesNothingWhenItIsHaltedWithinABatch(int after) {
    AtomicLong seals = new AtomicLong();
    store.close();
    // From here on the sealer breaks at the value after so many.
    store =
        JdbcCredentialStore.open(
            folder,
            new WatchedSealer(
                sealer,
                () -> {
                  if (seals.getAndIncrement() >= after) {
                    throw new Halt();
                  }
                },
                () -> {}));
    MasterKeyRotation halted =
        new MasterKeyRotation(
            folder.masterKeyFile(), sealer, random, store, List.of(), Waypoints.NONE);
    assertThatThrownBy(() -> halted.run(_ -> {})).isInstanceOf(Halt.class);

    reopen();
    assertEverythingOpens();
    assertThat(MasterKeyFile.open(folder.masterKeyFile(), random)).hasSize(2);
  }

  @Test
  void keepsTheOldKeyWhileSomethingNeedsIt() throws Exception {
    SealedValues stubborn =
        new SealedValues() {
          @Override
          public long reseal(LongConsumer progress) {
            return 0;
          }

          @Override
          public List<String> left() {
            return List.of("a file of a domain that is not served");
          }
        };
    MasterKeyRotation.Rotated rotated =
        rotation(Waypoints.NONE, stubborn).run(_ -> {}).orElseThrow();
    assertThat(rotated.removed()).isEmpty();
    assertThat(rotated.left()).containsExactly("a file of a domain that is not served");
    assertThat(MasterKeyFile.open(folder.masterKeyFile(), random)).hasSize(2);
    assertThat(keysInUse()).containsExactly(rotated.key().toHex());
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "keys at rest",
      rule = "who rotates while the key file is away, or is another one, loses nothing")
  void touchesNothingUnlessTheKeyInUseIsInTheFile() throws Exception {
    Path file = folder.masterKeyFile();
    Path ours = temporary.resolve("ours.key");
    Files.move(file, ours);
    assertThatThrownBy(this::rotate)
        .isInstanceOf(DataFolderException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("is not there");
    assertThat(file).doesNotExist();

    String other = MasterKeyFile.open(file, random).getFirst().id().toHex();
    String before = Files.readString(file);
    assertThatThrownBy(this::rotate)
        .isInstanceOf(DataFolderException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(other);
    assertThat(file).hasContent(before);

    Files.move(ours, file, StandardCopyOption.REPLACE_EXISTING);
    assertThat(keysInUse())
        .containsExactly(MasterKeyFile.open(file, random).getFirst().id().toHex());
    reopen();
    assertEverythingOpens();
    rotate();
    assertEverythingOpens();
  }

  @Test
  void runsOnceAtATime() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    MasterKeyRotation rotation =
        rotation(
            point -> {
              if (point == Waypoint.MASTER_KEY_ADDED) {
                begun.countDown();
                awaitUninterruptibly(goOn);
              }
            });
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Optional<MasterKeyRotation.Rotated>> first =
          threads.submit(() -> rotation.run(_ -> {}));
      assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
      assertThat(rotation.run(_ -> {})).isEmpty();
      goOn.countDown();
      assertThat(first.get(60, TimeUnit.SECONDS)).isPresent();
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "keys at rest",
      rule = "a backup that is asked for during a rotation needs one key only")
  void aBackupWaitsForTheRotation() throws Exception {
    Path backup = temporary.resolve("backup.db");
    AtomicReference<Throwable> failed = new AtomicReference<>();
    Thread writes =
        Thread.ofPlatform().unstarted(() -> assertThat(store.backup(backup)).isPositive());
    writes.setUncaughtExceptionHandler((_, failure) -> failed.set(failure));
    MasterKeyRotation.Rotated rotated =
        rotation(Waypoints.NONE)
            .run(
                _ -> {
                  // Some are sealed with the one key, some with the other.
                  if (writes.getState() == Thread.State.NEW) {
                    writes.start();
                    awaitWaitingOrDone(writes, backup);
                  }
                })
            .orElseThrow();
    writes.join();
    assertThat(failed).hasNullValue();
    assertThat(keysIn(backup)).containsExactly(rotated.key().toHex());
  }

  /// Until it waits for somebody else and has not begun, or has ended.
  private static void awaitWaitingOrDone(Thread thread, Path backup) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (thread.getState() != Thread.State.TERMINATED
        && (thread.getState() != Thread.State.WAITING || Files.exists(backup))) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("it neither waits nor ends");
      }
      Thread.onSpinWait();
    }
  }

  @Test
  void meetsWhatIsWrittenMeanwhile() throws Exception {
    Account account = accounts.getFirst().account();
    Device device = accounts.getFirst().devices().getFirst();
    List<Verifier.Fast> written = new ArrayList<>();
    MasterKeyRotation.Rotated rotated =
        rotation(
                _ -> {
                  Verifier.Fast token = samples.fast();
                  commit(
                      store,
                      guard(store, account.id()),
                      new CredentialChange.PutCredential(
                          samples.credential(account.id(), Optional.of(device.id()), token)));
                  written.add(token);
                })
            .run(_ -> {})
            .orElseThrow();
    assertThat(written).hasSizeGreaterThanOrEqualTo(3);
    assertThat(keysInUse()).containsExactly(rotated.key().toHex());
    reopen();
    assertThat(store.find(account.id()).orElseThrow().credentials())
        .extracting(credential -> credential.verifier())
        .containsAll(written);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "keys at rest",
      rule = "who signs in or registers while the master key changes again and again loses nothing")
  void losesNothingUnderLoad() throws Exception {
    AtomicBoolean rotating = new AtomicBoolean(true);
    Map<AccountId, List<Verifier>> written = new ConcurrentHashMap<>();
    Set<Bytes> gone = new HashSet<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> work = new ArrayList<>();
      for (int i = 0; i < WORKERS; i++) {
        List<AccountSnapshot> own = accounts.subList(i * 10, i * 10 + 10);
        String name = "new" + i + ".";
        work.add(threads.submit(() -> signInWhile(rotating, own, written)));
        work.add(threads.submit(() -> registerWhile(rotating, name, written)));
      }
      try {
        for (int i = 0; i < ROTATIONS; i++) {
          gone.addAll(rotate().removed());
        }
      } finally {
        rotating.set(false);
      }
      for (Future<?> each : work) {
        each.get(60, TimeUnit.SECONDS);
      }
    }
    assertThat(gone).hasSize(ROTATIONS);
    reopen();
    assertThat(written).hasSizeGreaterThan(2 * WORKERS);
    written.forEach(
        (account, verifiers) ->
            assertThat(store.find(account).orElseThrow().credentials())
                .extracting(credential -> credential.verifier())
                .containsAll(verifiers));
    assertThat(keysInUse()).hasSize(1);
    for (Bytes key : gone) {
      assertThat(isInTheFiles(key)).isFalse();
    }
  }

  /// Proves what each account holds, and gives it a token, over and over.
  private void signInWhile(
      AtomicBoolean rotating, List<AccountSnapshot> own, Map<AccountId, List<Verifier>> written) {
    for (int i = 0; rotating.get(); i = (i + 1) % own.size()) {
      Account account = own.get(i).account();
      List<Verifier> held = written.computeIfAbsent(account.id(), _ -> new ArrayList<>());
      assertThat(
              store
                  .remembered(account.jid())
                  .or(() -> store.find(account.jid()))
                  .orElseThrow()
                  .credentials())
          .extracting(credential -> credential.verifier())
          .containsAll(held);
      Verifier.Fast token = samples.fast();
      commit(
          store,
          guard(store, account.id()),
          new CredentialChange.PutCredential(
              samples.credential(
                  account.id(), Optional.of(own.get(i).devices().getFirst().id()), token)));
      held.add(token);
    }
  }

  /// Makes accounts, each with a password.
  private void registerWhile(
      AtomicBoolean rotating, String name, Map<AccountId, List<Verifier>> written) {
    for (int i = 0; rotating.get(); i++) {
      Account account = samples.account(name + i + "@chat.example");
      Device device = samples.device(account.id());
      Verifier password = new Verifier.Password(samples.keys());
      commit(
          store,
          new CredentialChange.PutAccount(account),
          new CredentialChange.PutDevice(device),
          new CredentialChange.PutCredential(
              samples.credential(account.id(), Optional.of(device.id()), password)));
      written.put(account.id(), List.of(password));
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      if (!latch.await(30, TimeUnit.SECONDS)) {
        throw new AssertionError("nobody went on");
      }
    } catch (InterruptedException unexpected) {
      throw new AssertionError(unexpected);
    }
  }

  /// The machine stops here.
  private static final class Halt extends RuntimeException {
    Halt() {
      super("halt", null, false, false);
    }
  }
}

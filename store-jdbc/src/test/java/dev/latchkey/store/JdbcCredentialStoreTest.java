// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static dev.latchkey.store.OpenFolder.commit;
import static dev.latchkey.store.OpenFolder.guard;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Actor;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialChange;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.Event;
import dev.latchkey.credential.MachineSecret;
import dev.latchkey.credential.Samples;
import dev.latchkey.credential.ScramHash;
import dev.latchkey.credential.ScramVerifier;
import dev.latchkey.credential.SealException;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Verifier;
import dev.latchkey.credential.Withdrawal;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JdbcCredentialStoreTest {
  private static final Instant NOW = Samples.NOW;

  private final SeededRandom random = SeededRandom.announced();
  private final Samples samples = new Samples(random);
  private final Account account = samples.account("nina@chat.example");
  private final Device device = samples.device(account.id());
  private final Credential certificate =
      samples.credential(account.id(), Optional.of(device.id()), samples.certificate());
  private final Credential code =
      samples.credential(account.id(), Optional.empty(), samples.code());

  @TempDir private Path temporary;
  private OpenFolder open;
  private JdbcCredentialStore store;

  @BeforeEach
  void open() {
    open = OpenFolder.at(temporary.resolve("data"), random);
    store = open.store();
    commit(
        store,
        new CredentialChange.PutAccount(account),
        new CredentialChange.PutDevice(device),
        new CredentialChange.PutCredential(certificate),
        new CredentialChange.PutCredential(code),
        new CredentialChange.Append(
            samples.event(account.id(), new Actor.Operator(), Optional.of("because"))));
  }

  @AfterEach
  void close() {
    store.close();
    open.close();
  }

  private void reopen() {
    close();
    open = OpenFolder.at(temporary.resolve("data"), random);
    store = open.store();
  }

  private AccountSnapshot snapshot() {
    return store.find(account.id()).orElseThrow();
  }

  private void tamper(String... statements) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + open.folder().database());
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  @Test
  void findsEverythingAgainAfterItWasClosed() {
    AccountSnapshot before = snapshot();
    List<Event> events = store.events(account.id(), 0, 10);
    reopen();
    assertThat(snapshot()).isEqualTo(before);
    assertThat(store.find(account.jid())).contains(before);
    assertThat(store.events(account.id(), 0, 10)).isEqualTo(events).hasSize(1);
  }

  @Test
  void writesWhatLaggedWhenItIsClosed() {
    commit(store, new CredentialChange.Touch(device.account(), device.id(), NOW.plusSeconds(5)));
    reopen();
    assertThat(snapshot().devices())
        .extracting(Device::lastSeen)
        .containsExactly(Optional.of(NOW.plusSeconds(5)));
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rules: 39",
      rule = "what was answered as written is seen by everybody from then on")
  void nobodyRemembersAnAccountAsItWasBeforeACommit() throws Exception {
    int commits = 500;
    AtomicLong committed = new AtomicLong();
    AtomicInteger answered = new AtomicInteger();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<Boolean>> readers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        readers.add(
            threads.submit(
                () -> {
                  while (committed.get() < commits) {
                    long least = committed.get();
                    Optional<AccountSnapshot> remembered = store.remembered(account.jid());
                    if (remembered.isPresent()) {
                      answered.incrementAndGet();
                      assertThat(remembered.get().devices().getFirst().generation())
                          .isGreaterThanOrEqualTo(least);
                    } else {
                      assertThat(
                              store
                                  .find(account.jid())
                                  .orElseThrow()
                                  .devices()
                                  .getFirst()
                                  .generation())
                          .isGreaterThanOrEqualTo(least);
                    }
                  }
                  return true;
                }));
      }
      for (int i = 1; i <= commits; i++) {
        commit(store, guard(store, account.id()), new CredentialChange.PutDevice(ofGeneration(i)));
        committed.set(i);
      }
      for (Future<Boolean> reader : readers) {
        assertThat(reader.get(30, TimeUnit.SECONDS)).isTrue();
      }
    }
    assertThat(answered.get()).isPositive();
  }

  private Device ofGeneration(long generation) {
    return new Device(
        device.id(),
        device.account(),
        device.name(),
        device.status(),
        generation,
        device.permissions(),
        device.resourceLock(),
        device.parent(),
        device.origin(),
        device.unbound(),
        device.firstSeen(),
        device.lastSeen());
  }

  @Test
  void flushesNothingForWhatMayLag() {
    long before = store.counters().writes();
    for (int i = 0; i < 100; i++) {
      commit(store, new CredentialChange.Touch(device.account(), device.id(), NOW.plusSeconds(i)));
      commit(
          store,
          new CredentialChange.RequireDevice(device.id(), 1),
          new CredentialChange.Touch(device.account(), device.id(), NOW.plusSeconds(i)));
    }
    assertThat(store.counters().writes()).isEqualTo(before);
  }

  @Test
  void readsOnceForEachQuestion() {
    long before = store.counters().reads();
    Verifier.Certificate shown = (Verifier.Certificate) certificate.verifier();
    assertThat(store.find(account.jid())).isPresent();
    assertThat(store.holdersOf(shown.fingerprint())).hasSize(1);
    assertThat(store.counters().reads()).isEqualTo(before + 2);
  }

  @Test
  void sharesTransactionsAmongManyAccounts() throws Exception {
    int accounts = 200;
    List<Account> all = new ArrayList<>();
    for (int i = 0; i < accounts; i++) {
      all.add(samples.account("user" + i + "@chat.example"));
    }
    long before = store.counters().transactions();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> ends = new ArrayList<>();
      for (Account each : all) {
        ends.add(threads.submit(() -> commit(store, new CredentialChange.PutAccount(each))));
      }
      for (Future<?> end : ends) {
        end.get(60, TimeUnit.SECONDS);
      }
    }
    assertThat(store.accounts()).hasSize(accounts + 1);
    assertThat(store.counters().transactions() - before).isLessThan(accounts);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 7",
      rule = "A copy of the database shows neither codes nor their StoredKey and ServerKey")
  void holdsNoSecretInTheDatabase() throws Exception {
    List<Secret> secrets = new ArrayList<>();
    List<ScramVerifier> keys = new ArrayList<>();
    MachineSecret token = MachineSecret.draw(random);
    for (Secret form : List.of(token.canonical(), token.printed())) {
      secrets.add(form);
      for (ScramHash hash : ScramHash.values()) {
        Secret salted = hash.saltedPassword(form, Bytes.random(16, random), 4096);
        ScramVerifier key = ScramVerifier.ofSaltedPassword(hash, salted);
        keys.add(key);
        secrets.add(salted);
        secrets.add(Secret.of(key.storedKey()));
        secrets.add(key.serverKey());
      }
    }
    Verifier.OneTime sample = (Verifier.OneTime) code.verifier();
    commit(
        store,
        guard(store, account.id()),
        new CredentialChange.PutCredential(
            samples.credential(
                account.id(),
                Optional.empty(),
                new Verifier.OneTime(keys, sample.grant(), Optional.empty(), 0))),
        new CredentialChange.PutCredential(
            samples.credential(
                account.id(), Optional.of(device.id()), new Verifier.Password(keys))));
    secrets.add(store.serverSecret("salt", 32, random));
    assertThat(snapshot().credentials()).hasSize(4);

    assertHidden(secrets);
    store.close();
    assertHidden(secrets);
    store = open.store();
  }

  private void assertHidden(List<Secret> secrets) throws Exception {
    DatabaseDump dump = DatabaseDump.of(open.folder().database());
    Verifier.Certificate known = (Verifier.Certificate) certificate.verifier();
    assertThat(dump.holds(known.certificate())).isTrue();
    assertThat(dump.holds(Bytes.utf8(code.id().value()))).isTrue();
    for (Secret secret : secrets) {
      assertThat(dump.holds(secret)).isFalse();
    }
    try (var files = Files.list(open.folder().path())) {
      for (Path file : files.toList()) {
        String octets = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        for (Secret secret : secrets) {
          assertThat(
                  octets.contains(
                      new String(secret.reveal().toArray(), StandardCharsets.ISO_8859_1)))
              .as("%s shows a secret", file)
              .isFalse();
        }
      }
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 7",
      rule = "Sealed keys do not open under another credential or as another form")
  void doesNotOpenKeysThatWereMoved() throws Exception {
    Credential other = samples.credential(account.id(), Optional.empty(), samples.code());
    commit(store, guard(store, account.id()), new CredentialChange.PutCredential(other));
    store.close();
    for (String where :
        List.of(
            "credential = '%s' AND form = 0".formatted(other.id()),
            "credential = '%s' AND form = 1".formatted(code.id()),
            "credential = '%s' AND form = 2".formatted(code.id()))) {
      tamper(
          "CREATE TABLE saved AS SELECT * FROM scram_verifier",
          ("UPDATE scram_verifier SET sealed = (SELECT sealed FROM saved WHERE credential = '%s'"
                      + " AND form = 0) WHERE ")
                  .formatted(code.id())
              + where);
      try (JdbcCredentialStore tampered = open.store()) {
        assertThatThrownBy(() -> openAllOf(tampered)).isInstanceOf(SealException.class);
        assertThat(tampered.accounts()).hasSize(1);
      }
      tamper(
          "DELETE FROM scram_verifier",
          "INSERT INTO scram_verifier SELECT * FROM saved",
          "DROP TABLE saved");
    }
    store = open.store();
    assertThat(snapshot().credentials()).contains(code, other);
  }

  private void openAllOf(JdbcCredentialStore opened) {
    for (Credential each : opened.find(account.id()).orElseThrow().credentials()) {
      if (each.verifier() instanceof Verifier.OneTime oneTime) {
        oneTime.keys().forEach(ScramVerifier::storedKey);
      }
    }
  }

  @Test
  void doesNotOpenAServerSecretUnderAnotherName() throws Exception {
    store.serverSecret("salt", 32, random);
    store.close();
    tamper("UPDATE server_secret SET name = 'other' WHERE name = 'salt'");
    store = open.store();
    assertThatThrownBy(() -> store.serverSecret("other", 32, random))
        .isInstanceOf(SealException.class);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 15",
      rule = "The key that salts are made of is drawn once and never changes")
  void keepsAServerSecretForEver() throws Exception {
    Set<Secret> drawn = new HashSet<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Secret>> racing = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        racing.add(threads.submit(() -> store.serverSecret("salt", 32, random)));
      }
      for (Future<Secret> secret : racing) {
        drawn.add(secret.get(30, TimeUnit.SECONDS));
      }
    }
    assertThat(drawn).hasSize(1);
    reopen();
    assertThat(store.serverSecret("salt", 32, random)).isEqualTo(drawn.iterator().next());
    assertThat(store.serverSecret("pepper", 32, random)).isNotEqualTo(drawn.iterator().next());
    assertThatThrownBy(() -> store.serverSecret("salt", 16, random))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesAnotherMasterKey() throws Exception {
    close();
    Path key = open.folder().masterKeyFile();
    Path saved = temporary.resolve("saved.key");
    Files.move(key, saved);
    open = OpenFolder.at(temporary.resolve("data"), random);
    assertThatThrownBy(open::store)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("was made with another master key: put back the " + key);
    open.close();
    Files.delete(key);
    Files.move(saved, key);
    open = OpenFolder.at(temporary.resolve("data"), random);
    store = open.store();
    assertThat(snapshot().credentials()).containsExactly(certificate, code);
  }

  @Test
  void refusesAWordItDoesNotKnow() throws Exception {
    tamper("UPDATE device SET status = 'almighty'");
    assertThatThrownBy(this::snapshot)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("almighty");
  }

  @Test
  void refusesWorkAfterItWasClosed() {
    store.close();
    assertThatThrownBy(this::snapshot).isInstanceOf(StoreException.class);
    List<CredentialChange> touch =
        List.of(new CredentialChange.Touch(device.account(), device.id(), NOW));
    assertThatThrownBy(() -> store.commit(touch)).isInstanceOf(StoreException.class);
    List<CredentialChange> withdrawal =
        List.of(new CredentialChange.Withdraw(new Withdrawal.OfDevice(device.id(), 2)));
    assertThatThrownBy(() -> store.commit(withdrawal)).isInstanceOf(StoreException.class);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static dev.latchkey.store.OpenFolder.commit;
import static dev.latchkey.store.OpenFolder.guard;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Commit;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialChange;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.Samples;
import dev.latchkey.credential.SealException;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Verifier;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// FAST tokens, client keys and X-TOKENs in the database.
final class StoredTokensTest {
  private final SeededRandom random = SeededRandom.announced();
  private final Samples samples = new Samples(random);
  private final Account account = samples.account("nina@chat.example");
  private final Device device = samples.device(account.id());
  private final Credential fast = credential(samples.fast());
  private final Credential key = credential(samples.clientKey());
  private final Secret authTokenText = Secret.of(samples.octets(43));
  private final Credential authToken =
      credential(new Verifier.AuthToken(authTokenText.reveal().sha256(), "Xabber", "PC"));
  private final AtomicInteger openings = new AtomicInteger();

  @TempDir private Path temporary;
  private OpenFolder open;
  private JdbcCredentialStore store;

  private Credential credential(Verifier verifier) {
    return samples.credential(account.id(), Optional.of(device.id()), verifier);
  }

  @BeforeEach
  void open() {
    open = OpenFolder.at(temporary.resolve("data"), random);
    openStore();
    commit(
        store,
        new CredentialChange.PutAccount(account),
        new CredentialChange.PutDevice(device),
        new CredentialChange.PutCredential(fast),
        new CredentialChange.PutCredential(key),
        new CredentialChange.PutCredential(authToken));
  }

  private void openStore() {
    store =
        JdbcCredentialStore.open(
            open.folder(), new WatchedSealer(open.sealer(), () -> {}, openings::incrementAndGet));
  }

  @AfterEach
  void close() {
    store.close();
    open.close();
  }

  @Test
  void opensNoPasswordForASignInWithAToken() {
    commit(
        store,
        guard(store, account.id()),
        new CredentialChange.PutCredential(credential(new Verifier.Password(samples.keys()))),
        new CredentialChange.PutCredential(
            samples.credential(account.id(), Optional.empty(), samples.code())));
    openings.set(0);
    assertThat(((Verifier.Fast) verifier(snapshot(), fast)).token())
        .isEqualTo(((Verifier.Fast) fast.verifier()).token());
    assertThat(openings).hasValue(1);
  }

  private AccountSnapshot snapshot() {
    return store.find(account.id()).orElseThrow();
  }

  private static Verifier verifier(AccountSnapshot account, Credential of) {
    return account.credential(of.id()).orElseThrow().verifier();
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
  @Spec(
      doc = "latchkey",
      section = "what must always hold, 3",
      rule = "A copy of the database shows no token and neither half of a client key")
  void showsNoSecretInAnyFile() throws Exception {
    Verifier.ClientKey halves = (Verifier.ClientKey) key.verifier();
    List<Secret> secrets =
        List.of(
            ((Verifier.Fast) fast.verifier()).token(),
            halves.encryptedSecret(),
            halves.validator(),
            authTokenText);
    store.close();
    DatabaseDump dump = DatabaseDump.of(open.folder().database());
    assertThat(dump.holds(((Verifier.AuthToken) authToken.verifier()).hash())).isTrue();
    for (Secret secret : secrets) {
      assertThat(dump.holds(secret)).isFalse();
      try (var files = Files.list(open.folder().path())) {
        for (Path file : files.toList()) {
          String octets = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
          assertThat(
                  octets.contains(
                      new String(secret.reveal().toArray(), StandardCharsets.ISO_8859_1)))
              .as("%s shows a secret", file)
              .isFalse();
        }
      }
    }
    openStore();
  }

  @Test
  void doesNotOpenWhatWasMovedToAnotherRowOrColumn() throws Exception {
    Credential otherFast = credential(samples.fast());
    commit(store, guard(store, account.id()), new CredentialChange.PutCredential(otherFast));
    store.close();
    tamper(
        "UPDATE fast SET token = (SELECT token FROM fast WHERE credential = '%s') WHERE credential = '%s'"
            .formatted(fast.id(), otherFast.id()),
        "UPDATE client_key SET validator = encrypted_secret");
    openStore();
    AccountSnapshot read = snapshot();
    assertThat(((Verifier.Fast) verifier(read, fast)).token())
        .isEqualTo(((Verifier.Fast) fast.verifier()).token());
    Secret moved = ((Verifier.Fast) verifier(read, otherFast)).token();
    assertThatThrownBy(moved::reveal).isInstanceOf(SealException.class);
    Secret swapped = ((Verifier.ClientKey) verifier(read, key)).validator();
    assertThatThrownBy(swapped::reveal).isInstanceOf(SealException.class);
  }

  @Test
  void opensOnlyWhatSomebodyNeedsAndKeepsNothingOpen() {
    openings.set(0);
    AccountSnapshot read = snapshot();
    assertThat(openings).hasValue(0);
    Secret token = ((Verifier.Fast) verifier(read, fast)).token();
    assertThat(openings).hasValue(0);
    assertThat(token.reveal()).isEqualTo(((Verifier.Fast) fast.verifier()).token().reveal());
    assertThat(openings).hasValue(1);
    assertThat(token.reveal()).isNotEqualTo(Bytes.EMPTY);
    assertThat(openings).hasValue(2);
  }

  /// Which statements a sign-in costs is told in `devices`; here, what they cost.
  @Test
  void writesOnceForASignInThatConsumesSomethingAndReadsNothing() {
    AccountSnapshot read = snapshot();
    StoreCounters before = store.counters();
    commit(
        store,
        new CredentialChange.RequireDevice(device.id(), device.generation()),
        new CredentialChange.RequireVersion(account.id(), read.account().version()),
        new CredentialChange.PutCredential(
            key.withVerifier(((Verifier.ClientKey) key.verifier()).afterUse(7))),
        new CredentialChange.Touch(device.account(), device.id(), Samples.NOW.plusSeconds(1)));
    assertThat(store.counters())
        .isEqualTo(
            new StoreCounters(
                before.reads(), before.rows(), before.writes() + 1, before.transactions() + 1));
    commit(
        store,
        new CredentialChange.Touch(device.account(), device.id(), Samples.NOW.plusSeconds(2)));
    assertThat(store.counters().reads()).isEqualTo(before.reads());
    assertThat(store.counters().writes()).isEqualTo(before.writes() + 1);
  }

  @Test
  void asksTheWriterForNothingWhileNothingHasExpired() {
    StoreCounters before = store.counters();
    assertThat(store.removeExpired(Samples.NOW, 500)).isZero();
    assertThat(store.counters().writes()).isEqualTo(before.writes());
  }

  @Test
  void takesOverADatabaseFromBeforeThereWereTokens() throws Exception {
    try (OpenFolder old = OpenFolder.at(temporary.resolve("old"), random)) {
      Flyway.configure()
          .dataSource("jdbc:sqlite:" + old.folder().database(), null, null)
          .locations("classpath:dev/latchkey/store/migrations")
          .target("5")
          .load()
          .migrate();
      try (Connection connection =
              DriverManager.getConnection("jdbc:sqlite:" + old.folder().database());
          Statement statement = connection.createStatement()) {
        statement.execute(
            "INSERT INTO account (id, localpart, domain, status, version, created)"
                + " VALUES ('acct-1', 'otto', 'chat.example', 'active', 3,"
                + " '2026-11-01T12:00:00.000000000Z')");
      }
      Files.setPosixFilePermissions(
          old.folder().database(),
          java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
      try (JdbcCredentialStore opened = old.store()) {
        Account otto = opened.accounts().getFirst();
        Device phone = samples.device(otto.id());
        List<Credential> all = new ArrayList<>();
        for (Verifier verifier :
            List.of(samples.fast(), samples.clientKey(), samples.authToken())) {
          all.add(samples.credential(otto.id(), Optional.of(phone.id()), verifier));
        }
        List<CredentialChange> changes = new ArrayList<>();
        changes.add(new CredentialChange.RequireVersion(otto.id(), 3));
        changes.add(new CredentialChange.PutDevice(phone));
        all.forEach(it -> changes.add(new CredentialChange.PutCredential(it)));
        assertThat(opened.commit(changes)).isEqualTo(new Commit.Committed());
        assertThat(opened.find(otto.id()).orElseThrow().credentials()).isEqualTo(all);
      }
    }
  }
}

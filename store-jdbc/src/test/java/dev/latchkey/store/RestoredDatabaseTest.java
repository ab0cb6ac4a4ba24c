// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static dev.latchkey.store.OpenFolder.commit;
import static dev.latchkey.store.OpenFolder.guard;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Actor;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialChange;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Event;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.Samples;
import dev.latchkey.credential.Verifier;
import dev.latchkey.credential.Withdrawal;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RestoredDatabaseTest {
  private final SeededRandom random = SeededRandom.announced();
  private final Samples samples = new Samples(random);
  private final ManualClock clock = new ManualClock();
  private final Account account = samples.account("nina@chat.example");
  private final Device phone = samples.device(account.id());
  private final Device laptop = samples.device(account.id());
  private final Credential phoneCertificate = certificate(phone);
  private final Credential laptopCertificate = certificate(laptop);
  private final Credential laptopOldCertificate = certificate(laptop);
  private final Credential redeemed = code();
  private final Credential stillOpen = code();
  private final Credential calledBack = code();

  @TempDir private Path temporary;
  private OpenFolder open;
  private Path copy;

  private Credential certificate(Device device) {
    return samples.credential(account.id(), Optional.of(device.id()), samples.certificate());
  }

  private Credential code() {
    return samples.credential(account.id(), Optional.empty(), samples.code());
  }

  @BeforeEach
  void makeACopyAndRevoke() throws Exception {
    open = OpenFolder.at(temporary.resolve("data"), random);
    copy = temporary.resolve("copy.db");
    try (JdbcCredentialStore store = open.store()) {
      commit(
          store,
          new CredentialChange.PutAccount(account),
          new CredentialChange.PutDevice(phone),
          new CredentialChange.PutDevice(laptop),
          new CredentialChange.PutCredential(phoneCertificate),
          new CredentialChange.PutCredential(laptopCertificate),
          new CredentialChange.PutCredential(laptopOldCertificate),
          new CredentialChange.PutCredential(redeemed),
          new CredentialChange.PutCredential(stillOpen),
          new CredentialChange.PutCredential(calledBack));
      revoke(store, laptopOldCertificate);
    }
    Files.copy(open.folder().database(), copy);
    try (JdbcCredentialStore store = open.store()) {
      AccountSnapshot now = store.find(account.id()).orElseThrow();
      store.commit(
          now.edit(new Actor.Operator(), clock.instant())
              .revoke(phone, List.of(phoneCertificate), Optional.empty())
              .redeem(
                  redeemed,
                  new Verifier.Redemption(laptop.id(), samples.octets(32), clock.instant()))
              .changes());
      revoke(store, calledBack);
    }
  }

  private void revoke(JdbcCredentialStore store, Credential credential) {
    AccountSnapshot now = store.find(account.id()).orElseThrow();
    store.commit(now.edit(new Actor.Operator(), clock.instant()).revoke(credential).changes());
  }

  @AfterEach
  void close() {
    open.close();
  }

  private void putBackTheCopy() throws IOException {
    Files.copy(copy, open.folder().database(), StandardCopyOption.REPLACE_EXISTING);
  }

  private String log() throws IOException {
    return Files.readString(open.folder().revocationLog());
  }

  @Test
  void opensTheDatabaseTheLogBelongsTo() throws Exception {
    String before = log();
    assertThat(before).hasLineCount(5);
    open.store().close();
    assertThat(log()).isEqualTo(before);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 40",
      rule = "A database that is older than the revocation log is not served as it is")
  void refusesAnOlderCopy() throws Exception {
    putBackTheCopy();
    String before = log();
    assertThatThrownBy(() -> open.store())
        .isInstanceOf(RestoredDatabaseException.class)
        .hasMessageContaining("--after-restore")
        .hasMessageContaining("it ends at revocation 1, the log at 5");
    assertThat(log()).isEqualTo(before);
    assertThatThrownBy(() -> open.store()).isInstanceOf(RestoredDatabaseException.class);
  }

  @Test
  void refusesAnEmptyDatabaseBesideALog() throws Exception {
    Files.delete(open.folder().database());
    assertThatThrownBy(() -> open.store()).isInstanceOf(RestoredDatabaseException.class);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 40",
      rule = "After a restore revoked devices and certificates, and all codes, are dead")
  void bringsNothingBackAfterARestore() throws Exception {
    putBackTheCopy();
    JdbcCredentialStore.Restored restored =
        JdbcCredentialStore.openAfterRestore(open.folder(), open.sealer(), clock);
    try (JdbcCredentialStore store = restored.store()) {
      AccountSnapshot now = store.find(account.id()).orElseThrow();
      Device dead = now.device(phone.id()).orElseThrow();
      assertThat(dead).isEqualTo(phone.revoked());
      assertThat(now.device(laptop.id()).orElseThrow().status()).isEqualTo(DeviceStatus.ACTIVE);
      for (Credential credential :
          List.of(phoneCertificate, laptopOldCertificate, redeemed, stillOpen, calledBack)) {
        assertThat(now.credential(credential.id()).orElseThrow().status())
            .isEqualTo(CredentialStatus.REVOKED);
      }
      assertThat(now.credential(laptopCertificate.id())).contains(laptopCertificate);
      assertThat(restored.report())
          .isEqualTo(
              new RestoreReport(
                  List.of(),
                  List.of(phone.id()),
                  List.of(),
                  List.of(redeemed.id(), stillOpen.id(), calledBack.id()),
                  List.of(),
                  4));
      assertThat(store.events(account.id(), 0, 10))
          .extracting(Event::kind)
          .containsExactly(
              EventKind.REVOKED, EventKind.TOKEN_DEAD, EventKind.TOKEN_DEAD, EventKind.TOKEN_DEAD);
      assertThat(now.account().version()).isEqualTo(3);
    }
    assertThat(log()).hasLineCount(8).contains("code " + stillOpen.id() + " ");
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 40",
      rule = "After a restore each client key may once sign in with a counter far ahead")
  void doubtsTheCountersOfAllLiveClientKeys() throws Exception {
    Credential live =
        samples.credential(account.id(), Optional.of(laptop.id()), samples.clientKey());
    Credential dead =
        samples
            .credential(account.id(), Optional.of(laptop.id()), samples.clientKey())
            .withStatus(CredentialStatus.REVOKED);
    Credential withThePhone =
        samples.credential(account.id(), Optional.of(phone.id()), samples.clientKey());
    Credential token = samples.credential(account.id(), Optional.of(laptop.id()), samples.fast());
    putBackTheCopy();
    Files.delete(open.folder().revocationLog()); // as it was when the copy was made
    try (JdbcCredentialStore store = open.store()) {
      commit(
          store,
          guard(store, account.id()),
          new CredentialChange.PutCredential(live),
          new CredentialChange.PutCredential(dead),
          new CredentialChange.PutCredential(withThePhone),
          new CredentialChange.PutCredential(token));
    }
    Files.copy(open.folder().database(), copy, StandardCopyOption.REPLACE_EXISTING);
    try (JdbcCredentialStore store = open.store()) {
      store.commit(
          store
              .find(account.id())
              .orElseThrow()
              .edit(new Actor.Operator(), clock.instant())
              .revoke(phone, List.of(phoneCertificate, withThePhone), Optional.empty())
              .changes());
    }
    putBackTheCopy();

    JdbcCredentialStore.Restored restored =
        JdbcCredentialStore.openAfterRestore(open.folder(), open.sealer(), clock);

    try (JdbcCredentialStore store = restored.store()) {
      AccountSnapshot now = store.find(account.id()).orElseThrow();
      assertThat(restored.report().clientKeys()).containsExactly(live.id());
      assertThat(now.credential(live.id()))
          .contains(live.withVerifier(((Verifier.ClientKey) live.verifier()).afterAbsence()));
      assertThat(now.credential(dead.id())).contains(dead);
      assertThat(now.credential(withThePhone.id()).orElseThrow().status())
          .isEqualTo(CredentialStatus.REVOKED);
      assertThat(now.credential(token.id())).contains(token);
      assertThat(store.events(account.id(), 0, 100))
          .filteredOn(event -> event.kind() == EventKind.COUNTER_RESTORED)
          .extracting(Event::credential)
          .containsExactly(Optional.of(live.id()));
    }
  }

  @Test
  void revokesAgainACertificateWhoseDeviceLives() throws Exception {
    try (JdbcCredentialStore store = open.store()) {
      revoke(store, laptopCertificate);
    }
    putBackTheCopy();
    JdbcCredentialStore.Restored restored =
        JdbcCredentialStore.openAfterRestore(open.folder(), open.sealer(), clock);
    restored.store().close();
    assertThat(restored.report().certificates()).containsExactly(laptopCertificate.id());
  }

  @Test
  void goesOnAfterARestoreAsIfNothingHadBeen() throws Exception {
    putBackTheCopy();
    JdbcCredentialStore.openAfterRestore(open.folder(), open.sealer(), clock).store().close();
    try (JdbcCredentialStore store = open.store()) {
      revoke(store, laptopCertificate);
    }
    assertThat(log()).hasLineCount(9);
    putBackTheCopy();
    assertThatThrownBy(() -> open.store()).isInstanceOf(RestoredDatabaseException.class);
  }

  @Test
  void leavesADatabaseAloneThatIsNoOlderCopy() throws Exception {
    open.store().close();
    DatabaseDump before = DatabaseDump.of(open.folder().database());
    JdbcCredentialStore.Restored restored =
        JdbcCredentialStore.openAfterRestore(open.folder(), open.sealer(), clock);
    restored.store().close();
    assertThat(restored.report()).isEqualTo(RestoreReport.NOTHING);
    assertThat(DatabaseDump.of(open.folder().database())).isEqualTo(before);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 40", rule = "At start the log gets the lines it lacks")
  void writesWhatTheLogLacks() throws Exception {
    String whole = log();
    List<String> lines = whole.lines().toList();
    for (String cut :
        List.of(
            "", lines.getFirst() + "\n", lines.getFirst() + "\n" + lines.get(1).substring(0, 9))) {
      Files.writeString(open.folder().revocationLog(), cut);
      open.store().close();
      assertThat(log()).isEqualTo(whole);
    }
    Files.delete(open.folder().revocationLog());
    open.store().close();
    assertThat(log()).isEqualTo(whole);
  }

  @Test
  void refusesADamagedLog() throws Exception {
    String damaged = log().replaceFirst("certificate", "certifikate");
    Files.writeString(open.folder().revocationLog(), damaged);
    assertThatThrownBy(() -> open.store())
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(open.folder().revocationLog() + ":1");
    assertThatThrownBy(
            () -> JdbcCredentialStore.openAfterRestore(open.folder(), open.sealer(), clock))
        .isInstanceOf(StoreException.class);
  }

  @Test
  void refusesTheLogOfAnotherDatabase() throws Exception {
    try (OpenFolder other = OpenFolder.at(temporary.resolve("other"), random)) {
      try (JdbcCredentialStore store = other.store()) {
        Account theirs = samples.account("otto@chat.example");
        Credential code = samples.credential(theirs.id(), Optional.empty(), samples.code());
        commit(
            store,
            new CredentialChange.PutAccount(theirs),
            new CredentialChange.PutCredential(code));
        commit(
            store,
            guard(store, theirs.id()),
            new CredentialChange.Withdraw(new Withdrawal.OfCode(code.id())));
      }
      Files.copy(
          other.folder().revocationLog(),
          open.folder().revocationLog(),
          StandardCopyOption.REPLACE_EXISTING);
    }
    assertThatThrownBy(() -> open.store())
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("do not belong together");
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// What every [CredentialStore] promises.
public abstract class CredentialStoreContract {
  private static final Instant NOW = Samples.NOW;

  /// Where ids and octets come from.
  protected final SeededRandom random = SeededRandom.announced();

  /// What is put into the store.
  protected final Samples samples = new Samples(random);

  /// The store under test, empty at the start of each test.
  protected abstract CredentialStore store();

  /// A new account in the store.
  protected final Account newAccount(String address) {
    Account account = samples.account(address);
    commit(new CredentialChange.PutAccount(account));
    return snapshot(account.id()).account();
  }

  /// A new active device in the store.
  protected final Device newDevice(AccountId account) {
    Device device = samples.device(account);
    commit(guard(account), new CredentialChange.PutDevice(device));
    return device;
  }

  /// The version as it stands.
  protected final CredentialChange guard(AccountId account) {
    return new CredentialChange.RequireVersion(account, version(account));
  }

  /// The version as it stands.
  protected final long version(AccountId account) {
    return snapshot(account).account().version();
  }

  /// The account as it stands.
  protected final AccountSnapshot snapshot(AccountId account) {
    return store().find(account).orElseThrow();
  }

  /// Commits what must succeed. Afterwards nobody remembers an account otherwise than it is.
  protected final void commit(CredentialChange... changes) {
    List<Account> before = store().accounts();
    before.forEach(account -> store().find(account.id()));
    assertThat(store().commit(List.of(changes))).isEqualTo(new Commit.Committed());
    for (Account account : before) {
      Optional<AccountSnapshot> remembered = store().remembered(account.jid());
      Optional<AccountSnapshot> found = store().find(account.jid());
      assertThat(remembered.or(() -> found)).isEqualTo(found);
    }
  }

  @Test
  public void findsNothingInAnEmptyStore() {
    assertThat(store().find(AccountJid.parse("nina@chat.example"))).isEmpty();
    assertThat(store().remembered(AccountJid.parse("nina@chat.example"))).isEmpty();
    assertThat(store().find(AccountId.draw(random))).isEmpty();
    assertThat(store().holdersOf(samples.octets(32))).isEmpty();
    assertThat(store().accounts()).isEmpty();
    assertThat(store().events(AccountId.draw(random), 0, 10)).isEmpty();
  }

  @Test
  public void keepsEveryStatusOfAnAccount() {
    for (AccountStatus status : AccountStatus.values()) {
      Account account = samples.account(status.word() + "@chat.example").withStatus(status);
      commit(new CredentialChange.PutAccount(account));
      assertThat(snapshot(account.id()).account())
          .isEqualTo(new Account(account.id(), account.jid(), status, 1, NOW));
    }
    assertThat(store().accounts())
        .extracting(Account::status)
        .containsExactly(AccountStatus.ACTIVE, AccountStatus.DISABLED, AccountStatus.RESERVED);
  }

  @Test
  public void keepsEveryFieldOfADevice() {
    Account account = newAccount("nina@chat.example");
    Device parent = newDevice(account.id());
    for (DeviceStatus status : DeviceStatus.values()) {
      for (DeviceOrigin origin : DeviceOrigin.values()) {
        Device device =
            new Device(
                DeviceId.draw(random),
                account.id(),
                "Ninas Küchen-Radio 📻 '; DROP TABLE device; --",
                status,
                Long.MAX_VALUE,
                Permissions.of(Permission.ENROLL, Permission.RECOVERY),
                Optional.of(new Resource("küche")),
                Optional.of(parent.id()),
                origin,
                true,
                NOW,
                Optional.of(NOW.plusNanos(1)));
        commit(guard(account.id()), new CredentialChange.PutDevice(device));
        assertThat(snapshot(account.id()).device(device.id())).contains(device);
      }
    }
    assertThat(snapshot(account.id()).device(parent.id())).contains(parent);
    Device none = newDevice(account.id());
    Device changed =
        new Device(
            none.id(),
            account.id(),
            "",
            DeviceStatus.DISABLED,
            7,
            Permissions.NONE,
            Optional.of(new Resource("r")),
            Optional.of(parent.id()),
            DeviceOrigin.OPERATOR,
            true,
            NOW.plusSeconds(1),
            Optional.of(NOW));
    commit(guard(account.id()), new CredentialChange.PutDevice(changed));
    assertThat(snapshot(account.id()).device(none.id())).contains(changed);
  }

  @Test
  public void keepsEveryFieldOfACertificate() {
    Account account = newAccount("nina@chat.example");
    Device device = newDevice(account.id());
    Verifier.Certificate issued = samples.certificate();
    Verifier.Certificate uploaded =
        new Verifier.Certificate(
            samples.octets(300),
            Optional.empty(),
            samples.octets(32),
            Optional.empty(),
            false,
            false);
    for (Verifier.Certificate verifier : List.of(issued, uploaded, issued.afterUse())) {
      for (CredentialStatus status : CredentialStatus.values()) {
        Credential kept =
            new Credential(
                CredentialId.draw(random),
                account.id(),
                Optional.of(device.id()),
                status,
                3,
                NOW,
                Optional.of(NOW.plus(Duration.ofDays(90))),
                verifier);
        assertIsKept(kept);
      }
    }
    Credential used = samples.credential(account.id(), Optional.of(device.id()), uploaded);
    assertIsKept(used);
    assertIsKept(used.withVerifier(uploaded.afterUse()));
  }

  @Test
  public void keepsEveryFieldOfAPassword() {
    Account account = newAccount("nina@chat.example");
    Device device = newDevice(account.id());
    Credential password =
        samples.credential(
            account.id(), Optional.of(device.id()), new Verifier.Password(samples.keys()));
    assertIsKept(password);
    assertIsKept(password.withVerifier(new Verifier.Password(samples.keys().subList(0, 1))));
    assertIsKept(password.withStatus(CredentialStatus.REVOKED));
  }

  @Test
  public void keepsEveryFieldOfATokenAndOfAKey() {
    Account account = newAccount("nina@chat.example");
    Device device = newDevice(account.id());
    Verifier.Fast fast = samples.fast();
    Verifier.ClientKey key = samples.clientKey();
    for (Verifier verifier :
        List.of(
            fast,
            fast.afterUse(),
            key,
            key.afterUse(9),
            key.afterAbsence(),
            new Verifier.ClientKey(
                "", "", key.encryptedSecret(), key.validator(), Long.MAX_VALUE, -1, true),
            samples.authToken(),
            new Verifier.AuthToken(samples.octets(32), "", "'; DROP TABLE auth_token; --"))) {
      for (CredentialStatus status : CredentialStatus.values()) {
        assertIsKept(
            new Credential(
                CredentialId.draw(random),
                account.id(),
                Optional.of(device.id()),
                status,
                3,
                NOW,
                Optional.of(NOW.plus(Duration.ofDays(21))),
                verifier));
      }
    }
    Credential promoted = samples.credential(account.id(), Optional.of(device.id()), fast);
    assertIsKept(promoted);
    assertIsKept(promoted.withVerifier(fast.afterUse()));
    Credential counted = samples.credential(account.id(), Optional.of(device.id()), key);
    assertIsKept(counted);
    assertIsKept(counted.withVerifier(key.afterUse(7)));
  }

  @Test
  public void removesATokenWithoutATrace() {
    Account account = newAccount("nina@chat.example");
    Device device = newDevice(account.id());
    for (Verifier verifier :
        List.<Verifier>of(samples.fast(), samples.clientKey(), samples.authToken())) {
      Credential token = samples.credential(account.id(), Optional.of(device.id()), verifier);
      assertIsKept(token);
      long before = version(account.id());
      commit(guard(account.id()), new CredentialChange.RemoveCredential(account.id(), token.id()));
      assertThat(snapshot(account.id()).credentials()).isEmpty();
      assertThat(version(account.id())).isEqualTo(before + 1);
      // What is gone already needs no removal.
      commit(guard(account.id()), new CredentialChange.RemoveCredential(account.id(), token.id()));
      assertIsKept(token);
      commit(guard(account.id()), new CredentialChange.RemoveCredential(account.id(), token.id()));
    }
  }

  @Test
  public void removesNothingThatLastsAndOnlyTheAccountsOwn() {
    Account account = newAccount("nina@chat.example");
    Account other = newAccount("otto@chat.example");
    Device device = newDevice(account.id());
    List<Credential> lasting = new ArrayList<>();
    for (Verifier verifier :
        List.of(samples.certificate(), new Verifier.Password(samples.keys()))) {
      lasting.add(samples.credential(account.id(), Optional.of(device.id()), verifier));
    }
    lasting.add(samples.credential(account.id(), Optional.empty(), samples.code()));
    lasting.forEach(this::assertIsKept);
    for (Credential credential : lasting) {
      List<CredentialChange> removal =
          List.of(
              guard(account.id()),
              new CredentialChange.RemoveCredential(account.id(), credential.id()));
      assertThatThrownBy(() -> store().commit(removal))
          .isInstanceOf(IllegalArgumentException.class);
    }
    Credential token = samples.credential(account.id(), Optional.of(device.id()), samples.fast());
    assertIsKept(token);
    List<CredentialChange> unguarded =
        List.of(new CredentialChange.RemoveCredential(account.id(), token.id()));
    assertThatThrownBy(() -> store().commit(unguarded))
        .isInstanceOf(IllegalArgumentException.class);
    commit(guard(other.id()), new CredentialChange.RemoveCredential(other.id(), token.id()));
    assertThat(snapshot(account.id()).credentials()).containsAll(lasting).contains(token);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 41",
      rule = "A dead token is kept until its expiry, and then goes")
  public void removesTokensAndKeysWhoseDateHasPassed() {
    Account account = newAccount("nina@chat.example");
    Device device = newDevice(account.id());
    List<Credential> all = new ArrayList<>();
    for (int day = 1; day <= 3; day++) {
      for (Verifier verifier :
          List.of(
              samples.fast(), samples.authToken(), samples.clientKey(), samples.certificate())) {
        Credential credential =
            new Credential(
                CredentialId.draw(random),
                account.id(),
                Optional.of(device.id()),
                day == 1 ? CredentialStatus.ACTIVE : CredentialStatus.SUPERSEDED,
                1,
                NOW,
                Optional.of(NOW.plus(Duration.ofDays(day))),
                verifier);
        assertIsKept(credential);
        all.add(credential);
      }
    }
    assertIsKept(samples.credential(account.id(), Optional.of(device.id()), samples.fast()));
    long before = version(account.id());
    assertThat(store().removeExpired(NOW.plus(Duration.ofDays(1)), 10)).isZero();
    assertThat(version(account.id())).isEqualTo(before);
    assertThat(store().removeExpired(NOW.plus(Duration.ofDays(2)).plusNanos(1), 4)).isEqualTo(4);
    assertThat(version(account.id())).isEqualTo(before + 1);
    assertThat(snapshot(account.id()).credentials())
        .hasSize(9)
        .doesNotContain(all.get(0), all.get(1), all.get(2))
        .contains(all.get(3));
    assertThat(store().removeExpired(NOW.plus(Duration.ofDays(2)).plusNanos(1), 4)).isEqualTo(2);
    assertThat(snapshot(account.id()).credentials())
        .hasSize(7)
        .contains(all.get(3), all.get(7), all.get(8), all.get(9), all.get(10));
  }

  @Test
  public void keepsEveryFieldOfACode() {
    Account account = newAccount("nina@chat.example");
    Verifier.Grant full =
        new Verifier.Grant(
            Optional.of("kitchen"),
            Permissions.of(Permission.MANAGE, Permission.PASSWORD),
            Optional.of(new Resource("radio")),
            Optional.of(samples.octets(32)),
            Optional.of(new Verifier.Issuer(DeviceId.draw(random), 5)));
    Verifier.Redemption redemption =
        new Verifier.Redemption(DeviceId.draw(random), samples.octets(32), NOW.plusSeconds(9));
    assertIsKept(samples.credential(account.id(), Optional.empty(), samples.code()));
    Credential code =
        samples.credential(
            account.id(),
            Optional.empty(),
            new Verifier.OneTime(samples.keys(), full, Optional.empty(), 3));
    assertIsKept(code);
    assertIsKept(
        code.withStatus(CredentialStatus.REDEEMED)
            .withVerifier(new Verifier.OneTime(samples.keys(), full, Optional.of(redemption), 19)));
  }

  private void assertIsKept(Credential credential) {
    commit(guard(credential.account()), new CredentialChange.PutCredential(credential));
    assertThat(snapshot(credential.account()).credential(credential.id())).contains(credential);
  }

  @Test
  public void listsDevicesAndCredentialsInTheOrderTheyCame() {
    Account account = newAccount("nina@chat.example");
    List<Device> devices = new ArrayList<>();
    List<Credential> credentials = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      devices.add(newDevice(account.id()));
      Credential credential =
          samples.credential(account.id(), Optional.of(devices.get(i).id()), samples.certificate());
      credentials.add(credential);
      commit(guard(account.id()), new CredentialChange.PutCredential(credential));
    }
    commit(guard(account.id()), new CredentialChange.PutDevice(devices.getFirst()));
    assertThat(snapshot(account.id()).devices()).isEqualTo(devices);
    assertThat(snapshot(account.id()).credentials()).isEqualTo(credentials);
  }

  @Test
  public void showsAnAccountOnlyWhatIsItsOwn() {
    Account nina = newAccount("nina@chat.example");
    Account otto = newAccount("otto@chat.example");
    Device device = newDevice(nina.id());
    Credential credential =
        samples.credential(nina.id(), Optional.of(device.id()), samples.certificate());
    commit(guard(nina.id()), new CredentialChange.PutCredential(credential));
    AccountSnapshot other = store().find(otto.jid()).orElseThrow();
    assertThat(other.devices()).isEmpty();
    assertThat(other.credentials()).isEmpty();
    assertThat(store().find(nina.jid()).orElseThrow().devices()).containsExactly(device);
  }

  @Test
  public void listsAccountsByAddress() {
    for (String address : List.of("b@chat.example", "a@chat.example", "a@a.example")) {
      newAccount(address);
    }
    assertThat(store().accounts())
        .extracting(account -> account.jid().toString())
        .containsExactly("a@a.example", "a@chat.example", "b@chat.example");
  }

  @Test
  public void countsTheVersionOnceForEachCommitThatChangesTheAccount() {
    Account account = newAccount("nina@chat.example");
    assertThat(account.version()).isEqualTo(1);
    Device device = samples.device(account.id());
    commit(
        guard(account.id()),
        new CredentialChange.PutAccount(account.withStatus(AccountStatus.DISABLED)),
        new CredentialChange.PutDevice(device),
        new CredentialChange.PutCredential(
            samples.credential(account.id(), Optional.of(device.id()), samples.certificate())));
    assertThat(version(account.id())).isEqualTo(2);
  }

  @Test
  public void countsTheVersionItselfWhateverItIsTold() {
    Account told = samples.account("nina@chat.example");
    commit(
        new CredentialChange.PutAccount(
            new Account(told.id(), told.jid(), told.status(), 77, told.created())));
    assertThat(version(told.id())).isEqualTo(1);
    commit(
        guard(told.id()),
        new CredentialChange.PutAccount(
            new Account(told.id(), told.jid(), told.status(), 77, told.created())));
    assertThat(version(told.id())).isEqualTo(2);
  }

  @Test
  public void doesNotCountEventsTouchesPreconditionsAndWithdrawals() {
    Account account = newAccount("nina@chat.example");
    Device device = newDevice(account.id());
    long before = version(account.id());
    commit(
        guard(account.id()),
        new CredentialChange.RequireDevice(device.id(), 1),
        new CredentialChange.Touch(device.account(), device.id(), NOW),
        new CredentialChange.Append(
            samples.event(account.id(), new Actor.Operator(), Optional.empty())),
        new CredentialChange.Withdraw(new Withdrawal.OfDevice(device.id(), 2)));
    assertThat(version(account.id())).isEqualTo(before);
  }

  @Test
  public void writesNothingWhenTheVersionIsAnother() {
    Account account = newAccount("nina@chat.example");
    AccountSnapshot before = snapshot(account.id());
    for (long version : List.of(account.version() - 1, account.version() + 1)) {
      CredentialChange stale = new CredentialChange.RequireVersion(account.id(), version);
      assertIsLost(
          stale,
          new CredentialChange.Append(
              samples.event(account.id(), new Actor.Operator(), Optional.empty())),
          stale,
          new CredentialChange.PutDevice(samples.device(account.id())));
    }
    assertThat(snapshot(account.id())).isEqualTo(before);
    assertThat(store().events(account.id(), 0, 10)).isEmpty();
  }

  @Test
  public void writesNothingWhenTheAccountIsNotThere() {
    Account account = newAccount("nina@chat.example");
    CredentialChange absent = new CredentialChange.RequireVersion(AccountId.draw(random), 0);
    assertIsLost(
        absent,
        guard(account.id()),
        new CredentialChange.PutDevice(samples.device(account.id())),
        absent);
    assertThat(snapshot(account.id()).devices()).isEmpty();
  }

  @Test
  public void takesBackWhatStoodBeforeALostPrecondition() {
    Account account = newAccount("nina@chat.example");
    Device device = newDevice(account.id());
    AccountSnapshot before = snapshot(account.id());
    CredentialChange lost = new CredentialChange.RequireDevice(device.id(), 2);
    Account another = samples.account("otto@chat.example");
    assertIsLost(
        lost,
        new CredentialChange.PutAccount(another),
        guard(account.id()),
        new CredentialChange.PutAccount(account.withStatus(AccountStatus.DELETED)),
        new CredentialChange.PutDevice(device.revoked()),
        new CredentialChange.PutCredential(
            samples.credential(account.id(), Optional.empty(), samples.code())),
        new CredentialChange.Touch(device.account(), device.id(), NOW),
        new CredentialChange.Append(
            samples.event(account.id(), new Actor.Operator(), Optional.empty())),
        new CredentialChange.Withdraw(new Withdrawal.OfDevice(device.id(), 2)),
        new CredentialChange.RequireDevice(device.id(), 2));
    assertThat(snapshot(account.id())).isEqualTo(before);
    assertThat(store().find(another.id())).isEmpty();
    assertThat(store().events(account.id(), 0, 10)).isEmpty();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 39",
      rule = "What acts on a device needs it active, in its generation, in an active account")
  public void losesWhenTheDeviceMayNotAct() {
    Account account = newAccount("nina@chat.example");
    Device device = newDevice(account.id());
    CredentialChange acting = new CredentialChange.RequireDevice(device.id(), 1);
    CredentialChange line =
        new CredentialChange.Append(
            samples.event(account.id(), new Actor.Operator(), Optional.empty()));
    commit(acting, line);
    commit(acting);

    for (CredentialChange other :
        List.of(
            new CredentialChange.RequireDevice(device.id(), 0),
            new CredentialChange.RequireDevice(device.id(), 2),
            new CredentialChange.RequireDevice(DeviceId.draw(random), 1))) {
      assertIsLost(other, other, line);
      assertIsLost(other, other);
      assertIsLost(other, other, new CredentialChange.Touch(device.account(), device.id(), NOW));
    }
    assertThat(snapshot(account.id()).device(device.id()).orElseThrow().lastSeen()).isEmpty();
    for (DeviceStatus status : DeviceStatus.values()) {
      if (status != DeviceStatus.ACTIVE) {
        commit(guard(account.id()), new CredentialChange.PutDevice(with(device, status)));
        assertIsLost(acting, acting, line);
        assertIsLost(acting, acting);
      }
    }
    commit(guard(account.id()), new CredentialChange.PutDevice(device));
    for (AccountStatus status : AccountStatus.values()) {
      if (status != AccountStatus.ACTIVE) {
        commit(guard(account.id()), new CredentialChange.PutAccount(account.withStatus(status)));
        assertIsLost(acting, acting, line);
        assertIsLost(acting, acting);
      }
    }
    assertThat(store().events(account.id(), 0, 10)).hasSize(1);
  }

  private static Device with(Device device, DeviceStatus status) {
    return new Device(
        device.id(),
        device.account(),
        device.name(),
        status,
        device.generation(),
        device.permissions(),
        device.resourceLock(),
        device.parent(),
        device.origin(),
        device.unbound(),
        device.firstSeen(),
        device.lastSeen());
  }

  private void assertIsLost(CredentialChange which, CredentialChange... changes) {
    assertThat(store().commit(List.of(changes))).isEqualTo(new Commit.Lost(which));
  }

  @Test
  public void refusesAChangeOfAnAccountWithoutItsVersion() {
    Account account = newAccount("nina@chat.example");
    Account other = newAccount("otto@chat.example");
    Device device = newDevice(account.id());
    AccountSnapshot before = snapshot(account.id());
    for (CredentialChange unguarded :
        List.of(
            new CredentialChange.PutAccount(account.withStatus(AccountStatus.DISABLED)),
            new CredentialChange.PutDevice(device.revoked()),
            new CredentialChange.PutCredential(
                samples.credential(account.id(), Optional.empty(), samples.code())))) {
      List<CredentialChange> changes =
          List.of(
              guard(other.id()),
              new CredentialChange.Append(
                  samples.event(account.id(), new Actor.Operator(), Optional.empty())),
              unguarded,
              guard(account.id()));
      assertThatThrownBy(() -> store().commit(changes))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(snapshot(account.id())).isEqualTo(before);
    assertThat(store().events(account.id(), 0, 10)).isEmpty();
  }

  @Test
  public void refusesWhatHangsOnNothing() {
    Account account = newAccount("nina@chat.example");
    Account other = newAccount("otto@chat.example");
    Device theirs = newDevice(other.id());
    AccountSnapshot before = snapshot(account.id());
    Device orphan = samples.device(account.id()).withParent(Optional.of(DeviceId.draw(random)));
    for (CredentialChange refused :
        List.of(
            new CredentialChange.PutDevice(orphan),
            new CredentialChange.PutDevice(
                samples.device(account.id()).withParent(Optional.of(theirs.id()))),
            new CredentialChange.PutCredential(
                samples.credential(
                    account.id(), Optional.of(DeviceId.draw(random)), samples.certificate())),
            new CredentialChange.PutCredential(
                samples.credential(account.id(), Optional.of(theirs.id()), samples.certificate())),
            new CredentialChange.Append(
                samples.event(AccountId.draw(random), new Actor.Operator(), Optional.empty())))) {
      List<CredentialChange> changes = List.of(guard(account.id()), refused);
      assertThatThrownBy(() -> store().commit(changes))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(snapshot(account.id())).isEqualTo(before);
  }

  @Test
  public void movesNothingToAnotherAccount() {
    Account account = newAccount("nina@chat.example");
    Account other = newAccount("otto@chat.example");
    Device device = newDevice(account.id());
    Credential code = samples.credential(account.id(), Optional.empty(), samples.code());
    commit(guard(account.id()), new CredentialChange.PutCredential(code));
    AccountSnapshot before = snapshot(account.id());
    Credential moved =
        new Credential(
            code.id(),
            other.id(),
            Optional.empty(),
            code.status(),
            1,
            NOW,
            Optional.empty(),
            code.verifier());
    Device movedDevice =
        new Device(
            device.id(),
            other.id(),
            "mine",
            device.status(),
            1,
            device.permissions(),
            Optional.empty(),
            Optional.empty(),
            device.origin(),
            false,
            NOW,
            Optional.empty());
    for (CredentialChange refused :
        List.of(
            new CredentialChange.PutCredential(moved),
            new CredentialChange.PutDevice(movedDevice))) {
      List<CredentialChange> changes = List.of(guard(other.id()), guard(account.id()), refused);
      assertThatThrownBy(() -> store().commit(changes))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThat(snapshot(account.id())).isEqualTo(before);
    assertThat(snapshot(other.id()).devices()).isEmpty();
  }

  @Test
  public void losesANewAccountWithATakenAddress() {
    Account first = newAccount("nina@chat.example");
    CredentialChange second = new CredentialChange.PutAccount(samples.account("nina@chat.example"));
    assertIsLost(second, second);
    assertThat(store().accounts()).containsExactly(first);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 4",
      rule = "An account made again under the same name has a new id and nothing of the old one")
  public void givesTheAddressOfADeletedAccountToANewOne() {
    Account first = newAccount("nina@chat.example");
    Device device = newDevice(first.id());
    Credential certificate =
        samples.credential(first.id(), Optional.of(device.id()), samples.certificate());
    commit(
        guard(first.id()),
        new CredentialChange.PutCredential(certificate),
        new CredentialChange.Append(
            samples.event(first.id(), new Actor.Operator(), Optional.empty())),
        new CredentialChange.PutAccount(first.withStatus(AccountStatus.DELETED)));
    assertThat(store().find(first.jid())).isEmpty();
    Account second = newAccount("nina@chat.example");
    AccountSnapshot found = store().find(second.jid()).orElseThrow();
    assertThat(found.account().id()).isEqualTo(second.id());
    assertThat(found.devices()).isEmpty();
    assertThat(found.credentials()).isEmpty();
    assertThat(store().events(second.id(), 0, 10)).isEmpty();
    assertThat(snapshot(first.id()).credentials()).containsExactly(certificate);
    assertThat(store().accounts()).containsExactly(second);

    CredentialChange again =
        new CredentialChange.PutAccount(first.withStatus(AccountStatus.ACTIVE));
    assertIsLost(again, guard(first.id()), again);
    assertThat(snapshot(first.id()).account().status()).isEqualTo(AccountStatus.DELETED);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 2, rule 3",
      rule = "The SHA-256 of the certificate finds its rows, of several accounts, dead ones too")
  public void findsACertificateInSeveralAccounts() {
    Account nina = newAccount("nina@chat.example");
    Account otto = newAccount("otto@chat.example");
    Verifier.Certificate shared = samples.certificate();
    List<Credential> rows = new ArrayList<>();
    for (Account account : List.of(nina, otto)) {
      Device device = newDevice(account.id());
      Credential row =
          samples
              .credential(account.id(), Optional.of(device.id()), shared)
              .withStatus(CredentialStatus.REVOKED);
      rows.add(row);
      commit(
          guard(account.id()),
          new CredentialChange.PutCredential(row),
          new CredentialChange.PutCredential(
              samples.credential(account.id(), Optional.of(device.id()), samples.certificate())));
    }
    List<CertificateHolder> holders = store().holdersOf(shared.fingerprint());
    assertThat(holders).extracting(CertificateHolder::credential).isEqualTo(rows);
    for (CertificateHolder holder : holders) {
      assertThat(holder.snapshot()).isEqualTo(snapshot(holder.credential().account()));
      assertThat(holder.device().id()).isEqualTo(holder.credential().device().orElseThrow());
    }
    assertThat(store().holdersOf(shared.certificate())).isEmpty();
    assertThat(store().holdersOf(shared.publicKey())).isEmpty();
  }

  @Test
  public void numbersTheEventsOfEachAccount() {
    Account nina = newAccount("nina@chat.example");
    Account otto = newAccount("otto@chat.example");
    Device device = newDevice(nina.id());
    List<Event> events = new ArrayList<>();
    for (Actor actor :
        List.of(
            new Actor.Operator(),
            new Actor.OfDevice(device.id(), 4),
            new Actor.OfCode(CredentialId.draw(random)))) {
      events.add(samples.event(nina.id(), actor, Optional.of("because of " + actor)));
    }
    for (EventKind kind : EventKind.values()) {
      events.add(
          new Event(
              0,
              nina.id(),
              NOW,
              kind,
              new Actor.Operator(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty()));
    }
    for (Event event : events) {
      commit(
          new CredentialChange.Append(event),
          new CredentialChange.Append(
              samples.event(otto.id(), new Actor.Operator(), Optional.empty())));
    }
    List<Event> numbered = new ArrayList<>();
    for (Event event : events) {
      numbered.add(
          new Event(
              numbered.size() + 1,
              event.account(),
              event.at(),
              event.kind(),
              event.actor(),
              event.device(),
              event.credential(),
              event.reason()));
    }
    assertThat(store().events(nina.id(), 0, 100)).isEqualTo(numbered);
    assertThat(store().events(nina.id(), 2, 3)).isEqualTo(numbered.subList(2, 5));
    assertThat(store().events(nina.id(), numbered.size(), 3)).isEmpty();
    assertThat(store().events(otto.id(), 0, 100)).hasSize(events.size());
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 37",
      rule = "The last events of each kind are kept, and none is pushed out by another kind")
  public void keepsTheLastEventsOfEachKind() {
    Account account = newAccount("nina@chat.example");
    Account other = newAccount("otto@chat.example");
    append(account, EventKind.ADDED);
    append(other, EventKind.TOKEN_ISSUED);
    for (int i = 0; i < CredentialStore.EVENTS_OF_A_KIND + 3; i++) {
      append(account, EventKind.TOKEN_ISSUED);
    }
    List<Event> kept = store().events(account.id(), 0, 1000);
    assertThat(kept).hasSize(1 + CredentialStore.EVENTS_OF_A_KIND);
    assertThat(kept.getFirst().kind()).isEqualTo(EventKind.ADDED);
    assertThat(kept).extracting(Event::seq).isSorted().startsWith(1L, 5L);
    assertThat(kept.getLast().seq()).isEqualTo(CredentialStore.EVENTS_OF_A_KIND + 4);
    assertThat(store().events(other.id(), 0, 1000)).hasSize(1);
  }

  private void append(Account account, EventKind kind) {
    commit(
        new CredentialChange.Append(
            new Event(
                0,
                account.id(),
                NOW,
                kind,
                new Actor.Operator(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty())));
  }

  @Test
  public void readsBackWhenADeviceWasLastSeen() {
    Account account = newAccount("nina@chat.example");
    Device device = newDevice(account.id());
    for (int i = 1; i <= 3; i++) {
      Instant at = NOW.plusSeconds(i);
      commit(new CredentialChange.Touch(device.account(), device.id(), at));
      assertThat(lastSeen(device)).contains(at);
    }
    commit(new CredentialChange.Touch(account.id(), DeviceId.draw(random), NOW));
    commit(
        new CredentialChange.RequireDevice(device.id(), 1),
        new CredentialChange.Touch(device.account(), device.id(), NOW.plusSeconds(9)));
    assertThat(lastSeen(device)).contains(NOW.plusSeconds(9));
  }

  @Test
  public void neverTakesBackWhenADeviceWasLastSeen() {
    Account account = newAccount("nina@chat.example");
    Device device = newDevice(account.id());
    commit(new CredentialChange.Touch(device.account(), device.id(), NOW));
    commit(guard(account.id()), new CredentialChange.PutDevice(device));
    assertThat(lastSeen(device)).contains(NOW);
    commit(new CredentialChange.Touch(device.account(), device.id(), NOW.minusSeconds(1)));
    assertThat(lastSeen(device)).contains(NOW);
  }

  private Optional<Instant> lastSeen(Device device) {
    return snapshot(device.account()).device(device.id()).orElseThrow().lastSeen();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 4",
      rule = "Of two that decided on one state, exactly one is written")
  public void letsExactlyOneOfTwoWinOnOneVersion() throws Exception {
    int rounds = 200;
    Account account = newAccount("nina@chat.example");
    CyclicBarrier start = new CyclicBarrier(2);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < rounds; round++) {
        CredentialChange guard = guard(account.id());
        List<Future<Commit>> both = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
          List<CredentialChange> changes =
              List.of(guard, new CredentialChange.PutDevice(samples.device(account.id())));
          Callable<Commit> contender =
              () -> {
                start.await(30, TimeUnit.SECONDS);
                return store().commit(changes);
              };
          both.add(threads.submit(contender));
        }
        List<Commit> ends = new ArrayList<>();
        for (Future<Commit> end : both) {
          ends.add(end.get(30, TimeUnit.SECONDS));
        }
        assertThat(ends).containsExactlyInAnyOrder(new Commit.Committed(), new Commit.Lost(guard));
      }
    }
    assertThat(snapshot(account.id()).devices()).hasSize(rounds);
    assertThat(version(account.id())).isEqualTo(1 + rounds);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 13",
      rule = "A child of a device that is revoked meanwhile is not written")
  public void neverWritesAChildOfARevokedDevice() throws Exception {
    Account account = newAccount("nina@chat.example");
    CyclicBarrier start = new CyclicBarrier(2);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int round = 0; round < 50; round++) {
        Device parent = newDevice(account.id());
        Device child = samples.device(account.id()).withParent(Optional.of(parent.id()));
        CredentialChange guard = guard(account.id());
        Callable<Commit> revoke =
            () -> {
              start.await(30, TimeUnit.SECONDS);
              return store()
                  .commit(List.of(guard, new CredentialChange.PutDevice(parent.revoked())));
            };
        Callable<Commit> derive =
            () -> {
              start.await(30, TimeUnit.SECONDS);
              return store()
                  .commit(
                      List.of(
                          guard,
                          new CredentialChange.RequireDevice(parent.id(), 1),
                          new CredentialChange.PutDevice(child)));
            };
        Future<Commit> revoked = threads.submit(revoke);
        Future<Commit> derived = threads.submit(derive);
        boolean isRevoked = revoked.get(30, TimeUnit.SECONDS).equals(new Commit.Committed());
        boolean isDerived = derived.get(30, TimeUnit.SECONDS).equals(new Commit.Committed());
        assertThat(isRevoked).isNotEqualTo(isDerived);
        assertThat(snapshot(account.id()).device(child.id()).isPresent()).isEqualTo(isDerived);
      }
    }
  }

  @Test
  public void commitsAWholeEdit() {
    Account account = newAccount("nina@chat.example");
    Device device = newDevice(account.id());
    Credential certificate =
        samples.credential(account.id(), Optional.of(device.id()), samples.certificate());
    Credential code = samples.credential(account.id(), Optional.empty(), samples.code());
    commit(
        guard(account.id()),
        new CredentialChange.PutCredential(certificate),
        new CredentialChange.PutCredential(code));
    AccountSnapshot before = snapshot(account.id());
    List<CredentialChange> changes =
        before
            .edit(new Actor.Operator(), NOW)
            .revoke(device, List.of(certificate), Optional.of("lost"))
            .revoke(code)
            .changes();
    assertThat(store().commit(changes)).isEqualTo(new Commit.Committed());
    AccountSnapshot after = snapshot(account.id());
    assertThat(after.devices()).containsExactly(device.revoked());
    assertThat(after.credentials())
        .extracting(Credential::status)
        .containsExactly(CredentialStatus.REVOKED, CredentialStatus.REVOKED);
    assertThat(store().events(account.id(), 0, 10))
        .extracting(Event::kind)
        .containsExactly(EventKind.REVOKED);
    assertThat(store().commit(changes)).isEqualTo(new Commit.Lost(changes.getFirst()));
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.CertificateHolder;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.Samples;
import dev.latchkey.credential.Verifier;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SnapshotsTest {
  private static final Instant SEEN = Samples.NOW.plusSeconds(7);

  private final Samples samples = new Samples(SeededRandom.announced());
  private final Account account = samples.account("nina@chat.example");
  private final Device device = samples.device(account.id());
  private final Verifier.Certificate certificate = samples.certificate();
  private final Credential credential =
      samples.credential(account.id(), Optional.of(device.id()), certificate);
  private final AccountSnapshot read =
      new AccountSnapshot(account, List.of(device), List.of(credential));
  private final List<CertificateHolder> holders =
      List.of(new CertificateHolder(read, device, credential));
  private final Touches touches = new Touches();
  private final Snapshots snapshots = new Snapshots();

  private void remember() {
    snapshots.remember(certificate.fingerprint(), holders, snapshots.moment(), touches);
  }

  @Test
  void remembersWhatWasRead() {
    assertThat(snapshots.at(account.jid())).isEmpty();
    assertThat(snapshots.holdersOf(certificate.fingerprint())).isEmpty();
    remember();
    assertThat(snapshots.at(account.jid())).contains(read);
    assertThat(snapshots.holdersOf(certificate.fingerprint())).contains(holders);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rules: 39, I8",
      rule = "what was read before a change is nobody's answer after it")
  void forgetsWhatHasChanged() {
    remember();
    snapshots.forget(List.of(account.id()), List.of());
    assertThat(snapshots.at(account.jid())).isEmpty();
    assertThat(snapshots.holdersOf(certificate.fingerprint())).isEmpty();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rules: 39, I8",
      rule = "what was read before a change is nobody's answer after it")
  void doesNotRememberWhatWasReadWhileSomethingChanged() {
    long before = snapshots.moment();
    snapshots.forget(List.of(samples.account("otto@chat.example").id()), List.of());
    snapshots.remember(read, before, touches);
    snapshots.remember(certificate.fingerprint(), holders, before, touches);
    assertThat(snapshots.at(account.jid())).isEmpty();
    assertThat(snapshots.holdersOf(certificate.fingerprint())).isEmpty();
  }

  @Test
  void asksAgainForACertificateThatIsListedOnceMore() {
    remember();
    snapshots.forget(List.of(), List.of(certificate.fingerprint()));
    assertThat(snapshots.holdersOf(certificate.fingerprint())).isEmpty();
    assertThat(snapshots.at(account.jid())).contains(read);
  }

  @Test
  void doesNotShowADeletedAccountAtItsAddress() {
    Account deleted = account.withStatus(AccountStatus.DELETED);
    snapshots.remember(
        new AccountSnapshot(deleted, List.of(), List.of()), snapshots.moment(), touches);
    assertThat(snapshots.at(account.jid())).isEmpty();
  }

  @Test
  void remembersNothingOfACertificateThatNobodyLists() {
    snapshots.remember(certificate.fingerprint(), List.of(), snapshots.moment(), touches);
    assertThat(snapshots.holdersOf(certificate.fingerprint())).isEmpty();
  }

  @Test
  void showsThatADeviceWasSeenSinceItWasRemembered() {
    remember();
    touch(SEEN);
    touch(SEEN.minusSeconds(1)); // too late to count
    assertThat(lastSeen()).contains(SEEN);
  }

  @Test
  void showsThatADeviceWasSeenWhileItWasRead() {
    long before = snapshots.moment();
    touch(SEEN);
    snapshots.remember(read, before, touches);
    assertThat(lastSeen()).contains(SEEN);
  }

  @Test
  void holdsABoundedNumberOfAccounts() {
    List<Credential> many =
        IntStream.range(0, 1_000)
            .mapToObj(_ -> samples.credential(account.id(), Optional.empty(), samples.code()))
            .toList();
    List<Account> accounts =
        IntStream.range(0, 100).mapToObj(i -> samples.account("a" + i + "@chat.example")).toList();
    for (Account one : accounts) {
      snapshots.remember(new AccountSnapshot(one, List.of(), many), snapshots.moment(), touches);
    }
    assertThat(accounts.stream().filter(one -> snapshots.at(one.jid()).isPresent()).count())
        .isBetween(1L, 50L);
  }

  private void touch(Instant at) {
    snapshots.touch(account.id(), device.id(), at, () -> touches.add(device.id(), at));
  }

  private Optional<Instant> lastSeen() {
    return snapshots.at(account.jid()).orElseThrow().devices().getFirst().lastSeen();
  }
}

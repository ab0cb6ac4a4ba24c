// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CertificateHolder;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Verifier;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// Accounts as they were read last, so that who comes back waits for no disk.
///
/// What is remembered is what a read would tell: a change forgets the account it is about before
/// whoever made it hears that it is done ([#forget]), and what was read while anything changed is
/// not remembered ([#moment], [#remember]). Only this process writes into the database. Bounded;
/// thread-safe; never waits. What is sealed in an account is sealed here too.
final class Snapshots {
  /// As many rows of accounts, devices and credentials together are remembered at most; each is
  /// some hundred octets.
  private static final long MOST_ROWS = 50_000;

  private final Moments moments = new Moments();
  private final Cache<AccountId, AccountSnapshot> accounts =
      Caffeine.newBuilder()
          .maximumWeight(MOST_ROWS)
          .weigher(
              (AccountId _, AccountSnapshot account) ->
                  1 + account.devices().size() + account.credentials().size())
          .executor(Runnable::run)
          .build();
  private final Cache<AccountJid, AccountId> addresses = index();
  private final Cache<Bytes, List<AccountId>> certificates = index();

  private static <K, V> Cache<K, V> index() {
    return Caffeine.newBuilder().maximumSize(MOST_ROWS).executor(Runnable::run).build();
  }

  /// The account with this address that is not deleted, if it is remembered.
  Optional<AccountSnapshot> at(AccountJid address) {
    AccountId id = addresses.getIfPresent(address);
    return id == null
        ? Optional.empty()
        : Optional.ofNullable(accounts.getIfPresent(id))
            .filter(account -> account.account().status() != AccountStatus.DELETED);
  }

  /// Under which rows a certificate is listed, if all of them are remembered.
  Optional<List<CertificateHolder>> holdersOf(Bytes fingerprint) {
    List<AccountId> listed = certificates.getIfPresent(fingerprint);
    if (listed == null) {
      return Optional.empty();
    }
    List<CertificateHolder> holders = new ArrayList<>();
    for (AccountId id : listed) {
      AccountSnapshot account = accounts.getIfPresent(id);
      if (account == null) {
        return Optional.empty();
      }
      for (Credential credential : account.credentials()) {
        if (credential.verifier() instanceof Verifier.Certificate certificate
            && certificate.fingerprint().equals(fingerprint)) {
          holders.add(CertificateHolder.of(account, credential));
        }
      }
    }
    return Optional.of(List.copyOf(holders));
  }

  /// To be asked before a read whose result is to be remembered.
  long moment() {
    return moments.now();
  }

  /// Remembers what was read, unless something has changed since.
  ///
  /// @param since the moment before the read
  /// @param held what had not been written then
  void remember(AccountSnapshot read, long since, Touches held) {
    moments.remember(since, () -> put(read, held));
  }

  /// Remembers under which rows a certificate is listed; as [#remember].
  ///
  /// @param holders all of them
  void remember(Bytes fingerprint, List<CertificateHolder> holders, long since, Touches held) {
    if (holders.isEmpty()) {
      return; // strangers' certificates would push out the others
    }
    moments.remember(
        since,
        () -> {
          holders.forEach(holder -> put(holder.snapshot(), held));
          certificates.put(
              fingerprint,
              holders.stream().map(holder -> holder.snapshot().account().id()).distinct().toList());
        });
  }

  private void put(AccountSnapshot read, Touches held) {
    // As nothing was written since, what was touched since is still held.
    AccountSnapshot now = held.view().on(read);
    accounts.put(now.account().id(), now);
    addresses.put(now.account().jid(), now.account().id());
  }

  /// A device was seen. Runs what notes it so that nobody remembers an account beside it.
  void touch(AccountId account, DeviceId device, Instant at, Runnable note) {
    moments.within(
        () -> {
          note.run();
          AccountSnapshot known = accounts.getIfPresent(account);
          if (known != null) {
            accounts.put(account, Touches.seen(known, device, at));
          }
        });
  }

  /// A transaction has ended: these accounts may have changed, and these certificates may be listed
  /// elsewhere too.
  void forget(Collection<AccountId> changed, Collection<Bytes> listed) {
    moments.end(
        () -> {
          accounts.invalidateAll(changed);
          certificates.invalidateAll(listed);
        });
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.demo;

import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CertificateHolder;
import dev.latchkey.credential.Commit;
import dev.latchkey.credential.CredentialChange;
import dev.latchkey.credential.CredentialStore;
import dev.latchkey.credential.Event;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// A store that shows accounts otherwise than they are. For breaking a protection on purpose.
class AlteredStore implements CredentialStore {
  private final CredentialStore store;
  private final UnaryOperator<AccountSnapshot> alteration;

  AlteredStore(CredentialStore store, UnaryOperator<AccountSnapshot> alteration) {
    this.store = store;
    this.alteration = alteration;
  }

  @Override
  public Optional<AccountSnapshot> find(AccountJid account) {
    return store.find(account).map(alteration);
  }

  @Override
  public Optional<AccountSnapshot> remembered(AccountJid account) {
    return store.remembered(account).map(alteration);
  }

  @Override
  public Optional<AccountSnapshot> find(AccountId account) {
    return store.find(account).map(alteration);
  }

  @Override
  public List<CertificateHolder> holdersOf(Bytes fingerprint) {
    return store.holdersOf(fingerprint).stream().map(this::altered).toList();
  }

  private CertificateHolder altered(CertificateHolder holder) {
    AccountSnapshot snapshot = alteration.apply(holder.snapshot());
    return CertificateHolder.of(
        snapshot, snapshot.credential(holder.credential().id()).orElseThrow());
  }

  @Override
  public List<Account> accounts() {
    return store.accounts();
  }

  @Override
  public List<Event> events(AccountId account, long after, int limit) {
    return store.events(account, after, limit);
  }

  @Override
  public Commit commit(List<CredentialChange> changes) {
    return store.commit(changes);
  }

  @Override
  public int removeExpired(Instant before, int limit) {
    return store.removeExpired(before, limit);
  }
}

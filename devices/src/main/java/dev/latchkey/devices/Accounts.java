// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.CredentialStore;
import java.util.List;
import java.util.Optional;

/// Which accounts there are. Thread-safe; waits for the store.
public final class Accounts {
  private final CredentialStore store;

  /// Reads from the given store.
  public Accounts(CredentialStore store) {
    this.store = store;
  }

  /// All that are not deleted, reserved ones too, by address: for the operator.
  public List<Account> list() {
    return store.accounts();
  }

  /// Whether there is such an account, to everybody but the operator: a reserved one is unknown
  /// until its first code is redeemed (rule 60).
  public boolean exists(AccountJid account) {
    return status(account).filter(status -> status != AccountStatus.RESERVED).isPresent();
  }

  /// What it may do; nothing if there is none.
  public Optional<AccountStatus> status(AccountJid account) {
    return find(account).map(Account::status);
  }

  /// The account, unless there is none.
  public Optional<Account> find(AccountJid account) {
    return store.find(account).map(AccountSnapshot::account);
  }
}

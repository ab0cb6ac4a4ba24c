// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.roster;

import dev.latchkey.credential.AccountId;

final class InMemoryRosterStoreTest extends RosterStoreContract {
  private final RosterStore store = new InMemoryRosterStore();
  private int accounts;

  @Override
  protected RosterStore store() {
    return store;
  }

  @Override
  protected AccountId newAccount() {
    return new AccountId("acct-" + ++accounts);
  }
}

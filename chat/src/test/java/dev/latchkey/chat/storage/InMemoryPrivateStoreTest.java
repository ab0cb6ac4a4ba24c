// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.storage;

import dev.latchkey.credential.AccountId;

final class InMemoryPrivateStoreTest extends PrivateStoreContract {
  private final PrivateStore store = new InMemoryPrivateStore();
  private int accounts;

  @Override
  protected PrivateStore store() {
    return store;
  }

  @Override
  protected AccountId newAccount() {
    return new AccountId("acct-" + ++accounts);
  }
}

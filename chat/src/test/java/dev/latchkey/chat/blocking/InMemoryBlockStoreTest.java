// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.blocking;

import dev.latchkey.credential.AccountId;

final class InMemoryBlockStoreTest extends BlockStoreContract {
  private final BlockStore store = new InMemoryBlockStore();
  private int accounts;

  @Override
  protected BlockStore store() {
    return store;
  }

  @Override
  protected AccountId newAccount() {
    return new AccountId("acct-" + ++accounts);
  }
}

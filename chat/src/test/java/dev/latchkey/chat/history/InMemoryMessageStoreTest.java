// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

import dev.latchkey.credential.AccountId;

final class InMemoryMessageStoreTest extends MessageStoreContract {
  private InMemoryMessageStore store = new InMemoryMessageStore(random);

  @Override
  protected void open() {
    store = new InMemoryMessageStore(random);
  }

  @Override
  protected MessageStore store() {
    return store;
  }

  @Override
  protected AccountId newAccount(String localpart) {
    return new AccountId("acct-" + localpart);
  }
}

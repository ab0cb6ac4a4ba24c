// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

import dev.latchkey.credential.AccountId;
import org.junit.jupiter.api.BeforeEach;

final class InMemoryMessageStoreTest extends MessageStoreContract {
  private final InMemoryMessageStore store = new InMemoryMessageStore(random);

  @BeforeEach
  void begin() {
    makeAccounts();
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

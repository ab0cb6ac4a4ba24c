// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.credential.AccountId;

final class MemoryHibernationTest extends HibernationStoreContract {
  private final HibernationStore store = new MemoryHibernation();
  private int accounts;

  @Override
  protected HibernationStore store() {
    return store;
  }

  @Override
  protected AccountId newAccount() {
    return new AccountId("acct-" + ++accounts);
  }
}

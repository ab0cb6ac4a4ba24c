// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.credential.AccountId;

/// A row holds an address, an element or messages that are none to this version: one that another
/// has kept, or that somebody wrote into the file. [Sql#each] leaves the row out.
final class UnreadableRowException extends StoreException {
  private static final long serialVersionUID = 1L;

  private final AccountId owner;

  private UnreadableRowException(AccountId owner, String held, Throwable cause) {
    super("the database holds %s that cannot be read".formatted(held), cause);
    this.owner = owner;
  }

  static UnreadableRowException ofAddress(AccountId owner, Throwable cause) {
    return new UnreadableRowException(owner, "an address", cause);
  }

  static UnreadableRowException ofElement(AccountId owner, Throwable cause) {
    return new UnreadableRowException(owner, "an element", cause);
  }

  static UnreadableRowException ofMessages(AccountId owner, Throwable cause) {
    return new UnreadableRowException(owner, "a part of an archive", cause);
  }

  /// Whose row it is.
  AccountId owner() {
    return owner;
  }
}

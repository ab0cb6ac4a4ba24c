// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.credential.AccountId;

/// A row holds an address that is none to this version: one that another has kept, or that somebody
/// wrote into the file. [Sql#each] leaves the row out.
final class UnreadableAddressException extends StoreException {
  private static final long serialVersionUID = 1L;

  private final AccountId owner;

  UnreadableAddressException(AccountId owner, Throwable cause) {
    super("the database holds an address that cannot be read", cause);
    this.owner = owner;
  }

  /// Whose row it is.
  AccountId owner() {
    return owner;
  }
}

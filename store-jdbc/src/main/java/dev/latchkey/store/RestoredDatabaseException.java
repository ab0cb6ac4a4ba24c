// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

/// The database is an older copy than the revocation log beside it: opening it as it is would bring
/// back what was revoked (rule 40).
public final class RestoredDatabaseException extends StoreException {
  RestoredDatabaseException(String message) {
    super(message);
  }
}

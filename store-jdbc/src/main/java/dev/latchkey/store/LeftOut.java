// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import dev.latchkey.credential.AccountId;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The accounts of which a row was left out because it cannot be read: the operator is told once of
/// each, and whoever asks gets the rest. Thread-safe.
final class LeftOut {
  private static final Logger LOG = LoggerFactory.getLogger(LeftOut.class);

  private final Set<AccountId> told = ConcurrentHashMap.newKeySet();

  /// A row is left out.
  ///
  /// @return whether it is the first of its account
  boolean add(UnreadableRowException row) {
    boolean first = told.add(row.owner());
    if (first) {
      LOG.warn("STORE-3001 {}, its row is left out: account={}", row.getMessage(), row.owner());
    }
    return first;
  }
}

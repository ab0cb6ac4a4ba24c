// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import dev.latchkey.credential.CredentialStore;
import java.time.Duration;
import java.time.InstantSource;

/// Removes tokens and client keys that nobody can use any more. Thread-safe.
final class CredentialCleaning {
  /// So long after its date one can still be told from one that never was.
  private static final Duration REMEMBERED = Duration.ofDays(7);

  /// So many go at a time, so that nobody's sign-in waits long behind them.
  private static final int BATCH = 500;

  private final CredentialStore store;
  private final InstantSource clock;

  CredentialCleaning(CredentialStore store, InstantSource clock) {
    this.store = store;
    this.clock = clock;
  }

  /// One step: what is left over is for the next round.
  void run() {
    store.removeExpired(clock.instant().minus(REMEMBERED), BATCH);
  }
}

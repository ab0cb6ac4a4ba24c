// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import java.time.Duration;

/// How much the store takes on at once.
///
/// @param readers how many threads read
/// @param group how many pieces of work share one transaction at most
/// @param queue how many pieces of work wait at most; who comes later waits outside
/// @param lag how long what may lag ("last seen") is held back at most
/// @param gathering how long work waits at most for more that is likely on its way
record Limits(int readers, int group, int queue, Duration lag, Duration gathering) {
  /// For a server of two cores and more.
  static final Limits USUAL = new Limits(3, 256, 1024, Duration.ofSeconds(2), Duration.ofMillis(5));
}

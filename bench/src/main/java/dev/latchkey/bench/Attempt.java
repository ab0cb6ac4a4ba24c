// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

/// What is measured: one login, or one handshake.
@FunctionalInterface
interface Attempt {
  /// Does it.
  ///
  /// @return how to end what was begun; not part of what is measured
  Ending run() throws Exception;

  /// Ends a connection.
  @FunctionalInterface
  interface Ending {
    void run() throws Exception;
  }
}

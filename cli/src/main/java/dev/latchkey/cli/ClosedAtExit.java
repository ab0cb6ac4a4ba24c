// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import dev.latchkey.client.LatchkeyClient;

/// Closes a client when the process is told to end (SIGTERM, Ctrl-C), so that the server ends its
/// session instead of keeping it for somebody who does not come back. Closed itself when the
/// command ends before that.
final class ClosedAtExit implements AutoCloseable {
  private final Thread hook;
  private volatile boolean begun;

  private ClosedAtExit(LatchkeyClient client) {
    this.hook =
        new Thread(
            () -> {
              begun = true;
              client.close();
            },
            "latchkey-close");
  }

  static ClosedAtExit of(LatchkeyClient client) {
    ClosedAtExit exit = new ClosedAtExit(client);
    Runtime.getRuntime().addShutdownHook(exit.hook);
    return exit;
  }

  /// Whether the process was told to end.
  boolean hasBegun() {
    return begun;
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException ending) {
      // The hook runs; it is what ended the client.
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import dev.latchkey.client.LatchkeyClient;

/// Closes a client when the process is told to end (SIGTERM, Ctrl-C), so that the server ends its
/// session instead of keeping it for somebody who does not come back. Closed itself when the client
/// ends before that.
final class ClosedAtExit implements AutoCloseable {
  private final Thread hook;

  private ClosedAtExit(Thread hook) {
    this.hook = hook;
  }

  static ClosedAtExit of(LatchkeyClient client) {
    Thread hook = new Thread(client::close, "latchkey-close");
    Runtime.getRuntime().addShutdownHook(hook);
    return new ClosedAtExit(hook);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException alreadyEnding) {
      // The hook runs; it is what ended the client.
    }
  }
}

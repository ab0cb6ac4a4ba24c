// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.socket;

import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Tells of connections that are gone, of all that went within a few milliseconds together. Nobody
/// waits for that, and to tell of one means to wake a thread, which costs more than what the thread
/// then does.
///
/// Belongs to one event loop and is used on it only.
final class Departures {
  private static final long MILLISECONDS = 10;

  private final EventExecutor loop;
  private List<Runnable> untold = new ArrayList<>();

  Departures(EventExecutor loop) {
    this.loop = loop;
  }

  /// Somebody is gone.
  ///
  /// @param tell is run soon; must not wait
  @SuppressWarnings("FutureReturnValueIgnored") // nobody waits for it
  void gone(Runnable tell) {
    if (loop.isShuttingDown()) {
      tell.run(); // it runs nothing later any more
      return;
    }
    untold.add(tell);
    if (untold.size() == 1) {
      loop.schedule(this::tell, MILLISECONDS, TimeUnit.MILLISECONDS);
    }
  }

  private void tell() {
    List<Runnable> due = untold;
    untold = new ArrayList<>();
    due.forEach(loop::execute); // each alone: one that fails keeps nobody from being told
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import dev.latchkey.chat.history.MessageStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;

/// Removes messages from the archives when their time is over. Thread-safe.
final class Retention {
  /// So many go at a time, so that nobody's message waits long behind them.
  private static final int BATCH = 500;

  private final MessageStore messages;
  private final Optional<Duration> kept;
  private final InstantSource clock;

  /// @param kept how long messages are kept; nothing if for ever
  Retention(MessageStore messages, Optional<Duration> kept, InstantSource clock) {
    this.messages = messages;
    this.kept = kept;
    this.clock = clock;
  }

  /// One step: what is left over is for the next round.
  void run() {
    kept.ifPresent(time -> messages.expire(clock.instant().minus(time), BATCH));
  }
}

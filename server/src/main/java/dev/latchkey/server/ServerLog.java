// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.LoggerFactory;

/// The log of a server, written by a thread of its own: event loops log, and whoever reads the log
/// slowly or not at all (a pipe, a terminal that was stopped) must not hold them up. What finds no
/// room is lost; how much that was is said once there is room again.
///
/// Thread-safe.
public final class ServerLog implements AutoCloseable {
  /// So many lines wait at most.
  private static final int MOST_WAITING = 4096;

  /// How long the end of a server waits for somebody to read them.
  private static final int PATIENCE_MILLIS = 1000;

  private final Logger root;
  private final List<Waiting> waiting = new ArrayList<>();

  private ServerLog(Logger root) {
    this.root = root;
  }

  /// From now on all that this process logs is written by a thread of its own.
  public static ServerLog begin() {
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    List<Appender<ILoggingEvent>> direct = new ArrayList<>();
    root.iteratorForAppenders().forEachRemaining(direct::add);
    ServerLog log = new ServerLog(root);
    direct.forEach(log::writeLater);
    return log;
  }

  private void writeLater(Appender<ILoggingEvent> direct) {
    Waiting later = new Waiting(root, direct);
    later.start();
    root.detachAppender(direct);
    root.addAppender(later);
    waiting.add(later);
  }

  /// Writes what waits, if somebody reads it within a second. What is logged after that is written
  /// by who logs it.
  @Override
  public void close() {
    for (Waiting one : waiting) {
      root.detachAppender(one);
      one.stop(); // and with it the other
      one.direct.start();
      root.addAppender(one.direct);
    }
  }

  /// The lines for one appender.
  private static final class Waiting extends AsyncAppender {
    private final Logger about;
    private final Appender<ILoggingEvent> direct;
    private final AtomicLong lost = new AtomicLong();

    Waiting(Logger about, Appender<ILoggingEvent> direct) {
      this.about = about;
      this.direct = direct;
      setContext(about.getLoggerContext());
      setName("waiting");
      setQueueSize(MOST_WAITING);
      setDiscardingThreshold(0); // no line is worth less than another
      setNeverBlock(true);
      setMaxFlushTime(PATIENCE_MILLIS);
      addAppender(direct);
    }

    @Override
    protected void append(ILoggingEvent event) {
      if (getRemainingCapacity() == 0) {
        lost.incrementAndGet();
        return;
      }
      long before = lost.get();
      if (before > 0 && getRemainingCapacity() > 1 && lost.compareAndSet(before, 0)) {
        super.append(gap(before));
      }
      super.append(event);
    }

    private LoggingEvent gap(long lines) {
      return new LoggingEvent(
          ServerLog.class.getName(),
          about,
          Level.WARN,
          "LOG-3001 {} lines of this log are lost: whoever reads it was too slow",
          null,
          new Object[] {lines});
    }
  }
}

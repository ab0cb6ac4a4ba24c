// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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

  /// How long its thread rests after it has written what was there.
  private static final int REST_MILLIS = 20;

  /// How long the end of a server waits for somebody to read them.
  private static final Duration PATIENCE = Duration.ofSeconds(1);

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
      one.stop();
      root.addAppender(one.direct);
    }
  }

  /// The lines for one appender. Logback's own (`AsyncAppender`) wakes its thread for each of them,
  /// which costs a sign-in a tenth of a handshake; this thread rests between its rounds.
  private static final class Waiting extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private final Logger about;
    private final Appender<ILoggingEvent> direct;
    private final BlockingQueue<ILoggingEvent> lines = new ArrayBlockingQueue<>(MOST_WAITING);
    private final AtomicLong lost = new AtomicLong();
    private final CountDownLatch ending = new CountDownLatch(1);
    private final Thread writer = Thread.ofPlatform().name("log").daemon().unstarted(this::write);

    Waiting(Logger about, Appender<ILoggingEvent> direct) {
      this.about = about;
      this.direct = direct;
      setContext(about.getLoggerContext());
    }

    @Override
    public void start() {
      super.start();
      writer.start();
    }

    @Override
    protected void append(ILoggingEvent event) {
      event.prepareForDeferredProcessing();
      if (!lines.offer(event)) {
        lost.incrementAndGet();
      }
    }

    private void write() {
      List<ILoggingEvent> some = new ArrayList<>();
      try {
        do {
          long gap = lost.getAndSet(0); // behind what waits: there was no room beside it
          Optional.ofNullable(lines.poll(1, TimeUnit.SECONDS)).ifPresent(some::add);
          lines.drainTo(some);
          some.forEach(direct::doAppend);
          some.clear();
          if (gap > 0) {
            direct.doAppend(gap(gap));
          }
        } while (!ending.await(REST_MILLIS, TimeUnit.MILLISECONDS) || !lines.isEmpty());
      } catch (InterruptedException unexpected) {
        throw new IllegalStateException("nobody interrupts who writes the log", unexpected);
      }
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

    /// Takes no more lines, and writes what waits, if that takes no longer than a moment.
    @Override
    public void stop() {
      super.stop();
      ending.countDown();
      try {
        writer.join(PATIENCE);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

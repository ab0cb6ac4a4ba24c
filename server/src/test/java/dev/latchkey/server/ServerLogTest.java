// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

@Timeout(60)
class ServerLogTest {
  private static final int LINES = 10_000;

  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private final Logger logger = (Logger) LoggerFactory.getLogger(ServerLogTest.class);
  private final List<Appender<ILoggingEvent>> usual = new ArrayList<>();
  private final Reader reader = new Reader();

  /// Who reads the log, once it begins to.
  private static final class Reader extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch readMuch = new CountDownLatch(4096);
    private final List<String> lines = new ArrayList<>();

    @Override
    protected void append(ILoggingEvent event) {
      if (!hasBegun()) {
        return; // the log ends
      }
      synchronized (lines) {
        lines.add(event.getFormattedMessage());
      }
      readMuch.countDown();
    }

    private boolean hasBegun() {
      try {
        begun.await();
      } catch (InterruptedException ending) {
        return begun.getCount() == 0;
      }
      return true;
    }

    List<String> lines() {
      synchronized (lines) {
        return List.copyOf(lines);
      }
    }
  }

  @BeforeEach
  void onlyTheReader() {
    root.iteratorForAppenders().forEachRemaining(usual::add);
    usual.forEach(root::detachAppender);
    reader.setContext(root.getLoggerContext());
    reader.start();
    root.addAppender(reader);
    logger.setLevel(Level.INFO);
  }

  @AfterEach
  void asItWas() {
    root.detachAndStopAllAppenders();
    usual.forEach(root::addAppender);
    logger.setLevel(null);
  }

  private void log(int lines) {
    IntStream.range(0, lines).forEach(line -> logger.info("line {}", line));
  }

  @Test
  void whoDoesNotReadTheLogHoldsUpNobodyAndIsToldHowMuchIsLost() throws Exception {
    try (ServerLog _ = ServerLog.begin()) {
      log(LINES); // ends although nobody reads
      reader.begun.countDown();
      reader.readMuch.await();
      logger.info("later");
    }
    List<String> lines = reader.lines();
    int kept = lines.size() - 2;
    assertThat(kept).isBetween(4096, LINES - 1);
    assertThat(lines.subList(0, kept))
        .isEqualTo(IntStream.range(0, kept).mapToObj(line -> "line " + line).toList());
    assertThat(lines.get(kept)).startsWith("LOG-3001 " + (LINES - kept) + " lines ");
    assertThat(lines.getLast()).isEqualTo("later");
  }

  @Test
  void whatWasLoggedIsWrittenBeforeItEnds() {
    reader.begun.countDown();
    try (ServerLog _ = ServerLog.begin()) {
      log(100);
    }
    assertThat(reader.lines()).hasSize(100);
    logger.info("behind it");
    assertThat(reader.lines()).hasSize(101).last().isEqualTo("behind it");
  }

  @Test
  void endsThoughNobodyReads() {
    try (ServerLog _ = ServerLog.begin()) {
      log(100);
    }
    assertThat(reader.lines()).isEmpty();
  }
}

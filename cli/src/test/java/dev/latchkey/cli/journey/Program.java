// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/// Somebody else's program that runs beside a test: what it says can be awaited. Ended with the
/// test.
final class Program implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Process process;
  private final StringBuilder said = new StringBuilder();
  private final Lock lock = new ReentrantLock();
  private final Condition more = lock.newCondition();
  private boolean ended;
  private int heard;

  private Program(Process process) {
    this.process = process;
    var _ = Thread.ofVirtual().start(this::listen);
  }

  /// Starts it.
  static Program start(Path folder, List<String> command) throws IOException {
    return new Program(
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start());
  }

  /// Starts the command line in a process of its own.
  static Program latchkey(Path folder, List<String> arguments) throws IOException {
    return start(folder, JavaCommand.of("dev.latchkey.cli.Latchkey", arguments));
  }

  /// Runs it to its end.
  ///
  /// @return what it said
  static String run(Path folder, List<String> command) throws Exception {
    try (Program program = start(folder, command)) {
      int code = program.awaitEnd();
      assertThat(code).as("%s: %s", command, program.said()).isZero();
      return program.said();
    }
  }

  private void listen() {
    try (InputStream output = process.getInputStream();
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(output, StandardCharsets.UTF_8))) {
      char[] some = new char[4096];
      int count;
      while ((count = reader.read(some)) >= 0) {
        heard(new String(some, 0, count), false);
      }
    } catch (IOException ignored) {
      // It was ended while it spoke.
    }
    heard("", true);
  }

  private void heard(String text, boolean last) {
    lock.lock();
    try {
      said.append(text);
      ended |= last;
      more.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /// Types a line.
  void type(String line) {
    try {
      OutputStream input = process.getOutputStream();
      input.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      input.flush();
    } catch (IOException gone) {
      throw new UncheckedIOException("it reads no more; it said: " + said(), gone);
    }
  }

  /// Waits until it says this, after what was awaited before.
  ///
  /// @return what it said up to there
  String await(String text) throws InterruptedException {
    long left = PATIENCE.toNanos();
    lock.lock();
    try {
      while (true) {
        int at = said.indexOf(text, heard);
        if (at >= 0) {
          String before = said.substring(heard, at + text.length());
          heard = at + text.length();
          return before;
        }
        if (ended || left <= 0) {
          throw new AssertionError("it did not say `" + text + "`, but: " + said);
        }
        left = more.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /// Everything it has said.
  String said() {
    lock.lock();
    try {
      return said.toString();
    } finally {
      lock.unlock();
    }
  }

  /// Waits until it ends.
  int awaitEnd() throws InterruptedException {
    return awaitEnd(PATIENCE);
  }

  /// Waits so long until it ends.
  int awaitEnd(Duration bound) throws InterruptedException {
    if (!process.waitFor(bound.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("it does not end; it said: " + said());
    }
    long left = PATIENCE.toNanos();
    lock.lock();
    try {
      while (!ended && left > 0) {
        left = more.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
    return process.exitValue();
  }

  /// Asks it to end (SIGTERM).
  void terminate() {
    process.destroy();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}

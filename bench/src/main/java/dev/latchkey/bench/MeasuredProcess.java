// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import dev.latchkey.wire.tls.TlsProvider;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;

/// A server in a process of its own, so that its CPU time is only its own. It runs on the same Java
/// with the same options and class path as this process. Not thread-safe.
final class MeasuredProcess implements AutoCloseable {
  private static final Duration ENDING = Duration.ofSeconds(10);

  /// So often it is warmed up at most.
  static final int MOST_WARM_UPS = 12;

  /// As long as Java's compiler works more than this part of the time, it is not warm.
  private static final int QUIET = 100;

  private final Process process;
  private final BufferedReader answers;
  private final BufferedWriter questions;
  private final String ready;

  private MeasuredProcess(Process process) throws IOException {
    this.process = process;
    this.answers = process.inputReader();
    this.questions = process.outputWriter();
    this.ready = answer(MeasuredServer.READY);
  }

  /// Starts Latchkey's own server, and says where its administration is.
  ///
  /// @param folder for its data and its log
  /// @param options of its Java, beside those of this process
  static MeasuredProcess latchkey(Path folder, TlsProvider tls, String... options)
      throws IOException {
    return start(
        folder.resolve("latchkey.log"), List.of(options), "login", tls.name(), folder.toString());
  }

  /// Starts a server that does TLS and nothing else, and says how it is reached.
  ///
  /// @param folder for its log
  static MeasuredProcess bare(Path folder, TlsProvider tls) throws IOException {
    return start(folder.resolve("bare.log"), List.of(), "handshake", tls.name());
  }

  /// Starts one; when this returns it serves.
  ///
  /// @param log where what it says besides goes
  /// @param options of its Java, beside those of this process
  /// @param arguments of [MeasuredServer]
  static MeasuredProcess start(Path log, List<String> options, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add(OwnWork.JAVA_OPTION);
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(MeasuredServer.class.getName());
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectError(log.toFile()).start();
    try {
      return new MeasuredProcess(process);
    } catch (IOException failed) {
      process.destroy();
      throw new IOException(failed.getMessage() + "; see " + log, failed);
    }
  }

  /// What it said when it was ready.
  String ready() {
    return ready;
  }

  /// What it has worked until now, on all processors together, without Java's compiler.
  Duration cpuTime() throws IOException {
    return Duration.ofNanos(Long.parseLong(ask(MeasuredServer.CPU)));
  }

  /// How long Java's compiler has worked in it until now; by the clock, not by the CPU.
  Duration compilerTime() throws IOException {
    return Duration.ofMillis(Long.parseLong(ask(MeasuredServer.COMPILER)));
  }

  /// Repeats a load until Java's compiler is quiet in the server, or it was repeated often enough:
  /// before that, the compiler would be measured and not the server.
  ///
  /// @param time how long the load takes once
  void warmUp(Duration time, Callable<?> load) throws Exception {
    for (int i = 0; i < MOST_WARM_UPS; i++) {
      Duration before = compilerTime();
      var _ = load.call();
      if (compilerTime().minus(before).multipliedBy(QUIET).compareTo(time) < 0) {
        break;
      }
    }
  }

  /// What it holds in memory, after its garbage is collected.
  MemoryUse memory() throws IOException {
    return MemoryUse.read(ask(MeasuredServer.MEMORY));
  }

  private String ask(String word) throws IOException {
    questions.write(word.strip() + "\n");
    questions.flush();
    return answer(word);
  }

  private String answer(String word) throws IOException {
    while (true) {
      String line = answers.readLine();
      if (line == null) {
        throw new IOException("the measured server has ended");
      }
      if (line.startsWith(word)) {
        return line.substring(word.length());
      }
    }
  }

  /// Ends it; it ends by itself when this process does.
  @Override
  public void close() throws IOException {
    questions.close();
    try {
      if (!process.waitFor(ENDING.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException interrupted) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A server in a process of its own, so that it can be killed.
final class ServerProcess implements AutoCloseable {
  private static final long BOUND_SECONDS = 60;
  private static final Pattern DIRECT_TLS = Pattern.compile(" tls=(\\S+):(\\d+)");

  private final Process process;
  private final Path errors;
  private final Optional<String> ready;

  private ServerProcess(Process process, Path errors, Optional<String> ready) {
    this.process = process;
    this.errors = errors;
    this.ready = ready;
  }

  /// Starts one and waits until it serves, or has ended.
  ///
  /// @param folder as of [RunningServer#configuration]
  /// @param halt the word of the point at which it halts, or `-`
  static ServerProcess start(Path folder, String halt) throws IOException {
    Path errors = Files.createTempFile(folder, "server", ".txt");
    Process process =
        new ProcessBuilder(
                JavaCommand.of(HaltingServer.class.getName(), List.of(folder.toString(), halt)))
            .redirectError(errors.toFile())
            .start();
    BufferedReader output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    Optional<String> ready = output.lines().filter(line -> line.startsWith("ready ")).findFirst();
    Thread.ofVirtual().start(() -> output.lines().forEach(_ -> {}));
    return new ServerProcess(process, errors, ready);
  }

  /// Whether it came so far as to serve.
  boolean serves() {
    return ready.isPresent();
  }

  /// Where it serves direct TLS.
  InetSocketAddress directTls() {
    Matcher address = DIRECT_TLS.matcher(ready.orElseThrow());
    if (!address.find()) {
      throw new AssertionError("it serves no direct TLS: " + ready);
    }
    return new InetSocketAddress(address.group(1), Integer.parseInt(address.group(2)));
  }

  /// Waits until it has ended by itself.
  ///
  /// @return its exit code
  int awaitEnd() {
    try {
      assertThat(process.waitFor(BOUND_SECONDS, TimeUnit.SECONDS)).as("the server ended").isTrue();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    return process.exitValue();
  }

  /// `kill -9`.
  void kill() {
    process.destroyForcibly();
    var _ = awaitEnd();
  }

  /// What it has written to its standard error.
  String errors() throws IOException {
    return Files.readString(errors);
  }

  @Override
  public void close() {
    kill();
  }
}

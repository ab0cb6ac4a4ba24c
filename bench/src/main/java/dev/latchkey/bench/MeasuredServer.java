// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import dev.latchkey.server.Configuration;
import dev.latchkey.server.LatchkeyServer;
import dev.latchkey.server.Seams;
import dev.latchkey.server.ServerLog;
import dev.latchkey.wire.tls.TlsProvider;
import io.netty.util.internal.PlatformDependent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The other end of [MeasuredProcess]: serves until its input ends, and answers each line of it
/// with what it has worked ([OwnWork]), with how long its compiler has worked, or with what it
/// holds in memory.
final class MeasuredServer {
  /// Begins the line that says it serves.
  static final String READY = "ready ";

  /// Begins the line that says how many nanoseconds it has worked.
  static final String CPU = "cpu ";

  /// Asks what it holds in memory, and begins the line that says it.
  static final String MEMORY = "memory ";

  /// Asks how long Java's compiler has worked, and begins the line that says it in milliseconds.
  static final String COMPILER = "compiler ";

  static final String DOMAIN = "localhost";

  private MeasuredServer() {}

  /// Serves.
  ///
  /// @param arguments `handshake`, `login` or `sleepers`, the TLS provider, an empty folder, and
  ///   for `sleepers` how many and how many messages wait for each
  public static void main(String[] arguments) throws Exception {
    TlsProvider provider = TlsProvider.valueOf(arguments[1]);
    switch (arguments[0]) {
      case "handshake" -> {
        try (BareServer server = BareServer.start(provider)) {
          serve(server.address().words());
        }
      }
      case "login" -> {
        Path folder = Path.of(arguments[2]);
        try (ServerLog _ = ServerLog.begin();
            LatchkeyServer server =
                LatchkeyServer.start(configuration(folder, provider), Seams.none())) {
          serve(server.configuration().adminSocket().toString());
        }
      }
      case "sleepers" -> {
        int count = Integer.parseInt(arguments[3]);
        try (Sleepers sleepers = Sleepers.open(Path.of(arguments[2]).resolve("data"), count)) {
          String before = memory().words();
          sleepers.fallAsleep(count, Integer.parseInt(arguments[4]));
          serve(before);
        }
      }
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  private static Configuration configuration(Path folder, TlsProvider provider) throws IOException {
    Path file = folder.resolve("latchkey.toml");
    Files.writeString(
        file,
        """
        tls-provider = "%s"
        [limits]
        connections-per-address = 50000
        """
            .formatted(provider.name().toLowerCase(Locale.ROOT)));
    return Configuration.read(
        Optional.of(file),
        new Configuration.Overrides(
            Optional.of(folder.resolve("data")),
            Optional.of(folder.resolve("run")),
            List.of(DOMAIN),
            Optional.of("off"),
            Optional.of("127.0.0.1:0")));
  }

  private static MemoryUse memory() throws IOException {
    System.gc();
    System.gc(); // what the first left to finalisers and cleaners
    long direct =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals("direct"))
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
    return new MemoryUse(
        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
        // Netty has its own way to memory outside the heap, which the pool may not count.
        Math.max(direct, Math.max(0, PlatformDependent.usedDirectMemory())),
        MemoryUse.residentHere());
  }

  private static void serve(String where) throws IOException {
    BufferedReader questions =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    System.out.println(READY + where);
    for (String asked = questions.readLine(); asked != null; asked = questions.readLine()) {
      System.out.println(
          switch (asked + " ") {
            case MEMORY -> MEMORY + memory().words();
            case COMPILER ->
                COMPILER + ManagementFactory.getCompilationMXBean().getTotalCompilationTime();
            default -> CPU + OwnWork.untilNow().toNanos();
          });
    }
  }
}

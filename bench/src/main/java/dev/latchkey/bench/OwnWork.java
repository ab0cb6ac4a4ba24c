// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;

/// What this process has worked, without Java's compiler: it is at work long after a server is
/// warm, now and then, and not for what is measured.
final class OwnWork {
  /// Keeps the compiler's threads, whose work would be lost with them.
  static final String JAVA_OPTION = "-XX:-UseDynamicNumberOfCompilerThreads";

  private static final Path THREADS = Path.of("/proc/self/task");

  private OwnWork() {}

  /// Until now, on all processors together; with the compiler where the system is not Linux.
  static Duration untilNow() throws IOException {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return Duration.ofNanos(system.getProcessCpuTime()).minus(compilers());
  }

  private static Duration compilers() throws IOException {
    Duration work = Duration.ZERO;
    if (Files.isDirectory(THREADS)) {
      try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
        for (Path thread : threads) {
          work = work.plus(compiler(thread));
        }
      }
    }
    return work;
  }

  /// Of one thread; none if it is no compiler's, or has ended.
  private static Duration compiler(Path thread) throws IOException {
    try {
      String name = Files.readString(thread.resolve("comm"));
      return name.startsWith("C1 Compiler") || name.startsWith("C2 Compiler")
          // Its first number: nanoseconds on a processor.
          ? Duration.ofNanos(
              Long.parseLong(Files.readString(thread.resolve("schedstat")).split(" ", 2)[0]))
          : Duration.ZERO;
    } catch (NoSuchFileException ended) {
      return Duration.ZERO;
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What a server holds in memory, in octets.
///
/// @param heap on Java's heap
/// @param direct in buffers outside of it
/// @param resident all that the process has of the machine's memory; 0 where the system does not
///   tell
record MemoryUse(long heap, long direct, long resident) {
  private static final Path STATUS = Path.of("/proc/self/status");

  /// What this process has of the machine's memory.
  static long residentHere() throws IOException {
    if (!Files.exists(STATUS)) {
      return 0;
    }
    return Files.readAllLines(STATUS).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
        .sum();
  }

  /// For [#read].
  String words() {
    return heap + " " + direct + " " + resident;
  }

  static MemoryUse read(String words) {
    String[] numbers = words.split(" ", 3);
    return new MemoryUse(
        Long.parseLong(numbers[0]), Long.parseLong(numbers[1]), Long.parseLong(numbers[2]));
  }
}

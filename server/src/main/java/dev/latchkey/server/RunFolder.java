// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// How the operator's commands, who know the data folder, find the folder of the sockets.
public final class RunFolder {
  private static final String POINTER = "run-dir";

  private RunFolder() {}

  /// Leaves word in the data folder, if the sockets are elsewhere than usual.
  ///
  /// @throws IOException if that cannot be written
  public static void announce(Path data, Path runDir) throws IOException {
    Path pointer = data.resolve(POINTER);
    if (runDir.equals(usual(data))) {
      Files.deleteIfExists(pointer);
    } else {
      Files.writeString(pointer, runDir.toString(), StandardCharsets.UTF_8);
    }
  }

  /// Where the sockets of the server with this data folder are.
  public static Path of(Path data) {
    Path folder = data.toAbsolutePath().normalize();
    try {
      return Path.of(Files.readString(folder.resolve(POINTER), StandardCharsets.UTF_8).strip());
    } catch (IOException noWord) {
      return usual(folder);
    }
  }

  /// Where they are unless something else is configured.
  static Path usual(Path data) {
    return data.resolve("run");
  }
}

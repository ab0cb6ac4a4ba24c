// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority;

import dev.latchkey.testkit.Tools;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The installed `openssl`, a judge that shares no code with us.
public final class Openssl {
  private Openssl() {}

  /// What it said, and how it ended.
  ///
  /// @param code its exit code
  /// @param text both its outputs
  public record Said(int code, String text) {}

  /// Runs it in a folder.
  public static Said run(Path folder, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Tools.program("openssl", "openssl").toString());
    command.addAll(List.of(arguments));
    Path output = folder.resolve("openssl-" + System.nanoTime() + ".txt");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException("openssl did not end");
    }
    return new Said(process.exitValue(), java.nio.file.Files.readString(output));
  }
}

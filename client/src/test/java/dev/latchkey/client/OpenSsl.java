// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.testkit.Tools;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Somebody else's opinion on our files.
final class OpenSsl {
  private OpenSsl() {}

  /// What it said, both streams.
  record Run(int exit, String said) {}

  static Run run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Tools.program("openssl", "openssl").toString());
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Run(process.waitFor(), said);
  }
}

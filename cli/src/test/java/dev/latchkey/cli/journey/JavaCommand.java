// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// How a test runs a program of this class path in a process of its own.
final class JavaCommand {
  private JavaCommand() {}

  /// The command. Such a process lives for seconds: what Java's second compiler would work in the
  /// meantime is half of its start.
  static List<String> of(String program, List<String> arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                program));
    command.addAll(arguments);
    return command;
  }
}

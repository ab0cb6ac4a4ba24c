// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import java.time.Duration;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// How long two servers are measured in turns.
final class TimeOption {
  private static final int LONGEST_SECONDS = 600;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  @Option(
      names = "--seconds",
      defaultValue = "20",
      description =
          "how long each of the two is measured (20), in ten turns, after warm-ups of the same time"
              + " until Java's compiler is quiet, at most 12")
  private int seconds;

  /// @throws ParameterException if it is too short or too long
  Duration get() {
    if (seconds < 1 || seconds > LONGEST_SECONDS) {
      throw new ParameterException(command.commandLine(), "--seconds is 1 to " + LONGEST_SECONDS);
    }
    return Duration.ofSeconds(seconds);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// `./latchkey bench`: measures.
@Command(
    name = "latchkey bench",
    description = "Measures how fast Latchkey is on this machine.",
    mixinStandardHelpOptions = true,
    subcommands = {
      LoginCommand.class,
      ResumeCommand.class,
      MessageCommand.class,
      SessionsCommand.class,
      SleepersCommand.class,
      ArchiveCommand.class,
      PartsCommand.class
    },
    synopsisSubcommandLabel = "COMMAND")
public final class Bench {
  private Bench() {}

  /// Runs one benchmark.
  ///
  /// @param arguments what stands behind `./latchkey bench`
  public static void main(String[] arguments) {
    System.exit(
        new CommandLine(new Bench())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setExecutionExceptionHandler(Bench::failed)
            .execute(arguments));
  }

  /// What the machine or the server did not allow is a sentence; only a fault shows where it is.
  private static int failed(Exception failure, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    if (!(failure instanceof IOException || failure instanceof TimeoutException)) {
      throw failure;
    }
    String reason = Optional.ofNullable(failure.getMessage()).orElse("it took too long");
    command.getErr().printf("%s gave up: %s%n", command.getCommandSpec().qualifiedName(), reason);
    return 1;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/// `./latchkey bench`: measures.
@Command(
    name = "latchkey bench",
    description = "Measures how fast Latchkey is on this machine.",
    mixinStandardHelpOptions = true,
    subcommands = {
      LoginCommand.class,
      MessageCommand.class,
      SessionsCommand.class,
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
        new CommandLine(new Bench()).setCaseInsensitiveEnumValuesAllowed(true).execute(arguments));
  }
}

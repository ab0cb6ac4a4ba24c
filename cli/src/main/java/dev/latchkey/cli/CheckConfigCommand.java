// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import dev.latchkey.server.Configuration;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `check-config`: silent if all is well.
@Command(
    name = "check-config",
    mixinStandardHelpOptions = true,
    description = "Checks a configuration file; says nothing if serve could use it.")
final class CheckConfigCommand implements Callable<Integer> {
  @Option(names = "--config", paramLabel = "FILE", description = "The file to check.")
  private Optional<Path> config = Optional.empty();

  @Override
  public Integer call() {
    var _ = Configuration.read(config, Configuration.Overrides.NONE);
    return 0;
  }
}

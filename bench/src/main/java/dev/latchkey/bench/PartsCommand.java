// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `./latchkey bench parts`: the mechanisms and the signing, each alone, with JMH.
@Command(
    name = "parts",
    description = "Measures the mechanisms and the signing alone, with JMH.",
    mixinStandardHelpOptions = true)
final class PartsCommand implements Callable<Integer> {
  @Parameters(
      arity = "0..*",
      paramLabel = "ARGUMENT",
      description = "JMH's own arguments, behind --: which benchmarks, how often, ...")
  private List<String> arguments = List.of();

  @Override
  public Integer call() throws RunnerException, CommandLineOptionException {
    var _ = new Runner(new CommandLineOptions(arguments.toArray(String[]::new))).run();
    return 0;
  }
}

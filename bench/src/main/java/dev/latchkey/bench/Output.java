// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import java.io.Console;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// How a command tells what it measured.
final class Output {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  /// Tells it, as it was asked for.
  void print(Report report) {
    command.commandLine().getOut().println(json ? report.json() : report.table());
  }

  /// Says what is being done, to somebody who watches.
  void progress(String what) {
    if (!json && Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent()) {
      command.commandLine().getErr().println(what);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import dev.latchkey.wire.tls.TlsProvider;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `./latchkey bench sleepers`: what sessions cost in memory whose clients are away.
@Command(
    name = "sleepers",
    description = {
      "Lets many sessions of the embedded chat domain lose their connection, hands each some"
          + " messages, and measures what they hold in a heap of 1 GiB. Connections are played:"
          + " what is measured has none any more."
    },
    mixinStandardHelpOptions = true)
final class SleepersCommand implements Callable<Integer> {
  private static final int MOST = 1_000_000;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--count", defaultValue = "100000", description = "how many sessions (100000)")
  private int count;

  @Option(
      names = "--stanzas",
      defaultValue = "10",
      description = "how many messages wait for each (10)")
  private int stanzas;

  @Mixin private Output output = new Output();

  @Override
  public Integer call() throws Exception {
    if (count < 1 || count > MOST || stanzas < 0 || stanzas > 100) {
      throw new ParameterException(
          spec.commandLine(), "--count is 1 to %d, --stanzas 0 to 100".formatted(MOST));
    }
    // The process would end if its heap did not do.
    try (Scratch scratch = Scratch.make();
        MeasuredProcess server =
            MeasuredProcess.start(
                scratch.folder().resolve("sleepers.log"),
                List.of("-Xmx1g"),
                "sleepers",
                TlsProvider.best().name(),
                scratch.folder().toString(),
                Integer.toString(count),
                Integer.toString(stanzas))) {
      MemoryUse before = MemoryUse.read(server.ready());
      double held = (server.memory().heap() - before.heap()) / 1024.0 / 1024;
      SleepersReport report = new SleepersReport(count, stanzas, held);
      output.print(report);
      return report.isMet() ? 0 : 1;
    }
  }
}

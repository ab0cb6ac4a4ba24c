// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.latchkey.wire.tls.TlsProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
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
  private static final double BAR_MIB = 1024;
  private static final int MOST = 1_000_000;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--count", defaultValue = "100000", description = "how many sessions (100000)")
  private int count;

  @Option(
      names = "--stanzas",
      defaultValue = "10",
      description = "how many messages wait for each (10)")
  private int stanzas;

  @Option(names = "--json", description = "print one JSON object")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    if (count < 1 || count > MOST || stanzas < 0 || stanzas > 100) {
      throw new ParameterException(
          spec.commandLine(), "--count is 1 to %d, --stanzas 0 to 100".formatted(MOST));
    }
    Path folder = Files.createTempDirectory("latchkey-bench-");
    // The process would end if its heap did not do.
    try (MeasuredProcess server =
        MeasuredProcess.start(
            folder.resolve("sleepers.log"),
            List.of("-Xmx1g"),
            "sleepers",
            TlsProvider.best().name(),
            folder.toString(),
            Integer.toString(count),
            Integer.toString(stanzas))) {
      MemoryUse before = MemoryUse.read(server.ready());
      double held = (server.memory().heap() - before.heap()) / 1024.0 / 1024;
      spec.commandLine().getOut().println(json ? line(held) : table(held));
      return held <= BAR_MIB ? 0 : 1;
    } finally {
      LoginCommand.delete(folder);
    }
  }

  private String table(double held) {
    return String.format(
        Locale.ROOT,
        """
        %d sessions asleep, %d messages waiting for each

                              measured     bar   ratio
        heap in MiB           %8.0f %7.0f %7.2f  %s
        KiB a session         %8.1f\
        """,
        count,
        stanzas,
        held,
        BAR_MIB,
        held / BAR_MIB,
        held <= BAR_MIB ? "met" : "missed",
        held * 1024 / count);
  }

  private String line(double held) {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("sessions", count);
    line.put("stanzas", stanzas);
    line.put("measured-mib", Math.round(held));
    line.put("bar-mib", BAR_MIB);
    line.put("ratio", Math.round(held / BAR_MIB * 1000) / 1000.0);
    line.put("verdict", held <= BAR_MIB ? "met" : "missed");
    return line.toString();
  }
}

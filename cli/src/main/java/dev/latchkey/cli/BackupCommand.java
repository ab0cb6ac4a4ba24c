// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import dev.latchkey.server.admin.AdminException;
import dev.latchkey.server.admin.JsonLine;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `backup`: the running server writes a copy of its database.
@Command(
    name = "backup",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a copy of the database into a new file while the server runs.",
      "The master key is not in it, and without the key it is of no use: keep master.key and",
      "revocations.log of the data folder too, the key apart from the copy."
    })
final class BackupCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private OperatorOptions operator = new OperatorOptions();

  @Parameters(paramLabel = "FILE", description = "What to write; it must not be there yet.")
  private Path file = Path.of("");

  BackupCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws AdminException {
    Path absolute = file.toAbsolutePath().normalize();
    console.progress("writing " + absolute + " ...");
    operator.ask(
        console,
        new JsonLine().with("command", "backup").with("file", absolute.toString()),
        answer ->
            answer.forEach(
                it ->
                    console.say(
                        "wrote %s (%d bytes)"
                            .formatted(it.path("file").asText(), it.path("bytes").asLong()))));
    return 0;
  }
}

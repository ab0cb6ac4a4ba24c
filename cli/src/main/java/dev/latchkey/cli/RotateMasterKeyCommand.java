// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.server.admin.AdminException;
import dev.latchkey.server.admin.JsonLine;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `rotate-master-key`: the running server seals everything with a new master key.
@Command(
    name = "rotate-master-key",
    mixinStandardHelpOptions = true,
    description = {
      "Seals everything with a new master key while the server runs.",
      "The database file is written anew, so that the old key opens nothing in it, and the old",
      "key is removed.",
      "That takes as much free room again as the file has, and all that writes waits for it.",
      "If it fails or is interrupted everything stays readable: run it again.",
      "Backups from before need the key from before. What somebody has copied already, with its"
          + " key,",
      "stays readable to him: revoke what it holds."
    })
final class RotateMasterKeyCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private OperatorOptions operator = new OperatorOptions();

  RotateMasterKeyCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws AdminException {
    console.progress("sealing everything anew ...");
    operator.ask(
        console,
        new JsonLine().with("command", "rotate-master-key"),
        answer -> answer.forEach(this::show));
    return 0;
  }

  private void show(JsonNode rotated) {
    console.say(
        "%d values are sealed with the new master key %s."
            .formatted(rotated.path("resealed").asLong(), rotated.path("key").asText()));
    for (JsonNode old : rotated.path("removed")) {
      console.say("The old master key %s is removed.".formatted(old.asText()));
    }
  }
}

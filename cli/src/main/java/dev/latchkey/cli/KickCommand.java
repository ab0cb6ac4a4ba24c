// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.server.admin.AdminException;
import dev.latchkey.server.admin.JsonLine;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `kick`: ends connections; the devices may come back.
@Command(
    name = "kick",
    mixinStandardHelpOptions = true,
    description =
        "Ends the connections of an account, or the one of a resource; they may come back.")
final class KickCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private OperatorOptions operator = new OperatorOptions();

  @Parameters(index = "0", paramLabel = "ACCOUNT", description = "Such as nina@chat.example.")
  private String account = "";

  @Parameters(index = "1", arity = "0..1", paramLabel = "RESOURCE", description = "Only this one.")
  private Optional<String> resource = Optional.empty();

  KickCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws AdminException {
    operator.ask(
        console,
        new JsonLine().with("command", "kick").with("account", account).with("resource", resource),
        answer -> answer.forEach(this::show));
    return 0;
  }

  private void show(JsonNode answer) {
    console.say(
        "ended connections of %s: %d"
            .formatted(
                answer.path("account").asText() + resource.map(it -> "/" + it).orElse(""),
                answer.path("kicked").asInt()));
  }
}

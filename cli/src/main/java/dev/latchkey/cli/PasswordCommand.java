// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.server.admin.AdminException;
import dev.latchkey.server.admin.JsonLine;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `password`: for a client that can do no better.
@Command(
    name = "password",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a device password for a client that can do no better; makes the account if there is"
          + " none.",
      "It is a device of its own: ./latchkey revoke ends it."
    })
final class PasswordCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private OperatorOptions operator = new OperatorOptions();

  @Parameters(paramLabel = "ACCOUNT", description = "Such as nina@chat.example.")
  private String account = "";

  @Option(names = "--name", paramLabel = "TEXT", description = "What the device is to be called.")
  private Optional<String> name = Optional.empty();

  PasswordCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws AdminException {
    operator.ask(
        console,
        new JsonLine().with("command", "password").with("account", account).with("name", name),
        this::show);
    return 0;
  }

  private void show(List<JsonNode> answer) {
    for (JsonNode made : answer) {
      console.say(
          "A password for %s; it is not shown again.".formatted(made.path("account").asText()));
      console.say("");
      console.say("password  " + made.path("password").asText());
      console.say("device    " + made.path("device").asText());
    }
  }
}

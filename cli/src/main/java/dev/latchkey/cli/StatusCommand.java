// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.server.admin.AdminException;
import dev.latchkey.server.admin.JsonLine;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `status`: how the server is.
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = "Says how the running server is.")
final class StatusCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private OperatorOptions operator = new OperatorOptions();

  StatusCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws AdminException {
    operator.ask(console, new JsonLine().with("command", "status"), this::show);
    return 0;
  }

  private void show(List<JsonNode> answer) {
    Table table = new Table("WHAT", "IS");
    for (JsonNode line : answer) {
      line.properties().forEach(field -> table.row(field.getKey(), text(field.getValue())));
    }
    table.print(console);
  }

  private static String text(JsonNode value) {
    return value.isArray()
        ? value.valueStream().map(JsonNode::asText).collect(Collectors.joining(", "))
        : value.asText();
  }
}

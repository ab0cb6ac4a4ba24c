// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.server.admin.AdminException;
import dev.latchkey.server.admin.JsonLine;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `audit`: what happened to an account.
@Command(
    name = "audit",
    mixinStandardHelpOptions = true,
    description = "Shows what happened to an account, the oldest first.")
final class AuditCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private OperatorOptions operator = new OperatorOptions();

  @Parameters(paramLabel = "ACCOUNT", description = "Such as nina@chat.example.")
  private String account = "";

  AuditCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws AdminException {
    operator.ask(
        console, new JsonLine().with("command", "audit").with("account", account), this::show);
    return 0;
  }

  private void show(List<JsonNode> events) {
    Table table = new Table("AT", "EVENT", "DEVICE", "CREDENTIAL", "BY", "REASON");
    for (JsonNode event : events) {
      table.row(
          event.path("at").asText(),
          event.path("event").asText(),
          event.path("device").asText("-"),
          event.path("credential").asText("-"),
          event.path("actor").asText("-"),
          event.path("reason").asText(""));
    }
    table.print(console);
  }
}

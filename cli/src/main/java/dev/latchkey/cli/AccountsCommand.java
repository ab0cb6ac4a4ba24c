// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.server.admin.AdminException;
import dev.latchkey.server.admin.JsonLine;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `accounts`: who is there.
@Command(
    name = "accounts",
    mixinStandardHelpOptions = true,
    description = "Lists the accounts; a reserved one is invited and has no device yet.")
final class AccountsCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private OperatorOptions operator = new OperatorOptions();

  AccountsCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws AdminException {
    operator.ask(console, new JsonLine().with("command", "accounts"), this::show);
    return 0;
  }

  private void show(List<JsonNode> accounts) {
    Table table = new Table("ACCOUNT", "STATUS");
    for (JsonNode account : accounts) {
      table.row(account.path("account").asText(), account.path("status").asText());
    }
    table.print(console);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.server.admin.AdminException;
import dev.latchkey.server.admin.JsonLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `account ...`: what an account may do at all.
@Command(
    name = "account",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Disables, enables or deletes an account.")
final class AccountCommand {
  private final Console console;

  AccountCommand(Console console) {
    this.console = console;
  }

  @Command(
      name = "disable",
      mixinStandardHelpOptions = true,
      description = {
        "Ends the connections of an account and lets nobody sign in to it.",
        "Nothing of it is lost: account enable lifts it, and its devices work again."
      })
  int disable(
      @Mixin OperatorOptions operator,
      @Parameters(paramLabel = "ACCOUNT", description = "Such as nina@chat.example.")
          String account)
      throws AdminException {
    operator.ask(
        console,
        request("disable", account),
        answer ->
            answer.forEach(
                it ->
                    console.say(
                        "%s is disabled: its connections have ended, nobody signs in."
                            .formatted(it.path("account").asText()))));
    return 0;
  }

  @Command(
      name = "enable",
      mixinStandardHelpOptions = true,
      description = "Lifts account disable: the devices of the account may sign in again.")
  int enable(
      @Mixin OperatorOptions operator,
      @Parameters(paramLabel = "ACCOUNT", description = "Such as nina@chat.example.")
          String account)
      throws AdminException {
    operator.ask(
        console,
        request("enable", account),
        answer ->
            answer.forEach(
                it ->
                    console.say(
                        "%s is active: its devices may sign in."
                            .formatted(it.path("account").asText()))));
    return 0;
  }

  @Command(
      name = "delete",
      mixinStandardHelpOptions = true,
      description = {
        "Deletes an account with its devices, contacts and messages, for good.",
        "The name is free then; whoever gets it next gets nothing of this account.",
        "On a terminal it asks first, unless --yes is said."
      })
  int delete(
      @Mixin OperatorOptions operator,
      @Parameters(paramLabel = "ACCOUNT", description = "Such as nina@chat.example.")
          String account,
      @Option(names = "--yes", description = "Do not ask.") boolean yes)
      throws AdminException {
    if (!yes
        && console.terminal()
        && !console.confirms(
            "Delete %s with its devices, contacts and messages, for good?".formatted(account))) {
      throw new CommandException("nothing was deleted.");
    }
    operator.ask(console, request("delete", account), answer -> answer.forEach(this::showDeleted));
    return 0;
  }

  private void showDeleted(JsonNode answer) {
    int devices = answer.path("revoked").size();
    console.say(
        "%s is deleted%s."
            .formatted(
                answer.path("account").asText(),
                switch (devices) {
                  case 0 -> "";
                  case 1 -> ", its device is revoked";
                  default -> ", its %d devices are revoked".formatted(devices);
                }));
  }

  private static JsonLine request(String command, String account) {
    return new JsonLine().with("command", command).with("account", account);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import dev.latchkey.server.admin.AdminException;
import dev.latchkey.server.admin.JsonLine;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `invite`: the operator lets a device in.
@Command(
    name = "invite",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a one-time code for a new device; makes the account if there is none.",
      "Whoever redeems the code first becomes a device of the account with all permissions."
    })
final class InviteCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private OperatorOptions operator = new OperatorOptions();

  @Parameters(paramLabel = "ACCOUNT", description = "Such as nina@chat.example.")
  private String account = "";

  @Option(
      names = "--ttl",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "How long the code is good, such as 12h (default: 7d).")
  private Optional<Duration> ttl = Optional.empty();

  @Option(names = "--name", paramLabel = "TEXT", description = "What the device is to be called.")
  private Optional<String> name = Optional.empty();

  InviteCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws AdminException {
    JsonLine request =
        new JsonLine().with("command", "invite").with("account", account).with("name", name);
    ttl.ifPresent(time -> request.with("ttl", time.toSeconds()));
    operator.ask(
        console, request, answer -> answer.forEach(it -> Devices.showInvitation(console, it)));
    return 0;
  }
}

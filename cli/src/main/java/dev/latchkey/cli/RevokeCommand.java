// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import dev.latchkey.server.admin.AdminException;
import dev.latchkey.server.admin.JsonLine;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `revoke`: the operator cuts a device off.
@Command(
    name = "revoke",
    mixinStandardHelpOptions = true,
    description = "Cuts a device off, now and for good: its connections end, its keys are dead.")
final class RevokeCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private OperatorOptions operator = new OperatorOptions();

  @Parameters(index = "0", paramLabel = "ACCOUNT", description = "Such as nina@chat.example.")
  private String account = "";

  @Parameters(index = "1", paramLabel = "DEVICE-ID", description = "As devices lists it.")
  private String device = "";

  @Option(names = "--cascade", description = "Also the devices that it let in.")
  private boolean cascade;

  @Option(names = "--force", description = "Also if it is the last device of the account.")
  private boolean force;

  @Option(names = "--reason", paramLabel = "TEXT", description = "For the record.")
  private Optional<String> reason = Optional.empty();

  RevokeCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws AdminException {
    operator.ask(
        console,
        new JsonLine()
            .with("command", "revoke")
            .with("account", account)
            .with("device", device)
            .with("cascade", cascade)
            .with("force", force)
            .with("reason", reason),
        answer -> answer.forEach(it -> Devices.showRevoked(console, it)));
    return 0;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import dev.latchkey.server.admin.AdminException;
import dev.latchkey.server.admin.JsonLine;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `devices`: the operator looks at an account.
@Command(
    name = "devices",
    mixinStandardHelpOptions = true,
    description = "Lists the devices of an account, revoked ones too.")
final class DevicesCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private OperatorOptions operator = new OperatorOptions();

  @Parameters(paramLabel = "ACCOUNT", description = "Such as nina@chat.example.")
  private String account = "";

  DevicesCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws AdminException {
    operator.ask(
        console,
        new JsonLine().with("command", "devices").with("account", account),
        answer -> Devices.show(console, answer));
    return 0;
  }
}

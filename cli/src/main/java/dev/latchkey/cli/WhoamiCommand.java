// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.WhoAmI;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.server.admin.JsonLine;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `whoami`: signs in and says as whom.
@Command(
    name = "whoami",
    mixinStandardHelpOptions = true,
    description = "Signs in and says as whom, and by what.")
final class WhoamiCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private HomeOptions device = new HomeOptions();

  WhoamiCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    try (LatchkeyClient client = device.connect()) {
      WhoAmI who = client.whoami();
      if (device.json()) {
        console.say(
            new JsonLine()
                .with("jid", who.jid().toString())
                .with("device", who.device().map(id -> id.value()))
                .with("mechanism", who.mechanism())
                .with("credential", who.credential().map(id -> id.value())));
      } else {
        console.say("jid         " + who.jid());
        who.device().ifPresent(id -> console.say("device      " + id));
        console.say("mechanism   " + who.mechanism());
        who.kind().ifPresent(kind -> console.say("credential  " + named(kind, who)));
      }
    }
    return 0;
  }

  private static String named(CredentialKind kind, WhoAmI who) {
    return who.credential().map(id -> id + " (" + kind.word() + ")").orElse(kind.word());
  }
}

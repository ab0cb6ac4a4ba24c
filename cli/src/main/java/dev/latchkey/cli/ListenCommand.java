// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import dev.latchkey.client.ClientException;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.Message;
import dev.latchkey.credential.Jid;
import dev.latchkey.server.admin.JsonLine;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `listen`: prints messages, and comes back whenever its connection is lost.
@Command(
    name = "listen",
    mixinStandardHelpOptions = true,
    description =
        "Prints what came since it was last run, goes online and prints messages as they come,"
            + " until Ctrl-C. It signs in again by itself when its connection is lost, and ends"
            + " when that cannot help: when the device is revoked, say.")
final class ListenCommand implements Callable<Integer> {
  private static final Duration A_WHILE = Duration.ofHours(1);

  private final Console console;
  @Mixin private HomeOptions device = new HomeOptions();
  @Mixin private StayOptions connection = new StayOptions();

  ListenCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    try (LatchkeyClient client = connection.stay(device, console);
        ClosedAtExit exit = ClosedAtExit.of(client)) {
      listen(client, exit);
    }
    return 0;
  }

  /// Ends by the exception that says why the client ended, unless this process is to end.
  private void listen(LatchkeyClient client, ClosedAtExit exit) {
    try {
      client.catchUp();
      client.goOnline();
      console.progress("listening as %s ...".formatted(client.jid()));
      while (!exit.hasBegun()) {
        client.receive(A_WHILE).ifPresent(message -> show(client, message));
      }
    } catch (ClientException ended) {
      if (!exit.hasBegun()) {
        throw ended;
      }
    }
  }

  private void show(LatchkeyClient client, Message message) {
    show(message);
    client.shown(message);
  }

  private void show(Message message) {
    if (device.json()) {
      console.say(
          new JsonLine()
              .with("from", message.from().map(Jid::toString))
              .with("to", message.to().map(Jid::toString))
              .with("type", message.type())
              .with("id", message.id())
              .with("body", message.body())
              .with("stamp", message.stamp())
              .with("delayed", message.delayed()));
    } else {
      console.say(
          "%s %s: %s"
              .formatted(
                  message.stamp(),
                  message.from().map(Jid::toString).orElse("the server"),
                  message.body()));
    }
  }
}

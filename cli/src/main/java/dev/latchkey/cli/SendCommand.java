// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.Message;
import dev.latchkey.credential.Jid;
import dev.latchkey.server.admin.JsonLine;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `send`: one chat message.
@Command(
    name = "send",
    mixinStandardHelpOptions = true,
    description = "Sends a message and waits until the server has handled it.")
final class SendCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private HomeOptions device = new HomeOptions();

  @Parameters(index = "0", paramLabel = "JID", description = "To whom.")
  private String to = "";

  @Parameters(
      index = "1",
      paramLabel = "TEXT",
      description = "What; \"-\" reads a line from standard input.")
  private String text = "";

  SendCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    Jid recipient =
        Jid.tryParse(to)
            .orElseThrow(() -> new CommandException("\"%s\" is no address.".formatted(to)));
    String body = text.equals("-") ? console.readLine("the message") : text;
    try (LatchkeyClient client = device.connect()) {
      String id = client.send(recipient, body);
      client.ping();
      refuseIfItCameBack(client, id, recipient);
      if (device.json()) {
        console.say(
            new JsonLine()
                .with("id", id)
                .with("to", recipient.toString())
                .with("sent", InstantSource.system().instant()));
      } else {
        console.say("sent to " + recipient);
      }
    }
    return 0;
  }

  /// What cannot be delivered comes back before the ping is answered, as the stream keeps its
  /// order.
  private static void refuseIfItCameBack(LatchkeyClient client, String id, Jid recipient) {
    for (Optional<Message> message = client.receive(Duration.ZERO);
        message.isPresent();
        message = client.receive(Duration.ZERO)) {
      if (message.get().type().equals("error") && message.get().id().equals(Optional.of(id))) {
        throw new CommandException(why(recipient, message.get().condition().orElse("")));
      }
    }
  }

  /// An account that is away, or is none, takes a message without a word: what comes back has
  /// another reason.
  private static String why(Jid recipient, String condition) {
    String what =
        switch (condition) {
          case "remote-server-not-found" ->
              "this server does not talk to other servers. Write to somebody at its own domain";
          case "not-acceptable" -> "this account blocks them. Unblock them first";
          case "service-unavailable" ->
              "they take no more messages now, or nobody reads at that address. Check it, or try"
                  + " again later";
          case "policy-violation", "resource-constraint" ->
              "the server has no room for it. Send less, or try again later";
          default -> "the server says no more than that";
        };
    return "the message to %s came back (%s): %s."
        .formatted(recipient, Table.printable(condition), what);
  }
}

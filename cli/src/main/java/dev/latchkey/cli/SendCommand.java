// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import dev.latchkey.client.ClientException;
import dev.latchkey.client.ConnectionLostException;
import dev.latchkey.client.Delivery;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.Message;
import dev.latchkey.client.Ticker;
import dev.latchkey.credential.Jid;
import dev.latchkey.server.admin.JsonLine;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `send`: one chat message.
@Command(
    name = "send",
    mixinStandardHelpOptions = true,
    description =
        "Sends a message and waits until the server has handled it. When its connection is lost it"
            + " signs in again; when it gives up it says whether the message was sent, was not"
            + " sent, or may have been sent.")
final class SendCommand implements Callable<Integer> {
  private final Console console;
  private final Ticker ticker = Ticker.ofThisMachine();
  @Mixin private HomeOptions device = new HomeOptions();
  @Mixin private StayOptions connection = new StayOptions();

  @Option(
      names = "--within",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description = "How long to try (default: 30s).")
  private Duration within = Duration.ofSeconds(30);

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
    Duration begun = ticker.reading();
    try (LatchkeyClient client = signIn(recipient);
        ClosedAtExit _ = ClosedAtExit.of(client)) {
      String id = sent(client, recipient, body, begun);
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

  private LatchkeyClient signIn(Jid recipient) {
    try {
      return connection.stay(device, within, console);
    } catch (ConnectionLostException unreached) {
      throw new CommandException(notSent(recipient, unreached));
    }
  }

  /// Sends it.
  ///
  /// @param begun what the ticker showed when the time began to run
  /// @return its id
  private String sent(LatchkeyClient client, Jid recipient, String body, Duration begun) {
    Duration left = within.minus(ticker.reading().minus(begun));
    Delivery delivery;
    try {
      delivery = client.deliver(recipient, body, left.isNegative() ? Duration.ZERO : left);
    } catch (ClientException refused) {
      throw new CommandException(notSent(recipient, refused));
    }
    switch (delivery.known()) {
      case ARRIVED -> refuseIfItCameBack(client, delivery.id(), recipient);
      case NOT_SENT -> throw new CommandException(notSent(recipient, why(client)));
      case UNKNOWN ->
          throw new CommandException(
              "the message to %s may have been sent or not: %s. Ask them before you send it again."
                  .formatted(recipient, why(client).getMessage()));
    }
    return delivery.id();
  }

  private static String notSent(Jid recipient, ClientException why) {
    return "the message to %s was not sent: %s.".formatted(recipient, why.getMessage());
  }

  private ClientException why(LatchkeyClient client) {
    return client
        .awaitEnd(Duration.ZERO)
        .orElseGet(
            () ->
                new ConnectionLostException(
                    "the server did not take it within %d seconds".formatted(within.toSeconds())));
  }

  /// What cannot be delivered comes back before a ping behind it is answered, as the stream keeps
  /// its order. That it has arrived is known already: if the ping is not answered, nothing came
  /// back.
  private static void refuseIfItCameBack(LatchkeyClient client, String id, Jid recipient) {
    try {
      client.ping();
    } catch (ClientException lost) {
      return;
    }
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
    return "the message to %s came back (%s): %s.".formatted(recipient, condition, what);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import dev.latchkey.client.ClientEnvironment;
import dev.latchkey.client.ConnectionEvent;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.SignIn;
import dev.latchkey.client.Staying;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Option;

/// What the commands take that stay connected, and how they say what happens to the connection.
final class StayOptions {
  @Option(
      names = "--verbose",
      description = "Say on standard error what happens to the connection.")
  private boolean verbose;

  /// Signs in and stays, until the client is closed or the process is told to end.
  LatchkeyClient stay(HomeOptions device, Console console) {
    return stay(device.signIn(), Staying.forever(), console);
  }

  /// The same, for so long after each loss, and for as long at first.
  LatchkeyClient stay(HomeOptions device, Duration within, Console console) {
    // A step that hangs must leave time for another attempt.
    Duration patience = within.dividedBy(3).plusSeconds(1);
    ClientEnvironment environment = ClientEnvironment.ofThisMachine();
    return stay(
        device
            .signIn()
            .in(
                patience.compareTo(environment.patience()) < 0
                    ? environment.withPatience(patience)
                    : environment),
        Staying.forever().within(within),
        console);
  }

  private LatchkeyClient stay(SignIn signIn, Staying how, Console console) {
    return signIn.stay(
        how.telling(
            event -> {
              if (verbose || event instanceof ConnectionEvent.HomeUnwritable) {
                said(event).ifPresent(line -> console.note("latchkey: " + line));
              }
            }));
  }

  /// What a person is told; nothing of what the command itself says at its end.
  static Optional<String> said(ConnectionEvent event) {
    return switch (event) {
      case ConnectionEvent.Connected connected ->
          Optional.of("connected as %s".formatted(connected.jid()));
      case ConnectionEvent.Lost lost -> Optional.of("lost: " + lost.why().getMessage());
      case ConnectionEvent.TryingAgain trying ->
          Optional.of(
              trying.in().isZero()
                  ? "trying again"
                  : String.format(
                      Locale.ROOT, "trying again in %.1f s", trying.in().toMillis() / 1000.0));
      case ConnectionEvent.Resumed resumed ->
          Optional.of("resumed" + sentAgain(resumed.sentAgain()));
      case ConnectionEvent.Renewed renewed ->
          Optional.of(
              "a new session as %s%s%s"
                  .formatted(
                      renewed.jid(), sentAgain(renewed.sentAgain()), unknown(renewed.unknown())));
      case ConnectionEvent.HomeUnwritable unwritable ->
          Optional.of(unwritable.why().getMessage() + "; going on, but nothing is kept there");
      case ConnectionEvent.CaughtUp _ -> Optional.of("caught up with the archive");
      case ConnectionEvent.TakenOver _, ConnectionEvent.Ended _ -> Optional.empty();
    };
  }

  private static String sentAgain(int stanzas) {
    return switch (stanzas) {
      case 0 -> "";
      case 1 -> ", 1 stanza sent again";
      default -> ", %d stanzas sent again".formatted(stanzas);
    };
  }

  private static String unknown(List<String> messages) {
    return messages.isEmpty()
        ? ""
        : "; nobody knows whether the server has the messages " + String.join(", ", messages);
  }
}

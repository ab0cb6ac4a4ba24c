// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.client.ClientEnvironment;
import dev.latchkey.client.UserAgent;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.server.admin.AdminException;
import dev.latchkey.server.admin.JsonLine;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `invite`: the operator lets a device in.
@Command(
    name = "invite",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a one-time code for a new device; makes the account if there is none.",
      "Whoever redeems the code first becomes a device of the account with all permissions.",
      "With --credential client-key the device is made here and now, and all that it needs to sign"
          + " in is written to a file, instead of a code."
    })
final class InviteCommand implements Callable<Integer> {
  private final Console console;
  @Mixin private OperatorOptions operator = new OperatorOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

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

  @Option(
      names = "--credential",
      paramLabel = "KIND",
      description = "Make the device at once, with this: client-key.")
  private Optional<String> credential = Optional.empty();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where the credential goes; a new file, that only you may read.")
  private Optional<Path> out = Optional.empty();

  InviteCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws AdminException {
    wrongUsage()
        .ifPresent(
            wrong -> {
              throw new ParameterException(spec.commandLine(), wrong);
            });
    if (out.isPresent()) {
      provision(out.get());
    } else {
      invite();
    }
    return 0;
  }

  private Optional<String> wrongUsage() {
    String word = CredentialKind.CLIENT_KEY.word();
    Optional<String> other = credential.filter(kind -> !kind.equals(word));
    if (other.isPresent()) {
      return Optional.of(
          "--credential \"%s\": a device can be made beforehand with %s only"
              .formatted(other.get(), word));
    }
    if (credential.isPresent() && out.isEmpty()) {
      return Optional.of("--credential needs --out FILE: where what it makes is to go");
    }
    if (out.isPresent() && credential.isEmpty()) {
      return Optional.of(
          "--out is for a credential (--credential %s); a code is printed".formatted(word));
    }
    return credential.isPresent() && ttl.isPresent()
        ? Optional.of("--ttl is for a code, not for a credential")
        : Optional.empty();
  }

  private void invite() throws AdminException {
    JsonLine request =
        new JsonLine().with("command", "invite").with("account", account).with("name", name);
    ttl.ifPresent(time -> request.with("ttl", time.toSeconds()));
    operator.ask(
        console, request, answer -> answer.forEach(it -> Devices.showInvitation(console, it)));
  }

  private void provision(Path file) throws AdminException {
    ProvisionedDevice.requirePlace(file);
    JsonNode made =
        operator
            .ask(
                new JsonLine()
                    .with("command", "provision")
                    .with("account", account)
                    .with("name", name))
            .getFirst();
    new ProvisionedDevice(made)
        .writeTo(file, UserAgent.drawId(ClientEnvironment.ofThisMachine().random()));
    JsonLine shown =
        new JsonLine()
            .with("account", made.path("account").asText())
            .with("created", made.path("created").asBoolean())
            .with("device", made.path("device").asText())
            .with("credential", made.path("credential").asText())
            .with("file", file.toString())
            .with("expires", made.path("expires").asText());
    if (operator.json()) {
      console.say(shown);
    } else {
      Devices.showProvisioned(console, shown.toNode());
    }
  }
}

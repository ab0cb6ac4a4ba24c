// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.client.CodeOrder;
import dev.latchkey.client.IssuedCode;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.ListedDevice;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.server.admin.JsonLine;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `my ...`: what a person does from an enrolled device, by that device's own rights.
@Command(
    name = "my",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Looks after the own account from an enrolled device.")
final class MyCommand {
  private final Console console;

  MyCommand(Console console) {
    this.console = console;
  }

  @Command(
      name = "devices",
      mixinStandardHelpOptions = true,
      description = "Lists the devices of the own account.")
  int devices(@Mixin HomeOptions device) {
    try (LatchkeyClient client = device.connect()) {
      String account = client.jid().bare().toString();
      List<JsonLine> lines =
          client.listDevices().stream().map(listed -> line(account, listed)).toList();
      if (device.json()) {
        lines.forEach(console::say);
      } else {
        Devices.show(console, lines.stream().<JsonNode>map(JsonLine::toNode).toList());
      }
    }
    return 0;
  }

  private static JsonLine line(String account, ListedDevice listed) {
    return new JsonLine()
        .with("id", listed.id().value())
        .with("name", listed.name())
        .with("account", account)
        .with("status", listed.status())
        .withTrue("unbound", listed.unbound())
        .withLines(
            "credentials",
            listed.credentials().stream()
                .map(
                    credential ->
                        new JsonLine()
                            .with("id", credential.id().value())
                            .with("kind", credential.kind())
                            .with("status", credential.status())
                            .withTime("expires", credential.expires()))
                .toList())
        .with("connected", listed.connected())
        .withTime("first-seen", listed.firstSeen())
        .withTime("last-seen", listed.lastSeen());
  }

  @Command(
      name = "add",
      mixinStandardHelpOptions = true,
      description = "Makes a one-time code for one more device of the own account.")
  int add(
      @Mixin HomeOptions device,
      @Option(names = "--name", paramLabel = "TEXT", description = "What it is to be called.")
          Optional<String> name,
      @Option(
              names = "--ttl",
              paramLabel = "TIME",
              converter = DurationConverter.class,
              description = "How long the code is good, such as 1h (default: 10m).")
          Optional<Duration> ttl) {
    try (LatchkeyClient client = device.connect()) {
      IssuedCode code = client.addDevice(new CodeOrder(name, ttl, Optional.empty(), false));
      JsonLine line =
          new JsonLine()
              .with("account", code.uri().account().toString())
              .with("created", false)
              .with("token", code.uri().token().canonical().revealText())
              .with("uri", code.uri().reveal())
              .withTime("expires", code.expires());
      if (device.json()) {
        console.say(line);
      } else {
        Devices.showInvitation(console, line.toNode());
      }
    }
    return 0;
  }

  @Command(
      name = "revoke",
      mixinStandardHelpOptions = true,
      description = "Cuts a device of the own account off, now and for good.")
  int revoke(
      @Mixin HomeOptions device,
      @Parameters(paramLabel = "DEVICE-ID", description = "As my devices lists it.") String id,
      @Option(names = "--cascade", description = "Also the devices that it let in.")
          boolean cascade,
      @Option(names = "--reason", paramLabel = "TEXT", description = "For the record.")
          Optional<String> reason) {
    try (LatchkeyClient client = device.connect()) {
      JsonLine line =
          new JsonLine()
              .with("account", client.jid().bare().toString())
              .withTexts(
                  "revoked",
                  client.revoke(new DeviceId(id), cascade, reason.orElse("")).stream()
                      .map(DeviceId::value)
                      .toList());
      if (device.json()) {
        console.say(line);
      } else {
        Devices.showRevoked(console, line.toNode());
      }
    }
    return 0;
  }
}

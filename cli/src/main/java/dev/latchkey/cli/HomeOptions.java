// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import dev.latchkey.client.DeviceHome;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.ServerAddress;
import dev.latchkey.client.SignIn;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/// What every command of an enrolled device takes, and how it signs in.
final class HomeOptions {
  @Option(
      names = "--home",
      paramLabel = "DIR",
      description = "Where the device's key lives (default: ~/.config/latchkey).")
  private Optional<Path> home = Optional.empty();

  @Option(
      names = "--server",
      paramLabel = "[tls:]HOST:PORT",
      converter = ServerAddressConverter.class,
      description =
          "Where the server listens, instead of asking DNS. Port 5223 and tls: are direct TLS.")
  private Optional<ServerAddress> server = Optional.empty();

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  DeviceHome home() {
    return home.map(DeviceHome::at)
        .orElseGet(
            () -> DeviceHome.usual(System.getenv(), Path.of(System.getProperty("user.home"))));
  }

  Optional<ServerAddress> server() {
    return server;
  }

  boolean json() {
    return json;
  }

  /// How to sign in as the device that lives here.
  SignIn signIn() {
    SignIn signIn = LatchkeyClient.open(home());
    server.ifPresent(signIn::server);
    return signIn;
  }

  /// Signs in as the device that lives here.
  LatchkeyClient connect() {
    return signIn().connect();
  }
}

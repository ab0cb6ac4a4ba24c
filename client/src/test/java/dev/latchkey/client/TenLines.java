// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.Jid;
import java.nio.file.Path;
import java.time.Duration;

/// The example of the README, compiled and run.
final class TenLines {
  private TenLines() {}

  static void main(String... args) {
    // @start region="ten-lines"
    DeviceHome home = DeviceHome.at(Path.of(args[0]));
    if (!home.isEnrolled()) {
      LatchkeyClient.enrol(LoginUri.parse(args[1]), "my bot", home);
    }
    try (LatchkeyClient client = LatchkeyClient.open(home).connect()) {
      client.goOnline();
      client.send(Jid.parse("nina@chat.example"), "hello from " + client.jid());
      client
          .receive(Duration.ofMinutes(1))
          .ifPresent(message -> System.out.println(message.body()));
    }
    // @end
  }
}

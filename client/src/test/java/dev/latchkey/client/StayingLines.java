// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;

/// The example of the guide, compiled and run.
final class StayingLines {
  private StayingLines() {}

  static void run(SignIn signIn, BlockingQueue<Message> shown) {
    // @start region="staying"
    Staying staying = Staying.forever().telling(event -> System.err.println(event));
    try (LatchkeyClient client = signIn.stay(staying)) {
      client.catchUp();
      client.goOnline();
      while (client.awaitEnd(Duration.ZERO).isEmpty()) {
        client
            .receive(Duration.ofMinutes(1))
            .ifPresent(
                message -> {
                  shown.add(message);
                  client.shown(message);
                });
      }
    }
    // @end
  }
}

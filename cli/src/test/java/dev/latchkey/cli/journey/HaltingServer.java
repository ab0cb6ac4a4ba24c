// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import dev.latchkey.credential.Waypoint;
import dev.latchkey.server.LatchkeyServer;
import dev.latchkey.server.Seams;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/// The program of a server that a test kills: it says when it serves, and halts without any goodbye
/// when somebody reaches the named point, as when the power goes.
public final class HaltingServer {
  /// How it ends.
  static final int HALTED = 86;

  private HaltingServer() {}

  /// Serves until it is killed.
  ///
  /// @param arguments the folder, and the word of a point, or `-` for none
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Optional<Waypoint> point =
        Arrays.stream(Waypoint.values())
            .filter(known -> known.word().equals(arguments[1]))
            .findFirst();
    LatchkeyServer server =
        LatchkeyServer.start(
            RunningServer.configuration(Path.of(arguments[0])),
            Seams.none()
                .with(
                    reached -> {
                      if (point.isPresent() && point.get() == reached) {
                        Runtime.getRuntime().halt(HALTED);
                      }
                    }));
    System.out.println(server.ready());
    Thread.currentThread().join();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import dev.latchkey.store.Restoration;
import dev.latchkey.store.folder.DataFolder;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;

/// The program of a `restore` that halts without any goodbye at the named point, as when the power
/// goes.
public final class HaltingRestore {
  private HaltingRestore() {}

  /// Restores, and does not come to its end.
  ///
  /// @param arguments the data folder, the backup, and the word of a point
  public static void main(String[] arguments) {
    try (DataFolder data = DataFolder.open(Path.of(arguments[0]))) {
      var _ =
          new Restoration(
                  data,
                  new SecureRandom(),
                  InstantSource.system(),
                  reached -> {
                    if (reached.word().equals(arguments[2])) {
                      Runtime.getRuntime().halt(HaltingServer.HALTED);
                    }
                  })
              .putBack(Path.of(arguments[1]));
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import dev.latchkey.cli.Ran;
import dev.latchkey.server.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The command line, as an operator and the owners of devices use it on the server of a test.
///
/// @param folder as of [RunningServer#configuration]
record CommandLine(Path folder) {
  /// A server that the operator's commands find.
  RunningServer found(RunningServer server) throws IOException {
    RunFolder.announce(data(), folder.resolve("run"));
    return server;
  }

  /// The data folder.
  Path data() {
    return folder.resolve("data");
  }

  /// An operator's command, for programs.
  Ran operator(String... arguments) {
    List<String> command = new ArrayList<>(Arrays.asList(arguments));
    command.addAll(List.of("--data", data().toString(), "--json"));
    return Ran.latchkey(command.toArray(String[]::new));
  }

  /// A device's command, for programs, wherever the server is now.
  static Ran device(RunningServer server, String home, String... arguments) {
    return Ran.latchkey(words(server, home, arguments).toArray(String[]::new));
  }

  /// Its words.
  static List<String> words(RunningServer server, String home, String... arguments) {
    List<String> command = new ArrayList<>(Arrays.asList(arguments));
    var address = server.server().startTls().orElseThrow();
    command.addAll(
        List.of(
            "--home",
            server.home(home).folder().toString(),
            "--server",
            address.getHostString() + ":" + address.getPort(),
            "--json"));
    return command;
  }
}

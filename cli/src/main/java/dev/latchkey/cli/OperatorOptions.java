// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.server.RunFolder;
import dev.latchkey.server.admin.AdminClient;
import dev.latchkey.server.admin.AdminException;
import dev.latchkey.server.admin.JsonLine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/// What every operator's command takes, and how it asks the running server.
final class OperatorOptions {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "latchkey-data",
      description = "The data folder of the running server (default: ${DEFAULT-VALUE}).")
  private Path data = Path.of("latchkey-data");

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  /// The data folder.
  Path data() {
    return data;
  }

  /// Whether to print for programs.
  boolean json() {
    return json;
  }

  /// Asks the server and prints: the lines themselves with `--json`, else what `show` makes of all
  /// of them.
  void ask(Console console, JsonLine request, Consumer<List<JsonNode>> show) throws AdminException {
    List<JsonNode> answer = new ArrayList<>();
    call(
        request,
        line -> {
          if (line.has("note")) {
            console.note(line.path("note").asText());
          } else if (json) {
            console.say(line);
          } else {
            answer.add(line);
          }
        });
    if (!json) {
      show.accept(answer);
    }
  }

  /// Asks the server and prints nothing: the answer holds what nobody should see.
  List<JsonNode> ask(JsonLine request) throws AdminException {
    List<JsonNode> answer = new ArrayList<>();
    call(request, answer::add);
    return answer;
  }

  private void call(JsonLine request, Consumer<JsonNode> lines) throws AdminException {
    new AdminClient(RunFolder.of(data).resolve("admin.sock")).call(request, lines);
  }
}

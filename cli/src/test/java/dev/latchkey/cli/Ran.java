// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// What a command did.
///
/// @param code its exit code
/// @param out what it answered
/// @param err what it complained of
public record Ran(int code, String out, String err) {
  /// Runs one as `./latchkey` would, in a pipe.
  public static Ran latchkey(String... arguments) {
    return withInput("", arguments);
  }

  /// Runs one with something piped in.
  static Ran withInput(String input, String... arguments) {
    return run(input, false, arguments);
  }

  /// Runs one before a person who types something.
  static Ran atATerminal(String typed, String... arguments) {
    return run(typed, true, arguments);
  }

  private static Ran run(String input, boolean terminal, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console =
        new Console(
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            terminal);
    int code = Latchkey.run(console, arguments);
    return new Ran(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /// The lines of `--json`.
  public List<JsonNode> lines() {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : out.lines().toList()) {
      try {
        lines.add(new ObjectMapper().readTree(line));
      } catch (JsonProcessingException notJson) {
        throw new AssertionError("not JSON: " + line + "\n" + err, notJson);
      }
    }
    return lines;
  }

  /// The only line of `--json`.
  public JsonNode line() {
    List<JsonNode> lines = lines();
    if (lines.size() != 1) {
      throw new AssertionError("expected one line:\n" + out + err);
    }
    return lines.getFirst();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.Bytes;
import dev.latchkey.testkit.Tools;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The mechanisms as `token_mechanisms.py` computes them: tasks are collected, then all are run at
/// once, since starting Python costs more than the tasks.
final class SecondImplementation {
  private static final Path SCRIPT = Path.of("src/test/python/token_mechanisms.py");

  private final Path python = Tools.program("python3", "python3");
  private final List<String> tasks = new ArrayList<>();
  private final List<List<Bytes>> expected = new ArrayList<>();

  /// Adds a task.
  ///
  /// @param name which
  /// @param inputs its inputs; nothing for one that is not there
  /// @param results what we have computed of the same inputs
  void add(String name, List<Optional<Bytes>> inputs, Bytes... results) {
    tasks.add(
        Stream.concat(
                Stream.of(name), inputs.stream().map(input -> input.map(Bytes::toHex).orElse("-")))
            .collect(Collectors.joining(" ")));
    expected.add(List.of(results));
  }

  /// Runs all tasks and compares, octet for octet.
  ///
  /// @param folder for the tasks, so that no pipe can run full
  void agrees(Path folder) throws IOException, InterruptedException {
    Path input = Files.write(folder.resolve("tasks"), tasks);
    Process process =
        new ProcessBuilder(python.toString(), SCRIPT.toString())
            .redirectInput(input.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    List<List<String>> computed =
        output.lines().map(line -> Arrays.asList(line.split(" ", -1))).toList();
    assertThat(computed).hasSameSizeAs(expected);
    for (int i = 0; i < computed.size(); i++) {
      assertThat(computed.get(i))
          .as(tasks.get(i))
          .isEqualTo(expected.get(i).stream().map(Bytes::toHex).toList());
    }
  }
}

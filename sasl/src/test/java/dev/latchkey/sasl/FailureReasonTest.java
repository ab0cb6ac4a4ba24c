// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class FailureReasonTest {
  @Test
  void everyReasonIsExplainedToTheOperatorAndNoOther() throws IOException {
    List<String> explained =
        Files.readAllLines(Path.of("../docs/errors.md")).stream()
            .dropWhile(line -> !line.startsWith("| reason |"))
            .skip(2)
            .map(line -> line.split("`", -1)[1])
            .toList();
    assertThat(explained)
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(FailureReason.values()).map(FailureReason::word).toList());
  }
}

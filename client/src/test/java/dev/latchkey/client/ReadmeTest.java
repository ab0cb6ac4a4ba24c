// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ReadmeTest {
  @Test
  void showsTheTenLinesThatAreCompiledAndRun() throws IOException {
    String source = Files.readString(Path.of("src/test/java/dev/latchkey/client/TenLines.java"));
    String region =
        source.substring(
            source.indexOf("region=\"ten-lines\"\n") + "region=\"ten-lines\"\n".length(),
            source.lastIndexOf("    // @end"));
    String readme = Files.readString(Path.of("../README.md"));
    int begin = readme.indexOf("```java\n", readme.indexOf("<!-- ten-lines -->")) + 8;
    assertThat(readme.substring(begin, readme.indexOf("```\n", begin)))
        .isEqualTo(region.stripTrailing().stripIndent() + "\n");
  }
}

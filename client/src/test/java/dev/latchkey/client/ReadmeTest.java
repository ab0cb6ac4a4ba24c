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
    assertThat(shown("README.md", "ten-lines")).isEqualTo(compiled("TenLines", "ten-lines"));
  }

  @Test
  void guideShowsTheLinesThatStayAsTheyAreCompiledAndRun() throws IOException {
    assertThat(shown("docs/guide/client-kit.md", "staying"))
        .isEqualTo(compiled("StayingLines", "staying"));
  }

  private static String compiled(String example, String region) throws IOException {
    String source =
        Files.readString(Path.of("src/test/java/dev/latchkey/client", example + ".java"));
    String start = "region=\"" + region + "\"\n";
    return source
            .substring(source.indexOf(start) + start.length(), source.lastIndexOf("    // @end"))
            .stripTrailing()
            .stripIndent()
        + "\n";
  }

  private static String shown(String document, String mark) throws IOException {
    String text = Files.readString(Path.of("..", document));
    String fence = "```java\n";
    int begin = text.indexOf(fence, text.indexOf("<!-- " + mark + " -->")) + fence.length();
    return text.substring(begin, text.indexOf("```\n", begin));
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
  @TempDir Path data;

  @Test
  void commandsFindSocketsThatAreElsewhere() throws IOException {
    assertThat(RunFolder.of(data)).isEqualTo(data.resolve("run"));
    RunFolder.announce(data, Path.of("/run/latchkey"));
    assertThat(RunFolder.of(data)).isEqualTo(Path.of("/run/latchkey"));
    RunFolder.announce(data, data.resolve("run"));
    assertThat(RunFolder.of(data)).isEqualTo(data.resolve("run"));
  }
}

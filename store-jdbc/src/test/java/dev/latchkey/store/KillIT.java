// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What was acknowledged survives `kill -9`.
final class KillIT {
  private final SeededRandom random = SeededRandom.announced();
  @TempDir private Path temporary;

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 7",
      rule = "Nothing that was acknowledged is lost when the process is killed")
  void losesNothingThatWasAcknowledged() throws Exception {
    Path path = temporary.resolve("data");
    List<String> acknowledged = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      acknowledged.addAll(runAndKill(path, "round" + round, 20 + random.nextInt(100)));
      try (OpenFolder open = OpenFolder.at(path, random);
          JdbcCredentialStore store = open.store()) {
        assertIsThere(store, open, acknowledged);
      }
    }
    assertThat(acknowledged).hasSizeGreaterThan(60);
  }

  private List<String> runAndKill(Path path, String name, int after) throws Exception {
    Path errors = temporary.resolve(name + ".stderr");
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1", // it lives for seconds
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                CommittingChild.class.getName(),
                path.toString(),
                name)
            .redirectError(errors.toFile())
            .start();
    List<String> lines = new ArrayList<>();
    try (BufferedReader output = child.inputReader(StandardCharsets.UTF_8)) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        if (line.endsWith(" .")) {
          lines.add(line);
        }
        if (lines.size() == after) {
          child.toHandle().destroyForcibly(); // the process's own would close its output
        }
      }
    } finally {
      child.destroyForcibly().waitFor();
    }
    assertThat(lines).as(Files.readString(errors)).hasSizeGreaterThanOrEqualTo(after);
    return lines;
  }

  private static void assertIsThere(
      JdbcCredentialStore store, OpenFolder open, List<String> acknowledged) throws Exception {
    Set<String> logged = new HashSet<>();
    for (String line : Files.readAllLines(open.folder().revocationLog())) {
      logged.add(line.split(" ", -1)[2]);
    }
    for (String line : acknowledged) {
      String[] parts = line.split(" ", -1);
      AccountSnapshot account = store.find(new AccountId(parts[1])).orElseThrow();
      Device device = account.device(new DeviceId(parts[2])).orElseThrow();
      assertThat(account.credentialsOf(device.id())).hasSize(1);
      if (parts[0].equals("revoked")) {
        assertThat(device.status()).isEqualTo(DeviceStatus.REVOKED);
        assertThat(logged).contains(device.id().value());
      }
    }
  }
}

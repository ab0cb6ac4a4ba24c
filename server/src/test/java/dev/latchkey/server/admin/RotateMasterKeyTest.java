// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.MasterKey;
import dev.latchkey.store.MasterKeyRotation.Rotated;
import dev.latchkey.store.folder.MasterKeyFile;
import dev.latchkey.testkit.SeededRandom;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RotateMasterKeyTest {
  private static final Rotated ALL =
      new Rotated(Bytes.hex("01"), 25_000, List.of(Bytes.hex("02")), List.of());

  private final List<String> lines = new ArrayList<>();

  private void run(Function<LongConsumer, Optional<Rotated>> rotation) throws AdminException {
    new RotateMasterKey(rotation)
        .run(
            new AdminRequest(new ObjectMapper().createObjectNode()),
            line -> lines.add(line.toString()));
  }

  @Test
  void refusesASecondOneAtATime() {
    assertThatThrownBy(() -> run(_ -> Optional.empty()))
        .isInstanceOf(AdminException.class)
        .hasMessageContaining("already");
    assertThat(lines).isEmpty();
  }

  @Test
  void saysWhatIsWrongWithTheKeyFile(@TempDir Path folder) {
    Path file = folder.resolve("master.key");
    MasterKey inUse = MasterKey.draw(SeededRandom.announced());
    assertThatThrownBy(
            () ->
                run(
                    _ -> {
                      assertThat(MasterKeyFile.readAgain(file, inUse)).isEmpty();
                      return Optional.of(ALL);
                    }))
        .isInstanceOf(AdminException.class)
        .hasMessageStartingWith(file + ": is not there")
        .hasMessageContaining("Put back");
    assertThat(lines).isEmpty();
  }

  @Test
  void saysWhatFailedAndWhatToDo() {
    assertThatThrownBy(
            () ->
                run(
                    _ -> {
                      throw new UncheckedIOException(
                          "tls/x.sealed cannot be written", new IOException("no space left"));
                    }))
        .isInstanceOf(AdminException.class)
        .hasMessageStartingWith("tls/x.sealed cannot be written: no space left. The old key stays")
        .hasMessageContaining("run this again");
    assertThat(lines).isEmpty();
  }

  @Test
  void tellsNowAndThenHowFarItIs() throws AdminException {
    run(
        progress -> {
          for (long all = 100; all <= 25_000; all += 100) {
            progress.accept(all);
          }
          return Optional.of(ALL);
        });
    assertThat(lines)
        .filteredOn(line -> line.contains("sealed anew"))
        .containsExactly(
            "{\"note\":\"10000 values are sealed anew ...\"}",
            "{\"note\":\"20000 values are sealed anew ...\"}");
    assertThat(lines).contains("{\"key\":\"01\",\"resealed\":25000,\"removed\":[\"02\"]}");
  }

  @Test
  void goesOnWhenWhoAskedIsGone() throws AdminException {
    AtomicInteger told = new AtomicInteger();
    List<String> answered = new ArrayList<>();
    new RotateMasterKey(
            progress -> {
              progress.accept(10_000);
              progress.accept(20_000);
              return Optional.of(ALL);
            })
        .run(
            new AdminRequest(new ObjectMapper().createObjectNode()),
            line -> {
              if (line.toString().contains("sealed anew")) {
                told.incrementAndGet();
                throw new UncheckedIOException(new IOException("gone"));
              }
              answered.add(line.toString());
            });
    assertThat(told).hasValue(1);
    assertThat(answered).hasSize(2);
  }

  @Test
  void saysWhyTheOldKeyStays() throws AdminException {
    run(
        _ ->
            Optional.of(
                new Rotated(Bytes.hex("01"), 1, List.of(), List.of("x belongs to nobody"))));
    assertThat(lines)
        .contains(
            "{\"key\":\"01\",\"resealed\":1,\"removed\":[]}",
            "{\"note\":\"the old key stays, because x belongs to nobody.\"}");
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.cli.demo.Demo;
import dev.latchkey.cli.demo.Step;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DemoTest {
  @TempDir Path folder;

  @Test
  void everyStepDoesWhatItShould() {
    List<Demo.Result> results = new ArrayList<>();
    try (Demo demo = new Demo(folder, Optional.empty())) {
      assertThat(demo.play(_ -> {}, results::add)).as("%s", results).isTrue();
    }
    assertThat(results).extracting(Demo.Result::step).containsExactly(Step.values());
  }

  @ParameterizedTest
  @EnumSource(Step.class)
  void aStepFailsWhereItsPartOfTheServerIsTakenOut(Step step) {
    List<Demo.Result> results = new ArrayList<>();
    try (Demo demo = new Demo(folder, Optional.of(step))) {
      assertThat(demo.play(_ -> {}, results::add)).isFalse();
    }
    assertThat(results.getLast().step()).isEqualTo(step);
    assertThat(results.getLast().fault()).isPresent();
  }
}

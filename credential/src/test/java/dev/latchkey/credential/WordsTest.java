// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The words that scripts, databases and peers rely on.
class WordsTest {
  static Stream<List<String>> catalogues() {
    return Stream.of(
        words(AccountStatus.values(), AccountStatus::word),
        words(DeviceStatus.values(), DeviceStatus::word),
        words(CredentialStatus.values(), CredentialStatus::word),
        words(CredentialKind.values(), CredentialKind::word),
        words(DeviceOrigin.values(), DeviceOrigin::word),
        words(EventKind.values(), EventKind::word),
        words(Permission.values(), Permission::word),
        words(ScramHash.values(), ScramHash::word));
  }

  private static <E> List<String> words(E[] values, java.util.function.Function<E, String> word) {
    return Arrays.stream(values).map(word).toList();
  }

  @ParameterizedTest
  @MethodSource("catalogues")
  void noWordStandsForTwoThings(List<String> words) {
    assertThat(words).doesNotHaveDuplicates().allMatch(word -> word.matches("[A-Za-z0-9-]+"));
  }
}

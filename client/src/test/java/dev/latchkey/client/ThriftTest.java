// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThriftTest {
  @ParameterizedTest
  @CsvSource({"0, 0", "3, 0", "4, 1", "5, 2", "9, 32", "10, 60", "15, 60", "9000000000, 60"})
  void restsLongerAndLongerUpToAnHour(long spent, long minutes) {
    assertThat(Thrift.rest(spent)).isEqualTo(Duration.ofMinutes(minutes));
  }
}

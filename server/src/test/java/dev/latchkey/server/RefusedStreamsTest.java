// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.testkit.ManualClock;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RefusedStreamsTest {
  private final ManualClock clock = new ManualClock();
  private final RefusedStreams refused = new RefusedStreams(clock);

  private List<RefusedStreams.Line> add(String address, String rule) {
    return refused.add(new InetSocketAddress(address, 5222), "policy-violation", rule);
  }

  private static RefusedStreams.Line one(String address, String rule) {
    return line(new InetSocketAddress(address, 5222).toString(), rule, 0);
  }

  private static RefusedStreams.Line line(String peer, String rule, int more) {
    return new RefusedStreams.Line(Optional.of(peer), "policy-violation", rule, more);
  }

  @Test
  void writesOneLineAMinuteForEachSourceAndRule() {
    assertThat(add("192.0.2.1", "rule")).containsExactly(one("192.0.2.1", "rule"));
    assertThat(add("192.0.2.1", "rule")).isEmpty();
    assertThat(add("192.0.2.1", "other")).containsExactly(one("192.0.2.1", "other"));
    assertThat(add("192.0.2.2", "rule")).containsExactly(one("192.0.2.2", "rule"));
    clock.advance(Duration.ofSeconds(59));
    assertThat(add("192.0.2.1", "rule")).isEmpty();
    clock.advance(Duration.ofSeconds(1));
    assertThat(add("192.0.2.2", "rule"))
        .containsExactly(line("192.0.2.1", "rule", 2), one("192.0.2.2", "rule"));
    assertThat(add("192.0.2.1", "rule")).containsExactly(one("192.0.2.1", "rule"));
  }

  @Test
  void takesASubscriberOfIpv6ForOneSource() {
    assertThat(add("2001:db8:0:1::1", "rule")).hasSize(1);
    assertThat(add("2001:db8:0:1:ffff::2", "rule")).isEmpty();
    assertThat(add("2001:db8:0:2::1", "rule")).hasSize(1);
  }

  @Test
  void takesAllForOneOnceThereAreMany() {
    for (int i = 0; i < 1024; i++) {
      assertThat(add("2001:db8:%x::1".formatted(i), "rule")).hasSize(1);
    }
    assertThat(add("2001:db8:1024::1", "rule")).hasSize(1);
    for (int i = 1; i < 3000; i++) {
      assertThat(add("2001:db8:1024:%x::1".formatted(i), "rule")).isEmpty();
    }
    assertThat(add("2001:db8:0::1", "rule")).as("who is known stays").isEmpty();
    clock.advance(Duration.ofMinutes(1));
    assertThat(add("192.0.2.1", "rule"))
        .containsExactly(
            line("2001:db8:0:0:0:0:0:0", "rule", 1),
            new RefusedStreams.Line(Optional.empty(), "policy-violation", "rule", 2999),
            one("192.0.2.1", "rule"));
  }

  @Test
  void isNotSilencedByAClockThatIsPutBack() {
    assertThat(add("192.0.2.1", "rule")).hasSize(1);
    clock.advance(Duration.ofHours(-3));
    assertThat(add("192.0.2.1", "rule")).hasSize(1);
  }
}

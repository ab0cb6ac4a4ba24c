// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.testkit.Spec;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnacknowledgedTest {
  private static StanzaCount count(long value) {
    return new StanzaCount((int) value);
  }

  private static Unacknowledged<String> of(long acknowledged, String... waiting) {
    return new Unacknowledged<>(count(acknowledged), List.of(waiting));
  }

  @Test
  void givesBackWhatIsNewlyAcknowledgedInOrder() {
    Unacknowledged<String> queue = of(7, "a", "b", "c");

    assertThat(queue.acknowledge(count(9)))
        .isEqualTo(new Unacknowledged.Outcome.Arrived<>(List.of("a", "b")));
    assertThat(queue.waiting()).containsExactly("c");
    assertThat(queue.acknowledge(count(9)))
        .isEqualTo(new Unacknowledged.Outcome.Arrived<>(List.of()));
    assertThat(queue.sent()).isEqualTo(count(10));
  }

  @Test
  @Spec(
      doc = "XEP-0198",
      section = "4",
      rule = "who acknowledges more than was sent is told that this cannot be")
  void refusesMoreThanWasSentAndChangesNothing() {
    Unacknowledged<String> queue = of(7, "a");

    assertThat(queue.acknowledge(count(9)))
        .isEqualTo(new Unacknowledged.Outcome.Impossible<>(count(8)));
    assertThat(queue.waiting()).containsExactly("a");
    assertThat(queue.acknowledged()).isEqualTo(count(7));
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 46", rule = "modulo 2^32, too low is too high")
  void refusesToTakeBackAnAcknowledgement() {
    assertThat(of(7, "a").allows(count(6))).isFalse();
    assertThat(of(0, "a").allows(count(4_294_967_295L))).isFalse();
  }

  @Test
  void goesRoundWithTheCount() {
    Unacknowledged<String> queue = of(4_294_967_294L);
    List.of("a", "b", "c", "d").forEach(queue::sent);

    assertThat(queue.sent()).isEqualTo(count(2));
    assertThat(queue.allows(count(3))).isFalse();
    assertThat(queue.acknowledge(count(1)))
        .isEqualTo(new Unacknowledged.Outcome.Arrived<>(List.of("a", "b", "c")));
    assertThat(queue.size()).isEqualTo(1);
    assertThat(queue.isEmpty()).isFalse();
  }
}

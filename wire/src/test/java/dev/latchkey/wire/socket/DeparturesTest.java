// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeparturesTest {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final Departures departures = new Departures(channel.eventLoop());
  private final List<String> told = new ArrayList<>();

  @BeforeEach
  void stopTheClock() {
    channel.freezeTime();
  }

  @AfterEach
  void close() {
    var _ = channel.finishAndReleaseAll();
  }

  private void pass(long milliseconds) {
    channel.advanceTimeBy(milliseconds, TimeUnit.MILLISECONDS);
    channel.runPendingTasks(); // what is due,
    channel.runPendingTasks(); // and what that hands on
  }

  @Test
  void tellsTogetherOfWhatWentWithinAFewMilliseconds() {
    departures.gone(() -> told.add("a"));
    pass(6);
    departures.gone(() -> told.add("b"));
    assertThat(told).isEmpty();
    pass(6);
    assertThat(told).containsExactly("a", "b");
  }

  @Test
  void tellsOfEachOnceAndOfWhatGoesLaterLater() {
    departures.gone(() -> told.add("a"));
    pass(12);
    departures.gone(() -> told.add("b"));
    assertThat(told).containsExactly("a");
    pass(12);
    assertThat(told).containsExactly("a", "b");
    pass(100);
    assertThat(told).containsExactly("a", "b");
  }

  @Test
  void tellsOfWhatGoesWhileItTells() {
    departures.gone(() -> departures.gone(() -> told.add("b")));
    pass(12);
    pass(12);
    assertThat(told).containsExactly("b");
  }

  @Test
  void oneThatFailsKeepsNobodyFromBeingTold() {
    departures.gone(
        () -> {
          throw new IllegalStateException("no thread is given");
        });
    departures.gone(() -> told.add("b"));
    pass(12);
    pass(0); // this loop stops at a failure and goes on when it is run again
    assertThat(told).containsExactly("b");
    assertThatThrownBy(channel::checkException).hasMessage("no thread is given");
  }

  @Test
  void tellsAtOnceWhenItsLoopEnds() throws Exception {
    EventExecutor ending = new DefaultEventExecutor();
    var ended = ending.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    new Departures(ending).gone(() -> told.add("a"));
    assertThat(told).containsExactly("a");
    assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
  }
}

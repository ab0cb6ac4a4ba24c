// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.management.StanzaCount;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutboxTest {
  private final Outbox outbox = new Outbox();
  private final List<String> first = new ArrayList<>();
  private final List<String> second = new ArrayList<>();

  private static Element message(String id) {
    return Element.named("message", Namespaces.CLIENT).attribute("id", id).build();
  }

  private static Element presence(String type) {
    return Element.named("presence", Namespaces.CLIENT).attribute("type", type).build();
  }

  private static void write(List<String> wire, Element element) {
    wire.add(element.attribute("id").or(() -> element.attribute("type")).orElse(element.name()));
  }

  private void begin() {
    var _ = outbox.renewed(element -> write(first, element), true, Optional.empty());
  }

  private Outgoing send(String id) throws InterruptedException {
    return outbox.send(message(id), Duration.ZERO);
  }

  private static StanzaCount count(int number) {
    return new StanzaCount(number);
  }

  private static Optional<Delivery.Known> fate(Outgoing outgoing) throws InterruptedException {
    return outgoing.await(Duration.ZERO);
  }

  @Test
  void asksOneQuestionAtATime() throws Exception {
    begin();
    Outgoing one = send("1");
    Outgoing two = send("2");
    assertThat(first).containsExactly("1", "r", "2");
    assertThat(outbox.awaitsAnswer()).isTrue();
    assertThat(outbox.acknowledged(count(1))).isTrue();
    assertThat(fate(one)).contains(Delivery.Known.ARRIVED);
    assertThat(fate(two)).isEmpty();
    assertThat(first).as("the second is asked for now").containsExactly("1", "r", "2", "r");
    assertThat(outbox.acknowledged(count(2))).isTrue();
    assertThat(first).hasSize(4);
    assertThat(outbox.awaitsAnswer()).isFalse();
  }

  @Test
  @Spec(doc = "XEP-0198", section = "4", rule = "more cannot be handled than was sent")
  void refusesCountsThatCannotBe() throws Exception {
    begin();
    Outgoing one = send("1");
    Outgoing two = send("2");
    assertThat(outbox.acknowledged(count(3))).isFalse();
    assertThat(outbox.acknowledged(count(1))).isTrue();
    assertThat(outbox.acknowledged(StanzaCount.ZERO)).as("taken back").isFalse();
    assertThat(outbox.acknowledged(count(-1))).as("2^32 - 1").isFalse();
    assertThat(fate(one)).contains(Delivery.Known.ARRIVED);
    assertThat(fate(two)).isEmpty();
    outbox.disconnected();
    assertThat(outbox.resumed(element -> write(second, element), count(3))).isEmpty();
    assertThat(outbox.resumed(element -> write(second, element), StanzaCount.ZERO)).isEmpty();
    assertThat(second).isEmpty();
  }

  @Test
  @Spec(doc = "XEP-0198", section = "5", rule = "after resumption what was not handled goes again")
  void sendsAgainInOrderThenWhatWaited() throws Exception {
    begin();
    List<Outgoing> sent = List.of(send("1"), send("2"), send("3"));
    outbox.disconnected();
    Outgoing waited = send("4");
    assertThat(first).containsExactly("1", "r", "2", "3");
    assertThat(outbox.resumed(element -> write(second, element), count(1))).contains(2);
    assertThat(second).containsExactly("2", "3", "4", "r");
    assertThat(fate(sent.getFirst())).contains(Delivery.Known.ARRIVED);
    assertThat(outbox.acknowledged(count(4))).isTrue();
    assertThat(fate(waited)).contains(Delivery.Known.ARRIVED);
    assertThat(outbox.acknowledged(count(5))).isFalse();
  }

  @Test
  void newSessionGetsWhatTheOldOneSurelyDidNotHandle() throws Exception {
    begin();
    Outgoing one = send("1");
    outbox.send(presence("unavailable"), Duration.ZERO);
    Outgoing three = send("3");
    outbox.disconnected();
    send("4");
    Outbox.Renewal renewal =
        outbox.renewed(element -> write(second, element), true, Optional.of(count(1)));
    assertThat(fate(one)).contains(Delivery.Known.ARRIVED);
    assertThat(fate(three)).isEmpty();
    assertThat(second).as("presence first, once").containsExactly("unavailable", "3", "4", "r");
    assertThat(renewal.unknown()).isEmpty();
    assertThat(outbox.acknowledged(count(3))).as("counted from zero").isTrue();
    assertThat(fate(three)).contains(Delivery.Known.ARRIVED);
  }

  @Test
  void newSessionDoesNotGetWhatMayHaveArrived() throws Exception {
    for (Optional<StanzaCount> handled :
        List.of(Optional.<StanzaCount>empty(), Optional.of(count(7)))) {
      Outbox fresh = new Outbox();
      List<String> wire = new ArrayList<>();
      var _ = fresh.renewed(element -> {}, true, Optional.empty());
      Outgoing one = fresh.send(message("1"), Duration.ZERO);
      fresh.disconnected();
      Outgoing two = fresh.send(message("2"), Duration.ZERO);
      Outbox.Renewal renewal = fresh.renewed(element -> write(wire, element), true, handled);
      assertThat(renewal.unknown()).containsExactly(one);
      assertThat(renewal.sentAgain()).isZero();
      assertThat(fate(one)).contains(Delivery.Known.UNKNOWN);
      assertThat(fate(two)).isEmpty();
      assertThat(wire).containsExactly("2", "r");
    }
  }

  @Test
  void onlyTheLastPresenceIsRepeated() throws Exception {
    begin();
    outbox.send(presence("unavailable"), Duration.ZERO);
    outbox.disconnected();
    outbox.send(presence("probe"), Duration.ZERO);
    var _ = outbox.renewed(element -> write(second, element), true, Optional.empty());
    assertThat(second).containsExactly("probe", "r");
  }

  @Test
  void fullQueueRefusesWithASentence() throws Exception {
    begin();
    for (int i = 0; i < Outbox.MOST_STANZAS; i++) {
      send("m" + i);
    }
    assertThatThrownBy(() -> send("one too many"))
        .isInstanceOf(ClientException.class)
        .hasMessageContainingAll("1000 stanzas", "was not sent");
    assertThat(outbox.acknowledged(count(1))).isTrue();
    assertThat(fate(send("now there is room"))).isEmpty();
  }

  @Test
  void fullQueueCountsOctets() throws Exception {
    begin();
    String half = "x".repeat(Outbox.MOST_OCTETS / 2);
    send(half);
    assertThatThrownBy(() -> send(half)).isInstanceOf(ClientException.class);
    assertThat(outbox.acknowledged(count(1))).isTrue();
    String huge = half + half + half;
    assertThat(fate(send(huge))).as("alone, anything may be sent").isEmpty();
    assertThatThrownBy(() -> send("1")).isInstanceOf(ClientException.class);
  }

  @Test
  void fullQueueWaitsForRoom() throws Exception {
    begin();
    for (int i = 0; i < Outbox.MOST_STANZAS; i++) {
      send("m" + i);
    }
    Thread server = Thread.ofVirtual().unstarted(() -> outbox.acknowledged(count(1)));
    server.start();
    Outgoing waited = outbox.send(message("patient"), Duration.ofSeconds(20));
    assertThat(waited.session()).isEqualTo(1);
    server.join();
  }

  @Test
  void answersDoNotWaitButEnd() throws Exception {
    begin();
    for (int i = 0; i < Outbox.MOST_STANZAS; i++) {
      send("m" + i);
    }
    for (int i = 0; i < Outbox.MOST_STANZAS; i++) {
      outbox.answer(message("a" + i));
    }
    assertThatThrownBy(() -> outbox.answer(message("endless")))
        .isInstanceOf(ConnectionLostException.class)
        .hasMessageContaining("acknowledges no answer");
  }

  @Test
  void withdrawnIsNotSent() throws Exception {
    begin();
    Outgoing written = send("1");
    assertThat(outbox.withdraw(written)).isFalse();
    outbox.disconnected();
    Outgoing waiting = send("2");
    assertThat(outbox.withdraw(waiting)).isTrue();
    assertThat(fate(waiting)).contains(Delivery.Known.NOT_SENT);
    assertThat(outbox.resumed(element -> write(second, element), count(0))).contains(1);
    assertThat(second).containsExactly("1", "r");
  }

  @Test
  void endTellsWhatIsKnown() throws Exception {
    begin();
    Outgoing written = send("1");
    outbox.disconnected();
    Outgoing waiting = send("2");
    Outbox.Leftover left = outbox.end(new ClientException("over"));
    assertThat(left.unknown()).containsExactly(written);
    assertThat(left.notSent()).containsExactly(waiting);
    assertThat(fate(written)).contains(Delivery.Known.UNKNOWN);
    assertThat(fate(waiting)).contains(Delivery.Known.NOT_SENT);
    assertThatThrownBy(() -> send("3")).hasMessage("over");
    assertThat(outbox.end(new ClientException("again")).unknown()).isEmpty();
    assertThatThrownBy(() -> send("3")).hasMessage("over");
  }

  @Test
  @Spec(
      doc = "XEP-0198",
      section = "4",
      rule = "only more than was sent is too much, also for who has forgotten what was sent")
  void whatIsAcknowledgedBehindTheEndIsNotTooMuch() throws Exception {
    begin();
    Outgoing one = send("1");
    assertThat(outbox.acknowledged(count(1))).isTrue();
    outbox.end(new ConnectionLostException("closed"));
    assertThat(outbox.acknowledged(count(1))).isTrue();
    assertThat(fate(one)).contains(Delivery.Known.ARRIVED);
    assertThat(first).containsExactly("1", "r");
  }

  @Test
  void withoutManagementNothingIsKept() throws Exception {
    var _ = outbox.renewed(element -> write(first, element), false, Optional.empty());
    for (int i = 0; i <= Outbox.MOST_STANZAS; i++) {
      assertThat(fate(send("m" + i))).contains(Delivery.Known.UNKNOWN);
    }
    assertThat(first).doesNotContain("r");
    assertThat(outbox.probe()).isFalse();
  }
}

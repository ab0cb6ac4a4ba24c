// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Domain;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.framing.StreamEvent;
import dev.latchkey.xmpp.stream.StreamLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class QueueBudgetTest {
  /// A message of about that many octets of memory.
  private static final int MESSAGE = 10_000;

  private static final ManagementPolicy POLICY =
      new ManagementPolicy(Duration.ofMinutes(10), 1_000, 1 << 20, 100, 100, 40L * MESSAGE);

  private final RecordingBackend backend = new RecordingBackend();
  private final SessionRegistry registry =
      new SessionRegistry(
          StreamLog.NONE, new ManualClock(), new SeededRandom(7), Runnable::run, POLICY);
  private int devices;

  private Session session(String name, FakeConnection connection) {
    SessionIdentity identity =
        new SessionIdentity(
            new AccountId("acct-" + name),
            new AccountJid(name, new Domain("chat.example")),
            new DeviceId("dev-" + devices++),
            0,
            Optional.of(new CredentialId("cred-1")),
            "EXTERNAL");
    Session session = registry.register(identity, connection, () -> {}).orElseThrow();
    assertThat(
            registry.bind(session, Optional.empty(), new ResourceRules(Optional.empty(), Set.of())))
        .isPresent();
    session.start(backend, List.of());
    Element enable =
        Element.named("enable", Namespaces.STREAM_MANAGEMENT).attribute("resume", "true").build();
    assertThat(registry.enable(session, enable, true)).isPresent();
    return session;
  }

  private Session session(String name) {
    return session(name, new FakeConnection());
  }

  private static Element message(int octets) {
    return Element.named("message", Namespaces.CLIENT)
        .child(Element.text("body", Namespaces.CLIENT, "x".repeat((octets - 500) / 2)))
        .build();
  }

  private static void fill(Session session, int messages) {
    for (int i = 0; i < messages; i++) {
      session.deliver(message(MESSAGE));
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 8",
      rule = "what nobody acknowledges is bounded in all, at the cost of who holds most")
  void endsTheLargestSessionOfWhoHoldsMost() {
    Session nina = session("nina");
    fill(nina, 5);
    Session large = session("mallory");
    fill(large, 20);
    Session small = session("mallory");
    fill(small, 10);
    assertThat(backend.ends).isEmpty();

    fill(nina, 6);

    assertThat(backend.ends).containsExactly(EndReason.OVERLOADED);
    assertThat(large.isBound()).isFalse();
    assertThat(small.isBound()).isTrue();
    assertThat(nina.isBound()).isTrue();
    assertThat(backend.undelivered).as("nothing of it is lost").hasSize(20);
  }

  @Test
  void whoSpreadsOverManySessionsDoesNotCostSomebodyElseALargerOne() {
    Session nina = session("nina");
    fill(nina, 10);
    List<Session> many = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      Session one = session("mallory");
      fill(one, 1);
      many.add(one);
    }
    assertThat(nina.isBound()).isTrue();
    assertThat(many).anyMatch(session -> !session.isBound());
  }

  @Test
  void countsWhatSleepsAsWell() {
    FakeConnection lost = new FakeConnection();
    Session sleeper = session("mallory", lost);
    fill(sleeper, 25);
    lost.breakDown();
    assertThat(sleeper.is(Session.State.HIBERNATED)).isTrue();
    fill(session("nina"), 20);
    assertThat(sleeper.is(Session.State.DEAD)).isTrue();
    assertThat(registry.sleepers()).isZero();
  }

  @Test
  void whatIsAcknowledgedOrOverCountsNoMore() {
    FakeConnection connection = new FakeConnection();
    Session session = session("nina", connection);
    int acknowledged = 0;
    for (int round = 0; round < 10; round++) {
      fill(session, 15);
      acknowledged += 15;
      connection.arrive(
          new StreamEvent.Received(
              Element.named("a", Namespaces.STREAM_MANAGEMENT)
                  .attribute("h", Integer.toString(acknowledged))
                  .build()));
      Session other = session("otto");
      fill(other, 15);
      other.end(EndReason.KICKED);
    }
    assertThat(session.isBound()).isTrue();
    assertThat(session.held()).isZero();
    assertThat(backend.ends).doesNotContain(EndReason.OVERLOADED);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 8",
      rule = "what is short to write counts with what it takes of the memory")
  void countsElementsAndNotOnlyWhatIsWritten() {
    Element small = Element.empty("a", "b");
    Element message =
        Element.named("message", Namespaces.CLIENT)
            .child(Element.named("x", "b").children(Collections.nCopies(10_000, small)).build())
            .build();
    StanzaSize size = StanzaSize.of(message);
    assertThat(size.characters())
        .isBetween(message.toXml().length() / 2, 2 * message.toXml().length());
    assertThat(size.octets()).isGreaterThan(10_000 * 32);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Resource;
import dev.latchkey.devices.RevokedDevice;
import dev.latchkey.devices.SessionScope;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.framing.StreamEvent;
import dev.latchkey.xmpp.stream.StreamLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SessionRegistryTest {
  private static final AccountId ACCOUNT = new AccountId("acct-1");
  private static final AccountJid NINA = AccountJid.parse("nina@chat.example");
  private static final DeviceId PHONE = new DeviceId("dev-phone");
  private static final DeviceId TABLET = new DeviceId("dev-tablet");
  private static final ResourceRules FREE = new ResourceRules(Optional.empty(), Set.of());

  private final ManualClock clock = new ManualClock();
  private final RecordingBackend backend = new RecordingBackend();
  private final SessionRegistry registry =
      new SessionRegistry(
          StreamLog.NONE, clock, new SeededRandom(7), Runnable::run, ManagementPolicy.DEFAULT);

  private static SessionIdentity identity(DeviceId device, long generation) {
    return new SessionIdentity(ACCOUNT, NINA, device, generation, Optional.empty(), "EXTERNAL");
  }

  private Session register(DeviceId device, FakeConnection connection) {
    return registry.register(identity(device, 0), connection, () -> {}).orElseThrow();
  }

  private Session bound(DeviceId device, FakeConnection connection, String resource) {
    Session session = register(device, connection);
    assertThat(registry.bind(session, Optional.of(new Resource(resource)), FREE)).isPresent();
    session.start(backend, List.of());
    return session;
  }

  private void revoke(DeviceId device) {
    registry.end(ACCOUNT, List.of(new RevokedDevice(device, 1)));
  }

  private static StreamEvent message(String to) {
    return new StreamEvent.Received(
        Element.named("message", Namespaces.CLIENT).attribute("to", to).build());
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 39", rule = "a login in flight dies with its device")
  void refusesALoginThatWasProvenBeforeTheRevocation() {
    revoke(PHONE);
    assertThat(registry.register(identity(PHONE, 0), new FakeConnection(), () -> {})).isEmpty();
    assertThat(registry.register(identity(PHONE, 1), new FakeConnection(), () -> {}))
        .as("what carries the new generation was proven after it")
        .isPresent();
  }

  @Test
  void forgetsARevocationOnlyAfterEverySignInThatCouldCarryItIsOver() {
    revoke(PHONE);
    clock.advance(Duration.ofMinutes(14));
    revoke(TABLET);
    assertThat(registry.register(identity(PHONE, 0), new FakeConnection(), () -> {})).isEmpty();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 39, I6",
      rule = "a revocation finds a connection whatever it is doing")
  void endsASessionThatHasNoResourceYet() {
    FakeConnection connection = new FakeConnection();
    Session session = register(PHONE, connection);
    revoke(PHONE);
    assertThat(session.send(Element.empty("success", Namespaces.SASL2))).isFalse();
    assertThat(connection.sent).singleElement().satisfies(SessionRegistryTest::saysRevoked);
    assertThat(connection.isOpen()).isFalse();
    assertThat(registry.bind(session, Optional.empty(), FREE)).isEmpty();
  }

  private static void saysRevoked(Element error) {
    assertThat(error.name()).isEqualTo("error");
    assertThat(error.child("not-authorized", Namespaces.STREAM_ERRORS)).isPresent();
    assertThat(error.child("credential-revoked", Namespaces.LATCHKEY_EVENTS)).isPresent();
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 39, I12", rule = "nothing is handled after the end")
  void handlesNothingThatStillWaitsInTheInbox() {
    FakeConnection connection = new FakeConnection();
    bound(PHONE, connection, "phone");
    connection.arrive(message("a@chat.example"));
    revoke(PHONE);
    connection.arrive(message("b@chat.example"));
    assertThat(backend.handled).hasSize(1);
    assertThat(backend.ends).containsExactly(EndReason.REVOKED);
    assertThat(registry.isConnected(PHONE)).isFalse();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 39",
      rule = "a revocation ends all, whatever the end of one of them meets")
  void aFaultInOneEndSparesNoOtherSession() {
    FakeConnection phone = new FakeConnection();
    FakeConnection tablet = new FakeConnection();
    List<String> done = new ArrayList<>();
    Session faulty =
        registry.register(identity(PHONE, 0), phone, () -> done.add("over")).orElseThrow();
    assertThat(registry.bind(faulty, Optional.empty(), FREE)).isPresent();
    faulty.start(backend, List.of());
    bound(TABLET, tablet, "tablet");
    backend.broken = client -> client.identity().device().equals(PHONE);
    registry.end(ACCOUNT, List.of(new RevokedDevice(PHONE, 1), new RevokedDevice(TABLET, 1)));
    assertThat(phone.sent).singleElement().satisfies(SessionRegistryTest::saysRevoked);
    assertThat(phone.isOpen()).isFalse();
    assertThat(tablet.isOpen()).isFalse();
    assertThat(done).containsExactly("over");
    assertThat(backend.ends).containsExactly(EndReason.REVOKED);
    assertThat(registry.size()).isZero();
  }

  @Test
  void aFaultInWhatIsDoneAfterwardsSparesNoOtherSession() {
    FakeConnection tablet = new FakeConnection();
    Session _ =
        registry
            .register(
                identity(PHONE, 0),
                new FakeConnection(),
                () -> {
                  throw new IllegalStateException("the disk is full");
                })
            .orElseThrow();
    bound(TABLET, tablet, "tablet");
    assertThat(registry.kick(ACCOUNT, Optional.empty())).isEqualTo(2);
    assertThat(tablet.isOpen()).isFalse();
  }

  @Test
  void endsAllSessionsOfTheDeviceAndNoOther() {
    FakeConnection one = new FakeConnection();
    FakeConnection two = new FakeConnection();
    FakeConnection other = new FakeConnection();
    bound(PHONE, one, "phone");
    bound(PHONE, two, "phone-2");
    bound(TABLET, other, "tablet");
    revoke(PHONE);
    assertThat(one.isOpen()).isFalse();
    assertThat(two.isOpen()).isFalse();
    assertThat(other.isOpen()).isTrue();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 39",
      rule = "who revokes himself hears the answer before the end")
  void aSessionThatEndsItselfHearsItsAnswerFirst() {
    FakeConnection connection = new FakeConnection();
    Session session = register(PHONE, connection);
    registry.bind(session, Optional.empty(), FREE);
    Backend revoking =
        new OwnServices(
            List.of(
                new IqService() {
                  @Override
                  public boolean answers(Iq request) {
                    return true;
                  }

                  @Override
                  public Element answer(SessionIdentity who, Iq request) {
                    revoke(who.device());
                    return request.result(Optional.empty());
                  }
                }),
            backend);
    session.start(revoking, List.of());
    connection.arrive(
        new StreamEvent.Received(
            Element.named("iq", Namespaces.CLIENT)
                .attribute("type", "set")
                .attribute("id", "r1")
                .child("revoke", Namespaces.LATCHKEY_PERMISSIONS)
                .build()));
    assertThat(connection.sent).hasSize(2);
    assertThat(connection.sent.getFirst().attribute("type")).contains("result");
    saysRevoked(connection.sent.getLast());
  }

  @Test
  void anEndWaitsForTheStanzaInHand() throws InterruptedException {
    CountDownLatch inHand = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    SessionRegistry threaded =
        new SessionRegistry(
            StreamLog.NONE,
            clock,
            new SeededRandom(7),
            task -> Thread.ofVirtual().start(task),
            ManagementPolicy.DEFAULT);
    FakeConnection connection = new FakeConnection(Thread::startVirtualThread);
    Session session = threaded.register(identity(PHONE, 0), connection, () -> {}).orElseThrow();
    threaded.bind(session, Optional.empty(), FREE);
    List<String> order = new CopyOnWriteArrayList<>();
    session.start(new Slow(inHand, goOn, order), List.of());
    connection.arrive(message("a@chat.example"));
    assertThat(inHand.await(5, TimeUnit.SECONDS)).isTrue();
    Thread revocation =
        Thread.ofVirtual()
            .start(
                () -> {
                  threaded.end(ACCOUNT, List.of(new RevokedDevice(PHONE, 1)));
                  order.add("revoked");
                });
    goOn.countDown();
    assertThat(revocation.join(Duration.ofSeconds(5))).isTrue();
    assertThat(order).containsExactly("handled", "revoked");
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 39", rule = "once it is revoked, nothing of it goes on")
  void anEndBesideAnotherOneWaitsAsWell() throws InterruptedException {
    CountDownLatch inHand = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    SessionRegistry threaded =
        new SessionRegistry(
            StreamLog.NONE,
            clock,
            new SeededRandom(7),
            task -> Thread.ofVirtual().start(task),
            ManagementPolicy.DEFAULT);
    FakeConnection connection = new FakeConnection(Thread::startVirtualThread);
    Session session = threaded.register(identity(PHONE, 0), connection, () -> {}).orElseThrow();
    threaded.bind(session, Optional.empty(), FREE);
    List<String> order = new CopyOnWriteArrayList<>();
    session.start(new Slow(inHand, goOn, order), List.of());
    connection.arrive(message("a@chat.example"));
    assertThat(inHand.await(5, TimeUnit.SECONDS)).isTrue();
    Thread kick = Thread.ofVirtual().start(() -> session.end(EndReason.DISCONNECTED));
    while (session.isBound()) {
      Thread.onSpinWait(); // until the first end has begun, which waits
    }
    Thread revocation =
        Thread.ofVirtual()
            .start(
                () -> {
                  threaded.end(ACCOUNT, List.of(new RevokedDevice(PHONE, 1)));
                  order.add("revoked");
                });
    assertThat(revocation.join(Duration.ofMillis(200))).isFalse();
    goOn.countDown();
    assertThat(revocation.join(Duration.ofSeconds(5))).isTrue();
    assertThat(kick.join(Duration.ofSeconds(5))).isTrue();
    assertThat(order).containsExactly("handled", "revoked");
  }

  private record Slow(CountDownLatch inHand, CountDownLatch goOn, List<String> order)
      implements Backend {
    @Override
    public Attachment attach(ClientSide client, List<Element> asked) {
      return new Attachment() {
        @Override
        public void handle(Element stanza) {
          inHand.countDown();
          try {
            assertThat(goOn.await(5, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
          }
          order.add("handled");
        }

        @Override
        public boolean handleOther(Element element) {
          return false;
        }

        @Override
        public void arrived(List<Receipt> receipts) {}

        @Override
        public void resumed() {}

        @Override
        public void hasRoomAgain() {}

        @Override
        public Element place() {
          return Element.empty("place", "urn:test");
        }

        @Override
        public void end(List<Undelivered> undelivered, EndReason reason) {}
      };
    }

    @Override
    public Attachment revive(ClientSide client, Element place) {
      return attach(client, List.of());
    }

    @Override
    public boolean losesNothingByBind2() {
      return true;
    }

    @Override
    public List<Element> features(Domain domain) {
      return List.of();
    }

    @Override
    public List<String> inlineFeatures() {
      return List.of();
    }

    @Override
    public List<Element> bindInline(SessionIdentity who) {
      return List.of();
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 36", rule = "the same device replaces itself")
  void theSameDeviceReplacesItsOwnSession() {
    FakeConnection old = new FakeConnection();
    bound(PHONE, old, "home");
    bound(PHONE, new FakeConnection(), "home");
    assertThat(old.sent.getLast().child("conflict", Namespaces.STREAM_ERRORS)).isPresent();
    assertThat(registry.size()).isEqualTo(1);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 36", rule = "another device is never kicked by a bind")
  void anotherDeviceGetsAnotherResourceInsteadOfKicking() {
    FakeConnection old = new FakeConnection();
    bound(PHONE, old, "home");
    Session second = register(TABLET, new FakeConnection());
    Optional<Resource> given = registry.bind(second, Optional.of(new Resource("home")), FREE);
    assertThat(given).isPresent().isNotEqualTo(Optional.of(new Resource("home")));
    assertThat(old.isOpen()).isTrue();
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 36", rule = "a locked resource is reserved")
  void aResourceThatAnotherDeviceIsLockedToIsNotGiven() {
    ResourceRules rules = new ResourceRules(Optional.empty(), Set.of(new Resource("bot")));
    Session session = register(PHONE, new FakeConnection());
    assertThat(registry.bind(session, Optional.of(new Resource("bot")), rules))
        .isPresent()
        .isNotEqualTo(Optional.of(new Resource("bot")));
  }

  @Test
  void aLockedDeviceGetsItsResourceWhateverItWishes() {
    ResourceRules rules = new ResourceRules(Optional.of(new Resource("bot")), Set.of());
    Session session = register(PHONE, new FakeConnection());
    assertThat(registry.bind(session, Optional.of(new Resource("phone")), rules))
        .contains(new Resource("bot"));
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 37", rule = "the server writes every stanza's from")
  void overwritesTheSendersAddress() {
    FakeConnection connection = new FakeConnection();
    bound(PHONE, connection, "phone");
    connection.arrive(
        new StreamEvent.Received(
            Element.named("message", Namespaces.CLIENT)
                .attribute("from", "olaf@chat.example")
                .build()));
    assertThat(backend.handled.getFirst().attribute("from")).contains("nina@chat.example/phone");
  }

  @Test
  @Spec(
      doc = "RFC 6120",
      section = "8.1.5",
      rule = "a stanza that names no language is in that of its sender's stream")
  void aStanzaIsInTheLanguageOfItsStream() {
    FakeConnection connection = new FakeConnection();
    connection.language = Optional.of("cs");
    bound(PHONE, connection, "phone");
    Element message = Element.empty("message", Namespaces.CLIENT);
    connection.arrive(new StreamEvent.Received(message));
    connection.arrive(new StreamEvent.Received(message.with("xml:lang", "de")));
    connection.language = Optional.empty();
    connection.arrive(new StreamEvent.Received(message));
    assertThat(backend.handled)
        .extracting(stanza -> stanza.attribute("xml:lang"))
        .containsExactly(Optional.of("cs"), Optional.of("de"), Optional.empty());
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 37", rule = "clients do not tell of credentials")
  void dropsNoticesThatAClientForges() {
    FakeConnection connection = new FakeConnection();
    bound(PHONE, connection, "phone");
    connection.arrive(
        new StreamEvent.Received(
            Element.named("message", Namespaces.CLIENT)
                .child("credential-event", Namespaces.LATCHKEY_EVENTS)
                .build()));
    assertThat(backend.handled).isEmpty();
    assertThat(connection.isOpen()).isTrue();
  }

  @Test
  @Spec(
      doc = "RFC 6120",
      section = "8.2.3",
      rule = "a request is answered, also one that is dropped")
  void answersARequestInWhichAClientForgesANotice() {
    FakeConnection connection = new FakeConnection();
    bound(PHONE, connection, "phone");
    for (String type : List.of("get", "set", "result", "error")) {
      connection.arrive(
          new StreamEvent.Received(
              Element.named("iq", Namespaces.CLIENT)
                  .attribute("type", type)
                  .attribute("id", type)
                  .attribute("to", "otto@chat.example")
                  .child("credential-event", Namespaces.LATCHKEY_EVENTS)
                  .build()));
    }
    assertThat(backend.handled).isEmpty();
    assertThat(connection.sent)
        .extracting(answer -> answer.attribute("id").orElse(""))
        .containsExactly("get", "set");
    assertThat(connection.sent)
        .allSatisfy(
            answer ->
                assertThat(answer.child("error", Namespaces.CLIENT))
                    .hasValueSatisfying(
                        error ->
                            assertThat(error.child("service-unavailable", Namespaces.STANZA_ERRORS))
                                .isPresent()));
  }

  @Test
  void tellsNothingBeforeTheClientWasAnsweredThatItIsBound() {
    FakeConnection waiting = new FakeConnection();
    Session session = register(PHONE, waiting);
    assertThat(registry.bind(session, Optional.empty(), FREE)).isPresent();
    FakeConnection tablet = new FakeConnection();
    bound(TABLET, tablet, "tablet");
    Element notice = Element.empty("message", Namespaces.CLIENT);

    registry.tell(ACCOUNT, _ -> Optional.of(notice));

    assertThat(waiting.sent).isEmpty();
    assertThat(tablet.sent).containsExactly(notice);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 39",
      rule = "what was read before any of several ends is out of date")
  void anOlderEndDoesNotCoverANewerOneOfTheSameScope() {
    SessionScope scope = new SessionScope.OfDevice(PHONE);
    registry.endStale(ACCOUNT, scope, 5);
    registry.endStale(ACCOUNT, scope, 3);
    assertThat(registry.register(identity(PHONE, 0), 4, new FakeConnection(), () -> {})).isEmpty();
    assertThat(registry.register(identity(PHONE, 0), 5, new FakeConnection(), () -> {}))
        .isPresent();
    assertThat(registry.register(identity(TABLET, 0), 4, new FakeConnection(), () -> {}))
        .isPresent();
  }

  @Test
  @Spec(doc = "XEP-0388", section = "3", rule = "a further attempt after success is an error")
  void endsTheStreamOfWhoSignsInAgain() {
    FakeConnection connection = new FakeConnection();
    bound(PHONE, connection, "phone");
    connection.arrive(new StreamEvent.Received(Element.empty("authenticate", Namespaces.SASL2)));
    assertThat(connection.sent.getLast().child("policy-violation", Namespaces.STREAM_ERRORS))
        .isPresent();
    assertThat(connection.isOpen()).isFalse();
  }

  @Test
  void asksASilentClientOnceAndThenEndsIt() {
    FakeConnection connection = new FakeConnection();
    bound(PHONE, connection, "phone");
    Duration silence = Duration.ofMinutes(5);
    registry.checkSilent(silence);
    assertThat(connection.sent).isEmpty();
    clock.advance(Duration.ofMinutes(6));
    registry.checkSilent(silence);
    assertThat(connection.sent.getLast().child("ping", Namespaces.PING)).isPresent();
    connection.arrive(message("a@chat.example"));
    registry.checkSilent(silence);
    assertThat(connection.isOpen()).as("it was heard").isTrue();
    clock.advance(Duration.ofMinutes(6));
    registry.checkSilent(silence);
    registry.checkSilent(silence);
    assertThat(connection.isOpen()).isFalse();
    assertThat(backend.ends).containsExactly(EndReason.UNRESPONSIVE);
  }

  @Test
  void runsWhatIsToBeDoneAfterwardsOnce() {
    List<String> done = new ArrayList<>();
    Session session =
        registry
            .register(identity(PHONE, 0), new FakeConnection(), () -> done.add("over"))
            .orElseThrow();
    session.end(EndReason.KICKED);
    session.end(EndReason.SHUTDOWN);
    assertThat(done).containsExactly("over");
  }
}

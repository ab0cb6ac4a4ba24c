// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.socket.Connection;
import dev.latchkey.wire.socket.EventLoops;
import dev.latchkey.wire.tls.ClientTls;
import dev.latchkey.wire.tls.ServerTrust;
import dev.latchkey.wire.tls.TlsIdentity;
import dev.latchkey.wire.tls.TlsProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A client that stays comes back, goes on where it was, and says what it does not know.
final class StayingIT {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Jid BOB = Jid.parse("bob@chat.example");
  private static final String SM = Namespaces.STREAM_MANAGEMENT;

  private static final String ABSENT = "no attribute at all";

  @TempDir Path folder;
  private final FakeServer.Manners manners = new FakeServer.Manners();
  private final FakeArchive archive = new FakeArchive();
  private final ManualClock clock = new ManualClock();
  private final List<Duration> pauses = new CopyOnWriteArrayList<>();
  private final BlockingQueue<ConnectionEvent> events = new LinkedBlockingQueue<>();

  /// What the server handled: the bodies of messages, in order.
  private final List<String> handled = new CopyOnWriteArrayList<>();

  /// What the server got besides, on the connection after the first.
  private final BlockingQueue<Element> complaints = new LinkedBlockingQueue<>();

  StayingIT() {
    manners.managed = true;
  }

  private ClientEnvironment environment(FakeServer server) {
    return environment(Optional.of(server.loops()));
  }

  private ClientEnvironment environment(Optional<EventLoops> loops) {
    return environment(
        loops,
        wait -> {
          pauses.add(wait);
          clock.advance(wait);
        });
  }

  private ClientEnvironment environment(Optional<EventLoops> loops, Pause pause) {
    return new ClientEnvironment(
        name -> List.of(),
        new java.security.SecureRandom(),
        clock,
        clock::elapsed,
        pause,
        SOON,
        loops);
  }

  private DeviceHome enrolled(FakeServer server) {
    DeviceHome home = DeviceHome.at(folder.resolve("home"));
    if (!home.isEnrolled()) {
      new Enrolment(server.uri(), home).name("Tablet").in(EnrolmentIT.environment(server)).run();
    }
    return home;
  }

  private LatchkeyClient stay(FakeServer server) {
    return LatchkeyClient.open(enrolled(server))
        .in(environment(server))
        .stay(Staying.forever().telling(events::add));
  }

  /// The next event of a kind; those before it are passed.
  private <E extends ConnectionEvent> E await(Class<E> kind) throws InterruptedException {
    while (true) {
      ConnectionEvent event = events.poll(SOON.toSeconds(), TimeUnit.SECONDS);
      if (event == null) {
        throw new AssertionError("no " + kind.getSimpleName() + " came");
      }
      if (kind.isInstance(event)) {
        return kind.cast(event);
      }
    }
  }

  /// Handles what comes: keeps the bodies, answers requests, the archive's too.
  private void handling(FakeServer.Session session, Element stanza) {
    stanza.child("body", Namespaces.CLIENT).ifPresent(body -> handled.add(body.text()));
    if (!archive.answers(session, stanza) && stanza.is("iq", Namespaces.CLIENT)) {
      session.send(FakeServer.Session.result(stanza, Optional.empty()));
    }
  }

  private void serve(FakeServer.Session session) {
    for (Optional<Element> next = session.next(); next.isPresent(); next = session.next()) {
      handling(session, next.get());
    }
  }

  /// Does one thing on each connection, in order, and serves well from then on.
  @SafeVarargs
  private void onConnections(Consumer<FakeServer.Session>... scripts) {
    AtomicInteger connections = new AtomicInteger();
    manners.session =
        session -> {
          int connection = connections.getAndIncrement();
          if (connection < scripts.length) {
            scripts[connection].accept(session);
          }
          serve(session);
        };
  }

  private static void cut(FakeServer.Session session) {
    session.connection().abort();
  }

  private Consumer<FakeServer.Session> handlingThen(
      int stanzas, Consumer<FakeServer.Session> then) {
    return session -> {
      for (int i = 0; i < stanzas; i++) {
        session.next().ifPresent(stanza -> handling(session, stanza));
      }
      then.accept(session);
    };
  }

  /// What the server gets that is named so, for the test to look at.
  private void complaint(FakeServer.Session session, String name) {
    session.next(name).ifPresent(complaints::add);
  }

  private Element complaint() throws InterruptedException {
    return Optional.ofNullable(complaints.poll(SOON.toSeconds(), TimeUnit.SECONDS)).orElseThrow();
  }

  private Element authenticate(FakeServer server, int which) {
    return server.received.stream()
        .filter(element -> element.is("authenticate", Namespaces.SASL2))
        .filter(element -> element.child("enrol", Namespaces.LATCHKEY_CSR).isEmpty())
        .skip(which)
        .findFirst()
        .orElseThrow();
  }

  private static Element streamError(String condition, Optional<Element> application) {
    return Element.named("error", Namespaces.STREAMS)
        .child(condition, Namespaces.STREAM_ERRORS)
        .child(application)
        .build();
  }

  @Test
  @Spec(doc = "XEP-0386", section = "3", rule = "stream management is enabled with the binding")
  void asksForManagementInlineAndKnowsWhatArrived() throws Exception {
    onConnections();
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = stay(server)) {
      assertThat(authenticate(server, 0).toXml())
          .contains(
              "<bind xmlns='urn:xmpp:bind:0'><tag>Latchkey</tag><enable xmlns='urn:xmpp:sm:3'"
                  + " resume='true'/></bind>");
      Delivery delivery = client.deliver(BOB, "hello", SOON);
      assertThat(delivery.known()).isEqualTo(Delivery.Known.ARRIVED);
      assertThat(handled).containsExactly("hello");
      assertThat(await(ConnectionEvent.Connected.class).jid()).isEqualTo(client.jid());
    }
  }

  @Test
  void clientOfOneConnectionAsksForNone() throws Exception {
    onConnections();
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client =
            LatchkeyClient.open(enrolled(server)).in(environment(server)).connect()) {
      assertThat(authenticate(server, 0).toXml()).doesNotContain(SM);
      assertThat(client.deliver(BOB, "hello", SOON).known())
          .as("a ping behind it tells")
          .isEqualTo(Delivery.Known.ARRIVED);
    }
  }

  @Test
  @Spec(doc = "XEP-0198", section = "5", rule = "a session goes on over a new connection")
  void resumesInlineAndSendsAgainWhatWasNotHandled() throws Exception {
    onConnections(handlingThen(1, StayingIT::cut));
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = stay(server)) {
      for (String body : List.of("one", "two", "three")) {
        client.send(BOB, body);
      }
      assertThat(client.deliver(BOB, "four", SOON).known()).isEqualTo(Delivery.Known.ARRIVED);
      assertThat(handled).containsExactly("one", "two", "three", "four");
      await(ConnectionEvent.Lost.class);
      assertThat(await(ConnectionEvent.TryingAgain.class).in()).isZero();
      await(ConnectionEvent.Resumed.class);
      assertThat(authenticate(server, 1).toXml())
          .contains("<resume xmlns='urn:xmpp:sm:3' previd='session-1' h='0'/>", "<bind ");
      assertThat(pauses).as("the first attempt is made at once").isEmpty();
      assertThat(client.isConnected()).isTrue();
    }
  }

  @Test
  void givesNoStanzaTwiceAcrossAResumption() throws Exception {
    onConnections(
        session -> {
          session.send(FakeArchive.message(FakeArchive.BOB, FakeArchive.NINA, "one"));
          session.send(FakeArchive.message(FakeArchive.BOB, FakeArchive.NINA, "two"));
          var _ = session.next();
          cut(session);
          session.send(FakeArchive.message(FakeArchive.BOB, FakeArchive.NINA, "three"));
        });
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = stay(server)) {
      assertThat(client.receive(SOON).orElseThrow().body()).isEqualTo("one");
      assertThat(client.receive(SOON).orElseThrow().body()).isEqualTo("two");
      client.goOnline();
      assertThat(client.receive(SOON).orElseThrow().body()).isEqualTo("three");
      client.ping();
      assertThat(client.receive(Duration.ZERO)).isEmpty();
      assertThat(authenticate(server, 1).child("resume", SM).orElseThrow().attribute("h"))
          .contains("2");
    }
  }

  @Test
  void requestsSurviveAResumption() throws Exception {
    onConnections(handlingThen(1, StayingIT::cut));
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = stay(server)) {
      client.goOnline();
      client.ping();
      await(ConnectionEvent.Resumed.class);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void enablesAndResumesAfterwardsWhereNothingIsInline(boolean sasl2) throws Exception {
    manners.sasl2 = sasl2;
    manners.bind2 = false;
    onConnections(
        handlingThen(1, StayingIT::cut),
        handlingThen(
            1,
            session -> {
              manners.remembers = false;
              cut(session);
            }));
    try (FakeServer server = new FakeServer(manners)) {
      manners.sasl2 = true;
      DeviceHome home = enrolled(server);
      manners.sasl2 = sasl2;
      try (LatchkeyClient client =
          LatchkeyClient.open(home)
              .in(environment(server))
              .stay(Staying.forever().telling(events::add))) {
        client.send(BOB, "one");
        client.send(BOB, "two");
        await(ConnectionEvent.Resumed.class);
        ConnectionEvent.Renewed renewed = await(ConnectionEvent.Renewed.class);
        assertThat(renewed.unknown()).isEmpty();
        assertThat(client.deliver(BOB, "three", SOON).known()).isEqualTo(Delivery.Known.ARRIVED);
        assertThat(handled).containsExactly("one", "two", "three");
      }
    }
  }

  @Test
  @Spec(doc = "XEP-0386", section = "5", rule = "a failed resumption goes on to bind")
  void newSessionGetsWhatTheServerSaysItDoesNotHave() throws Exception {
    manners.remembers = false;
    onConnections(handlingThen(2, StayingIT::cut));
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = stay(server)) {
      client.goOnline();
      client.send(BOB, "one");
      client.send(BOB, "two");
      ConnectionEvent.Renewed renewed = await(ConnectionEvent.Renewed.class);
      assertThat(renewed.unknown()).isEmpty();
      assertThat(client.deliver(BOB, "three", SOON).known()).isEqualTo(Delivery.Known.ARRIVED);
      assertThat(handled).containsExactly("one", "two", "three");
    }
  }

  @Test
  void tellsWhatNobodyKnows() throws Exception {
    manners.remembers = false;
    manners.tellsHandled = false;
    manners.acknowledges = false;
    onConnections(
        handlingThen(
            2,
            session -> {
              manners.acknowledges = true;
              cut(session);
            }));
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = stay(server)) {
      String one = client.send(BOB, "one");
      Delivery two = client.deliver(BOB, "two", SOON);
      assertThat(two.known()).isEqualTo(Delivery.Known.UNKNOWN);
      ConnectionEvent.Renewed renewed = await(ConnectionEvent.Renewed.class);
      assertThat(renewed.unknown()).containsExactly(one, two.id());
      assertThat(renewed.sentAgain()).isZero();
      assertThat(client.deliver(BOB, "three", SOON).known()).isEqualTo(Delivery.Known.ARRIVED);
      assertThat(handled).containsExactly("one", "two", "three");
    }
  }

  @Test
  void requestThatWasLostWithItsSessionSaysSo() throws Exception {
    manners.remembers = false;
    manners.tellsHandled = false;
    onConnections(
        session -> {
          var _ = session.next();
          cut(session);
        });
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = stay(server)) {
      assertThatThrownBy(client::ping)
          .isInstanceOf(ConnectionLostException.class)
          .hasMessageContaining("not known");
      client.ping();
    }
  }

  private static Element changed(Element element, String attribute, String value) {
    return value.equals(ABSENT) ? element.without(attribute) : element.with(attribute, value);
  }

  /// What a server may make of `<resumed/>` that it must not.
  enum WrongResumption {
    ANOTHER_SESSION("previd", "session-7"),
    NO_SESSION("previd", ABSENT),
    TOO_HIGH("h", "9"),
    TAKEN_BACK("h", "0"),
    NO_COUNT("h", ABSENT),
    SIGNED("h", "+1"),
    NEGATIVE("h", "-1"),
    BEYOND_32_BITS("h", "4294967296"),
    NO_NUMBER("h", "one");

    private final String attribute;
    private final String value;

    WrongResumption(String attribute, String value) {
      this.attribute = attribute;
      this.value = value;
    }

    Element in(Element success) {
      Optional<Element> resumed = success.child("resumed", SM);
      if (resumed.isEmpty()) {
        return success;
      }
      Element.Builder wrong = Element.named(success.name(), success.namespace());
      success
          .children()
          .forEach(
              child ->
                  wrong.child(
                      child.equals(resumed.get()) ? changed(child, attribute, value) : child));
      return wrong.build();
    }
  }

  @ParameterizedTest
  @EnumSource
  @Spec(doc = "XEP-0198", section = "5", rule = "previd and h of a resumption are checked")
  void takesNoWrongResumption(WrongResumption wrong) throws Exception {
    manners.beforeSending = wrong::in;
    onConnections(
        session -> {
          session.next().ifPresent(stanza -> handling(session, stanza));
          var _ = session.next(); // two, which is not handled; but the question before it was
          cut(session);
        },
        session -> complaint(session, "error"));
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = stay(server)) {
      assertThat(client.deliver(BOB, "one", SOON).known()).isEqualTo(Delivery.Known.ARRIVED);
      assertThat(client.deliver(BOB, "two", SOON).known()).isEqualTo(Delivery.Known.UNKNOWN);
      assertThat(await(ConnectionEvent.Renewed.class).unknown()).hasSize(1);
      Element complaint = complaint();
      assertThat(complaint.is("error", Namespaces.STREAMS)).isTrue();
      assertThat(complaint.child("undefined-condition", Namespaces.STREAM_ERRORS)).isPresent();
      if (wrong == WrongResumption.TOO_HIGH) {
        Element tooHigh = complaint.child("handled-count-too-high", SM).orElseThrow();
        assertThat(tooHigh.attribute("h")).contains("9");
        assertThat(tooHigh.attribute("send-count")).contains("2");
      }
      assertThat(authenticate(server, 2).child("resume", SM)).as("forgotten").isEmpty();
      assertThat(client.deliver(BOB, "three", SOON).known()).isEqualTo(Delivery.Known.ARRIVED);
      assertThat(handled).containsExactly("one", "three");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"2", "4294967295", "-1", ""})
  @Spec(doc = "XEP-0198", section = "4", rule = "a count that cannot be ends the stream")
  void takesNoAcknowledgementOfWhatWasNotSent(String count) throws Exception {
    onConnections(
        session -> {
          session.write(Element.named("a", SM).attribute("h", count).build());
          complaint(session, "error");
        });
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = stay(server)) {
      assertThat(await(ConnectionEvent.Lost.class).why()).hasMessageContaining("miscounts");
      await(ConnectionEvent.Renewed.class);
      Element complaint = complaint();
      assertThat(complaint.is("error", Namespaces.STREAMS)).isTrue();
      assertThat(client.deliver(BOB, "on", SOON).known()).isEqualTo(Delivery.Known.ARRIVED);
    }
  }

  /// What `<enabled/>` may promise less than was asked for.
  enum LesserPromise {
    NO_ID("id", ABSENT),
    EMPTY_ID("id", ""),
    NO_RESUMPTION("resume", "false"),
    SILENT("resume", ABSENT);

    private final String attribute;
    private final String value;

    LesserPromise(String attribute, String value) {
      this.attribute = attribute;
      this.value = value;
    }

    Element in(Element success) {
      Optional<Element> enabled =
          success.child("bound", Namespaces.BIND2).flatMap(bound -> bound.child("enabled", SM));
      return enabled
          .map(
              element ->
                  Element.named("success", Namespaces.SASL2)
                      .child(success.child("authorization-identifier", Namespaces.SASL2))
                      .child(
                          Element.named("bound", Namespaces.BIND2)
                              .child(changed(element, attribute, value))
                              .build())
                      .build())
          .orElse(success);
    }
  }

  @ParameterizedTest
  @EnumSource
  void resumesNothingThatWasNotPromised(LesserPromise lesser) throws Exception {
    manners.beforeSending = lesser::in;
    onConnections(
        session -> {
          session.next().ifPresent(stanza -> handling(session, stanza));
          var _ = session.next();
          cut(session);
        });
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = stay(server)) {
      assertThat(client.deliver(BOB, "one", SOON).known()).isEqualTo(Delivery.Known.ARRIVED);
      assertThat(client.deliver(BOB, "two", SOON).known()).isEqualTo(Delivery.Known.UNKNOWN);
      await(ConnectionEvent.Renewed.class);
      assertThat(authenticate(server, 1).child("resume", SM)).isEmpty();
    }
  }

  @Test
  void serverThatNeverAcknowledgesLeavesItUnknown() throws Exception {
    manners.acknowledges = false;
    onConnections();
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = stay(server)) {
      assertThat(client.deliver(BOB, "hello", Duration.ofMillis(50)).known())
          .isEqualTo(Delivery.Known.UNKNOWN);
    }
  }

  @Test
  void serverWithoutManagementIsComeBackToAllTheSame() throws Exception {
    manners.managed = false;
    onConnections(handlingThen(1, StayingIT::cut));
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = stay(server)) {
      client.goOnline();
      await(ConnectionEvent.Renewed.class);
      assertThat(client.deliver(BOB, "hello", SOON).known()).isEqualTo(Delivery.Known.ARRIVED);
    }
  }

  @Test
  void conflictIsAnAlarmAndNoReasonToFight() throws Exception {
    onConnections(session -> session.write(streamError("conflict", Optional.empty())));
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = stay(server)) {
      ClientException end = client.awaitEnd(SOON).orElseThrow();
      assertThat(end)
          .isInstanceOfSatisfying(
              StreamErrorException.class, error -> assertThat(error.takenOver()).isTrue())
          .hasMessageContainingAll("took", "over", "revoke");
      assertThat(await(ConnectionEvent.TakenOver.class).how()).isEqualTo(end);
      assertThat(await(ConnectionEvent.Ended.class).why()).isEqualTo(end);
      assertThat(server.tlsResumed).as("one to enrol, one to stay").hasSize(2);
      assertThatThrownBy(client::ping).isEqualTo(end);
    }
  }

  @Test
  void revokedDeviceDoesNotComeBack() throws Exception {
    onConnections(
        session ->
            session.write(
                streamError(
                    "not-authorized",
                    Optional.of(Element.empty("credential-revoked", Namespaces.LATCHKEY_EVENTS)))));
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = stay(server)) {
      assertThat(client.awaitEnd(SOON)).get().isInstanceOf(StreamErrorException.class);
      assertThat(await(ConnectionEvent.Ended.class).why()).hasMessageContaining("revoked");
      assertThat(server.tlsResumed).hasSize(2);
    }
  }

  @Test
  void deviceThatIsRefusedOnItsWayBackDoesNotTryAgain() throws Exception {
    onConnections(
        handlingThen(
            1,
            session -> {
              manners.beforeSending =
                  element ->
                      element.is("success", Namespaces.SASL2)
                          ? Element.named("failure", Namespaces.SASL2)
                              .child("not-authorized", Namespaces.SASL)
                              .build()
                          : element;
              cut(session);
            }));
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = stay(server)) {
      client.goOnline();
      assertThat(client.awaitEnd(SOON)).get().isInstanceOf(SignInRefusedException.class);
      assertThat(server.tlsResumed).hasSize(3);
      assertThat(client.isConnected()).isFalse();
    }
  }

  @Test
  void whatWaitsWhenAllEndsWasNotSent() throws Exception {
    manners.acknowledges = false;
    onConnections(handlingThen(1, StayingIT::cut));
    AtomicReference<LatchkeyClient> staying = new AtomicReference<>();
    List<String> waiting = new CopyOnWriteArrayList<>();
    try (FakeServer server = new FakeServer(manners)) {
      Consumer<ConnectionEvent> listener =
          event -> {
            events.add(event);
            if (event instanceof ConnectionEvent.Lost && waiting.isEmpty()) {
              server.stopListening();
              waiting.add(staying.get().send(BOB, "while away"));
            }
          };
      try (LatchkeyClient client =
          LatchkeyClient.open(enrolled(server))
              .in(environment(server))
              .stay(Staying.forever().within(Duration.ofSeconds(30)).telling(listener))) {
        staying.set(client);
        Delivery delivery = client.deliver(BOB, "hello", SOON);
        assertThat(delivery.known()).isEqualTo(Delivery.Known.UNKNOWN);
        ConnectionEvent.Ended end = await(ConnectionEvent.Ended.class);
        assertThat(end.why()).hasMessageContaining("given up after 30 seconds");
        assertThat(end.unknown()).containsExactly(delivery.id());
        assertThat(end.notSent()).containsExactlyElementsOf(waiting);
        assertThat(pauses.stream().reduce(Duration.ZERO, Duration::plus))
            .isLessThanOrEqualTo(Duration.ofSeconds(30));
        assertThatThrownBy(() -> client.deliver(BOB, "too late", SOON)).isEqualTo(end.why());
      }
    }
  }

  @Test
  void closeEndsTheStreamAndSaysWhatWasHandled() throws Exception {
    onConnections(
        session -> {
          session.send(FakeArchive.message(FakeArchive.BOB, FakeArchive.NINA, "last"));
          session.write(Element.empty("r", SM));
          complaint(session, "a");
          complaint(session, "a");
        });
    try (FakeServer server = new FakeServer(manners)) {
      try (LatchkeyClient client = stay(server)) {
        assertThat(complaint().attribute("h")).as("handled when it is handed on").contains("1");
        assertThat(client.receive(SOON)).isPresent();
      }
      Element last = complaint();
      assertThat(last.attribute("h")).contains("1");
      await(ConnectionEvent.Ended.class);
      assertThat(server.tlsResumed).hasSize(2);
    }
  }

  @Test
  void closeDoesNotWaitForTheNextAttempt() throws Exception {
    manners.session = handlingThen(1, StayingIT::cut);
    Thread[] pausing = new Thread[1];
    try (FakeServer server = new FakeServer(manners)) {
      ClientEnvironment patient =
          environment(
              Optional.of(server.loops()),
              wait -> {
                pausing[0] = Thread.currentThread();
                events.add(new ConnectionEvent.TryingAgain(Duration.ofDays(1)));
                Pause.asleep().last(Duration.ofDays(1));
              });
      LatchkeyClient client =
          LatchkeyClient.open(enrolled(server))
              .in(patient)
              .stay(Staying.forever().telling(events::add));
      client.goOnline();
      await(ConnectionEvent.Resumed.class);
      client.goOffline();
      do {
        // what is tried at once does not pause
      } while (!await(ConnectionEvent.TryingAgain.class).in().equals(Duration.ofDays(1)));
      client.close();
      assertThat(pausing[0].join(SOON)).isTrue();
      assertThat(await(ConnectionEvent.Ended.class).why()).hasMessageContaining("closed");
    }
  }

  @Test
  void closesAConnectionThatItComesBackToTooLate() throws Exception {
    CountDownLatch left = new CountDownLatch(1);
    AtomicInteger connections = new AtomicInteger();
    manners.session =
        session -> {
          boolean cuts = connections.getAndIncrement() < 2;
          Optional<Element> stanza = session.next();
          if (cuts) {
            cut(session);
          } else if (stanza.isEmpty()) {
            left.countDown();
          }
        };
    CountDownLatch pausing = new CountDownLatch(1);
    Thread[] reader = new Thread[1];
    try (FakeServer server = new FakeServer(manners)) {
      ClientEnvironment late =
          environment(
              Optional.of(server.loops()),
              wait -> {
                reader[0] = Thread.currentThread();
                pausing.countDown();
                try {
                  Pause.asleep().last(Duration.ofDays(1));
                } catch (InterruptedException tooLate) {
                  // As where the pause was over just before: it signs in once more.
                }
              });
      LatchkeyClient client =
          LatchkeyClient.open(enrolled(server))
              .in(late)
              .stay(Staying.forever().telling(events::add));
      client.goOnline();
      await(ConnectionEvent.Resumed.class);
      client.goOffline();
      assertThat(pausing.await(20, TimeUnit.SECONDS)).isTrue();
      client.close();
      assertThat(reader[0].join(SOON)).isTrue();
      assertThat(left.await(20, TimeUnit.SECONDS)).as("the third connection is closed").isTrue();
      assertThat(client.isConnected()).isFalse();
    }
  }

  @Test
  void readsInTheArchiveWhatCameBetweenTwoSessions() throws Exception {
    archive.messages.add(FakeArchive.message(FakeArchive.BOB, FakeArchive.NINA, "before"));
    manners.remembers = false;
    onConnections(
        session -> {
          for (Element stanza = session.next().orElseThrow();
              !stanza.is("presence", Namespaces.CLIENT);
              stanza = session.next().orElseThrow()) {
            handling(session, stanza);
          }
          session.send(archive.keeps("live"));
          session.write(Element.empty("r", SM));
          complaint(session, "a");
          var _ = session.next();
          archive.keeps("missed");
          cut(session);
        });
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = stay(server)) {
      client.catchUp();
      assertThat(client.receive(SOON).orElseThrow().body()).isEqualTo("before");
      assertThat(client.receive(Duration.ZERO)).isEmpty();
      await(ConnectionEvent.CaughtUp.class);
      client.goOnline();
      assertThat(complaint().attribute("h")).as("it has come").isPresent();
      client.send(BOB, "go");
      await(ConnectionEvent.Renewed.class);
      List<String> bodies = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        Message message = client.receive(SOON).orElseThrow();
        bodies.add(message.body());
        client.shown(message);
      }
      assertThat(bodies).containsExactly("live", "missed");
      assertThat(client.receive(Duration.ZERO)).isEmpty();
      await(ConnectionEvent.CaughtUp.class);
      assertThat(FakeArchive.after(archive.queries.getLast())).contains("a1");
    }
  }

  @Test
  void goesOnWhereHowFarItWasReadCannotBeKept() throws Exception {
    archive.messages.add(FakeArchive.message(FakeArchive.BOB, FakeArchive.NINA, "one"));
    archive.messages.add(FakeArchive.message(FakeArchive.BOB, FakeArchive.NINA, "two"));
    onConnections();
    try (FakeServer server = new FakeServer(manners)) {
      DeviceHome home = enrolled(server);
      HomeFiles.makeUnwritable(home.folder().resolve("archive.properties"));
      try (LatchkeyClient client = stay(server)) {
        client.catchUp();
        for (String body : List.of("one", "two")) {
          Message message = client.receive(SOON).orElseThrow();
          assertThat(message.body()).isEqualTo(body);
          client.shown(message);
        }
        client.ping();
      }
      await(ConnectionEvent.HomeUnwritable.class);
      assertThat(events)
          .as("said once")
          .noneMatch(ConnectionEvent.HomeUnwritable.class::isInstance);
      try (LatchkeyClient client = LatchkeyClient.open(home).in(environment(server)).connect()) {
        client.catchUp();
        Message message = client.receive(SOON).orElseThrow();
        assertThatThrownBy(() -> client.shown(message)).hasMessageContaining("cannot be written");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(TlsProvider.class)
  void comesBackOverAResumedTlsSession(TlsProvider provider) throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      DeviceHome home = enrolled(server);
      server.tlsResumed.clear();
      ClientTls tls =
          ClientTls.of(
              provider,
              FakeServer.NINA.domain(),
              Optional.of(new TlsIdentity(home.privateKey(), home.certificates())),
              new ServerTrust.Pinned(server.pin()));
      for (int i = 0; i < 3; i++) {
        SecuredStream.to(
                FakeServer.NINA,
                Optional.of(server.address()),
                tls,
                EnrolmentIT.environment(server),
                stream -> {})
            .close();
      }
      assertThat(server.tlsResumed).startsWith(false).contains(true);
    }
  }

  @Test
  void staysOverAResumedTlsSession() throws Exception {
    onConnections(handlingThen(1, StayingIT::cut));
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = stay(server)) {
      client.send(BOB, "one");
      await(ConnectionEvent.Resumed.class);
      assertThat(server.tlsResumed).containsExactly(false, false, true);
    }
  }

  @Test
  void linesOfTheGuideStay() throws Exception {
    onConnections(
        handlingThen(2, session -> session.send(archive.keeps("one"))),
        session -> session.write(streamError("conflict", Optional.empty())));
    AtomicReference<Connection> current = new AtomicReference<>();
    manners.between = current::set;
    BlockingQueue<Message> shown =
        new LinkedBlockingQueue<>() {
          @Override
          public boolean add(Message message) {
            boolean added = super.add(message);
            current.get().abort();
            return added;
          }
        };
    try (FakeServer server = new FakeServer(manners)) {
      SignIn signIn = LatchkeyClient.open(enrolled(server)).in(environment(server));
      assertThatThrownBy(() -> StayingLines.run(signIn, shown))
          .isInstanceOfSatisfying(
              StreamErrorException.class, end -> assertThat(end.takenOver()).isTrue());
      assertThat(shown).extracting(Message::body).containsExactly("one");
    }
  }

  /// How a server treats the sessions of lost connections.
  enum Memory {
    REMEMBERS(true, true),
    FORGETS_BUT_TELLS(false, true),
    FORGETS(false, false);

    private final boolean remembers;
    private final boolean tells;

    Memory(boolean remembers, boolean tells) {
      this.remembers = remembers;
      this.tells = tells;
    }
  }

  private static final int MESSAGES = 4;

  /// Cuts the connection at each point between two elements, whichever way they go, once each; then
  /// at random points, several times in one run.
  @ParameterizedTest
  @EnumSource
  @Spec(doc = "latchkey", section = "rule 46", rule = "nothing is lost and nothing comes twice")
  void losesNothingAndGivesNothingTwiceWhereverTheConnectionIsCut(Memory memory) throws Exception {
    manners.remembers = memory.remembers;
    manners.tellsHandled = memory.tells;
    try (FakeServer server = new FakeServer(manners)) {
      enrolled(server);
      int points = exchange(server, memory, List.of());
      assertThat(points).isGreaterThan(4 * MESSAGES);
      for (int point = 1; point <= points; point++) {
        exchange(server, memory, List.of(point));
      }
      SeededRandom random = SeededRandom.announced();
      for (int round = 0; round < 10; round++) {
        List<Integer> cuts = new ArrayList<>();
        for (int at = random.nextInt(1, points); at < 3 * points; at += random.nextInt(1, points)) {
          cuts.add(at);
        }
        exchange(server, memory, cuts);
      }
    }
  }

  /// Whether all that was sent before has been handled, if this session has it.
  private static boolean isAnswered(LatchkeyClient client) {
    try {
      client.ping();
      return true;
    } catch (ConnectionLostException lostWithItsSession) {
      return false;
    }
  }

  /// Sends some messages, gets one back for each, and looks at both ends.
  ///
  /// @param cuts before which elements to cut, counted from the first
  /// @return how many elements went either way
  private int exchange(FakeServer server, Memory memory, List<Integer> cuts) throws Exception {
    handled.clear();
    archive.messages.clear();
    events.clear();
    AtomicInteger passed = new AtomicInteger();
    manners.between =
        connection -> {
          if (cuts.contains(passed.incrementAndGet())) {
            connection.abort();
            throw new IllegalStateException("cut here");
          }
        };
    manners.session =
        session -> {
          for (Optional<Element> next = session.next(); next.isPresent(); next = session.next()) {
            Optional<Element> body = next.get().child("body", Namespaces.CLIENT);
            handling(session, next.get());
            if (body.isPresent()) {
              session.send(archive.keeps("re: " + body.get().text()));
            }
          }
        };
    List<String> unknown = new ArrayList<>();
    List<String> got = new ArrayList<>();
    DeviceHome home = enrolled(server);
    home.archivePosition(home.archivePosition().fromTheStart());
    try (LatchkeyClient client =
        LatchkeyClient.open(home)
            .in(environment(server))
            .stay(Staying.forever().within(Duration.ofHours(1)).telling(events::add))) {
      client.catchUp();
      client.goOnline();
      for (int i = 0; i < MESSAGES; i++) {
        String text = "m" + i;
        Delivery delivery = client.deliver(BOB, text, SOON);
        assertThat(delivery.known()).as("%s", cuts).isNotEqualTo(Delivery.Known.NOT_SENT);
        if (delivery.known() == Delivery.Known.UNKNOWN) {
          unknown.add(text);
        }
        client.receive(Duration.ZERO).ifPresent(message -> got.add(message.body()));
      }
      client.send(BOB, "end");
      while (!got.contains("re: end")) {
        Optional<Message> message = client.receive(Duration.ofMillis(100));
        message.ifPresent(it -> got.add(it.body()));
        if (message.isEmpty() && isAnswered(client) && !handled.contains("end")) {
          client.send(BOB, "end"); // it was lost with its session, which the client was told
        }
      }
      do {
        // a session that is cut here, too, is followed by another
      } while (!isAnswered(client));
      assertThat(client.receive(Duration.ZERO)).as("%s", cuts).isEmpty();
    } finally {
      manners.between = connection -> {};
    }
    String told = "%s, cut at %s".formatted(memory, cuts);
    assertThat(handled).as(told).doesNotHaveDuplicates();
    for (int i = 0; i < MESSAGES; i++) {
      assertThat(handled.contains("m" + i) || unknown.contains("m" + i)).as(told).isTrue();
    }
    if (memory != Memory.FORGETS) {
      assertThat(unknown).as(told).isEmpty();
    }
    assertThat(got)
        .as(told)
        .containsExactlyElementsOf(handled.stream().map(body -> "re: " + body).toList());
    return passed.get();
  }
}

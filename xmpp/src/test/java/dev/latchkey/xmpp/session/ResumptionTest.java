// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.history.KeptId;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Resource;
import dev.latchkey.devices.RevokedDevice;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.framing.StreamEvent;
import dev.latchkey.wire.management.StanzaCount;
import dev.latchkey.xmpp.stream.StreamLog;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ResumptionTest {
  private static final AccountId ACCOUNT = new AccountId("acct-1");
  private static final AccountJid NINA = AccountJid.parse("nina@chat.example");
  private static final DeviceId PHONE = new DeviceId("dev-phone");
  private static final DeviceId TABLET = new DeviceId("dev-tablet");
  private static final ResourceRules FREE = new ResourceRules(Optional.empty(), Set.of());
  private static final int RACES = 1_000;
  private static final ManagementPolicy POLICY =
      new ManagementPolicy(Duration.ofMinutes(10), 5, 10_000, 2, 3, 1 << 20);

  private final ManualClock clock = new ManualClock();
  private final RecordingBackend backend = new RecordingBackend();
  private final List<Runnable> later = new ArrayList<>();
  private final SessionRegistry registry =
      new SessionRegistry(StreamLog.NONE, clock, new SeededRandom(7), this::work, POLICY);

  /// Ends that are due run when a test says so; everything else at once.
  private boolean postponed;

  private void work(Runnable task) {
    if (postponed) {
      later.add(task);
    } else {
      task.run();
    }
  }

  private static SessionIdentity identity(DeviceId device) {
    return new SessionIdentity(
        ACCOUNT, NINA, device, 0, Optional.of(new CredentialId("cred-1")), "EXTERNAL");
  }

  private Session signedIn(DeviceId device, FakeConnection connection) {
    return registry.register(identity(device), connection, () -> {}).orElseThrow();
  }

  private Session bound(DeviceId device, FakeConnection connection) {
    Session session = signedIn(device, connection);
    assertThat(registry.bind(session, Optional.empty(), FREE)).isPresent();
    session.start(backend, List.of());
    return session;
  }

  private static Element enable() {
    return Element.named("enable", Namespaces.STREAM_MANAGEMENT)
        .attribute("resume", "true")
        .build();
  }

  /// A session that counts.
  ///
  /// @return its id
  private String managed(Session session) {
    return registry
        .enable(session, enable(), true)
        .flatMap(enabled -> enabled.attribute("id"))
        .orElseThrow();
  }

  private static StreamEvent received(Element element) {
    return new StreamEvent.Received(element);
  }

  private static Element message(String id) {
    return Element.named("message", Namespaces.CLIENT).attribute("id", id).build();
  }

  private static Element management(String name, String... attributes) {
    Element.Builder element = Element.named(name, Namespaces.STREAM_MANAGEMENT);
    for (int i = 0; i < attributes.length; i += 2) {
      element.attribute(attributes[i], attributes[i + 1]);
    }
    return element.build();
  }

  private Resumption resume(DeviceId device, FakeConnection connection, String id, long handled) {
    return resume(signedIn(device, connection), id, handled);
  }

  private Resumption resume(Session newcomer, String id, long handled) {
    return registry.resume(
        newcomer,
        new Resumption.Wish(id, new StanzaCount((int) handled)),
        (_, resumed) -> resumed,
        () -> {});
  }

  private static void isNotFound(Resumption resumption) {
    assertThat(resumption)
        .isInstanceOfSatisfying(
            Resumption.Failed.class,
            failed ->
                assertThat(failed.answer().child("item-not-found", Namespaces.STANZA_ERRORS))
                    .isPresent());
  }

  private static List<String> ids(List<Element> sent) {
    return sent.stream().flatMap(element -> element.attribute("id").stream()).toList();
  }

  private static Optional<Element> streamError(FakeConnection connection) {
    return connection.sent.stream().filter(element -> element.name().equals("error")).findFirst();
  }

  @Test
  void whoResumesHandlesWhatCameBehindBeforeAnotherThreadIsAsked() {
    String id = managed(bound(PHONE, new FakeConnection()));
    FakeConnection fresh = new FakeConnection();
    fresh.arrive(received(message("behind")));
    postponed = true;
    assertThat(resume(PHONE, fresh, id, 0)).isInstanceOf(Resumption.Resumed.class);
    assertThat(backend.resumptions).hasValue(1);
    assertThat(ids(backend.handled)).containsExactly("behind");
    assertThat(later).isEmpty();
  }

  @Test
  void whoStartsASessionHandlesWhatCameBehindBeforeAnotherThreadIsAsked() {
    FakeConnection connection = new FakeConnection();
    connection.arrive(received(message("behind")));
    postponed = true;
    bound(PHONE, connection);
    assertThat(ids(backend.handled)).containsExactly("behind");
    assertThat(later).isEmpty();
  }

  @Test
  void whoSaysMuchAtOnceIsHandledInSeveralTurnsAndInOrder() {
    FakeConnection connection = new FakeConnection(task -> later.add(task));
    List<String> said = new ArrayList<>();
    for (int i = 0; i < 150; i++) {
      said.add("m" + i);
      connection.arrive(received(message("m" + i)));
    }
    bound(PHONE, connection);
    int turns = 1;
    assertThat(ids(backend.handled)).hasSizeLessThan(said.size());
    while (!later.isEmpty()) {
      later.removeFirst().run();
      turns++;
    }
    assertThat(ids(backend.handled)).isEqualTo(said);
    assertThat(turns).isGreaterThan(2);
  }

  @Test
  @Spec(doc = "XEP-0198", section = "4", rule = "h counts what was handled since it was enabled")
  void countsWhatItHandledSinceItWasEnabled() {
    FakeConnection connection = new FakeConnection();
    Session session = bound(PHONE, connection);
    connection.arrive(received(message("before")));
    managed(session);
    connection.arrive(received(message("one")));
    connection.arrive(received(message("two")));
    connection.arrive(received(management("r")));
    assertThat(connection.sent.getLast()).isEqualTo(management("a", "h", "2"));
  }

  @Test
  void asksOnceUntilItIsAnswered() {
    FakeConnection connection = new FakeConnection();
    Session session = bound(PHONE, connection);
    managed(session);
    session.deliver(message("a"));
    session.deliver(message("b"));
    assertThat(connection.sent).filteredOn(element -> element.name().equals("r")).hasSize(1);
    connection.arrive(received(management("a", "h", "1")));
    assertThat(connection.sent)
        .as("one is still missing")
        .filteredOn(element -> element.name().equals("r"))
        .hasSize(2);
    connection.arrive(received(management("a", "h", "2")));
    assertThat(connection.sent).filteredOn(element -> element.name().equals("r")).hasSize(2);
  }

  @Test
  @Spec(doc = "XEP-0198", section = "5", rule = "what was not acknowledged is sent again, in order")
  void sendsAgainWhatWasNotAcknowledgedAndWhatCameMeanwhile() {
    FakeConnection lost = new FakeConnection();
    Session session = bound(PHONE, lost);
    String id = managed(session);
    session.deliver(message("a"));
    session.deliver(message("b"));
    lost.breakDown();
    session.deliver(message("c"));

    FakeConnection fresh = new FakeConnection();
    assertThat(resume(PHONE, fresh, id, 1)).isEqualTo(new Resumption.Resumed(session));
    assertThat(fresh.sent.getFirst()).isEqualTo(management("resumed", "previd", id, "h", "0"));
    assertThat(ids(fresh.sent)).containsExactly("b", "c");
    session.deliver(message("d"));
    assertThat(ids(fresh.sent)).containsExactly("b", "c", "d");
    assertThat(backend.ends).isEmpty();
    assertThat(registry.size()).as("the newcomer is none any more").isEqualTo(1);
  }

  @Test
  @Spec(
      doc = "XEP-0198",
      section = "5",
      rule = "the backend hears that a client is back, once each time")
  void tellsTheBackendThatAClientIsBack() {
    FakeConnection lost = new FakeConnection();
    Session session = bound(PHONE, lost);
    String id = managed(session);
    session.deliver(message("a"));
    lost.breakDown();
    assertThat(backend.resumptions).hasValue(0);

    FakeConnection fresh = new FakeConnection();
    resume(PHONE, fresh, id, 1);
    assertThat(backend.resumptions).hasValue(1);
    fresh.arrive(received(message("b")));
    assertThat(backend.resumptions).hasValue(1);
    isNotFound(resume(PHONE, new FakeConnection(), "unknown", 0));
    resume(PHONE, new FakeConnection(), id, 1);
    assertThat(backend.resumptions).hasValue(2);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 8",
      rule = "who is handed much is handed more as it acknowledges, so that it is not cut off")
  void handsOverMuchOnlyAsItIsAcknowledged() throws Exception {
    FakeConnection connection = new FakeConnection();
    Session session = bound(PHONE, connection);
    managed(session);
    for (String id : List.of("a", "b", "c")) {
      assertThat(session.deliverPatiently(message(id), Optional.empty())).isTrue();
    }
    FutureTask<Boolean> fourth =
        new FutureTask<>(() -> session.deliverPatiently(message("d"), Optional.empty()));
    Thread.startVirtualThread(fourth);
    session.deliver(message("unasked"));
    assertThat(session.hasRoom()).isTrue();
    assertThat(fourth.isDone()).isFalse();

    connection.arrive(received(management("a", "h", "3")));

    assertThat(fourth.get(10, TimeUnit.SECONDS)).isTrue();
    assertThat(ids(connection.sent)).endsWith("a", "b", "c", "unasked", "d");
    assertThat(session.isBound()).isTrue();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 46",
      rule = "a reader that is gone does not hold up its own return")
  void whoComesBackWhileAPageWaitsForItIsNotGivenUp() throws Exception {
    SessionRegistry threaded =
        new SessionRegistry(
            StreamLog.NONE,
            clock,
            new SeededRandom(7),
            task -> Thread.startVirtualThread(task),
            POLICY);
    // The reader's turn is taken by a thread of its own: this one comes back meanwhile.
    FakeConnection stalled = new FakeConnection(Thread::startVirtualThread);
    stalled.reads = new CountDownLatch(1);
    Session session = threaded.register(identity(PHONE), stalled, () -> {}).orElseThrow();
    assertThat(threaded.bind(session, Optional.empty(), FREE)).isPresent();
    session.start(backend, List.of());
    String id =
        threaded.enable(session, enable(), true).orElseThrow().attribute("id").orElseThrow();
    CountDownLatch asked = new CountDownLatch(1);
    backend.reaction =
        (client, _) -> {
          asked.countDown();
          boolean whole = client.deliverPatiently(message("page"), Optional.empty());
          client.deliver(message(whole ? "whole" : "cut"));
        };
    stalled.arrive(received(message("ask")));
    assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();

    FakeConnection fresh = new FakeConnection();
    Session newcomer = threaded.register(identity(PHONE), fresh, () -> {}).orElseThrow();
    Resumption resumption =
        threaded.resume(
            newcomer, new Resumption.Wish(id, StanzaCount.ZERO), (_, resumed) -> resumed, () -> {});

    assertThat(resumption).isEqualTo(new Resumption.Resumed(session));
    assertThat(fresh.sent.getFirst().attribute("h")).as("the request is handled").contains("1");
    assertThat(ids(fresh.sent)).containsExactly("cut");
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 46", rule = "the old stream ends in conflict")
  void takesOverFromAConnectionThatStillStands() {
    FakeConnection old = new FakeConnection();
    Session session = bound(PHONE, old);
    String id = managed(session);
    FakeConnection fresh = new FakeConnection();
    resume(PHONE, fresh, id, 0);
    assertThat(streamError(old).orElseThrow().child("conflict", Namespaces.STREAM_ERRORS))
        .isPresent();
    assertThat(old.isOpen()).isFalse();
    old.arrive(received(message("too late")));
    fresh.arrive(received(message("in time")));
    assertThat(ids(backend.handled)).containsExactly("in time");
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 46",
      rule = "a count that cannot be harms only the new one")
  void aCountThatCannotBeHarmsOnlyTheNewConnection() {
    FakeConnection old = new FakeConnection();
    Session session = bound(PHONE, old);
    String id = managed(session);
    session.deliver(message("a"));
    int before = old.sent.size();

    for (long impossible : new long[] {2, 4_294_967_295L}) {
      assertThat(resume(PHONE, new FakeConnection(), id, impossible))
          .isInstanceOf(Resumption.Impossible.class);
    }
    assertThat(old.isOpen()).isTrue();
    assertThat(old.sent).hasSize(before);
    old.arrive(received(message("still here")));
    assertThat(ids(backend.handled)).containsExactly("still here");
    assertThat(resume(PHONE, new FakeConnection(), id, 1)).isInstanceOf(Resumption.Resumed.class);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 44", rule = "only the same device resumes")
  void anotherDeviceOfTheAccountFindsNothing() {
    FakeConnection lost = new FakeConnection();
    Session session = bound(PHONE, lost);
    String id = managed(session);
    lost.breakDown();
    isNotFound(resume(TABLET, new FakeConnection(), id, 0));
    assertThat(resume(PHONE, new FakeConnection(), id, 0)).isInstanceOf(Resumption.Resumed.class);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 39, I1, I2", rule = "a revoked device's sessions all die")
  void aRevocationFindsASleepingSession() {
    FakeConnection lost = new FakeConnection();
    Session session = bound(PHONE, lost);
    String id = managed(session);
    session.deliver(message("a"));
    lost.breakDown();
    registry.end(ACCOUNT, List.of(new RevokedDevice(PHONE, 1)));
    assertThat(backend.ends).containsExactly(EndReason.REVOKED);
    assertThat(ids(backend.undelivered.stream().map(Undelivered::stanza).toList()))
        .containsExactly("a");
    assertThat(registry.size()).isZero();
    assertThat(registry.sleepers()).isZero();
    assertThat(registry.register(identity(PHONE), new FakeConnection(), () -> {})).isEmpty();
    assertThat(id).isNotEmpty();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 39",
      rule = "whoever ends the newcomer ends what it resumed")
  void aNewcomerThatWasEndedTakesTheSessionAlong() {
    FakeConnection lost = new FakeConnection();
    Session session = bound(PHONE, lost);
    String id = managed(session);
    lost.breakDown();
    Session newcomer = signedIn(PHONE, new FakeConnection());
    registry.resume(
        newcomer,
        new Resumption.Wish(id, StanzaCount.ZERO),
        (_, resumed) -> resumed,
        () -> newcomer.end(EndReason.KICKED)); // between the takeover and the answer
    assertThat(registry.size()).isZero();
    assertThat(backend.ends).hasSize(1);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 39",
      rule = "whoever found the newcomer before it resumed ends what it resumed")
  void aCredentialThatIsCalledBackWhileItResumesEndsTheSession() {
    FakeConnection lost = new FakeConnection();
    String id = managed(bound(PHONE, lost));
    lost.breakDown();
    Session newcomer = signedIn(PHONE, new FakeConnection());
    assertThat(resume(newcomer, id, 0)).isInstanceOf(Resumption.Resumed.class);

    newcomer.end(EndReason.DISABLED); // it was on the list of who must go

    assertThat(registry.size()).isZero();
    assertThat(backend.ends).containsExactly(EndReason.DISABLED);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 49",
      rule = "only who still speaks after the other came shows two places")
  void aConnectionThatOnlyBreaksIsNoSecondPlace() {
    FakeConnection old = new FakeConnection();
    Session session = bound(PHONE, old);
    var _ = managed(session);
    assertThat(registry.leaveTo(session, "phone", clock.instant())).isFalse();
    Session newcomer = signedIn(PHONE, new FakeConnection());
    Instant accepted = clock.instant();
    clock.advance(Duration.ofSeconds(1));
    old.breakDown(); // the network of before is noticed to be gone

    assertThat(registry.leaveTo(newcomer, "phone", accepted)).isFalse();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "30.A",
      rule = "one live session for a token that can be copied; one that sleeps is resumed with it")
  void resumesWithTheTokenItHeldAndHoldsItAgain() {
    FakeConnection lost = new FakeConnection();
    Session session = bound(PHONE, lost);
    String id = managed(session);
    assertThat(registry.leaveTo(session, "phone", clock.instant())).isFalse();
    lost.breakDown();
    clock.advance(Duration.ofHours(1));
    FakeConnection fresh = new FakeConnection();
    Session newcomer = signedIn(PHONE, fresh);
    assertThat(registry.leaveTo(newcomer, "phone", clock.instant())).isFalse();
    assertThat(resume(newcomer, id, 0)).isInstanceOf(Resumption.Resumed.class);
    assertThat(backend.ends).isEmpty();

    clock.advance(Duration.ofHours(1));
    Session copy = signedIn(PHONE, new FakeConnection());
    assertThat(registry.leaveTo(copy, "elsewhere", clock.instant())).isFalse();

    assertThat(streamError(fresh)).as("the copy ends the connection of what resumed").isPresent();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "30.A",
      rule = "who comes back before the loss of its connection was noticed resumes, too")
  void resumesWithItsTokenWhatStillSeemsToStand() {
    FakeConnection old = new FakeConnection();
    Session session = bound(PHONE, old);
    String id = managed(session);
    assertThat(registry.leaveTo(session, "phone", clock.instant())).isFalse();
    clock.advance(Duration.ofMinutes(2));

    Session newcomer = signedIn(PHONE, new FakeConnection());
    assertThat(registry.leaveTo(newcomer, "phone", clock.instant())).isFalse();

    assertThat(streamError(old)).as("a copy would be noticed at once").isPresent();
    assertThat(old.isOpen()).isFalse();
    assertThat(backend.ends).isEmpty();
    assertThat(resume(newcomer, id, 0)).isInstanceOf(Resumption.Resumed.class);
    assertThat(session.isBound()).isTrue();
    assertThat(registry.sleepers()).isZero();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "30.A",
      rule = "of two who come at once with one token, neither destroys what both came for")
  void aSessionSleepsWhoseResumptionIsOvertakenByAnother() {
    Session session = bound(PHONE, new FakeConnection());
    String id = managed(session);
    assertThat(registry.leaveTo(session, "phone", clock.instant())).isFalse();
    FakeConnection fresh = new FakeConnection();
    Session newcomer = signedIn(PHONE, fresh);
    assertThat(registry.leaveTo(newcomer, "phone", clock.instant())).isFalse();
    Session second = signedIn(PHONE, new FakeConnection());

    Resumption _ =
        registry.resume(
            newcomer,
            new Resumption.Wish(id, StanzaCount.ZERO),
            (_, resumed) -> resumed,
            () -> registry.leaveTo(second, "phone", clock.instant()));

    assertThat(fresh.isOpen()).isFalse();
    assertThat(backend.ends).isEmpty();
    assertThat(session.is(Session.State.HIBERNATED)).isTrue();
    assertThat(resume(second, id, 0)).isInstanceOf(Resumption.Resumed.class);
  }

  @Test
  @Spec(doc = "latchkey", section = "30.A", rule = "what cannot be resumed ends")
  void endsWithItsTokenWhatNobodyCanResume() {
    FakeConnection old = new FakeConnection();
    Session session = bound(PHONE, old);
    assertThat(registry.leaveTo(session, "phone", clock.instant())).isFalse();

    Session newcomer = signedIn(PHONE, new FakeConnection());
    assertThat(registry.leaveTo(newcomer, "phone", clock.instant())).isFalse();

    assertThat(streamError(old)).isPresent();
    assertThat(backend.ends).containsExactly(EndReason.REPLACED);
    assertThat(registry.size()).isEqualTo(1);
  }

  @Test
  void aStreamThatWasClosedInOrderIsNotResumed() {
    FakeConnection connection = new FakeConnection();
    String id = managed(bound(PHONE, connection));
    connection.arrive(new StreamEvent.Closed());
    isNotFound(resume(PHONE, new FakeConnection(), id, 0));
    assertThat(backend.ends).containsExactly(EndReason.CLOSED);
  }

  @Test
  void tellsTheSameDeviceWhatAnEndedSessionHadHandled() {
    FakeConnection lost = new FakeConnection();
    String id = managed(bound(PHONE, lost));
    lost.arrive(received(message("a")));
    lost.breakDown();
    clock.advance(Duration.ofMinutes(11));
    registry.endOverdue();
    assertThat(backend.ends).containsExactly(EndReason.UNRESPONSIVE);

    assertThat(resume(PHONE, new FakeConnection(), id, 0))
        .isInstanceOfSatisfying(
            Resumption.Failed.class,
            failed -> assertThat(failed.answer().attribute("h")).contains("1"));
    assertThat(resume(TABLET, new FakeConnection(), id, 0))
        .isInstanceOfSatisfying(
            Resumption.Failed.class,
            failed -> assertThat(failed.answer().attribute("h")).isEmpty());
  }

  @Test
  void waitsNoLongerThanTheClientWants() {
    FakeConnection lost = new FakeConnection();
    Session session = bound(PHONE, lost);
    registry.enable(session, enable().with("max", "60"), true);
    lost.breakDown();
    clock.advance(Duration.ofSeconds(59));
    registry.endOverdue();
    assertThat(registry.sleepers()).isEqualTo(1);
    clock.advance(Duration.ofSeconds(1));
    registry.endOverdue();
    assertThat(registry.sleepers()).isZero();
  }

  @Test
  void whoIsFullEndsAndNothingOfItIsLost() {
    FakeConnection lost = new FakeConnection();
    Session session = bound(PHONE, lost);
    managed(session);
    lost.breakDown();
    for (int i = 0; i < POLICY.stanzas(); i++) {
      assertThat(session.hasRoom()).isTrue();
      session.deliver(message("m" + i));
    }
    assertThat(session.hasRoom()).isFalse();
    assertThat(backend.ends).containsExactly(EndReason.OVERLOADED);
    assertThat(backend.undelivered).hasSize(POLICY.stanzas());
  }

  @Test
  void aReaderThatNeverAcknowledgesIsCutOff() {
    FakeConnection connection = new FakeConnection();
    Session session = bound(PHONE, connection);
    managed(session);
    int most = StreamManagement.ASKED_FOR * POLICY.stanzas();
    for (int i = 0; i < most; i++) {
      assertThat(backend.ends).isEmpty();
      session.deliver(message("m" + i));
    }
    assertThat(
            streamError(connection)
                .orElseThrow()
                .child("resource-constraint", Namespaces.STREAM_ERRORS))
        .isPresent();
    assertThat(backend.undelivered).hasSize(most);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 8",
      rule = "whoever is sent much at once is offered no more until it acknowledges, and goes on")
  void whoeverIsSentMuchAtOnceIsNotCutOff() {
    FakeConnection connection = new FakeConnection();
    Session session = bound(PHONE, connection);
    managed(session);
    for (int i = 0; i < POLICY.stanzas(); i++) {
      assertThat(session.hasRoom()).isTrue();
      assertThat(session.deliver(message("m" + i))).isTrue();
    }
    assertThat(session.hasRoom()).isFalse();
    connection.arrive(received(management("a", "h", "1")));
    assertThat(backend.roomAgain).as("while it is more than half full").hasValue(0);
    connection.arrive(received(management("a", "h", Integer.toString(POLICY.stanzas()))));
    assertThat(session.hasRoom()).isTrue();
    assertThat(backend.roomAgain).hasValue(1);
    assertThat(session.deliver(message("goes on"))).isTrue();
    connection.arrive(received(management("a", "h", Integer.toString(POLICY.stanzas() + 1))));
    assertThat(backend.roomAgain).as("nobody was turned away").hasValue(1);
    assertThat(backend.ends).isEmpty();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 8",
      rule = "a client that acknowledges nothing does not keep its messages waiting for ever")
  void whoStaysFullAndAcknowledgesNothingEnds() {
    FakeConnection connection = new FakeConnection();
    Session session = bound(PHONE, connection);
    managed(session);
    for (int i = 0; i < POLICY.stanzas(); i++) {
      session.deliver(message("m" + i));
    }
    assertThat(session.hasRoom()).isFalse();
    clock.advance(Duration.ofSeconds(119));
    connection.arrive(received(management("a", "h", "1")));
    clock.advance(Duration.ofSeconds(119));
    connection.arrive(received(message("says something")));
    registry.endOverdue();
    assertThat(backend.ends).as("it acknowledged something").isEmpty();
    clock.advance(Duration.ofSeconds(1));
    registry.endOverdue();
    assertThat(connection.isOpen()).isFalse();
    assertThat(backend.ends).containsExactly(EndReason.OVERLOADED);
  }

  @Test
  void ofWhoIsAwayOnlyAsMuchIsKeptAsComesUnasked() {
    FakeConnection lost = new FakeConnection();
    Session session = bound(PHONE, lost);
    managed(session);
    lost.breakDown();
    for (int i = 0; i < POLICY.stanzas(); i++) {
      assertThat(backend.ends).isEmpty();
      session.deliver(message("m" + i));
    }
    assertThat(backend.ends).containsExactly(EndReason.OVERLOADED);
  }

  @Test
  void whatIsShortToWriteDoesNotFillASession() {
    SessionRegistry usual =
        new SessionRegistry(
            StreamLog.NONE, clock, new SeededRandom(7), this::work, ManagementPolicy.DEFAULT);
    Session session = usual.register(identity(PHONE), new FakeConnection(), () -> {}).orElseThrow();
    assertThat(usual.bind(session, Optional.empty(), FREE)).isPresent();
    session.start(backend, List.of());
    assertThat(usual.enable(session, enable(), true)).isPresent();
    Element small = Element.empty("a", Namespaces.CLIENT);
    Element message =
        Element.named("message", Namespaces.CLIENT)
            .children(Collections.nCopies(65_000, small))
            .build();
    assertThat(message.toXml().length()).isLessThan(262_144);
    session.deliver(message);
    assertThat(session.hasRoom()).isTrue();
  }

  @Test
  void aSessionThatIsOverTakesNothing() {
    Session session = bound(PHONE, new FakeConnection());
    session.end(EndReason.KICKED);
    assertThat(session.deliver(message("late"))).isFalse();
    assertThat(session.deliver(message("late"), Receipt.waiting(new KeptId(1, 1)))).isFalse();
  }

  /// As many characters as may be unacknowledged of what comes unasked, in few messages.
  private static List<Element> page() {
    Element message =
        Element.named("message", Namespaces.CLIENT)
            .attribute("id", "page")
            .child(Element.text("body", Namespaces.CLIENT, "x".repeat(POLICY.characters() / 2)))
            .build();
    return List.of(message, message);
  }

  /// Whoever asks is handed a page, and an answer behind it.
  private void answersWithAPage() {
    backend.reaction =
        (client, _) -> {
          for (Element message : page()) {
            assertThat(client.deliverPatiently(message, Optional.empty())).isTrue();
          }
          client.deliver(message("answer"));
        };
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 8",
      rule = "what a client asked for itself does not count against it while it cannot acknowledge")
  void whoAsksForAFullPageIsNotCutOffByItsAnswer() {
    FakeConnection connection = new FakeConnection();
    Session session = bound(PHONE, connection);
    managed(session);
    answersWithAPage();
    connection.arrive(received(message("ask")));
    assertThat(ids(connection.sent)).endsWith("page", "page", "answer");
    assertThat(backend.ends).isEmpty();

    assertThat(session.hasRoom()).isTrue();
    session.deliver(message("unasked"));
    assertThat(backend.ends).as("cut off by what a stranger sends behind the page").isEmpty();

    connection.arrive(received(management("a", "h", "4")));
    connection.arrive(received(message("ask")));
    assertThat(ids(connection.sent)).endsWith("unasked", "page", "page", "answer");
    assertThat(backend.ends).isEmpty();
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design: what must always hold, 8",
      rule = "what a client asked for is bounded too, and takes no room from what comes unasked")
  void whoAsksOnAndOnAndNeverAcknowledgesIsCutOff() {
    FakeConnection connection = new FakeConnection();
    Session session = bound(PHONE, connection);
    managed(session);
    backend.reaction = (client, _) -> client.deliver(page().getFirst());
    for (int asked = 1; asked < 2 * StreamManagement.ASKED_FOR; asked++) {
      connection.arrive(received(message("ask")));
    }
    assertThat(backend.ends).isEmpty();
    connection.arrive(received(message("ask")));
    assertThat(backend.ends).containsExactly(EndReason.OVERLOADED);
  }

  @Test
  void whatComesUnaskedBehindAPageIsBoundedAsEver() {
    FakeConnection connection = new FakeConnection();
    Session session = bound(PHONE, connection);
    managed(session);
    answersWithAPage();
    connection.arrive(received(message("ask")));
    for (int i = 0; i < POLICY.stanzas(); i++) {
      assertThat(session.hasRoom()).isTrue();
      session.deliver(message("m" + i));
    }
    assertThat(session.hasRoom()).isFalse();
    assertThat(backend.ends).as("it is offered no more, and goes on").isEmpty();
  }

  @Test
  void whoHasAPageToReadIsNotCutOffAfterTheServerWasStopped() {
    FakeConnection connection = new FakeConnection();
    managed(bound(PHONE, connection));
    answersWithAPage();
    connection.arrive(received(message("ask")));
    MemoryHibernation sleep = new MemoryHibernation();
    registry.hibernateAll(sleep);
    SessionRegistry next =
        new SessionRegistry(StreamLog.NONE, clock, new SeededRandom(8), Runnable::run, POLICY);
    next.revive(sleep, backend, _ -> true);
    backend.clients.getLast().deliver(message("unasked"));
    assertThat(backend.ends).isEmpty();
    assertThat(next.sleepers()).isEqualTo(1);
  }

  @Test
  @Spec(
      doc = "XEP-0386",
      section = "4",
      rule = "what a program left behind ends when it binds anew, and nothing of it is lost")
  @Spec(doc = "latchkey", section = "rule 35", rule = "only sessions of the same device end")
  void whatTheSameProgramLeftBehindEnds() {
    Bytes app = Bytes.utf8("app").sha256();
    Session ghost = sleeping(PHONE, Optional.of(app));
    ghost.deliver(message("waits"));
    Session other = sleeping(PHONE, Optional.of(Bytes.utf8("other").sha256()));
    Session tablet = sleeping(TABLET, Optional.of(app));
    Session connected = bound(PHONE, new FakeConnection());
    connected.program(app);

    Session newcomer = bound(PHONE, new FakeConnection());
    registry.endLeftBehind(newcomer);
    assertThat(backend.ends).as("it does not say which program it is").isEmpty();
    newcomer.program(app);
    registry.endLeftBehind(newcomer);

    assertThat(backend.ends).containsExactly(EndReason.REPLACED);
    assertThat(ghost.is(Session.State.DEAD)).isTrue();
    assertThat(backend.undelivered)
        .extracting(undelivered -> undelivered.stanza().attribute("id").orElse(""))
        .containsExactly("waits");
    assertThat(other.is(Session.State.HIBERNATED)).isTrue();
    assertThat(tablet.is(Session.State.HIBERNATED)).isTrue();
    assertThat(connected.isBound()).as("several programs may share a home").isTrue();

    Session silent = sleeping(PHONE, Optional.empty());
    registry.endLeftBehind(newcomer);
    assertThat(silent.is(Session.State.HIBERNATED)).isTrue();
  }

  @Test
  void whoResumesIsTheProgramThatCameLast() {
    Bytes app = Bytes.utf8("app").sha256();
    FakeConnection lost = new FakeConnection();
    Session session = bound(PHONE, lost);
    String id = managed(session);
    Session resuming = signedIn(PHONE, new FakeConnection());
    resuming.program(app);
    assertThat(resume(resuming, id, 0)).isInstanceOf(Resumption.Resumed.class);
    session.unresponsive();
    assertThat(session.is(Session.State.HIBERNATED)).isTrue();

    Session newcomer = bound(PHONE, new FakeConnection());
    newcomer.program(app);
    registry.endLeftBehind(newcomer);

    assertThat(session.is(Session.State.DEAD)).isTrue();
  }

  private Session sleeping(DeviceId device, Optional<Bytes> program) {
    Session session = bound(device, new FakeConnection());
    program.ifPresent(session::program);
    managed(session);
    session.unresponsive();
    assertThat(session.is(Session.State.HIBERNATED)).isTrue();
    return session;
  }

  @Test
  void ofTooManySleepersOfOneDeviceTheOldestEnds() {
    List<Session> sessions = new ArrayList<>();
    for (int i = 0; i <= POLICY.perDevice(); i++) {
      FakeConnection lost = new FakeConnection();
      Session session = bound(PHONE, lost);
      managed(session);
      sessions.add(session);
      lost.breakDown();
      clock.advance(Duration.ofSeconds(1));
    }
    assertThat(registry.sleepers()).isEqualTo(POLICY.perDevice());
    assertThat(sessions.getFirst().is(Session.State.DEAD)).isTrue();
    assertThat(sessions.getLast().is(Session.State.HIBERNATED)).isTrue();
  }

  @Test
  void oneSleeperMoreThanThereMayBeEndsInstead() {
    for (int i = 0; i <= POLICY.sessions(); i++) {
      FakeConnection lost = new FakeConnection();
      managed(bound(new DeviceId("dev-" + i), lost));
      lost.breakDown();
    }
    assertThat(registry.sleepers()).isEqualTo(POLICY.sessions());
    assertThat(backend.ends).containsExactly(EndReason.DISCONNECTED);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 45",
      rule = "signing in behind <resumed/> costs the connection")
  void whatSignsInBehindResumedEndsTheStreamAndNotTheSession() {
    FakeConnection lost = new FakeConnection();
    Session session = bound(PHONE, lost);
    String id = managed(session);
    List<Element> signingIn =
        List.of(
            Element.named("authenticate", Namespaces.SASL2).build(),
            management("enable"),
            management("resume", "previd", id, "h", "0"),
            Element.named("iq", Namespaces.CLIENT)
                .attribute("type", "set")
                .child("bind", Namespaces.BIND)
                .build());
    lost.breakDown();
    for (Element element : signingIn) {
      FakeConnection fresh = new FakeConnection();
      resume(PHONE, fresh, id, 0);
      fresh.arrive(received(element));
      assertThat(
              streamError(fresh).orElseThrow().child("policy-violation", Namespaces.STREAM_ERRORS))
          .as("%s", element.name())
          .isPresent();
      assertThat(session.is(Session.State.HIBERNATED)).isTrue();
    }
    assertThat(backend.ends).isEmpty();
    assertThat(backend.handled).isEmpty();
  }

  @Test
  @Spec(doc = "XEP-0198", section = "3", rule = "stream management is enabled once")
  void aSecondEnableFailsAndChangesNothing() {
    FakeConnection connection = new FakeConnection();
    Session session = bound(PHONE, connection);
    String id = managed(session);
    connection.arrive(received(enable()));
    assertThat(connection.sent.getLast().child("unexpected-request", Namespaces.STANZA_ERRORS))
        .isPresent();
    assertThat(connection.isOpen()).isTrue();
    assertThat(session.managementId()).contains(id);
  }

  @Test
  @Spec(
      doc = "XEP-0198",
      section = "4",
      rule = "an acknowledgement of what was not sent is an error")
  void anAcknowledgementThatCannotBeEndsTheStreamAndSaysWhy() {
    FakeConnection connection = new FakeConnection();
    Session session = bound(PHONE, connection);
    managed(session);
    session.deliver(message("a"));
    connection.arrive(received(management("a", "h", "2")));
    Element error = streamError(connection).orElseThrow();
    assertThat(error.child("undefined-condition", Namespaces.STREAM_ERRORS)).isPresent();
    assertThat(error.child("handled-count-too-high", Namespaces.STREAM_MANAGEMENT))
        .contains(management("handled-count-too-high", "h", "2", "send-count", "1"));
  }

  @Test
  void aSilentClientSleepsInsteadOfEnding() {
    FakeConnection connection = new FakeConnection();
    Session session = bound(PHONE, connection);
    managed(session);
    clock.advance(Duration.ofMinutes(6));
    registry.checkSilent(Duration.ofMinutes(5));
    assertThat(connection.sent.getLast()).isEqualTo(management("r"));
    registry.checkSilent(Duration.ofMinutes(5));
    assertThat(session.is(Session.State.HIBERNATED)).isTrue();
    assertThat(
            streamError(connection)
                .orElseThrow()
                .child("connection-timeout", Namespaces.STREAM_ERRORS))
        .isPresent();
    assertThat(registry.isConnected(PHONE)).isFalse();
  }

  @Test
  void aReceiptComesBackWhenTheClientHasTheMessage() {
    FakeConnection lost = new FakeConnection();
    Session session = bound(PHONE, lost);
    String id = managed(session);
    Receipt one = new Receipt(Optional.empty(), Optional.empty(), true);
    Receipt two = new Receipt(Optional.empty(), Optional.empty(), false);
    session.deliver(message("a"), one);
    session.deliver(message("b"), two);
    assertThat(backend.receipts).isEmpty();
    lost.arrive(received(management("a", "h", "1")));
    assertThat(backend.receipts).containsExactly(one);
    lost.breakDown();
    resume(PHONE, new FakeConnection(), id, 2);
    assertThat(backend.receipts).containsExactly(one, two);
  }

  @Test
  void whereNothingIsCountedAReceiptComesBackAtOnce() {
    Session session = bound(PHONE, new FakeConnection());
    Receipt receipt = new Receipt(Optional.empty(), Optional.empty(), true);
    session.deliver(message("a"), receipt);
    assertThat(backend.receipts).containsExactly(receipt);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 10", rule = "who was let in once cannot come back")
  void whoWasLetInOnceCannotBeResumed() {
    SessionIdentity once =
        new SessionIdentity(ACCOUNT, NINA, PHONE, 0, Optional.empty(), "SCRAM-SHA-256");
    FakeConnection lost = new FakeConnection();
    Session session = registry.register(once, lost, () -> {}).orElseThrow();
    assertThat(registry.bind(session, Optional.empty(), FREE)).isPresent();
    session.start(backend, List.of());
    assertThat(registry.enable(session, enable(), true).orElseThrow().attribute("id")).isEmpty();
    lost.breakDown();
    assertThat(backend.ends).containsExactly(EndReason.DISCONNECTED);
  }

  @Test
  void goesOnAfterTheServerWasStopped() {
    FakeConnection one = new FakeConnection();
    Session connected = bound(PHONE, one);
    String id = managed(connected);
    one.arrive(received(message("handled")));
    connected.deliver(message("a"));
    FakeConnection two = new FakeConnection();
    bound(TABLET, two); // counts nothing

    MemoryHibernation sleep = new MemoryHibernation();
    registry.hibernateAll(sleep);
    assertThat(backend.ends).as("only what cannot come back").containsExactly(EndReason.SHUTDOWN);
    for (FakeConnection connection : List.of(one, two)) {
      assertThat(
              streamError(connection)
                  .orElseThrow()
                  .child("system-shutdown", Namespaces.STREAM_ERRORS))
          .isPresent();
    }
    SessionRegistry next =
        new SessionRegistry(StreamLog.NONE, clock, new SeededRandom(8), Runnable::run, POLICY);
    next.revive(sleep, backend, _ -> true);
    assertThat(next.sleepers()).isEqualTo(1);
    FakeConnection fresh = new FakeConnection();
    Session newcomer = next.register(identity(PHONE), fresh, () -> {}).orElseThrow();
    assertThat(
            next.resume(
                newcomer,
                new Resumption.Wish(id, StanzaCount.ZERO),
                (_, resumed) -> resumed,
                () -> {}))
        .isInstanceOf(Resumption.Resumed.class);
    assertThat(fresh.sent.getFirst().attribute("h")).contains("1");
    assertThat(ids(fresh.sent)).containsExactly("a");
    assertThat(backend.resumptions).as("the backend knows, as of any resumption").hasValue(1);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 39, I10", rule = "what slept is checked at the start")
  void whoWasRevokedWhileTheServerWasStoppedDoesNotGoOn() {
    FakeConnection one = new FakeConnection();
    managed(bound(PHONE, one));
    MemoryHibernation sleep = new MemoryHibernation();
    registry.hibernateAll(sleep);
    SessionRegistry next =
        new SessionRegistry(StreamLog.NONE, clock, new SeededRandom(8), Runnable::run, POLICY);
    next.revive(sleep, backend, _ -> false);
    assertThat(next.size()).isZero();
    assertThat(next.sleepers()).isZero();
    assertThat(backend.ends).containsExactly(EndReason.REVOKED);
  }

  @Test
  void aSessionThatCannotBeKeptCostsNoOtherItsSleep() {
    Session faulty = bound(PHONE, new FakeConnection());
    managed(faulty);
    FakeConnection tablet = new FakeConnection();
    String id = managed(bound(TABLET, tablet));
    backend.broken = client -> client == faulty;
    MemoryHibernation sleep = new MemoryHibernation();
    registry.hibernateAll(sleep);
    assertThat(sleep.take()).extracting(HibernatedSession::id).containsExactly(id);
    assertThat(tablet.isOpen()).isFalse();
    assertThat(registry.size()).isZero();
  }

  @Test
  void aSessionThatCannotGoOnAfterAStopCostsNoOtherItsPlace() {
    managed(bound(PHONE, new FakeConnection()));
    managed(bound(TABLET, new FakeConnection()));
    MemoryHibernation sleep = new MemoryHibernation();
    registry.hibernateAll(sleep);
    backend.broken = client -> client.identity().device().equals(PHONE);
    SessionRegistry next =
        new SessionRegistry(StreamLog.NONE, clock, new SeededRandom(8), Runnable::run, POLICY);
    next.revive(sleep, backend, _ -> true);
    assertThat(next.size()).isEqualTo(1);
    assertThat(next.sleepers()).isEqualTo(1);
    assertThat(backend.clients.getLast().identity().device()).isEqualTo(TABLET);
  }

  @Test
  void holdsTheResourceWhileItSleeps() {
    FakeConnection lost = new FakeConnection();
    Session session = signedIn(PHONE, lost);
    registry.bind(session, Optional.of(new Resource("phone")), FREE);
    session.start(backend, List.of());
    managed(session);
    lost.breakDown();
    assertThat(registry.holderOf(ACCOUNT, new Resource("phone"))).contains(PHONE);
    Session other = signedIn(TABLET, new FakeConnection());
    assertThat(registry.bind(other, Optional.of(new Resource("phone")), FREE))
        .isPresent()
        .isNotEqualTo(Optional.of(new Resource("phone")));
  }

  @Test
  void aSessionThatIsEndingIsNotResumed() {
    FakeConnection lost = new FakeConnection();
    Session session = bound(PHONE, lost);
    String id = managed(session);
    postponed = true;
    lost.breakDown();
    for (int i = 0; i < POLICY.stanzas(); i++) {
      session.deliver(message("m" + i));
    }
    postponed = false;
    List.copyOf(later).forEach(Runnable::run);
    isNotFound(resume(PHONE, new FakeConnection(), id, 0));
    assertThat(backend.undelivered).hasSize(POLICY.stanzas());
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 46", rule = "of two who race for a session one has it")
  void ofTwoClientsThatRaceForOneSessionExactlyOneHasIt() throws Exception {
    for (int round = 0; round < RACES; round++) {
      SessionRegistry threaded =
          new SessionRegistry(
              StreamLog.NONE,
              clock,
              new SeededRandom(round),
              task -> Thread.startVirtualThread(task),
              POLICY);
      FakeConnection lost = new FakeConnection();
      Session session = threaded.register(identity(PHONE), lost, () -> {}).orElseThrow();
      assertThat(threaded.bind(session, Optional.empty(), FREE)).isPresent();
      session.start(new RecordingBackend(), List.of());
      String id =
          threaded.enable(session, enable(), true).orElseThrow().attribute("id").orElseThrow();
      session.deliver(message("a"));
      List<FakeConnection> racers = List.of(new FakeConnection(), new FakeConnection());
      List<Thread> threads = new ArrayList<>();
      for (FakeConnection racer : racers) {
        Session newcomer = threaded.register(identity(PHONE), racer, () -> {}).orElseThrow();
        threads.add(
            Thread.startVirtualThread(
                () -> {
                  var _ =
                      threaded.resume(
                          newcomer,
                          new Resumption.Wish(id, StanzaCount.ZERO),
                          (_, resumed) -> resumed,
                          () -> {});
                }));
      }
      for (Thread thread : threads) {
        assertThat(thread.join(Duration.ofSeconds(10))).as("round %d", round).isTrue();
      }
      List<FakeConnection> winners = racers.stream().filter(FakeConnection::isOpen).toList();
      assertThat(winners).as("round %d", round).hasSize(1);
      assertThat(threaded.size()).as("round %d", round).isEqualTo(1);
      session.deliver(message("b"));
      assertThat(ids(winners.getFirst().sent)).as("round %d", round).containsExactly("a", "b");
      assertThat(lost.isOpen()).as("round %d", round).isFalse();
    }
  }
}

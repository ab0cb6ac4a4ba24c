// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.CountingClient.hibernated;
import static dev.latchkey.cli.journey.CountingClient.resume;
import static dev.latchkey.cli.journey.RunningServer.DOMAIN;
import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.cli.journey.RunningServer.PATIENCE;
import static dev.latchkey.wire.element.Namespaces.STREAM_MANAGEMENT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.cli.journey.CountingClient.Way;
import dev.latchkey.client.ClientException;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.StreamErrorException;
import dev.latchkey.client.StreamFeatures;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Waypoint;
import dev.latchkey.sasl.external.ExternalClient;
import dev.latchkey.server.admin.AdminException;
import dev.latchkey.server.admin.JsonLine;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What ends a device's sessions while one of them sleeps, or is just taken up again (rule 39). The
/// takeover's thread is held at each named point until that is done; takeover and answer are one
/// step under the session's lock, so there is no point between them.
class RevocationDuringResumptionIT {
  private static final AccountJid OTTO = new AccountJid("otto", DOMAIN);
  private static final Executor BESIDE = Thread::startVirtualThread;

  @TempDir Path folder;

  private final HeldAt takeover = new HeldAt();
  private final HeldAt revocation = new HeldAt();
  private RunningServer server;
  private CountingClient phone;
  private CountingClient otto;

  @BeforeEach
  void start() throws Exception {
    server =
        RunningServer.in(
            folder,
            seams ->
                seams.with(
                    point -> {
                      takeover.reached(point);
                      revocation.reached(point);
                    }),
            whole -> whole);
    phone = CountingClient.enrolled(server, Way.SASL2, NINA, "phone");
    otto = CountingClient.enrolled(server, Way.SASL2, OTTO, "otto");
    phone.losesItsConnection(server);
    otto.chats(phone.jid(), "not for a thief");
    assertThat(otto.everything()).isEmpty();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /// What the operator does to it.
  enum Verb {
    REVOKE,
    KICK,
    DISABLE,
    DELETE;

    /// Whether the device is let in again.
    boolean letsBackIn() {
      return this == KICK;
    }
  }

  private void does(Verb verb) throws AdminException {
    switch (verb) {
      case REVOKE -> server.revoke(NINA, server.home("phone").account().device().value());
      case KICK, DISABLE, DELETE -> {
        var _ =
            server.admin(
                new JsonLine()
                    .with("command", verb.name().toLowerCase(java.util.Locale.ROOT))
                    .with("account", NINA.toString()));
      }
    }
  }

  /// What the client hears of its wish to resume, until its stream ends or stands still.
  ///
  /// @param resumed whether it heard that the session goes on
  /// @param ended how the stream ended
  private record Heard(boolean resumed, List<Element> elements, ClientException ended) {
    boolean hears(String text) {
      return elements.stream().anyMatch(element -> element.toXml().contains(text));
    }
  }

  private CompletableFuture<Heard> resuming(ClientStream stream, StreamFeatures features) {
    return CompletableFuture.supplyAsync(
        () -> {
          List<Element> elements = new ArrayList<>();
          try {
            SaslOutcome outcome =
                stream.authenticate(
                    features,
                    new ExternalClient(NINA),
                    List.of(resume(phone.id(), phone.handled().toString())));
            elements.add(
                switch (outcome) {
                  case SaslOutcome.Succeeded(Element success) -> success;
                  case SaslOutcome.Continued(Element continued) -> continued;
                  case SaslOutcome.Failed(Element failure) -> failure;
                });
            stream.send(Peer.message(otto.jid().toString(), "am I in?"));
            while (true) {
              elements.add(stream.next());
            }
          } catch (ClientException ended) {
            boolean resumed =
                elements.stream()
                    .anyMatch(it -> it.child("resumed", STREAM_MANAGEMENT).isPresent());
            return new Heard(resumed, List.copyOf(elements), ended);
          }
        },
        BESIDE);
  }

  static Stream<Arguments> pointsAndVerbs() {
    return Stream.of(Waypoint.PROVEN, Waypoint.REGISTERED, Waypoint.BEFORE_SUCCESS)
        .flatMap(point -> Stream.of(Verb.values()).map(verb -> Arguments.of(point, verb)));
  }

  @ParameterizedTest
  @MethodSource("pointsAndVerbs")
  @Spec(
      doc = "latchkey",
      section = "rule 39",
      rule = "What ends a device's sessions between its proof and the takeover ends both")
  void aSessionThatWasEndedBeforeTheTakeoverIsNotTakenUp(Waypoint point, Verb verb)
      throws Exception {
    ClientStream stream = CountingClient.dial(server, NINA, "phone");
    StreamFeatures features = stream.open();
    takeover.hold(point);
    CompletableFuture<Heard> hearing = resuming(stream, features);
    takeover.awaitArrival();

    does(verb);
    takeover.release();

    if (point == Waypoint.PROVEN && verb == Verb.KICK) {
      // A login that is entered after the kick is a new one, and finds nothing to resume.
      Eventually.holds(() -> server.log.signIns.size() >= 3);
      stream.connection().abort();
    }
    Heard heard = hearing.get(2 * PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(heard.resumed()).as("%s", heard).isFalse();
    nothingSurvives(verb, heard);
  }

  private void nothingSurvives(Verb verb, Heard heard) throws Exception {
    assertThat(heard.hears("not for a thief")).as("%s", heard).isFalse();
    assertThat(otto.bodies()).as("it was not heard").isEmpty();
    assertThat(hibernated(server)).isZero();
    if (verb.letsBackIn()) {
      assertThat(phone.tries(resume(phone.id(), "0")).condition()).isEqualTo("item-not-found");
    } else {
      Heard later =
          resuming(openedAgain(), features).get(2 * PATIENCE.toSeconds(), TimeUnit.SECONDS);
      assertThat(later.elements()).allMatch(element -> element.name().equals("failure"));
    }
  }

  private StreamFeatures features;

  private ClientStream openedAgain() throws Exception {
    ClientStream stream = CountingClient.dial(server, NINA, "phone");
    features = stream.open();
    return stream;
  }

  @ParameterizedTest
  @EnumSource(Verb.class)
  @Spec(
      doc = "latchkey",
      section = "rule 39",
      rule = "What ends a device's sessions finds one that was just resumed")
  void aSessionThatWasJustTakenUpIsEnded(Verb verb) throws Exception {
    ClientStream stream = CountingClient.dial(server, NINA, "phone");
    StreamFeatures offered = stream.open();
    takeover.hold(Waypoint.ANSWERED);
    CompletableFuture<Heard> hearing = resuming(stream, offered);
    takeover.awaitArrival();

    does(verb);
    takeover.release();

    Heard heard = hearing.get(2 * PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(heard.resumed()).isTrue();
    assertThat(heard.ended())
        .isInstanceOfSatisfying(
            StreamErrorException.class,
            error -> {
              assertThat(error.condition())
                  .isEqualTo(verb == Verb.KICK ? "policy-violation" : "not-authorized");
            });
    assertThat(hibernated(server)).isZero();
  }

  @ParameterizedTest
  @EnumSource(Verb.class)
  @Spec(
      doc = "latchkey",
      section = "rule 39",
      rule = "What ends a device's sessions ends one that sleeps")
  void aSessionThatSleepsIsEnded(Verb verb) throws Exception {
    does(verb);

    assertThat(hibernated(server)).isZero();
    nothingSurvives(verb, new Heard(false, List.of(), new ClientException("it never began")));
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 39",
      rule = "A takeover between the two steps of a revocation is found by the second (I1)")
  void aTakeoverBetweenTheStepsOfARevocationIsFound() throws Exception {
    ClientStream stream = CountingClient.dial(server, NINA, "phone");
    StreamFeatures offered = stream.open();
    takeover.hold(Waypoint.BEFORE_SUCCESS);
    CompletableFuture<Heard> hearing = resuming(stream, offered);
    takeover.awaitArrival(); // its proof is accepted, it is registered
    revocation.hold(Waypoint.REVOKED);
    CompletableFuture<Void> revoking =
        CompletableFuture.runAsync(
            () -> {
              try {
                does(Verb.REVOKE);
              } catch (AdminException failed) {
                throw new AssertionError(failed);
              }
            },
            BESIDE);
    revocation.awaitArrival(); // it is written, no session knows

    takeover.release();
    Eventually.holds(() -> hibernated(server) == 0); // taken up

    revocation.release();
    revoking.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    Heard heard = hearing.get(2 * PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(heard.ended())
        .isInstanceOfSatisfying(
            StreamErrorException.class, error -> assertThat(error.deviceRevoked()).isTrue());
    assertThat(hibernated(server)).isZero();
    assertThat(server.devices(NINA)).allMatch(device -> !device.path("connected").asBoolean());
  }

  @ParameterizedTest
  @EnumSource(Verb.class)
  @Spec(
      doc = "latchkey",
      section = "rule 39",
      rule = "What was ended does not sleep when its connection closes (I2)")
  void aSessionThatWasEndedDoesNotSleepWhenItsConnectionCloses(Verb verb) throws Exception {
    var _ = phone.resumes();
    var _ = phone.everything();

    does(verb);

    Peer.Heard heard = Peer.untilEnd(phone.stream());
    assertThat(heard.end()).isInstanceOf(StreamErrorException.class);
    phone.stream().connection().abort();
    nothingSurvives(verb, new Heard(false, List.of(), heard.end()));
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.cli.journey.TokenPeer.condition;
import static dev.latchkey.cli.journey.TokenPeer.success;
import static dev.latchkey.cli.journey.TokenPeer.userAgent;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.client.ClientException;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.StreamErrorException;
import dev.latchkey.client.StreamFeatures;
import dev.latchkey.credential.Secret;
import dev.latchkey.devices.TheftResponse;
import dev.latchkey.sasl.xtoken.XTokenClient;
import dev.latchkey.server.admin.AdminException;
import dev.latchkey.server.admin.JsonLine;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A token that whoever copies it has: who may use it, and when it shows that two do (rule 49).
class XTokenIT {
  private static final String PHONE = "the phone";
  private static final String THIEF = "the thief";

  @TempDir Path folder;

  private final ManualClock clock = new ManualClock(InstantSource.system().instant());
  private final AuthTokenSource source = new AuthTokenSource(clock);
  private Optional<RunningServer> running = Optional.empty();
  private LoginUri pinned;

  @AfterEach
  void stop() {
    running.ifPresent(RunningServer::close);
  }

  private RunningServer start(TheftResponse theft) throws Exception {
    RunningServer server =
        RunningServer.in(
            folder,
            seams -> source.in(seams.with(clock)),
            whole -> AuthTokenSource.configured(whole, true, theft));
    running = Optional.of(server);
    pinned = server.invite(NINA);
    return server;
  }

  /// A token for the device of a new password.
  private Secret issue(RunningServer server) throws Exception {
    var _ = server.password(NINA);
    return source.issue();
  }

  private ClientStream dial(RunningServer server) throws Exception {
    return server.stream(pinned, Optional.empty());
  }

  private static SaslOutcome signIn(ClientStream stream, Secret token, String place) {
    return signIn(stream, stream.open(), token, place);
  }

  private static SaslOutcome signIn(
      ClientStream stream, StreamFeatures features, Secret token, String place) {
    return stream.authenticate(
        features, new XTokenClient(NINA, token), List.of(userAgent(place), Peer.bind2()));
  }

  /// Signs in and binds, and has everything read that comes with it.
  private static void enter(ClientStream stream, Secret token, String place) {
    success(signIn(stream, token, place));
    var _ = stream.features();
  }

  private static void speak(ClientStream stream) {
    stream.send(Peer.iq("get", "p", Element.empty("ping", Namespaces.PING)));
    assertThat(stream.next().attribute("type")).contains("result");
  }

  private static void wasReplaced(ClientStream stream) {
    assertThat(Peer.untilEnd(stream).end())
        .isInstanceOfSatisfying(
            StreamErrorException.class, end -> assertThat(end.condition()).isEqualTo("conflict"));
  }

  private List<String> events(RunningServer server) throws AdminException {
    return server
        .admin(new JsonLine().with("command", "audit").with("account", NINA.toString()))
        .stream()
        .map(event -> event.path("event").asText())
        .toList();
  }

  private static String status(RunningServer server) throws AdminException {
    JsonNode device = server.devices(NINA).getLast();
    return device.path("status").asText();
  }

  @Test
  @Spec(doc = "latchkey", section = "30.L", rule = "a token that can be copied is off by default")
  void byDefaultItIsNeitherOfferedNorTaken() throws Exception {
    try (RunningServer server = RunningServer.in(folder)) {
      pinned = server.invite(NINA);
      try (ClientStream stream = dial(server)) {
        StreamFeatures features = stream.open();
        assertThat(features.element().toXml()).doesNotContain("X-TOKEN");
        assertThat(condition(signIn(stream, features, Secret.ofText("any"), PHONE)))
            .isEqualTo("invalid-mechanism");
      }
    }
  }

  @Test
  void whereItIsSwitchedOnItSignsInByBothProfiles() throws Exception {
    RunningServer server = start(TheftResponse.EVENT);
    Secret token = issue(server);
    try (ClientStream stream = dial(server)) {
      enter(stream, token, PHONE);
      speak(stream);
    }
    try (ClientStream stream = dial(server)) {
      StreamFeatures features = Peer.onlySasl1(stream.open());
      assertThat(features.mechanisms()).contains("X-TOKEN");
      success(stream.authenticate(features, new XTokenClient(NINA, token), List.of()));
      assertThat(stream.restart().bind()).isTrue();
      stream.send(Peer.bind("b", "phone"));
      assertThat(stream.next().attribute("type")).contains("result");
    }
    assertThat(server.dump().holds(token)).isFalse(); // nothing but its hash
  }

  @Test
  void refusesWrongOldAndRevokedTokens() throws Exception {
    RunningServer server = start(TheftResponse.EVENT);
    Secret token = issue(server);
    isRefused(server, Secret.ofText(token.revealText().substring(1)));
    isRefused(server, Secret.ofText("a guess"));

    server.revoke(NINA, server.devices(NINA).getLast().path("id").asText());

    isRefused(server, token); // and nothing tells it from a wrong one (rule 41)
    Secret another = issue(server);
    clock.advance(AuthTokenSource.LIFE.plusMinutes(1));
    isRefused(server, another);
  }

  private void isRefused(RunningServer server, Secret token) throws Exception {
    try (ClientStream stream = dial(server)) {
      SaslOutcome outcome = signIn(stream, token, PHONE);
      assertThat(condition(outcome)).isEqualTo("not-authorized");
      assertThat(TokenPeer.failure(outcome).children()).hasSize(1);
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "30.A", rule = "one live session for a token, the newest")
  void aSecondSignInEndsTheFirst() throws Exception {
    RunningServer server = start(TheftResponse.REVOKE);
    Secret token = issue(server);
    try (ClientStream first = dial(server);
        ClientStream second = dial(server)) {
      enter(first, token, PHONE);
      clock.advance(Duration.ofSeconds(1));
      enter(second, token, PHONE);

      wasReplaced(first);
      speak(second);
    }
    // A network that changed is no theft.
    assertThat(events(server)).doesNotContain("two-places");
    assertThat(status(server)).isEqualTo("active");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Spec(
      doc = "latchkey",
      section = "30.A",
      rule = "the connection of before ends, its session may be taken up, inline and by itself")
  void resumesBeforeTheServerKnowsThatTheConnectionIsLost(boolean inline) throws Exception {
    RunningServer server = start(TheftResponse.REVOKE);
    Secret token = issue(server);
    try (ClientStream first = dial(server);
        ClientStream second = dial(server)) {
      enter(first, token, PHONE);
      first.send(CountingClient.enable());
      String id = first.next().attribute("id").orElseThrow();
      clock.advance(Duration.ofSeconds(1));
      Element resume = CountingClient.resume(id, "0");

      Element resumed;
      if (inline) {
        resumed =
            success(
                    second.authenticate(
                        second.open(),
                        new XTokenClient(NINA, token),
                        List.of(userAgent(PHONE), resume)))
                .child("resumed", Namespaces.STREAM_MANAGEMENT)
                .orElseThrow();
      } else {
        success(
            second.authenticate(
                Peer.onlySasl1(second.open()), new XTokenClient(NINA, token), List.of()));
        var _ = second.restart();
        second.send(resume);
        resumed = second.next();
      }

      assertThat(resumed.attribute("previd")).contains(id);
      wasReplaced(first);
      speak(second);
    }
    assertThat(events(server)).doesNotContain("two-places");
    assertThat(status(server)).isEqualTo("active");
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 49", rule = "the first still spoke: two places")
  void anOldConnectionThatStillSpeaksGivesTheCopyAway() throws Exception {
    RunningServer server = start(TheftResponse.EVENT);
    Secret token = issue(server);
    try (ClientStream phone = dial(server);
        ClientStream thief = dial(server)) {
      enter(phone, token, PHONE);
      StreamFeatures features = thief.open(); // his connection is accepted, he is not signed in
      clock.advance(Duration.ofSeconds(1));
      speak(phone);

      success(signIn(thief, features, token, THIEF));

      wasReplaced(phone);
    }
    assertThat(events(server)).containsOnlyOnce("two-places");
    assertThat(status(server)).isEqualTo("active"); // an event, and no more
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 49", rule = "the holder is back within 60 s: two places")
  void aHolderWhoIsBackWithinAMinuteGivesTheCopyAway() throws Exception {
    RunningServer server = start(TheftResponse.EVENT);
    Secret token = issue(server);
    try (ClientStream phone = dial(server)) {
      enter(phone, token, PHONE);
      clock.advance(Duration.ofHours(1));
      try (ClientStream thief = dial(server)) {
        enter(thief, token, THIEF);
        wasReplaced(phone);
        assertThat(events(server)).doesNotContain("two-places"); // it may be a network that changed
        clock.advance(Duration.ofSeconds(59));
        try (ClientStream again = dial(server)) {
          enter(again, token, PHONE);
          wasReplaced(thief);
        }
      }
    }
    assertThat(events(server)).containsOnlyOnce("two-places");
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 49", rule = "later than that it says nothing")
  void aHolderWhoIsBackLaterSaysNothing() throws Exception {
    RunningServer server = start(TheftResponse.EVENT);
    Secret token = issue(server);
    try (ClientStream phone = dial(server)) {
      enter(phone, token, PHONE);
      clock.advance(Duration.ofHours(1));
      try (ClientStream other = dial(server)) {
        enter(other, token, THIEF);
        wasReplaced(phone);
        clock.advance(Duration.ofSeconds(61));
        try (ClientStream again = dial(server)) {
          enter(again, token, PHONE);
          wasReplaced(other);
        }
      }
    }
    assertThat(events(server)).doesNotContain("two-places");
  }

  @ParameterizedTest
  @EnumSource(
      value = TheftResponse.class,
      names = {"SUSPEND", "REVOKE"})
  @Spec(doc = "latchkey", section = "rule 49", rule = "the operator says what follows")
  void whereTheOperatorSaysSoNeitherOfBothStays(TheftResponse theft) throws Exception {
    RunningServer server = start(theft);
    Secret token = issue(server);
    try (ClientStream phone = dial(server);
        ClientStream thief = dial(server)) {
      enter(phone, token, PHONE);
      StreamFeatures features = thief.open();
      clock.advance(Duration.ofSeconds(1));
      speak(phone);

      // He may hear of it instead of success, or behind it.
      try {
        if (signIn(thief, features, token, THIEF) instanceof SaslOutcome.Succeeded) {
          assertThat(Peer.untilEnd(thief).end()).isInstanceOf(StreamErrorException.class);
        }
      } catch (ClientException ended) {
        assertThat(ended).isInstanceOf(StreamErrorException.class);
      }
      assertThat(Peer.untilEnd(phone).end()).isInstanceOf(StreamErrorException.class);
    }
    assertThat(status(server)).isEqualTo(theft == TheftResponse.SUSPEND ? "suspended" : "revoked");
    assertThat(events(server))
        .contains("two-places", theft == TheftResponse.SUSPEND ? "suspended" : "revoked");
    for (String place : List.of(PHONE, THIEF)) {
      try (ClientStream stream = dial(server)) {
        assertThat(condition(signIn(stream, token, place))).isEqualTo("not-authorized");
      }
    }
  }
}

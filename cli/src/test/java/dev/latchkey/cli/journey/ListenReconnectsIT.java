// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.NINA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.client.ClientStream;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.StreamFeatures;
import dev.latchkey.sasl.external.ExternalClient;
import dev.latchkey.server.admin.JsonLine;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands over a network that is cut: nothing is missed, nothing comes twice.
class ListenReconnectsIT {
  @TempDir Path folder;
  private RunningServer server;
  private Relay relay;
  private LatchkeyClient friend;

  @BeforeEach
  void begin() throws Exception {
    server = RunningServer.in(folder);
    server.enrol(server.invite(NINA), "away");
    server.enrol(server.invite(NINA), "friend");
    relay = Relay.to(server.server().startTls().orElseThrow());
    friend = server.connect("friend");
    friend.goOnline();
    friend.ping();
  }

  @AfterEach
  void end() throws Exception {
    relay.close();
    server.close();
  }

  private Program command(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(arguments));
    command.addAll(
        List.of("--home", server.home("away").folder().toString(), "--server", relay.address()));
    return Program.latchkey(folder, command);
  }

  private void say(String text) {
    friend.send(NINA.jid(), text);
    friend.ping();
  }

  private static long count(Program program, String text) {
    return program.said().lines().filter(line -> line.contains(text)).count();
  }

  private boolean isConnected() throws Exception {
    return server.devices(NINA).stream()
        .anyMatch(
            device ->
                device.path("name").asText().equals("away")
                    && device.path("connected").asBoolean());
  }

  @Test
  @Spec(doc = "XEP-0198", section = "5", rule = "a lost connection costs no message")
  void listenResumesAndShowsOnceWhatItMissed() throws Exception {
    try (Program listen = command("listen", "--verbose", "--json")) {
      listen.await("connected as nina@localhost/");
      listen.await("caught up");
      say("before");
      listen.await("\"body\":\"before\"");
      relay.goDown();
      listen.await("lost: ");
      say("while the network was down");
      listen.await("trying again in ");
      relay.comeUp();
      listen.await("resumed");
      listen.await("\"body\":\"while the network was down\"");
      relay.cut();
      say("while it was cut again");
      listen.await("\"body\":\"while it was cut again\"");
      for (String body : List.of("before", "while the network was down", "while it was cut")) {
        assertThat(count(listen, "\"body\":\"" + body)).as(listen.said()).isEqualTo(1);
      }
      assertThat(count(listen, "new session")).as(listen.said()).isZero();

      listen.terminate();
      listen.awaitEnd();
      assertThat(listen.said()).as("it was asked to end").doesNotContain("closed");
      Eventually.holds(() -> !isConnected());
      say("nobody listens");
    }
    try (Program again = command("listen", "--json")) {
      again.await("\"body\":\"nobody listens\"");
      assertThat(count(again, "\"body\"")).as(again.said()).isEqualTo(1);
    }
  }

  @Test
  void listenCatchesUpWhenItsSessionIsGone() throws Exception {
    try (Program listen = command("listen", "--verbose", "--json")) {
      listen.await("connected as nina@localhost/");
      listen.await("caught up");
      relay.goDown();
      listen.await("lost: ");
      server.admin(new JsonLine().with("command", "kick").with("account", NINA.toString()));
      friend = server.connect("friend");
      say("while there was no session");
      relay.comeUp();
      listen.await("a new session as nina@localhost/");
      listen.await("\"body\":\"while there was no session\"");
      say("and live");
      listen.await("\"body\":\"and live\"");
      assertThat(count(listen, "\"body\"")).as(listen.said()).isEqualTo(2);
    }
  }

  @Test
  void listenEndsWhenItsDeviceIsRevokedMeanwhile() throws Exception {
    String device = server.home("away").account().device().value();
    try (Program listen = command("listen", "--verbose", "--json")) {
      listen.await("caught up");
      relay.goDown();
      listen.await("lost: ");
      server.revoke(NINA, device);
      relay.comeUp();
      assertThat(listen.awaitEnd()).isEqualTo(1);
      assertThat(listen.said()).contains("revoked");
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 49", rule = "a takeover we did not cause is an alarm")
  void listenRaisesTheAlarmWhenACopyOfItsKeyTakesTheSession() throws Exception {
    try (Program listen = command("listen", "--json")) {
      say("hello");
      listen.await("\"body\":\"hello\"");
      Eventually.holds(() -> handled().isPresent() && isAt(handled()));
      ClientStream thief = server.stream(server.invite(NINA), Optional.of(server.identity("away")));
      StreamFeatures features = thief.open();
      Element resume =
          Element.named("resume", Namespaces.STREAM_MANAGEMENT)
              .attribute("previd", sessionId())
              .attribute("h", handled())
              .build();
      assertThat(thief.authenticate(features, new ExternalClient(NINA), List.of(resume)))
          .isInstanceOfSatisfying(
              SaslOutcome.Succeeded.class,
              it ->
                  assertThat(it.success().child("resumed", Namespaces.STREAM_MANAGEMENT))
                      .isPresent());
      assertThat(listen.awaitEnd()).isEqualTo(1);
      assertThat(listen.said()).contains("took this device's session over", "revoke the device");
    }
  }

  /// How many stanzas `listen` has acknowledged.
  private Optional<String> handled() {
    return server.recording.byClients().reversed().stream()
        .filter(element -> element.is("a", Namespaces.STREAM_MANAGEMENT))
        .flatMap(element -> element.attribute("h").stream())
        .findFirst();
  }

  /// Whether it still is there after the server had time for more.
  private boolean isAt(Optional<String> before) {
    friend.ping();
    friend.ping();
    return handled().equals(before);
  }

  /// Of the session that can be resumed, as the server named it.
  private Optional<String> sessionId() {
    return server.recording.byServer().stream()
        .flatMap(success -> success.children("bound", Namespaces.BIND2))
        .flatMap(bound -> bound.children("enabled", Namespaces.STREAM_MANAGEMENT))
        .flatMap(enabled -> enabled.attribute("id").stream())
        .findFirst();
  }

  @Test
  void sendTriesUntilTheNetworkIsThere() throws Exception {
    relay.goDown();
    try (Program send = command("send", NINA.toString(), "at last", "--verbose")) {
      send.await("trying again in ");
      relay.comeUp();
      send.await("sent to nina@localhost");
      assertThat(send.awaitEnd()).isZero();
    }
    assertThat(friend.receive(RunningServer.PATIENCE).orElseThrow().body()).isEqualTo("at last");
    friend.ping();
    assertThat(friend.receive(Duration.ZERO)).isEmpty();
  }

  @Test
  void sendSaysThatItDidNotSend() throws Exception {
    relay.goDown();
    try (Program send = command("send", NINA.toString(), "never", "--within", "2s")) {
      assertThat(send.awaitEnd()).isEqualTo(1);
      assertThat(send.said())
          .contains("the message to nina@localhost was not sent", "given up after 2 seconds");
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.DOMAIN;
import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.cli.journey.RunningServer.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.client.ClientException;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.CodeOrder;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.SignInRefusedException;
import dev.latchkey.client.StanzaErrorException;
import dev.latchkey.client.StreamErrorException;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.external.ExternalClient;
import dev.latchkey.server.admin.JsonLine;
import dev.latchkey.store.DatabaseDump;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.socket.Connector;
import dev.latchkey.wire.socket.EventLoops;
import dev.latchkey.wire.tls.ClientTls;
import dev.latchkey.wire.tls.ServerTrust;
import dev.latchkey.wire.tls.TlsIdentity;
import dev.latchkey.wire.tls.TlsProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Revocation as it is seen from outside (rules 32, 39, 41).
class RevocationIT {
  @TempDir Path folder;

  private RunningServer server;
  private LoginUri uri;

  @BeforeEach
  void start() throws Exception {
    server = RunningServer.in(folder);
    uri = server.invite(NINA);
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 39", rule = "live streams end with the reason")
  void theOperatorEndsEverySessionOfTheDeviceAndNoOther() throws Exception {
    DeviceId phone = enrol(uri, "phone");
    enrol(server.connect("phone").addDevice(CodeOrder.named("tablet")).uri(), "tablet");
    LatchkeyClient one = server.connect("phone");
    LatchkeyClient two = server.connect("phone");
    LatchkeyClient tablet = server.connect("tablet");

    server.revoke(NINA, phone.value());

    assertRevoked(one);
    assertRevoked(two);
    tablet.ping();
    assertThatThrownBy(() -> server.connect("phone"))
        .isInstanceOfSatisfying(
            SignInRefusedException.class,
            refused -> {
              assertThat(refused.condition()).isEqualTo("not-authorized");
              assertThat(refused.deviceRevoked()).isTrue();
            });
    assertThat(server.log.refusals).contains(FailureReason.CREDENTIAL_REVOKED);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 39", rule = "revoking what is revoked is no error")
  void revokingAgainChangesNothing() throws Exception {
    DeviceId phone = enrol(uri, "phone");
    enrol(server.connect("phone").addDevice(CodeOrder.named("tablet")).uri(), "tablet");
    LatchkeyClient tablet = server.connect("tablet");

    server.revoke(NINA, phone.value());
    DatabaseDump before = server.dump();
    server.revoke(NINA, phone.value());
    assertThat(tablet.revoke(phone, false, "")).containsExactly(phone);

    assertThat(server.dump()).isEqualTo(before);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 39", rule = "when the answer is sent, the device is gone")
  void aDeviceThatMayManageEndsAnother() throws Exception {
    DeviceId phone = enrol(uri, "phone");
    enrol(server.connect("phone").addDevice(CodeOrder.named("tablet")).uri(), "tablet");
    LatchkeyClient stolen = server.connect("phone");
    LatchkeyClient tablet = server.connect("tablet");

    assertThat(tablet.revoke(phone, false, "stolen")).containsExactly(phone);

    assertRevoked(stolen);
    assertThat(audit("revoked"))
        .extracting(line -> line.path("reason").asText())
        .containsExactly("stolen");
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 31", rule = "revoking another takes the permission")
  void aBotEndsNobodyButItself() throws Exception {
    DeviceId phone = enrol(uri, "phone");
    LatchkeyClient owner = server.connect("phone");
    DeviceId bot =
        enrol(
            owner
                .addDevice(
                    new CodeOrder(Optional.of("bot"), Optional.empty(), Optional.empty(), true))
                .uri(),
            "bot");
    LatchkeyClient client = server.connect("bot");
    DatabaseDump before = server.dump();

    assertThatThrownBy(() -> client.revoke(phone, false, ""))
        .isInstanceOfSatisfying(
            StanzaErrorException.class,
            refused -> assertThat(refused.condition()).isEqualTo("forbidden"));
    assertThatThrownBy(() -> client.revoke(new DeviceId("no-such-device"), false, ""))
        .isInstanceOfSatisfying(
            StanzaErrorException.class,
            refused -> assertThat(refused.condition()).isEqualTo("forbidden"));
    assertThat(server.dump()).isEqualTo(before);
    owner.ping();

    assertThat(client.revoke(bot, false, "")).containsExactly(bot);
    assertRevoked(client);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 39", rule = "who revokes himself hears the answer first")
  void whoRevokesItselfHearsTheAnswerAndNothingMoreIsRouted() throws Exception {
    DeviceId phone = enrol(uri, "phone");
    enrol(server.connect("phone").addDevice(CodeOrder.named("tablet")).uri(), "tablet");
    LatchkeyClient tablet = server.connect("tablet");
    tablet.goOnline();
    tablet.ping();
    ClientStream stream = signedIn("phone");
    String to = tablet.jid().toString();

    stream.send(Peer.message(to, "before"));
    stream.send(
        Peer.iq(
            "set",
            "r",
            Element.named("revoke", Namespaces.LATCHKEY_PERMISSIONS)
                .attribute("id", phone.value())
                .build()));
    for (int i = 0; i < 20; i++) {
      stream.send(Peer.message(to, "behind " + i));
    }

    Peer.Heard heard = Peer.untilEnd(stream);
    assertThat(heard.elements())
        .singleElement()
        .satisfies(
            answer -> {
              assertThat(answer.attribute("type")).contains("result");
              assertThat(answer.child("revoked", Namespaces.LATCHKEY_PERMISSIONS)).isPresent();
            });
    assertThat(heard.saysRevoked()).as("%s", heard).isTrue();
    assertThat(tablet.receive(PATIENCE)).get().extracting("body").isEqualTo("before");
    tablet.ping();
    assertThat(tablet.receive(Duration.ZERO)).isEmpty();
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 39", rule = "the others see that it is gone")
  void theOtherDeviceSeesItGoOffline() throws Exception {
    DeviceId phone = enrol(uri, "phone");
    enrol(server.connect("phone").addDevice(CodeOrder.named("tablet")).uri(), "tablet");
    ClientStream tablet = signedIn("tablet");
    tablet.send(Element.empty("presence", Namespaces.CLIENT));
    LatchkeyClient client = server.connect("phone");
    client.goOnline();
    awaitPresence(tablet, client.jid().toString(), Optional.empty());

    server.revoke(NINA, phone.value());

    awaitPresence(tablet, client.jid().toString(), Optional.of("unavailable"));
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 32", rule = "every revoke ends the target's open codes")
  void aRevokedDevicesOpenCodeIsAsWrongAsAny() throws Exception {
    DeviceId phone = enrol(uri, "phone");
    LoginUri code = server.connect("phone").addDevice(CodeOrder.named("helper")).uri();

    server.revoke(NINA, phone.value());

    assertThatThrownBy(() -> server.enrol(code, "helper"))
        .isInstanceOfSatisfying(
            SignInRefusedException.class,
            refused -> {
              assertThat(refused.condition()).isEqualTo("not-authorized");
              assertThat(refused.application()).isEmpty();
            });
    assertThat(server.devices(NINA)).hasSize(1);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 32", rule = "a cascade spares who asks for it")
  void aCascadeTakesAlongWhatTheDeviceLetInButNotWhoAsks() throws Exception {
    DeviceId phone = enrol(uri, "phone");
    LatchkeyClient first = server.connect("phone");
    DeviceId helper = enrol(first.addDevice(CodeOrder.named("helper")).uri(), "helper");
    enrol(first.addDevice(CodeOrder.named("tablet")).uri(), "tablet");
    DeviceId below =
        enrol(server.connect("helper").addDevice(CodeOrder.named("below")).uri(), "below");
    LatchkeyClient thief = server.connect("below");
    LatchkeyClient tablet = server.connect("tablet");

    assertThat(tablet.revoke(phone, true, "stolen"))
        .containsExactlyInAnyOrder(phone, helper, below);

    assertRevoked(first);
    assertRevoked(thief);
    tablet.ping();
  }

  @Test
  void kickingEndsTheSessionAndLeavesTheDevice() throws Exception {
    enrol(uri, "phone");
    LatchkeyClient client = server.connect("phone");

    JsonNode answer =
        server
            .admin(new JsonLine().with("command", "kick").with("account", NINA.toString()))
            .getFirst();

    assertThat(answer.path("kicked").asInt()).isEqualTo(1);
    assertThat(client.awaitEnd(PATIENCE))
        .get()
        .isInstanceOfSatisfying(
            StreamErrorException.class,
            end -> {
              assertThat(end.condition()).isEqualTo("policy-violation");
              assertThat(end.deviceRevoked()).isFalse();
            });
    server.connect("phone").ping();
  }

  @ParameterizedTest
  @EnumSource(TlsProvider.class)
  @Spec(doc = "latchkey", section = "rule 39", rule = "a resumed TLS session brings nobody back")
  void aResumedTlsSessionDoesNotBringARevokedCertificateBack(TlsProvider provider)
      throws Exception {
    DeviceId phone = enrol(uri, "phone");
    try (EventLoops loops = EventLoops.start(1)) {
      // One value, so that its engines resume each other's sessions.
      ClientTls tls =
          ClientTls.of(
              provider,
              DOMAIN,
              Optional.of(server.identity("phone")),
              new ServerTrust.Pinned(uri.pin().orElseThrow()));
      for (int i = 0; i < 3; i++) {
        try (ClientStream stream = over(loops, tls)) {
          assertThat(stream.authenticate(stream.open(), new ExternalClient(NINA), List.of()))
              .isInstanceOf(SaslOutcome.Succeeded.class);
        }
      }

      server.revoke(NINA, phone.value());

      for (int i = 0; i < 3; i++) {
        try (ClientStream stream = over(loops, tls)) {
          assertThat(stream.authenticate(stream.open(), new ExternalClient(NINA), List.of()))
              .isInstanceOf(SaslOutcome.Failed.class);
        }
      }
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 39", rule = "what is not bound is in the one table, too")
  void aSessionThatWentAwayBeforeItWasBoundIsForgotten() throws Exception {
    String phone = enrol(uri, "phone").value();
    ClientStream stream = server.stream(uri, Optional.of(server.identity("phone")));
    assertThat(stream.authenticate(stream.open(), new ExternalClient(NINA), List.of()))
        .isInstanceOf(SaslOutcome.Succeeded.class);
    assertThat(connected(phone)).isTrue();

    stream.connection().abort();

    Eventually.holds(() -> !connected(phone));
  }

  private boolean connected(String device) throws Exception {
    return server.devices(NINA).stream()
        .filter(line -> line.path("id").asText().equals(device))
        .anyMatch(line -> line.path("connected").asBoolean());
  }

  private DeviceId enrol(LoginUri code, String home) {
    return server.enrol(code, home).account().device();
  }

  private List<JsonNode> audit(String event) throws Exception {
    return server
        .admin(new JsonLine().with("command", "audit").with("account", NINA.toString()))
        .stream()
        .filter(line -> line.path("event").asText().equals(event))
        .toList();
  }

  /// A bound stream of a device.
  private ClientStream signedIn(String home) throws Exception {
    TlsIdentity identity = server.identity(home);
    ClientStream stream = server.stream(uri, Optional.of(identity));
    assertThat(stream.authenticate(stream.open(), new ExternalClient(NINA), List.of(Peer.bind2())))
        .isInstanceOf(SaslOutcome.Succeeded.class);
    var _ = stream.features();
    return stream;
  }

  private ClientStream over(EventLoops loops, ClientTls tls) throws Exception {
    ClientStream stream =
        ClientStream.over(
            new Connector(loops).connect(server.server().directTls().orElseThrow(), PATIENCE),
            DOMAIN,
            Optional.of(NINA),
            PATIENCE);
    stream.handshake(tls.engine(true));
    return stream;
  }

  private static void awaitPresence(ClientStream stream, String from, Optional<String> type) {
    for (int i = 0; i < 20; i++) {
      Element element = stream.next();
      if (element.is("presence", Namespaces.CLIENT)
          && element.attribute("from").equals(Optional.of(from))
          && element.attribute("type").equals(type)) {
        return;
      }
    }
    throw new AssertionError("no such presence came from " + from);
  }

  private static void assertRevoked(LatchkeyClient client) {
    Optional<ClientException> end = client.awaitEnd(PATIENCE);
    assertThat(end)
        .get()
        .isInstanceOfSatisfying(
            StreamErrorException.class,
            error -> {
              assertThat(error.condition()).isEqualTo("not-authorized");
              assertThat(error.deviceRevoked()).isTrue();
            });
  }
}

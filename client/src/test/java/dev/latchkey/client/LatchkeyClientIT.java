// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Jid;
import dev.latchkey.credential.MachineSecret;
import dev.latchkey.credential.Secret;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.framing.StreamLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LatchkeyClientIT {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Jid BOB = Jid.parse("bob@chat.example");

  @TempDir Path folder;
  private final FakeServer.Manners manners = new FakeServer.Manners();
  private final BlockingQueue<Element> got = new LinkedBlockingQueue<>();

  private DeviceHome enrolled(FakeServer server) {
    DeviceHome home = DeviceHome.at(folder.resolve("home"));
    new Enrolment(server.uri(), home).name("Tablet").in(EnrolmentIT.environment(server)).run();
    return home;
  }

  private LatchkeyClient connect(FakeServer server) {
    return LatchkeyClient.open(enrolled(server)).in(EnrolmentIT.environment(server)).connect();
  }

  /// Answers every request with what it is told to and keeps everything.
  private void answering(Function<Element, Optional<Element>> answers) {
    manners.session =
        session -> {
          for (Optional<Element> next = session.next(); next.isPresent(); next = session.next()) {
            got.add(next.get());
            answers.apply(next.get()).ifPresent(session::send);
          }
        };
  }

  private static Optional<Element> result(Element iq, Element payload) {
    return iq.is("iq", Namespaces.CLIENT)
        ? Optional.of(FakeServer.Session.result(iq, Optional.of(payload)))
        : Optional.empty();
  }

  private Element next() throws InterruptedException {
    return Optional.ofNullable(got.poll(SOON.toSeconds(), TimeUnit.SECONDS)).orElseThrow();
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 3", rule = "the authorization identity is always sent")
  void signsInWithTheDevicesKey() throws Exception {
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = connect(server)) {
      assertThat(client.whoami())
          .isEqualTo(
              new WhoAmI(
                  Jid.parse("nina@chat.example/Latchkey-1"),
                  Optional.of(new DeviceId("dev-1")),
                  "EXTERNAL",
                  Optional.of(CredentialKind.CERTIFICATE),
                  Optional.of(new dev.latchkey.credential.CredentialId("cred-1"))));
      Element authenticate = server.received.getLast();
      assertThat(authenticate.attribute("mechanism")).contains("EXTERNAL");
      assertThat(authenticate.child("initial-response", Namespaces.SASL2).orElseThrow().text())
          .isEqualTo(Bytes.utf8("nina@chat.example").toBase64());
      assertThat(authenticate.toXml())
          .contains("<bind xmlns='urn:xmpp:bind:0'><tag>Latchkey</tag></bind>");
      client.ping();
    }
  }

  @Test
  void signsInWithLegacyBindAndBySasl1() throws Exception {
    manners.bind2 = false;
    try (FakeServer server = new FakeServer(manners)) {
      DeviceHome home = enrolled(server);
      for (boolean sasl2 : new boolean[] {true, false}) {
        manners.sasl2 = sasl2;
        try (LatchkeyClient client =
            LatchkeyClient.open(home).in(EnrolmentIT.environment(server)).connect()) {
          assertThat(client.jid()).hasToString("nina@chat.example/Latchkey-1");
          client.ping();
        }
      }
    }
  }

  @Test
  void signsInWithAPassword() throws Exception {
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client =
            LatchkeyClient.withPassword(FakeServer.NINA, server.code.canonical())
                .server(server.address())
                .pin(server.pin())
                .in(EnrolmentIT.environment(server))
                .connect()) {
      assertThat(client.whoami().mechanism()).isEqualTo("SCRAM-SHA-256-PLUS");
      assertThat(client.whoami().device()).isEmpty();
    }
  }

  @Test
  void refusesWrongPassword() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      SignIn signIn =
          LatchkeyClient.withPassword(FakeServer.NINA, Secret.ofText("wrong"))
              .server(server.address())
              .pin(server.pin())
              .in(EnrolmentIT.environment(server));
      assertThatThrownBy(signIn::connect)
          .isInstanceOf(SignInRefusedException.class)
          .hasMessageContaining("password is wrong");
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 3", rule = "being signed in as another is an attack")
  void refusesToBeSignedInAsSomebodyElse() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      DeviceHome home = enrolled(server);
      SignIn signIn = LatchkeyClient.open(home).in(EnrolmentIT.environment(server));
      manners.boundJid = "mallory@chat.example/x";
      assertThatThrownBy(signIn::connect)
          .isInstanceOf(ServerNotTrustedException.class)
          .hasMessageContaining("mallory@chat.example");
      manners.bind2 = false;
      assertThatThrownBy(signIn::connect)
          .isInstanceOf(ServerNotTrustedException.class)
          .hasMessageContaining("mallory@chat.example");
    }
  }

  @Test
  void saysThatCertificatesAreNotOffered() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      DeviceHome home = enrolled(server);
      manners.listed = names -> names.stream().filter(name -> !name.equals("EXTERNAL")).toList();
      assertThatThrownBy(
              () -> LatchkeyClient.open(home).in(EnrolmentIT.environment(server)).connect())
          .isInstanceOf(ClientException.class)
          .hasMessageContaining("by certificate");
    }
  }

  @Test
  void sendsAndReceivesMessages() throws Exception {
    Element old =
        Element.named("message", Namespaces.CLIENT)
            .attribute("from", "bob@chat.example/phone")
            .attribute("to", "nina@chat.example")
            .attribute("type", "chat")
            .attribute("id", "m1")
            .child(Element.text("body", Namespaces.CLIENT, "hi & <bye>"))
            .child(
                Element.named("delay", "urn:xmpp:delay")
                    .attribute("stamp", "2026-11-21T10:00:00Z")
                    .build())
            .build();
    answering(
        stanza -> stanza.is("message", Namespaces.CLIENT) ? Optional.of(old) : Optional.empty());
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = connect(server)) {
      client.goOnline();
      String id = client.send(BOB, "hello");
      assertThat(next().is("presence", Namespaces.CLIENT)).isTrue();
      Element sent = next();
      assertThat(sent.attribute("id")).contains(id);
      assertThat(sent.attribute("to")).contains("bob@chat.example");
      assertThat(sent.child("body", Namespaces.CLIENT).orElseThrow().text()).isEqualTo("hello");
      assertThat(client.receive(SOON))
          .contains(
              new Message(
                  Optional.of(Jid.parse("bob@chat.example/phone")),
                  Optional.of(Jid.parse("nina@chat.example")),
                  "chat",
                  Optional.of("m1"),
                  "hi & <bye>",
                  Instant.parse("2026-11-21T10:00:00Z"),
                  true,
                  Optional.empty(),
                  Optional.empty()));
      assertThat(client.receive(Duration.ofMillis(1))).isEmpty();
    }
  }

  @Test
  void tenLinesAreEnough() throws Exception {
    answering(
        stanza -> stanza.is("message", Namespaces.CLIENT) ? Optional.of(stanza) : Optional.empty());
    try (FakeServer server = new FakeServer(manners)) {
      TenLines.main(folder.resolve("bot").toString(), server.uri().reveal());
      assertThat(next().is("presence", Namespaces.CLIENT)).isTrue();
      assertThat(next().child("body", Namespaces.CLIENT).orElseThrow().text())
          .isEqualTo("hello from nina@chat.example/Latchkey-1");
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 36", rule = "a locked device has exactly its resource")
  void refusesAnotherResourceThanItsLock() throws Exception {
    manners.signedAddresses = List.of("nina@chat.example/tablet");
    try (FakeServer server = new FakeServer(manners)) {
      DeviceHome home = enrolled(server);
      SignIn signIn = LatchkeyClient.open(home).in(EnrolmentIT.environment(server));
      assertThatThrownBy(signIn::connect)
          .isInstanceOf(ServerNotTrustedException.class)
          .hasMessageContaining("nina@chat.example/Latchkey-1");
      manners.boundJid = "nina@chat.example/tablet";
      try (LatchkeyClient client = signIn.connect()) {
        assertThat(client.jid()).hasToString("nina@chat.example/tablet");
      }
    }
  }

  @Test
  void whatWasSentBeforeCloseArrives() throws Exception {
    answering(stanza -> Optional.empty());
    try (FakeServer server = new FakeServer(manners)) {
      try (LatchkeyClient client = connect(server)) {
        client.send(BOB, "last words");
      }
      assertThat(next().child("body", Namespaces.CLIENT).orElseThrow().text())
          .isEqualTo("last words");
    }
  }

  @Test
  void takesMoreOfTheServerThanAnybodyMaySendIt() throws Exception {
    String body = "&".repeat(StreamLimits.AUTHENTICATED.elementBytes() / 2); // five octets each
    Element.Builder message =
        Element.named("message", Namespaces.CLIENT).attribute("from", BOB.toString());
    for (int i = 0; i < 2 * StreamLimits.AUTHENTICATED.attributes(); i++) {
      message.attribute("a" + i, "");
    }
    Element whole = message.child(Element.text("body", Namespaces.CLIENT, body)).build();
    answering(stanza -> Optional.of(whole));
    try (FakeServer server = new FakeServer(manners)) {
      DeviceHome home = enrolled(server);
      for (boolean sasl2 : new boolean[] {true, false}) {
        manners.sasl2 = sasl2;
        try (LatchkeyClient client =
            LatchkeyClient.open(home).in(EnrolmentIT.environment(server)).connect()) {
          client.send(BOB, "a long one, please");
          assertThat(client.receive(SOON).orElseThrow().body()).isEqualTo(body);
        }
      }
    }
  }

  @Test
  void listsDevices() throws Exception {
    Element client =
        Element.named("client", Namespaces.CLIENT_ACCESS)
            .attribute("id", "dev-1")
            .attribute("connected", "true")
            .child(Element.text("first-seen", Namespaces.CLIENT_ACCESS, "2026-11-01T08:00:00Z"))
            .child(
                Element.named("device", Namespaces.LATCHKEY_CREDENTIAL)
                    .attribute("name", "Tablet")
                    .attribute("status", "active")
                    .child(
                        Element.named("credential", Namespaces.LATCHKEY_CREDENTIAL)
                            .attribute("id", "cred-1")
                            .attribute("kind", "certificate")
                            .attribute("status", "active")
                            .attribute("expires", "2027-01-01T00:00:00Z")
                            .build())
                    .build())
            .build();
    answering(
        iq -> result(iq, Element.named("clients", Namespaces.CLIENT_ACCESS).child(client).build()));
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient me = connect(server)) {
      List<ListedDevice> devices = me.listDevices();
      assertThat(devices).hasSize(1);
      ListedDevice device = devices.getFirst();
      assertThat(device.name()).contains("Tablet");
      assertThat(device.connected()).isTrue();
      assertThat(device.firstSeen()).contains(Instant.parse("2026-11-01T08:00:00Z"));
      assertThat(device.lastSeen()).isEmpty();
      assertThat(device.credentials())
          .containsExactly(
              new ListedDevice.ListedCredential(
                  new dev.latchkey.credential.CredentialId("cred-1"),
                  "certificate",
                  "active",
                  Optional.of(Instant.parse("2027-01-01T00:00:00Z"))));
      assertThat(next().toXml()).contains("<list xmlns='urn:xmpp:cam:0'/>");
    }
  }

  @ParameterizedTest
  @CsvSource({"true, true", "1, true", "false, false", "0, false", "perhaps, false", ", false"})
  @Spec(doc = "latchkey", section = "rule 7", rule = "unbound='true' in the list")
  void readsWhetherADeviceCameInUnbound(String word, boolean unbound) {
    Element client =
        Element.named("client", Namespaces.CLIENT_ACCESS)
            .attribute("id", "dev-1")
            .child(
                Element.named("device", Namespaces.LATCHKEY_CREDENTIAL)
                    .attribute("name", "Tablet")
                    .attribute("status", "active")
                    .attribute("unbound", Optional.ofNullable(word))
                    .build())
            .build();
    assertThat(ListedDevice.read(client))
        .hasValueSatisfying(device -> assertThat(device.unbound()).isEqualTo(unbound));
  }

  @Test
  void makesACodeForAnotherDeviceOfTheOwnAccountOnly() throws Exception {
    MachineSecret code = MachineSecret.draw(new SeededRandom(5));
    String token = code.canonical().revealText();
    String[] account = {"nina@chat.example"};
    answering(
        iq ->
            result(
                iq,
                Element.named("issued", Namespaces.LATCHKEY_ONE_TIME)
                    .attribute("id", "ot-1")
                    .attribute("expires", "2026-11-22T10:00:00Z")
                    .attribute("token", token)
                    .attribute("uri", "xmpp:" + account[0] + "?login;token=" + token)
                    .build()));
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = connect(server)) {
      IssuedCode issued =
          client.addDevice(
              new CodeOrder(
                  Optional.of("Bot"), Optional.of(Duration.ofMinutes(10)), Optional.empty(), true));
      assertThat(issued.uri().token().canonical()).isEqualTo(code.canonical());
      assertThat(issued.toString()).doesNotContain(token);
      assertThat(next().toXml())
          .contains("<issue xmlns='urn:latchkey:onetime:0' for='bot' name='Bot' ttl='600'/>");
      account[0] = "mallory@chat.example";
      assertThatThrownBy(() -> client.addDevice(CodeOrder.PLAIN))
          .isInstanceOf(ServerNotTrustedException.class);
    }
  }

  @Test
  void revokesDevices() throws Exception {
    answering(
        iq ->
            result(
                iq,
                Element.named("revoked", Namespaces.LATCHKEY_PERMISSIONS)
                    .child(
                        Element.named("device", Namespaces.LATCHKEY_PERMISSIONS)
                            .attribute("id", "dev-2")
                            .build())
                    .build()));
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = connect(server)) {
      assertThat(client.revoke(new DeviceId("dev-2"), true, "lost"))
          .containsExactly(new DeviceId("dev-2"));
      assertThat(next().toXml())
          .contains(
              "<revoke xmlns='urn:latchkey:perm:0' id='dev-2'"
                  + " cascade='true'><reason>lost</reason></revoke>");
    }
  }

  @Test
  void tellsWhichPermissionIsMissing() throws Exception {
    answering(
        iq ->
            Optional.of(
                Element.named("iq", Namespaces.CLIENT)
                    .attribute("type", "error")
                    .attribute("id", iq.attribute("id"))
                    .child(
                        Element.named("error", Namespaces.CLIENT)
                            .attribute("type", "auth")
                            .child("forbidden", Namespaces.STANZA_ERRORS)
                            .child(
                                Element.named(
                                        "permission-required", Namespaces.LATCHKEY_PERMISSIONS)
                                    .attribute("flag", "enroll")
                                    .build())
                            .build())
                    .build()));
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = connect(server)) {
      assertThatThrownBy(() -> client.addDevice(CodeOrder.PLAIN))
          .isInstanceOfSatisfying(
              StanzaErrorException.class,
              refused -> {
                assertThat(refused.condition()).isEqualTo("forbidden");
                assertThat(refused.type()).isEqualTo("auth");
              })
          .hasMessageContaining("lacks the permission enroll");
    }
  }

  @Test
  void saysThatItWasRevoked() throws Exception {
    manners.session =
        session ->
            session.send(
                Element.named("error", Namespaces.STREAMS)
                    .child("not-authorized", Namespaces.STREAM_ERRORS)
                    .child("credential-revoked", Namespaces.LATCHKEY_EVENTS)
                    .build());
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = connect(server)) {
      assertThat(client.awaitEnd(SOON))
          .get()
          .isInstanceOfSatisfying(
              StreamErrorException.class,
              end -> {
                assertThat(end.deviceRevoked()).isTrue();
                assertThat(end.condition()).isEqualTo("not-authorized");
              });
      assertThat(client.isConnected()).isFalse();
      assertThatThrownBy(() -> client.send(BOB, "still there?"))
          .isInstanceOf(StreamErrorException.class)
          .hasMessageContaining("this device was revoked");
      assertThatThrownBy(() -> client.receive(SOON)).isInstanceOf(StreamErrorException.class);
      assertThatThrownBy(client::ping).isInstanceOf(StreamErrorException.class);
    }
  }

  @Test
  @Spec(doc = "RFC 6120", section = "8.2.3", rule = "every request is answered")
  void answersWhatItIsAsked() throws Exception {
    manners.session =
        session -> {
          for (String payload : List.of(Namespaces.PING, "urn:example:unheard-of")) {
            session.send(
                Element.named("iq", Namespaces.CLIENT)
                    .attribute("type", "get")
                    .attribute("id", payload)
                    .attribute("from", "chat.example")
                    .child("ping", payload)
                    .build());
            session.next().ifPresent(got::add);
          }
          session.next();
        };
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = connect(server)) {
      assertThat(client.isConnected()).isTrue();
      Element pong = next();
      assertThat(pong.attribute("type")).contains("result");
      assertThat(pong.attribute("to")).contains("chat.example");
      assertThat(pong.attribute("id")).contains(Namespaces.PING);
      assertThat(next().toXml()).contains("type='error'").contains("service-unavailable");
    }
  }

  @Test
  @Spec(doc = "RFC 6120", section = "8.1.2.1", rule = "an answer from somebody else is none")
  void takesNoAnswerFromSomebodyElse() throws Exception {
    manners.session =
        session -> {
          Element iq = session.next().orElseThrow();
          Element forged =
              FakeServer.Session.result(iq, Optional.of(Element.empty("forged", "urn:example")));
          session.send(forged.with("from", "mallory@chat.example"));
          session.send(forged.with("from", "mallory.example"));
          session.send(FakeServer.Session.result(iq, Optional.empty()));
          session.next();
        };
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = connect(server)) {
      Element answer =
          client.request(
              Element.named("iq", Namespaces.CLIENT)
                  .attribute("type", "get")
                  .child("ping", Namespaces.PING)
                  .build());
      assertThat(answer.attribute("from")).isEmpty();
      assertThat(answer.children()).isEmpty();
    }
  }

  @Test
  void requestEndsWithTheConnection() throws Exception {
    manners.session =
        session -> {
          session.next();
          session.connection().abort();
        };
    try (FakeServer server = new FakeServer(manners);
        LatchkeyClient client = connect(server)) {
      assertThatThrownBy(client::ping)
          .isInstanceOf(ConnectionLostException.class)
          .hasMessageContaining("chat.example");
    }
  }

  @Test
  void givesUpOnAServerThatDoesNotAnswer() throws Exception {
    answering(stanza -> Optional.empty());
    try (FakeServer server = new FakeServer(manners)) {
      DeviceHome home = enrolled(server);
      try (LatchkeyClient client =
          LatchkeyClient.open(home)
              .in(EnrolmentIT.environment(server).withPatience(Duration.ofSeconds(5)))
              .connect()) {
        assertThatThrownBy(client::ping)
            .isInstanceOf(ConnectionLostException.class)
            .hasMessageContaining("within 5 seconds");
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.DOMAIN;
import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.wire.element.Namespaces.CLIENT_KEY;
import static dev.latchkey.wire.element.Namespaces.LATCHKEY_CREDENTIAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.client.ClientException;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.ServerAddress;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.clientkey.ClientKeyMaterial;
import dev.latchkey.sasl.scram.ScramVariant;
import dev.latchkey.server.Configuration;
import dev.latchkey.server.admin.AdminException;
import dev.latchkey.server.admin.JsonLine;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// XEP-0399 on the wire, as 30.L and rule 57 complete it: a phone that may manage, and a client
/// with a device password that may not.
final class ClientKeyManagementIT {
  private final RandomGenerator random = SeededRandom.announced();
  private @TempDir Path folder;
  private Optional<RunningServer> running = Optional.empty();

  @AfterEach
  void stop() {
    running.ifPresent(RunningServer::close);
  }

  private RunningServer start(UnaryOperator<Configuration> configuration) throws Exception {
    RunningServer server = RunningServer.in(folder, seams -> seams, configuration);
    running = Optional.of(server);
    return server;
  }

  private RunningServer start() throws Exception {
    return start(whole -> whole);
  }

  private static LatchkeyClient phone(RunningServer server) throws Exception {
    server.enrol(server.invite(NINA), "phone");
    return server.connect("phone");
  }

  private static ClientStream printer(RunningServer server) throws Exception {
    LoginUri pinned = server.invite(NINA);
    Secret password = Secret.ofText(server.password(NINA));
    ClientStream stream = server.stream(pinned, Optional.empty());
    assertThat(
            stream.authenticate(
                stream.open(),
                Peer.scram(stream, ScramVariant.SCRAM_SHA_256_PLUS, NINA, password),
                List.of(Peer.bind2())))
        .isInstanceOf(SaslOutcome.Succeeded.class);
    var _ = stream.features();
    return stream;
  }

  private Bytes key() {
    return Bytes.random(ClientKeyMaterial.LENGTH, random);
  }

  private static Element register(String id, Bytes key) {
    return register(id, key.toBase64(), "3600");
  }

  private static Element register(String id, String key, String ttl) {
    return Peer.iq(
        "set",
        "k",
        Element.named("register", CLIENT_KEY)
            .child(Element.text("id", CLIENT_KEY, id))
            .child(Element.text("name", CLIENT_KEY, "Printer"))
            .child(Element.text("key", CLIENT_KEY, key))
            .child(Element.text("ttl", CLIENT_KEY, ttl))
            .build());
  }

  private static Element list() {
    return Peer.iq("get", "l", Element.empty("list", CLIENT_KEY));
  }

  private static Element revoke(String id) {
    return Peer.iq(
        "set",
        "r",
        Element.named("revoke", CLIENT_KEY).child(Element.text("id", CLIENT_KEY, id)).build());
  }

  private static List<String> ids(Element answer) {
    return answer
        .child("list", CLIENT_KEY)
        .orElseThrow()
        .children("key", CLIENT_KEY)
        .map(key -> key.child("id", CLIENT_KEY).orElseThrow().text())
        .toList();
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 57", rule = "the same id and key get the same answer")
  void registersAgainWithTheSameAnswer() throws Exception {
    RunningServer server = start();
    ClientStream printer = printer(server);
    Bytes key = key();

    Element first = Peer.ask(printer, register("printer-key", key));
    Element again = Peer.ask(printer, register("printer-key", key));

    assertThat(again).isEqualTo(first);
    Element registered = first.child("registered", CLIENT_KEY).orElseThrow();
    assertThat(Bytes.base64(registered.child("encrypted-secret", CLIENT_KEY).orElseThrow().text()))
        .hasValueSatisfying(
            masked -> assertThat(masked.length()).isEqualTo(ClientKeyMaterial.LENGTH));
    String credential =
        registered
            .child("credential", LATCHKEY_CREDENTIAL)
            .flatMap(it -> it.attribute("id"))
            .orElseThrow();
    JsonNode listed = onlyDevice(server).path("credentials");
    assertThat(listed).hasSize(2);
    assertThat(listed.get(1).path("id").asText()).isEqualTo(credential);
    assertThat(listed.get(1).path("kind").asText()).isEqualTo("client-key");
    assertThat(listed.get(1).path("status").asText()).isEqualTo("active");
    assertThat(listed.get(1).path("expires").asText())
        .isEqualTo(registered.child("expiry", CLIENT_KEY).orElseThrow().text());
  }

  private static JsonNode onlyDevice(RunningServer server) throws AdminException {
    List<JsonNode> devices = server.devices(NINA);
    assertThat(devices).hasSize(1);
    return devices.getFirst();
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 57", rule = "another key under a live id is a conflict")
  void refusesALiveIdWithAnotherKeyAndFromAnotherDevice() throws Exception {
    RunningServer server = start();
    ClientStream printer = printer(server);
    Bytes key = key();
    assertThat(Peer.condition(Peer.ask(printer, register("one", key)))).isEqualTo("result");
    assertThat(Peer.condition(Peer.ask(printer, register("one", key())))).isEqualTo("conflict");
    ClientStream another = printer(server);
    assertThat(Peer.condition(Peer.ask(another, register("one", key)))).isEqualTo("conflict");
  }

  @Test
  void refusesTheNinthKeyOfADevice() throws Exception {
    ClientStream printer = printer(start());
    for (int i = 0; i < 8; i++) {
      assertThat(Peer.condition(Peer.ask(printer, register("key " + i, key()))))
          .isEqualTo("result");
    }
    assertThat(Peer.condition(Peer.ask(printer, register("one more", key()))))
        .isEqualTo("resource-constraint");
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 57", rule = "a key has 32 octets that are not all equal")
  void refusesWhatIsNoKey() throws Exception {
    RunningServer server = start();
    ClientStream printer = printer(server);
    String good = key().toBase64();
    for (Element wrong :
        List.of(
            register("short", Bytes.random(20, random)),
            register("of one value", Bytes.hex("2a".repeat(ClientKeyMaterial.LENGTH))),
            register("no base64", "*", "3600"),
            register("", good, "3600"),
            register("misleads \u202e", good, "3600"),
            register("no time", good, "soon"),
            register("no time", good, "-1"),
            Peer.iq("set", "k", Element.empty("register", CLIENT_KEY)))) {
      assertThat(Peer.condition(Peer.ask(printer, wrong)))
          .as(wrong.toXml())
          .isEqualTo("bad-request");
    }
    assertThat(Peer.condition(Peer.ask(printer, register("over at once", good, "0"))))
        .isEqualTo("not-acceptable");
    assertThat(onlyDevice(server).path("credentials")).hasSize(1);
  }

  @Test
  @Spec(doc = "latchkey", section = "30.L", rule = "the list says whose a key is and when it came")
  void listsToEachDeviceWhatItMaySee() throws Exception {
    RunningServer server = start();
    LatchkeyClient phone = phone(server);
    ClientStream printer = printer(server);
    phone.request(register("of the phone", key()));
    Element _ = Peer.ask(printer, register("of the printer", key()));

    Element all = phone.request(list());
    assertThat(ids(all)).containsExactly("of the phone", "of the printer");
    assertThat(ids(Peer.ask(printer, list()))).containsExactly("of the printer");
    Element added =
        all.child("list", CLIENT_KEY)
            .flatMap(keys -> keys.child("key", CLIENT_KEY))
            .flatMap(key -> key.child("credential", LATCHKEY_CREDENTIAL))
            .orElseThrow();
    assertThat(added.attribute("device")).contains(phone.whoami().device().orElseThrow().value());
    assertThat(added.attribute("last-seen")).isPresent();
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 1", rule = "to revoke a key is to revoke its device")
  void revokesTheDeviceOfAKeyWithItsStreams() throws Exception {
    RunningServer server = start();
    LatchkeyClient phone = phone(server);
    ClientStream printer = printer(server);
    Element _ = Peer.ask(printer, register("of the printer", key()));

    assertThat(phone.request(revoke("of the printer")).children().toList()).isEmpty();

    assertThat(Peer.untilEnd(printer).saysRevoked()).isTrue();
    assertThat(ids(phone.request(list()))).isEmpty();
    assertThat(server.devices(NINA).get(1).path("status").asText()).isEqualTo("revoked");
  }

  @Test
  void hearsTheAnswerBeforeItRevokesItself() throws Exception {
    ClientStream printer = printer(start());
    Element _ = Peer.ask(printer, register("own", key()));
    assertThat(Peer.condition(Peer.ask(printer, revoke("own")))).isEqualTo("result");
    assertThat(Peer.untilEnd(printer).saysRevoked()).isTrue();
  }

  @Test
  void refusesToRevokeWhatADeviceMayNotSee() throws Exception {
    RunningServer server = start();
    LatchkeyClient phone = phone(server);
    ClientStream printer = printer(server);
    phone.request(register("of the phone", key()));
    Element foreign = Peer.ask(printer, revoke("of the phone"));
    assertThat(Peer.condition(foreign)).isEqualTo("forbidden");
    assertThat(Peer.ask(printer, revoke("of nobody"))).isEqualTo(foreign);
    assertThat(
            Peer.condition(
                Peer.ask(printer, Peer.iq("set", "r", Element.empty("revoke", CLIENT_KEY)))))
        .isEqualTo("bad-request");
    assertThatThrownBy(() -> phone.request(revoke("of nobody")))
        .isInstanceOf(ClientException.class)
        .hasMessageContaining("item-not-found");
    phone.ping();
  }

  @Test
  void saysItsFeatureOnlyWhereKeysLetIn() throws Exception {
    RunningServer server = start();
    assertThat(features(phone(server))).contains(CLIENT_KEY);
    server.close();
    RunningServer without =
        start(
            whole ->
                whole.withDomains(
                    whole.domains().stream()
                        .map(
                            domain ->
                                new Configuration.ServedDomain(
                                    domain.name(),
                                    domain.tls(),
                                    domain.mechanisms().stream()
                                        .filter(name -> !name.text().startsWith("CLIENT-KEY"))
                                        .toList(),
                                    domain.contacts()))
                        .toList()));
    LatchkeyClient phone =
        LatchkeyClient.open(without.home("phone"))
            .server(
                new ServerAddress(
                    "127.0.0.1", without.server().directTls().orElseThrow().getPort(), true))
            .in(without.environment())
            .connect();
    assertThat(features(phone)).doesNotContain(CLIENT_KEY);
    assertThatThrownBy(() -> phone.request(register("useless", key())))
        .isInstanceOf(ClientException.class)
        .hasMessageContaining("service-unavailable");
    assertThatThrownBy(
            () ->
                without.admin(
                    new JsonLine().with("command", "provision").with("account", NINA.toString())))
        .isInstanceOf(AdminException.class)
        .hasMessageContaining("mechanisms");
  }

  private static List<String> features(LatchkeyClient client) {
    return client
        .request(
            Peer.iq("get", "d", Element.empty("query", Namespaces.DISCO_INFO))
                .with("to", DOMAIN.name()))
        .child("query", Namespaces.DISCO_INFO)
        .orElseThrow()
        .children("feature", Namespaces.DISCO_INFO)
        .flatMap(feature -> feature.attribute("var").stream())
        .toList();
  }
}

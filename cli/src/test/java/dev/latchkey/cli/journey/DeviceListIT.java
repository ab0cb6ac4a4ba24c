// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.wire.element.Namespaces.CLIENT_ACCESS;
import static dev.latchkey.wire.element.Namespaces.CLIENT_KEY;
import static dev.latchkey.wire.element.Namespaces.FAST;
import static dev.latchkey.wire.element.Namespaces.LATCHKEY_CREDENTIAL;
import static dev.latchkey.wire.element.Namespaces.SASL2;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.cli.Ran;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.ListedDevice;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.clientkey.ClientKeyMaterial;
import dev.latchkey.sasl.ht.HtVariant;
import dev.latchkey.sasl.scram.ScramVariant;
import dev.latchkey.server.Configuration;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Everything that signs in is in the lists: XEP-0494's and the operator's.
final class DeviceListIT {
  private @TempDir Path folder;
  private RunningServer server;

  @BeforeEach
  void start() throws Exception {
    server =
        RunningServer.in(
            folder,
            seams -> seams,
            whole ->
                whole.with(
                    new Configuration.Tokens(
                        whole.tokens().fast(),
                        whole.tokens().clientKeyLife(),
                        true,
                        whole.tokens().xTokenLife(),
                        whole.tokens().theft())));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /// With a device password, and all that a device can get with one.
  private ClientStream web() throws Exception {
    LoginUri pinned = server.invite(NINA);
    Secret password = Secret.ofText(server.password(NINA));
    ClientStream stream = server.stream(pinned, Optional.empty());
    Element agent =
        Element.named("user-agent", SASL2)
            .attribute("id", "d4565fa7-4d72-4749-b3d3-740edbf87770")
            .build();
    Element wish =
        Element.named("request-token", FAST).attribute("mechanism", "HT-SHA-256-NONE").build();
    assertThat(
            stream.authenticate(
                stream.open(),
                Peer.scram(stream, ScramVariant.SCRAM_SHA_256_PLUS, NINA, password),
                List.of(agent, wish, Peer.bind2())))
        .isInstanceOf(SaslOutcome.Succeeded.class);
    var _ = stream.features();
    Bytes key = Bytes.random(ClientKeyMaterial.LENGTH, SeededRandom.announced());
    Element register =
        Element.named("register", CLIENT_KEY)
            .child(Element.text("id", CLIENT_KEY, "web"))
            .child(Element.text("name", CLIENT_KEY, "Web"))
            .child(Element.text("key", CLIENT_KEY, key.toBase64()))
            .build();
    assertThat(Peer.condition(Peer.ask(stream, Peer.iq("set", "k", register)))).isEqualTo("result");
    Element issue = Element.empty("issue", Namespaces.AUTH_TOKENS);
    assertThat(Peer.condition(Peer.ask(stream, Peer.iq("set", "i", issue)))).isEqualTo("result");
    return stream;
  }

  private static Element clients(Element answer) {
    return answer.child("clients", CLIENT_ACCESS).orElseThrow();
  }

  private static List<String> authentication(Element client) {
    return client.child("auth", CLIENT_ACCESS).orElseThrow().children().map(Element::name).toList();
  }

  @Test
  @Spec(doc = "XEP-0494", section = "4.1", rule = "each client says how it gets in")
  void everyKindIsListedWithItsStatusAndItsEnd() throws Exception {
    server.enrol(server.invite(NINA), "phone");
    LatchkeyClient phone = server.connect("phone");
    ClientStream _ = web();

    List<Element> clients =
        clients(phone.request(Peer.iq("get", "l", Element.empty("list", CLIENT_ACCESS))))
            .children("client", CLIENT_ACCESS)
            .toList();

    assertThat(clients).hasSize(2);
    assertThat(authentication(clients.getFirst())).isEmpty();
    assertThat(authentication(clients.getLast())).containsExactly("password", "fast");
    List<Element> credentials =
        clients
            .getLast()
            .child("device", LATCHKEY_CREDENTIAL)
            .orElseThrow()
            .children("credential", LATCHKEY_CREDENTIAL)
            .toList();
    assertThat(credentials)
        .extracting(
            credential -> credential.attribute("kind").orElseThrow(),
            credential -> credential.attribute("status").orElseThrow(),
            credential -> credential.attribute("expires").isPresent())
        .containsExactly(
            tuple("password", "active", false),
            tuple("fast", "active", true),
            tuple("client-key", "active", true),
            tuple("auth-token", "active", true));
    JsonNode operators = server.devices(NINA).getLast().path("credentials");
    assertThat(operators)
        .extracting(
            credential -> Optional.of(credential.path("id").asText()),
            credential -> Optional.ofNullable(credential.get("expires")).map(JsonNode::asText))
        .containsExactlyElementsOf(
            credentials.stream()
                .map(
                    credential ->
                        tuple(credential.attribute("id"), credential.attribute("expires")))
                .toList());
  }

  @ParameterizedTest
  @EnumSource(
      value = ScramVariant.class,
      names = {"SCRAM_SHA_256_PLUS", "SCRAM_SHA_256"})
  @Spec(doc = "latchkey", section = "rule 7", rule = "unbound='true' in the list and in the event")
  void aDeviceIsMarkedThatCameInOverAChannelNotBound(ScramVariant variant) throws Exception {
    List<Boolean> marks = variant.bindsToChannel() ? List.of() : List.of(true);
    CommandLine commands = new CommandLine(folder);
    commands.found(server);
    server.enrol(server.invite(NINA), "phone");
    LoginUri code = server.invite(NINA);
    try (ClientStream tablet = server.stream(code, Optional.empty())) {
      TokenPeer.success(
          tablet.authenticate(
              tablet.open(),
              Peer.scram(tablet, variant, NINA, code.token().canonical()),
              List.of(
                  TokenPeer.userAgent(TokenPeer.AGENT),
                  TokenPeer.request(HtVariant.HT_SHA_256_EXPR))));
    }

    try (LatchkeyClient phone = server.connect("phone")) {
      assertThat(
              clients(phone.request(Peer.iq("get", "l", Element.empty("list", CLIENT_ACCESS))))
                  .children("client", CLIENT_ACCESS)
                  .map(client -> client.child("device", LATCHKEY_CREDENTIAL).orElseThrow())
                  .map(device -> device.attribute("unbound")))
          .containsExactly(Optional.empty(), marks.stream().map(String::valueOf).findAny());
      assertThat(phone.listDevices())
          .extracting(ListedDevice::unbound)
          .containsExactly(false, !variant.bindsToChannel());
    }
    for (Ran shown :
        List.of(
            commands.operator("devices", NINA.toString()),
            CommandLine.device(server, "phone", "my", "devices"))) {
      assertThat(shown.lines()).as(shown.err()).hasSize(2);
      assertThat(shown.lines().getFirst().has("unbound")).isFalse();
      assertThat(shown.lines().getLast().findValues("unbound"))
          .extracting(JsonNode::asBoolean)
          .isEqualTo(marks);
    }
    assertThat(commands.operator("audit", NINA.toString()).lines())
        .extracting(event -> event.path("reason").asText())
        .filteredOn("unbound"::equals)
        .hasSameSizeAs(marks);
  }
}

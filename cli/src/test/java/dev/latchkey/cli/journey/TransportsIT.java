// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.DOMAIN;
import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.cli.journey.RunningServer.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.cli.journey.RunningServer.Way;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.DeviceKey;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.Message;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.StreamErrorException;
import dev.latchkey.credential.Jid;
import dev.latchkey.server.Configuration;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.tls.TlsIdentity;
import dev.latchkey.wire.tls.TlsProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The whole path over each TLS provider, version and port.
class TransportsIT {
  @TempDir Path folder;

  static List<Arguments> ways() {
    List<Arguments> ways = new ArrayList<>();
    for (TlsProvider server : TlsProvider.values()) {
      for (TlsProvider client : TlsProvider.values()) {
        for (String protocol : List.of("TLSv1.2", "TLSv1.3")) {
          for (boolean direct : List.of(false, true)) {
            ways.add(Arguments.of(server, new Way(client, protocol, direct, DOMAIN)));
          }
        }
      }
    }
    return ways;
  }

  @ParameterizedTest
  @MethodSource("ways")
  @Spec(doc = "RFC 9266", section = "4", rule = "both ends of each provider see one exporter")
  @Spec(doc = "XEP-0178", rule = "EXTERNAL over TLS 1.2 and 1.3")
  void enrolsSignsInSpeaksAndIsRevoked(TlsProvider provider, Way way) throws Exception {
    try (RunningServer server =
        RunningServer.in(folder, seams -> seams, whole -> configured(provider))) {
      server.enrol(server.invite(NINA), "kit");
      LoginUri uri = server.invite(NINA);
      DeviceKey key = DeviceKey.make();
      ClientStream first = server.stream(way, NINA, uri.pin().orElseThrow(), Optional.empty());
      assertThat(first.tls().protocol()).isEqualTo(way.protocol());
      Element signed = HandMade.enrol(first, first.open(), uri, key);
      first.close();
      TlsIdentity identity = HandMade.identity(key, signed);

      ClientStream second =
          server.stream(way, NINA, uri.pin().orElseThrow(), Optional.of(identity));
      Jid jid = HandMade.signIn(second, NINA);
      try (LatchkeyClient kit = server.connect("kit")) {
        kit.goOnline();
        kit.ping();
        second.send(message(kit.jid(), "hello, kit"));
        Message arrived = kit.receive(PATIENCE).orElseThrow();
        assertThat(arrived.body()).isEqualTo("hello, kit");
        assertThat(arrived.from()).contains(jid);
        kit.send(jid, "hello, you");
        Element answer = second.next();
        assertThat(answer.child("body", Namespaces.CLIENT).map(Element::text))
            .contains("hello, you");
        assertThat(answer.attribute("from")).contains(kit.jid().toString());
      }

      server.revoke(NINA, signed.attribute("device").orElseThrow());
      assertThatThrownBy(second::next)
          .isInstanceOfSatisfying(
              StreamErrorException.class, end -> assertThat(end.deviceRevoked()).isTrue());
      ClientStream third = server.stream(way, NINA, uri.pin().orElseThrow(), Optional.of(identity));
      assertThat(HandMade.external(third, NINA)).isInstanceOf(SaslOutcome.Failed.class);
    }
  }

  private Configuration configured(TlsProvider provider) {
    try {
      Path file =
          Files.writeString(
              folder.resolve("latchkey.toml"),
              """
              data = "data"
              run-dir = "run"
              listen = "127.0.0.1:0"
              listen-tls = "127.0.0.1:0"
              tls-provider = "%s"
              """
                  .formatted(provider.name().toLowerCase(Locale.ROOT)));
      return Configuration.read(Optional.of(file), Configuration.Overrides.NONE);
    } catch (java.io.IOException full) {
      throw new java.io.UncheckedIOException(full);
    }
  }

  private static Element message(Jid to, String text) {
    return Element.named("message", Namespaces.CLIENT)
        .attribute("to", to.toString())
        .attribute("type", "chat")
        .child(Element.text("body", Namespaces.CLIENT, text))
        .build();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.Message;
import dev.latchkey.client.StanzaErrorException;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a session can find out about other accounts, and whom it can pretend to be: nothing, and
/// nobody.
final class StrangersIT {
  private static final AccountJid OLAF = new AccountJid("olaf", RunningServer.DOMAIN);
  private static final AccountJid NOBODY = new AccountJid("nobody", RunningServer.DOMAIN);
  private static final AccountJid INVITED = new AccountJid("invited", RunningServer.DOMAIN);

  private static @TempDir Path folder;
  private static RunningServer server;
  private static LatchkeyClient nina;
  private static LatchkeyClient second;
  private String before;

  @BeforeAll
  static void start() throws Exception {
    server = RunningServer.in(folder);
    var _ = server.enrol(server.invite(RunningServer.NINA), "nina");
    var _ = server.enrol(server.invite(RunningServer.NINA), "second");
    var _ = server.enrol(server.invite(OLAF), "olaf");
    var _ = server.invite(INVITED);
    nina = server.connect("nina");
    second = server.connect("second");
    second.goOnline();
    second.ping();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void remember() {
    before = database();
  }

  private static String database() {
    return server.dump().text().replaceAll(" last_seen=\\S+", "");
  }

  /// The whole answer, with the name taken out that was asked about.
  private static String answer(AccountJid about, String type, String name, String namespace) {
    try {
      return nina.request(
              Element.named("iq", Namespaces.CLIENT)
                  .attribute("type", type)
                  .attribute("to", about.toString())
                  .child(name, namespace)
                  .build())
          .toXml();
    } catch (StanzaErrorException refused) {
      return String.valueOf(refused.getMessage()).replace(about.toString(), "NAME");
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 5",
      rule = "a request to another account is answered as if there were none")
  void aRequestToAnotherAccountTellsNotWhetherItExists() {
    for (String[] request :
        new String[][] {
          {"get", "list", Namespaces.CLIENT_ACCESS},
          {"set", "issue", Namespaces.LATCHKEY_ONE_TIME},
          {"set", "revoke", Namespaces.LATCHKEY_PERMISSIONS},
          {"set", "sign", Namespaces.LATCHKEY_CSR},
          {"get", "query", Namespaces.DISCO_INFO}
        }) {
      String unknown = answer(NOBODY, request[0], request[1], request[2]);
      assertThat(unknown).contains("service-unavailable");
      assertThat(answer(OLAF, request[0], request[1], request[2])).isEqualTo(unknown);
      assertThat(answer(INVITED, request[0], request[1], request[2])).isEqualTo(unknown);
    }
    assertThat(database()).isEqualTo(before);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 5",
      rule = "a message to who is not there and to who does not exist is taken alike")
  void aMessageTellsNotWhetherItsAddressExists() {
    for (AccountJid to : List.of(OLAF, NOBODY, INVITED)) {
      nina.send(to.jid(), "are you there?");
      nina.ping(); // whatever comes back comes before its answer
      assertThat(nina.receive(Duration.ZERO)).as(to.toString()).isEmpty();
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 37", rule = "the server writes every stanza's from")
  void aForgedSenderIsOverwritten() {
    nina.send(
        Element.named("message", Namespaces.CLIENT)
            .attribute("from", OLAF.toString())
            .attribute("to", second.jid().toString())
            .attribute("type", "chat")
            .child(Element.text("body", Namespaces.CLIENT, "I am Olaf"))
            .build());
    Message arrived = second.receive(RunningServer.PATIENCE).orElseThrow();
    assertThat(arrived.from()).isEqualTo(Optional.of(nina.jid()));
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 37", rule = "clients do not tell of credentials")
  void aForgedNoticeReachesNobody() {
    nina.send(
        Element.named("message", Namespaces.CLIENT)
            .attribute("to", second.jid().toString())
            .attribute("type", "chat")
            .child("credential-event", Namespaces.LATCHKEY_EVENTS)
            .child(Element.text("body", Namespaces.CLIENT, "you were revoked"))
            .build());
    String id = nina.send(second.jid(), "behind it");
    assertThat(second.receive(RunningServer.PATIENCE).orElseThrow().id()).contains(id);
  }

  @Test
  void anotherDomainIsNotReached() {
    assertThatThrownBy(
            () ->
                nina.request(
                    Element.named("iq", Namespaces.CLIENT)
                        .attribute("type", "get")
                        .attribute("to", "elsewhere.example")
                        .child("ping", Namespaces.PING)
                        .build()))
        .isInstanceOf(StanzaErrorException.class)
        .hasMessageContaining("remote-server-not-found");
  }

  @Test
  void anAddressThatIsNoneIsRefused() {
    nina.send(
        Element.named("iq", Namespaces.CLIENT)
            .attribute("type", "get")
            .attribute("id", "odd")
            .attribute("to", "a b@@/")
            .child("ping", Namespaces.PING)
            .build());
    nina.ping();
    assertThat(server.recording.byServer())
        .filteredOn(stanza -> stanza.attribute("id").equals(Optional.of("odd")))
        .singleElement()
        .satisfies(answer -> assertThat(answer.toXml()).contains("jid-malformed"));
  }
}

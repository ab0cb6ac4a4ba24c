// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Namespaces;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is broken at one account stays there.
class FaultTest {
  private final ChatDomain domain = new ChatDomain("nina", "omar", "pia");
  private final ChatDomain.Client nina = domain.online("nina", "phone");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<presence type='subscribe' id='1' to='omar@localhost'/>",
        "<presence type='probe' id='1' to='omar@localhost'/>",
        "<iq type='get' id='1' to='omar@localhost'>"
            + "<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='n'/></pubsub></iq>"
      })
  @Spec(
      doc = "RFC 6120",
      section = "8.3.3.6",
      rule = "a fault is told to who sent the stanza, whose stream goes on")
  void aFaultAtTheReceiversIsAnErrorToTheSender(String stanza) {
    domain.faultyRosters.breakThatOf(domain.id("omar"));
    nina.says(stanza);
    assertThat(nina.heard).hasSize(1);
    assertThat(nina.heard.getFirst().attribute("type")).contains("error");
    assertThat(nina.heard.getFirst().attribute("id")).contains("1");
    assertThat(
            nina.heard
                .getFirst()
                .child("error", Namespaces.CLIENT)
                .flatMap(error -> error.child("internal-server-error", Namespaces.STANZA_ERRORS)))
        .isPresent();
  }

  @Test
  @Spec(
      doc = "RFC 6121",
      section = "4.3",
      rule = "a contact that cannot be read keeps no other from being seen")
  void aFaultAtOneContactHidesNoOther() {
    ChatDomain.Client omar = domain.online("omar", "desk");
    ChatDomain.Client pia = domain.online("pia", "desk");
    domain.befriend(nina, omar);
    domain.befriend(nina, pia);
    omar.leaves();
    domain.faultyRosters.breakThatOf(domain.id("omar"));
    var _ = domain.connect("omar", "desk");
    nina.says("<presence type='unavailable'/>");
    nina.heard.clear();

    nina.says("<presence/>");
    assertThat(nina.takesPresence()).containsExactly("nina/phone available", "pia/desk available");
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "design",
      rule = "what is left of one deleted account keeps neither others nor the server")
  void aFaultAtOneLeftoverKeepsNoOther() {
    List<AccountId> gone =
        List.of(new AccountId("acct-1"), new AccountId("acct-2"), new AccountId("acct-3"));
    gone.forEach(id -> domain.leftovers.put(id, AccountJid.parse(id.value() + "@localhost")));
    domain.faultyRosters.breakThatOf(gone.get(0));

    domain.backend.removeLeftovers();
    assertThat(domain.leftovers).containsOnlyKeys(gone.get(0));
  }
}

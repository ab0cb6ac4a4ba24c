// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.blocking;

import static dev.latchkey.chat.blocking.BlockListTest.ROMEO;
import static dev.latchkey.chat.blocking.BlockListTest.list;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.stanza.NoAccount;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PassageTest {
  private static final BlockList LIST = list("evil@example.org");
  private static final Jid EVIL = Jid.parse("evil@example.org/lair");

  private static Element stanza(String name, Optional<String> type) {
    return Element.named(name, Namespaces.CLIENT)
        .attribute("type", type)
        .attribute("id", "1")
        .attribute("from", "evil@example.org/lair")
        .attribute("to", "romeo@example.org")
        .build();
  }

  @ParameterizedTest
  @CsvSource({
    "message,",
    "message,chat",
    "message,error",
    "presence,",
    "presence,probe",
    "presence,subscribe",
    "iq,get",
    "iq,set",
    "iq,result"
  })
  @Spec(
      doc = "latchkey",
      section = "5",
      rule = "who is blocked gets exactly what there is for an address that is no account")
  void whoIsBlockedSeesNoAccount(String name, String type) {
    Element stanza = stanza(name, Optional.ofNullable(type));
    assertThat(Passage.inbound(LIST, ROMEO, EVIL, stanza))
        .isEqualTo(new Passage.Blocked(NoAccount.answer(stanza)));
  }

  @Test
  @Spec(
      doc = "XEP-0191",
      section = "3.3",
      rule = "what the account sends to somebody blocked comes back with the condition blocked")
  void whatGoesToSomebodyBlockedComesBack() {
    for (String name : List.of("message", "presence")) {
      Passage passage = Passage.outbound(LIST, ROMEO, EVIL, stanza(name, Optional.empty()));
      assertThat(passage).isInstanceOf(Passage.Blocked.class);
      Element error =
          ((Passage.Blocked) passage)
              .answer()
              .orElseThrow()
              .child("error", Namespaces.CLIENT)
              .orElseThrow();
      assertThat(error.children().map(Element::name)).containsExactly("not-acceptable", "blocked");
      assertThat(error.child("blocked", "urn:xmpp:blocking:errors")).isPresent();
    }
  }

  @Test
  void anErrorOrResultToSomebodyBlockedIsDropped() {
    assertThat(Passage.outbound(LIST, ROMEO, EVIL, stanza("iq", Optional.of("result"))))
        .isEqualTo(new Passage.Blocked(Optional.empty()));
    assertThat(Passage.outbound(LIST, ROMEO, EVIL, stanza("message", Optional.of("error"))))
        .isEqualTo(new Passage.Blocked(Optional.empty()));
  }

  @Test
  void othersPass() {
    Jid juliet = Jid.parse("juliet@example.org/x");
    Element stanza = stanza("message", Optional.empty());
    assertThat(Passage.inbound(LIST, ROMEO, juliet, stanza)).isEqualTo(new Passage.Open());
    assertThat(Passage.outbound(LIST, ROMEO, juliet, stanza)).isEqualTo(new Passage.Open());
  }
}

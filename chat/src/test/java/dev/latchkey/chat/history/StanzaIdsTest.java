// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.framing.WrittenElement;
import java.util.List;
import org.junit.jupiter.api.Test;

final class StanzaIdsTest {
  private static final AccountJid JULIET = AccountJid.parse("juliet@capulet.example");
  private static final AccountJid NURSE = AccountJid.parse("nurse@capulet.example");
  private static final String ID = "<stanza-id xmlns='urn:xmpp:sid:0' id='1' by='%s'/>";

  private static Element message(String content) {
    return new WrittenElement().read("<message type='chat'>" + content + "</message>");
  }

  @Test
  @Spec(doc = "XEP-0359", section = "3.2", rule = "ids that claim to be ours are removed")
  void removesForgedIdsHoweverTheAddressIsWritten() {
    Element message =
        message(
            ID.formatted("juliet@capulet.example")
                + "<body>hi</body>"
                + ID.formatted("JULIET@Capulet.Example.")
                + ID.formatted("nurse@capulet.example")
                + "text");
    assertThat(StanzaIds.without(message, List.of(JULIET, NURSE)))
        .isEqualTo(message("<body>hi</body>text"));
  }

  @Test
  void leavesWhatOthersGave() {
    Element message =
        message(
            ID.formatted("room@rooms.example")
                + ID.formatted("nurse@capulet.example")
                + ID.formatted("@@")
                + ID.formatted("juliet@capulet.example/balcony")
                + "<stanza-id xmlns='urn:xmpp:sid:0' id='1'/>"
                + "<stanza-id xmlns='urn:example:other' by='juliet@capulet.example'/>"
                + "<origin-id xmlns='urn:xmpp:sid:0' id='1'/>");
    assertThat(StanzaIds.without(message, List.of(JULIET))).isEqualTo(message);
  }

  @Test
  @Spec(doc = "XEP-0313", section = "3.4", rule = "a message tells its id in the archive")
  void addsTheOneRealId() {
    KeptId id = new KeptId(1, 2);
    assertThat(
            StanzaIds.with(
                message(ID.formatted("juliet@capulet.example") + "<body>hi</body>"), JULIET, id))
        .isEqualTo(
            message(
                "<body>hi</body><stanza-id xmlns='urn:xmpp:sid:0' by='juliet@capulet.example'"
                    + " id='000000000000000100000002'/>"));
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.stanza.MessageType;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.framing.WrittenElement;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class KeepingTest {
  private final WrittenElement reader = new WrittenElement();

  @ParameterizedTest(name = "{0} with {1}")
  @Spec(
      doc = "XEP-0313",
      section = "5.1.1",
      rule = "what people say is archived, what passes is not")
  @Spec(
      doc = "XEP-0160",
      section = "3",
      rule = "normal messages wait, chat waits unless it is nothing but chat states")
  @Spec(doc = "XEP-0280", section = "6.1", rule = "which messages are carbon-copied")
  @Spec(doc = "XEP-0334", section = "4", rule = "hints say what not to keep and what to keep")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          # type   | content                                            | archived | waits | copied
          chat     | <body>hi</body>                                    | true  | true  | true
          normal   | <body>hi</body>                                    | true  | true  | true
          headline | <body>hi</body>                                    | false | false | false
          groupchat| <body>hi</body>                                    | false | false | false
          error    | <body>hi</body>                                    | false | false | true
          error    | <error type='cancel'/>                             | false | false | false
          normal   | <subject>hi</subject>                              | false | true  | false
          chat     | <subject>hi</subject>                              | false | true  | true
          chat     | ""                                                 | false | false | true
          normal   | ""                                                 | false | true  | false
          # encrypted, with and without a text for those who cannot read it
          chat     | <encrypted xmlns='eu.siacs.conversations.axolotl'/>| true  | true  | true
          normal   | <encrypted xmlns='eu.siacs.conversations.axolotl'/>| true  | true  | true
          normal   | <encrypted xmlns='urn:xmpp:omemo:2'/>              | true  | true  | true
          normal   | <encryption xmlns='urn:xmpp:eme:0'/>               | true  | true  | true
          headline | <encrypted xmlns='urn:xmpp:omemo:2'/>              | false | false | false
          # what goes with text
          chat     | <composing xmlns='http://jabber.org/protocol/chatstates'/> | false | false | true
          chat     | <composing xmlns='http://jabber.org/protocol/chatstates'/><thread>t</thread> | false | false | true
          chat     | <composing xmlns='http://jabber.org/protocol/chatstates'/><origin-id xmlns='urn:xmpp:sid:0' id='1'/> | false | false | true
          chat     | <active xmlns='http://jabber.org/protocol/chatstates'/><body>hi</body> | true | true | true
          normal   | <composing xmlns='http://jabber.org/protocol/chatstates'/> | false | true | true
          chat     | <displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>| true  | true  | true
          normal   | <displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>| true  | true  | true
          chat     | <received xmlns='urn:xmpp:receipts' id='1'/>       | false | true  | true
          normal   | <received xmlns='urn:xmpp:receipts' id='1'/>       | false | true  | true
          chat     | <received xmlns='urn:xmpp:receipts' id='1'/><store xmlns='urn:xmpp:hints'/> | true | true | true
          normal   | <event xmlns='http://jabber.org/protocol/pubsub#event'/> | false | true | false
          normal   | <x xmlns='jabber:x:conference' jid='r@h'/>         | false | true  | true
          normal   | <x xmlns='http://jabber.org/protocol/muc#user'><invite/></x> | false | true | true
          normal   | <x xmlns='http://jabber.org/protocol/muc#user'/>   | false | true  | false
          # hints
          chat     | <body>hi</body><no-store xmlns='urn:xmpp:hints'/>  | false | false | true
          chat     | <body>hi</body><no-permanent-store xmlns='urn:xmpp:hints'/> | false | true | true
          chat     | <body>hi</body><no-store xmlns='urn:xmpp:hints'/><store xmlns='urn:xmpp:hints'/> | false | false | true
          chat     | <body>hi</body><no-copy xmlns='urn:xmpp:hints'/>   | true  | true  | false
          chat     | <private xmlns='urn:xmpp:carbons:2'/><body>hi</body> | true | true | false
          chat     | <private xmlns='urn:xmpp:carbons:2'/><no-copy xmlns='urn:xmpp:hints'/><body>hi</body> | true | true | false
          chat     | <store xmlns='urn:xmpp:hints'/>                    | true  | true  | true
          chat     | <composing xmlns='http://jabber.org/protocol/chatstates'/><store xmlns='urn:xmpp:hints'/> | true | true | true
          normal   | <store xmlns='urn:xmpp:hints'/>                    | true  | true  | false
          headline | <store xmlns='urn:xmpp:hints'/><body>hi</body>     | false | false | false
          error    | <store xmlns='urn:xmpp:hints'/><body>hi</body>     | false | false | true
          chat     | <no-store xmlns='urn:example:other'/><body>hi</body> | true | true | true
          # copies of copies
          chat     | <sent xmlns='urn:xmpp:carbons:2'/><body>hi</body>  | true  | true  | false
          chat     | <received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'/></received> | false | false | false
          error    | <received xmlns='urn:xmpp:carbons:2'/><body>hi</body> | false | false | false
          """)
  void decidesByTypeAndContent(
      String type, String content, boolean archived, boolean waits, boolean copied) {
    assertThat(Keeping.of(reader.read("<message>" + content + "</message>"), MessageType.of(type)))
        .isEqualTo(new Keeping(archived, waits, copied));
  }
}

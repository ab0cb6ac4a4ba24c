// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// What a domain answers by itself.
class DomainServicesTest {
  private final ChatDomain domain = new ChatDomain("nina");
  private final ChatDomain.Client nina = domain.online("nina", "phone");

  private Element info() {
    return nina.ask(
            "<iq type='get' id='i' to='localhost'>"
                + "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>")
        .child("query", Namespaces.DISCO_INFO)
        .orElseThrow();
  }

  @Test
  @Spec(
      doc = "XEP-0030",
      section = "3.1",
      rule = "a domain lists what it speaks, and what clients ask it about their accounts")
  void listsAllItSpeaksAndNothingElse() {
    assertThat(
            info()
                .children("feature", Namespaces.DISCO_INFO)
                .flatMap(child -> child.attribute("var").stream()))
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrder(
            "http://jabber.org/protocol/disco#info",
            "http://jabber.org/protocol/disco#items",
            "http://jabber.org/protocol/pubsub", // Smack asks for it before it encrypts,
            "http://jabber.org/protocol/pubsub#access-whitelist", // and before it keeps its key
            "jabber:iq:version", // XEP-0092
            "msgoffline", // XEP-0160 §3
            "urn:xmpp:blocking", // XEP-0191 §3.1
            "urn:xmpp:carbons:2", // XEP-0280 §3
            "urn:xmpp:ping", // XEP-0199
            "urn:xmpp:time", // XEP-0202
            "vcard-temp"); // XEP-0054 §4
  }

  @Test
  @Spec(doc = "XEP-0163", section = "6.1", rule = "personal eventing is found by its identity")
  void tellsWhatItIs() {
    assertThat(
            info()
                .children("identity", Namespaces.DISCO_INFO)
                .map(
                    identity ->
                        identity.attribute("category").orElse("?")
                            + "/"
                            + identity.attribute("type").orElse("?")))
        .containsExactly(
            "server/im", "pubsub/pep"); // of its accounts, but libpurple and Psi ask the domain
  }

  @Test
  @Spec(
      doc = "XEP-0157",
      section = "3",
      rule = "whom to write to about a domain stands in an extension of its disco#info (XEP-0128)")
  void tellsWhomToWriteTo() {
    assertThat(info().children("x", "jabber:x:data"))
        .containsExactly(
            ChatDomain.xml(
                "<x xmlns='jabber:x:data' type='result'>"
                    + "<field var='FORM_TYPE' type='hidden'>"
                    + "<value>http://jabber.org/network/serverinfo</value></field>"
                    + "<field var='admin-addresses' type='list-multi'>"
                    + "<value>mailto:admin@chat.example</value></field></x>"));
  }

  @Test
  @Spec(
      doc = "XEP-0202",
      section = "2",
      rule = "a domain tells the time in UTC and how far its own is from that")
  void tellsTheTime() {
    domain.clock.advance(Duration.ofMillis(61_500));
    assertThat(
            nina.ask("<iq type='get' id='t' to='localhost'><time xmlns='urn:xmpp:time'/></iq>")
                .child("time", "urn:xmpp:time"))
        .contains(
            ChatDomain.xml(
                "<time xmlns='urn:xmpp:time'><tzo>Z</tzo><utc>2026-11-01T12:01:01Z</utc></time>"));
  }
}

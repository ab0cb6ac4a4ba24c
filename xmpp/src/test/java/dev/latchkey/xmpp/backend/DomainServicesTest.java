// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a domain answers by itself.
class DomainServicesTest {
  private final ChatDomain domain = new ChatDomain("nina");

  @Test
  @Spec(
      doc = "XEP-0191",
      section = "3.1",
      rule = "a client asks the domain whether its accounts can block; so with carbons (XEP-0280)")
  void listsWhatClientsAskTheDomainAboutTheirAccounts() {
    Element info =
        domain
            .online("nina", "phone")
            .ask(
                "<iq type='get' id='i' to='localhost'>"
                    + "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
    List<String> features =
        info.child("query", Namespaces.DISCO_INFO)
            .orElseThrow()
            .children("feature", Namespaces.DISCO_INFO)
            .flatMap(child -> child.attribute("var").stream())
            .toList();
    assertThat(features)
        .doesNotHaveDuplicates()
        .contains(
            "urn:xmpp:blocking",
            "urn:xmpp:carbons:2",
            "msgoffline",
            "http://jabber.org/protocol/pubsub",
            "http://jabber.org/protocol/pubsub#access-whitelist");
  }
}

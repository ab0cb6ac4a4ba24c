// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// XEP-0030 at an account's bare JID: clients use what they find there, and nothing else.
class AccountDiscoveryTest {
  /// What an account is as a publish-subscribe service (XEP-0060 §10).
  private static final List<String> EVENTING =
      Stream.concat(
              Stream.of("http://jabber.org/protocol/pubsub"),
              Stream.of(
                      "access-open",
                      "access-presence",
                      "access-roster",
                      "access-whitelist",
                      "auto-create",
                      "auto-subscribe",
                      "config-node",
                      "config-node-max",
                      "create-and-configure",
                      "create-nodes",
                      "delete-items",
                      "delete-nodes",
                      "filtered-notifications",
                      "instant-nodes",
                      "item-ids",
                      "last-published",
                      "member-affiliation",
                      "meta-data",
                      "modify-affiliations",
                      "multi-items",
                      "outcast-affiliation",
                      "persistent-items",
                      "presence-subscribe",
                      "publish",
                      "publish-options",
                      "pubsub-on-a-jid", // §9
                      "purge-nodes",
                      "retract-items",
                      "retrieve-affiliations",
                      "retrieve-default",
                      "retrieve-items",
                      "retrieve-subscriptions",
                      "subscribe")
                  .map(name -> "http://jabber.org/protocol/pubsub#" + name))
          .toList();

  private final ChatDomain domain = new ChatDomain("nina", "omar");
  private final ChatDomain.Client nina = domain.online("nina", "phone");

  private static Element info(ChatDomain.Client asker) {
    return asker
        .ask(
            "<iq type='get' id='i' to='nina@localhost'>"
                + "<query xmlns='http://jabber.org/protocol/disco#info'/></iq>")
        .child("query", Namespaces.DISCO_INFO)
        .orElseThrow();
  }

  @Test
  @Spec(
      doc = "XEP-0359",
      section = "4",
      rule = "who gives stanza ids says so: to ids of others clients give no credit")
  void listsAllAnAccountSpeaksAndNothingElse() {
    assertThat(
            info(nina)
                .children("feature", Namespaces.DISCO_INFO)
                .flatMap(child -> child.attribute("var").stream()))
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(
                    Stream.of(
                        "http://jabber.org/protocol/disco#info",
                        "http://jabber.org/protocol/disco#items",
                        "jabber:iq:private", // XEP-0049
                        "jabber:iq:roster",
                        "urn:xmpp:blocking",
                        "urn:xmpp:carbons:2",
                        "urn:xmpp:mam:2", // XEP-0313 §6
                        "urn:xmpp:mam:2#extended",
                        "urn:xmpp:mam:2#groupchat-field",
                        "urn:xmpp:ping",
                        "urn:xmpp:sid:0",
                        "vcard-temp"),
                    EVENTING.stream())
                .toList());
  }

  @Test
  @Spec(
      doc = "XEP-0163",
      section = "6.1",
      rule = "an account is a registered one, and a service for personal eventing")
  void isAnAccountAndAnEventingService() {
    assertThat(info(nina).children("identity", Namespaces.DISCO_INFO).map(Element::toXml))
        .hasSize(2)
        .anySatisfy(xml -> assertThat(xml).contains("'account'").contains("'registered'"))
        .anySatisfy(xml -> assertThat(xml).contains("'pubsub'").contains("'pep'"));
  }

  @Test
  @Spec(doc = "XEP-0030", section = "8", rule = "who sees its presence may know what it can do")
  void tellsAContactTheSame() {
    ChatDomain.Client omar = domain.online("omar", "desk");
    domain.befriend(nina, omar);
    assertThat(info(omar)).isEqualTo(info(nina));
  }
}

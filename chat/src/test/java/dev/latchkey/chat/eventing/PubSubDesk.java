// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.framing.WrittenElement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Asks an account's nodes as clients do, in XML.
final class PubSubDesk {
  static final AccountId NINA = new AccountId("acct-nina");
  static final AccountJid NINA_JID = AccountJid.parse("nina@chat.example");
  static final Requester OWNER = Requester.owner(Jid.parse("nina@chat.example/phone"));
  static final Requester FRIEND =
      new Requester(Jid.parse("otto@chat.example/tablet"), false, true, Set.of("Friends"));
  static final Requester CONTACT =
      new Requester(Jid.parse("kim@chat.example/desk"), false, true, Set.of("Work"));
  static final Requester LISTED = Requester.stranger(Jid.parse("list@chat.example/one"));
  static final Requester STRANGER = Requester.stranger(Jid.parse("mallory@chat.example/x"));
  static final String UNAVAILABLE =
      "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
          + "</error>";

  final InMemoryNodeStore store = new InMemoryNodeStore();
  final ManualClock clock = new ManualClock(Instant.parse("2026-05-01T12:00:00.5Z"));
  final Eventing eventing;

  PubSubDesk() {
    this(Bounds.USUAL);
  }

  PubSubDesk(Bounds bounds) {
    eventing = new Eventing(store, bounds, clock, new SeededRandom(163));
  }

  static Element xml(String xml) {
    return new WrittenElement().read(xml);
  }

  EventingAnswer ask(Requester who, String type, String payload) {
    Element stanza =
        xml(
            "<iq type='%s' id='q1' from='%s' to='nina@chat.example'>%s</iq>"
                .formatted(type, who.jid(), payload));
    Iq iq = Iq.read(stanza).orElseThrow();
    assertThat(Eventing.handles(iq)).isTrue();
    return eventing.answer(who, NINA, NINA_JID, iq);
  }

  EventingAnswer set(Requester who, String inPubSub) {
    return ask(who, "set", pubSub("", inPubSub));
  }

  EventingAnswer get(Requester who, String inPubSub) {
    return ask(who, "get", pubSub("", inPubSub));
  }

  EventingAnswer ownerSet(Requester who, String inPubSub) {
    return ask(who, "set", pubSub("#owner", inPubSub));
  }

  EventingAnswer ownerGet(Requester who, String inPubSub) {
    return ask(who, "get", pubSub("#owner", inPubSub));
  }

  private static String pubSub(String part, String content) {
    return "<pubsub xmlns='http://jabber.org/protocol/pubsub%s'>%s</pubsub>"
        .formatted(part, content);
  }

  static String publish(String node, String id, String payload) {
    return "<publish node='%s'><item id='%s'>%s</item></publish>".formatted(node, id, payload);
  }

  static String options(Map<String, String> fields) {
    return "<publish-options>%s</publish-options>"
        .formatted(form("http://jabber.org/protocol/pubsub#publish-options", fields));
  }

  static String configure(Map<String, String> fields) {
    return "<configure>%s</configure>".formatted(configuration(fields));
  }

  static String configuration(Map<String, String> fields) {
    return form("http://jabber.org/protocol/pubsub#node_config", fields);
  }

  static String form(String type, Map<String, String> fields) {
    StringBuilder form =
        new StringBuilder("<x xmlns='jabber:x:data' type='submit'>")
            .append("<field var='FORM_TYPE' type='hidden'><value>")
            .append(type)
            .append("</value></field>");
    fields.forEach(
        (name, value) ->
            form.append("<field var='")
                .append(name)
                .append("'><value>")
                .append(value)
                .append("</value></field>"));
    return form.append("</x>").toString();
  }

  /// A node with one item under the id `one`.
  void node(String name, Map<String, String> options) {
    EventingAnswer answer =
        set(OWNER, publish(name, "one", "<mood xmlns='urn:example:mood'/>") + options(options));
    assertThat(text(answer)).contains("type='result'");
  }

  static String text(EventingAnswer answer) {
    return answer.reply().toXml();
  }

  /// What is inside the answer.
  static String inside(EventingAnswer answer) {
    List<Element> children = answer.reply().children().toList();
    return children.isEmpty() ? "" : children.getFirst().toXml();
  }

  static List<String> told(EventingAnswer answer) {
    return answer.notifications().stream()
        .map(notification -> notification.content().getFirst().toXml())
        .toList();
  }

  /// The refusal: its condition, and ours if there is one.
  static List<String> refusal(EventingAnswer answer) {
    assertThat(answer.reply().attribute("type")).contains("error");
    assertThat(answer.reply().children()).as("nothing echoed").hasSize(1);
    assertThat(answer.notifications()).isEmpty();
    return answer
        .reply()
        .children()
        .findFirst()
        .orElseThrow()
        .children()
        .map(Element::name)
        .toList();
  }
}

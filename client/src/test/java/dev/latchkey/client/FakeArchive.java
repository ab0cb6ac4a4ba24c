// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/// The archive of a [FakeServer]'s account (XEP-0313). Its messages have the ids `a0`, `a1`, ...
final class FakeArchive {
  static final String MAM = "urn:xmpp:mam:2";
  static final String NINA = "nina@chat.example";
  static final String BOB = "bob@chat.example/phone";
  private static final String RSM = "http://jabber.org/protocol/rsm";

  interface Pages {
    void before(FakeServer.Session session, int page);
  }

  final List<Element> messages = new CopyOnWriteArrayList<>();
  final List<Element> queries = new CopyOnWriteArrayList<>();
  int pageSize = 2;

  /// So many queries are answered by the first message of their page, and then to ask again.
  int cut;

  /// What is sent before a page and between a page and its end.
  Pages pages = (session, page) -> {};

  /// Answers a request for a page.
  ///
  /// @return whether it is one
  boolean answers(FakeServer.Session session, Element iq) {
    Optional<Element> query = iq.child("query", MAM);
    if (query.isEmpty()) {
      return false;
    }
    queries.add(query.get());
    int from = after(query.get()).map(id -> Integer.parseInt(id.substring(1)) + 1).orElse(0);
    if (from > messages.size()) {
      session.send(error(iq, "item-not-found"));
      return true;
    }
    int to = Math.min(from + pageSize, messages.size());
    pages.before(session, queries.size());
    List<Element> answer = new ArrayList<>();
    for (int at = from; at < to; at++) {
      answer.add(
          result(query.get().attribute("queryid").orElseThrow(), "a" + at, messages.get(at))
              .with("from", NINA));
    }
    if (queries.size() <= cut) {
      session.send(List.of(answer.getFirst(), error(iq, "wait", "resource-constraint")));
      return true;
    }
    Element fin =
        Element.named("fin", MAM)
            .attribute("complete", to == messages.size() ? Optional.of("true") : Optional.empty())
            .build();
    answer.add(FakeServer.Session.result(iq, Optional.of(fin)));
    session.send(answer);
    return true;
  }

  /// Behind which id a query asks.
  static Optional<String> after(Element query) {
    return query.child("set", RSM).flatMap(set -> set.child("after", RSM)).map(Element::text);
  }

  /// Keeps a message.
  ///
  /// @return how it goes to who is online
  Element keeps(String body) {
    messages.add(message(BOB, NINA, body));
    return live("a" + (messages.size() - 1), body);
  }

  static Element error(Element iq, String condition) {
    return error(iq, "cancel", condition);
  }

  private static Element error(Element iq, String type, String condition) {
    return Element.named("iq", Namespaces.CLIENT)
        .attribute("type", "error")
        .attribute("id", iq.attribute("id"))
        .child(
            Element.named("error", Namespaces.CLIENT)
                .attribute("type", type)
                .child(condition, Namespaces.STANZA_ERRORS)
                .build())
        .build();
  }

  static Element result(String queryId, String id, Element message) {
    return Element.named("message", Namespaces.CLIENT)
        .child(
            Element.named("result", MAM)
                .attribute("queryid", queryId)
                .attribute("id", id)
                .child(
                    Element.named("forwarded", "urn:xmpp:forward:0")
                        .child(
                            Element.named("delay", "urn:xmpp:delay")
                                .attribute("stamp", "2026-11-21T10:00:00Z")
                                .build())
                        .child(message)
                        .build())
                .build())
        .build();
  }

  static Element message(String from, String to, String body) {
    return Element.named("message", Namespaces.CLIENT)
        .attribute("from", from)
        .attribute("to", to)
        .attribute("type", "chat")
        .child(Element.text("body", Namespaces.CLIENT, body))
        .build();
  }

  static Element live(String id, String body) {
    return message(BOB, NINA, body).toBuilder()
        .child(
            Element.named("stanza-id", "urn:xmpp:sid:0")
                .attribute("by", NINA)
                .attribute("id", id)
                .build())
        .build();
  }
}

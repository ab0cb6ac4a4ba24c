// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.chat.stanza.Stanzas;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.List;
import java.util.Optional;

/// What the domain and the own account answer by themselves: discovery (XEP-0030), ping (XEP-0199),
/// version (XEP-0092). Immutable.
public final class DomainServices {
  private final String version;
  private final List<String> features;

  /// @param version the server's version
  /// @param features the namespaces that are spoken here, beside those of this class
  public DomainServices(String version, List<String> features) {
    this.version = version;
    this.features = List.copyOf(features);
  }

  /// The domain's answer, if one is due.
  Optional<Element> answerForDomain(Element stanza) {
    return answer(stanza, "server", "im");
  }

  /// The answer of the account to its own session, if one is due.
  Optional<Element> answerForAccount(Element stanza) {
    return answer(stanza, "account", "registered");
  }

  private Optional<Element> answer(Element stanza, String category, String type) {
    if (!stanza.name().equals("iq")) {
      return Optional.empty(); // messages and presence to a domain have no reader
    }
    Optional<Iq> request = Iq.read(stanza);
    if (request.isEmpty()) {
      return Stanzas.mayAnswer(stanza)
          ? Optional.of(Stanzas.error(stanza, StanzaError.BAD_REQUEST))
          : Optional.empty();
    }
    Iq iq = request.get();
    Element payload = iq.payload();
    if (iq.isSet()) {
      return Optional.of(iq.error(StanzaError.SERVICE_UNAVAILABLE));
    }
    if (payload.is("ping", Namespaces.PING)) {
      return Optional.of(iq.result(Optional.empty()));
    }
    if (payload.is("query", Namespaces.DISCO_INFO) && payload.attribute("node").isEmpty()) {
      return Optional.of(iq.result(Optional.of(info(category, type))));
    }
    if (payload.is("query", Namespaces.DISCO_INFO)) {
      return Optional.of(iq.error(StanzaError.ITEM_NOT_FOUND));
    }
    if (payload.is("query", Namespaces.DISCO_ITEMS)) {
      return Optional.of(iq.result(Optional.of(Element.empty("query", Namespaces.DISCO_ITEMS))));
    }
    if (payload.is("query", Namespaces.VERSION)) {
      return Optional.of(iq.result(Optional.of(version())));
    }
    return Optional.of(iq.error(StanzaError.SERVICE_UNAVAILABLE));
  }

  private Element info(String category, String type) {
    Element.Builder query = Element.named("query", Namespaces.DISCO_INFO);
    query.child(
        Element.named("identity", Namespaces.DISCO_INFO)
            .attribute("category", category)
            .attribute("type", type)
            .attribute("name", "Latchkey")
            .build());
    List<String> own =
        List.of(Namespaces.DISCO_INFO, Namespaces.DISCO_ITEMS, Namespaces.PING, Namespaces.VERSION);
    for (List<String> group : List.of(own, features)) {
      group.forEach(
          feature ->
              query.child(
                  Element.named("feature", Namespaces.DISCO_INFO)
                      .attribute("var", feature)
                      .build()));
    }
    return query.build();
  }

  private Element version() {
    return Element.named("query", Namespaces.VERSION)
        .child(Element.text("name", Namespaces.VERSION, "Latchkey"))
        .child(Element.text("version", Namespaces.VERSION, version))
        .build();
  }
}

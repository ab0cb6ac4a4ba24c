// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.chat.blocking.BlockNamespaces;
import dev.latchkey.chat.delivery.Carbons;
import dev.latchkey.chat.eventing.Capabilities;
import dev.latchkey.chat.eventing.CapabilityHash;
import dev.latchkey.chat.eventing.Eventing;
import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.chat.stanza.Stanzas;
import dev.latchkey.chat.storage.StorageNamespaces;
import dev.latchkey.credential.Domain;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/// What a domain answers by itself: discovery (XEP-0030) with the addresses of who runs it
/// (XEP-0157), ping (XEP-0199), version (XEP-0092), time (XEP-0202). Immutable.
public final class DomainServices {
  private static final String TIME = "urn:xmpp:time";
  private static final String FORM = "jabber:x:data";
  private static final String OFFLINE = "msgoffline";

  /// What this software is called in capabilities.
  private static final String NODE = "urn:latchkey:server";

  private final String version;
  private final List<String> features;
  private final Map<Domain, List<String>> own;
  private final Map<Domain, Map<String, List<String>>> contacts;
  private final InstantSource clock;

  /// @param version the server's version
  /// @param own the namespaces that are spoken to each domain's accounts, beside those of this
  ///   class and of chat
  /// @param contacts where to write to about each domain: addresses by XEP-0157's words (`abuse`,
  ///   `admin`, …)
  public DomainServices(
      String version,
      Map<Domain, List<String>> own,
      Map<Domain, Map<String, List<String>>> contacts,
      InstantSource clock) {
    this.version = version;
    this.features =
        List.of(
            Namespaces.DISCO_INFO,
            Namespaces.DISCO_ITEMS,
            Namespaces.PING,
            Namespaces.VERSION,
            TIME,
            // Of the domain's accounts, but clients ask the domain: XEP-0280 §3, XEP-0191 §3.1,
            // XEP-0160 §3, XEP-0054 §4.
            Carbons.NAMESPACE,
            BlockNamespaces.BLOCKING,
            OFFLINE,
            StorageNamespaces.VCARD,
            // COMPAT(Smack ≤ 4.5): without these it takes OMEMO (XEP-0384) and a copy of the secret
            // key (XEP-0373) for impossible. What else XEP-0060 lists is asked of the account
            // (XEP-0163 §6.1), and the domain does none of it.
            Eventing.NAMESPACE,
            Eventing.NAMESPACE + "#access-whitelist");
    this.own = Map.copyOf(own);
    this.contacts = Map.copyOf(contacts);
    this.clock = clock;
  }

  /// The answer to a request, if one is due.
  Optional<Element> answer(Element stanza, Domain domain) {
    Optional<Iq> request = Iq.read(stanza);
    if (request.isEmpty()) {
      return Stanzas.mayAnswer(stanza)
          ? Optional.of(Stanzas.error(stanza, StanzaError.BAD_REQUEST))
          : Optional.empty();
    }
    return Optional.of(answer(request.get(), domain));
  }

  private Element answer(Iq iq, Domain domain) {
    if (iq.isSet()) {
      return iq.error(StanzaError.SERVICE_UNAVAILABLE);
    }
    return switch (iq.payload().namespace()) {
      case Namespaces.PING -> iq.result(Optional.empty());
      case Namespaces.VERSION -> iq.result(Optional.of(version()));
      case TIME -> iq.result(Optional.of(time()));
      case Namespaces.DISCO_INFO -> discovered(iq, domain);
      case Namespaces.DISCO_ITEMS ->
          iq.payload().attribute("node").isPresent()
              ? iq.error(StanzaError.ITEM_NOT_FOUND)
              : iq.result(Optional.of(Element.empty("query", Namespaces.DISCO_ITEMS)));
      default -> iq.error(StanzaError.SERVICE_UNAVAILABLE);
    };
  }

  private Element discovered(Iq iq, Domain domain) {
    Optional<String> node = iq.payload().attribute("node");
    // XEP-0115 §6.3: the node that the stream features name is the domain itself.
    if (node.isPresent() && !node.get().equals(capabilities(domain).discoNode())) {
      return iq.error(StanzaError.ITEM_NOT_FOUND);
    }
    return iq.result(Optional.of(info(domain).toBuilder().attribute("node", node).build()));
  }

  private Element info(Domain domain) {
    return Element.named("query", Namespaces.DISCO_INFO)
        .child(
            Element.named("identity", Namespaces.DISCO_INFO)
                .attribute("category", "server")
                .attribute("type", "im")
                .attribute("name", "Latchkey")
                .build())
        // COMPAT(libpurple, Psi): they ask the domain, as XEP-0163 had it once, whether accounts
        // have nodes; without this they show no avatars and publish nothing.
        .child(
            Element.named("identity", Namespaces.DISCO_INFO)
                .attribute("category", "pubsub")
                .attribute("type", "pep")
                .build())
        .children(
            Stream.concat(features.stream(), own.getOrDefault(domain, List.of()).stream())
                .map(
                    feature ->
                        Element.named("feature", Namespaces.DISCO_INFO)
                            .attribute("var", feature)
                            .build())
                .toList())
        .child(contacts(domain))
        .build();
  }

  /// XEP-0157.
  private Optional<Element> contacts(Domain domain) {
    Map<String, List<String>> known = contacts.getOrDefault(domain, Map.of());
    if (known.isEmpty()) {
      return Optional.empty();
    }
    Element.Builder form = Element.named("x", FORM).attribute("type", "result");
    form.child(
        Element.named("field", FORM)
            .attribute("var", "FORM_TYPE")
            .attribute("type", "hidden")
            .child(Element.text("value", FORM, "http://jabber.org/network/serverinfo"))
            .build());
    new TreeMap<>(known)
        .forEach(
            (what, addresses) ->
                form.child(
                    Element.named("field", FORM)
                        .attribute("var", what + "-addresses")
                        .attribute("type", "list-multi")
                        .children(
                            addresses.stream()
                                .map(address -> Element.text("value", FORM, address))
                                .toList())
                        .build()));
    return Optional.of(form.build());
  }

  /// What the features of a stream say of discovery (XEP-0115 §6.3).
  CapabilityHash capabilities(Domain domain) {
    return Capabilities.hash(NODE, info(domain));
  }

  private Element version() {
    return Element.named("query", Namespaces.VERSION)
        .child(Element.text("name", Namespaces.VERSION, "Latchkey"))
        .child(Element.text("version", Namespaces.VERSION, version))
        .build();
  }

  private Element time() {
    return Element.named("time", TIME)
        .child(Element.text("tzo", TIME, "Z"))
        .child(
            Element.text("utc", TIME, clock.instant().truncatedTo(ChronoUnit.SECONDS).toString()))
        .build();
  }
}

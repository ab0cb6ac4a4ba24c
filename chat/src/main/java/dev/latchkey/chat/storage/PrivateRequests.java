// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.storage;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.credential.AccountId;
import dev.latchkey.wire.element.Element;
import java.util.List;
import java.util.Optional;

/// The requests of `jabber:iq:private` (XEP-0049), each of an account to itself. Thread-safe as its
/// store is.
public final class PrivateRequests {
  /// So many elements may be kept of one account, its card among them.
  public static final int MOST_ELEMENTS = 128;

  /// So many characters of XML may be in one.
  public static final int LONGEST = 65_536;

  /// So many may come in one request.
  public static final int MOST_AT_ONCE = 16;

  /// XEP-0049 §4: what the server itself speaks is not stored.
  private static final List<String> RESERVED =
      List.of(
          "jabber:",
          "http://jabber.org/",
          "http://etherx.jabber.org/",
          "urn:ietf:params:xml:ns:",
          StorageNamespaces.VCARD);

  private final PrivateStore store;

  /// Works on a store.
  public PrivateRequests(PrivateStore store) {
    this.store = store;
  }

  /// Whether a request is one of these.
  public static boolean isOne(Iq iq) {
    return iq.payload().is("query", StorageNamespaces.PRIVATE);
  }

  /// Answers a request of the account to itself.
  ///
  /// @param owner whose request it is; requests of others to it are refused elsewhere
  public Element answer(Iq iq, AccountId owner) {
    List<Element> elements = iq.payload().children().limit(MOST_AT_ONCE + 1L).toList();
    if (elements.isEmpty() || elements.size() > (iq.isSet() ? MOST_AT_ONCE : 1)) {
      return iq.error(StanzaError.BAD_REQUEST);
    }
    if (elements.stream().anyMatch(element -> isReserved(element.namespace()))) {
      return iq.error(StanzaError.NOT_ACCEPTABLE);
    }
    return iq.isSet() ? set(iq, owner, elements) : get(iq, owner, elements.getFirst());
  }

  private Element get(Iq iq, AccountId owner, Element wanted) {
    Element found =
        store
            .find(owner, wanted.name(), wanted.namespace())
            .orElseGet(() -> Element.empty(wanted.name(), wanted.namespace()));
    return iq.result(
        Optional.of(Element.named("query", StorageNamespaces.PRIVATE).child(found).build()));
  }

  private Element set(Iq iq, AccountId owner, List<Element> elements) {
    boolean together =
        elements.stream().map(Element::namespace).distinct().count() == 1
            && elements.stream().map(Element::name).distinct().count() == elements.size();
    if (!together) {
      return iq.error(StanzaError.BAD_REQUEST); // §4: several only of one namespace
    }
    if (elements.stream().anyMatch(element -> element.toXml().length() > LONGEST)) {
      return iq.error(StanzaError.NOT_ACCEPTABLE);
    }
    return store.put(owner, elements, MOST_ELEMENTS)
        ? iq.result(Optional.empty())
        : iq.error(StanzaError.RESOURCE_CONSTRAINT);
  }

  private static boolean isReserved(String namespace) {
    return namespace.isEmpty() || RESERVED.stream().anyMatch(namespace::startsWith);
  }
}

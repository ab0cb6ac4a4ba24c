// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.storage;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.credential.AccountId;
import dev.latchkey.wire.element.Element;
import java.util.List;
import java.util.Optional;

/// The requests of `vcard-temp` (XEP-0054). Thread-safe as its store is.
public final class VcardRequests {
  /// So many characters of XML may a card have; a picture is most of it.
  public static final int LONGEST = 131_072;

  private static final String VCARD = "vCard";

  private final PrivateStore store;

  /// Works on a store; a card is one of the account's elements.
  public VcardRequests(PrivateStore store) {
    this.store = store;
  }

  /// Whether a request is one of these.
  public static boolean isOne(Iq iq) {
    return iq.payload().is(VCARD, StorageNamespaces.VCARD);
  }

  /// Answers a request of the account for, or with, its own card.
  public Element own(Iq iq, AccountId owner) {
    if (!iq.isSet()) {
      return iq.result(
          Optional.of(find(owner).orElseGet(() -> Element.empty(VCARD, StorageNamespaces.VCARD))));
    }
    if (iq.payload().toXml().length() > LONGEST) {
      return iq.error(StanzaError.NOT_ACCEPTABLE);
    }
    return store.put(owner, List.of(iq.payload()), PrivateRequests.MOST_ELEMENTS)
        ? iq.result(Optional.empty())
        : iq.error(StanzaError.RESOURCE_CONSTRAINT);
  }

  /// Answers a request for the card of somebody else.
  ///
  /// SECURITY: who does not see the account's presence is answered as if there were no account
  /// (rule 5), whether there is one or not; nobody changes the card of another.
  ///
  /// @param account whose card it would be; nothing if there is no such account
  /// @param seesPresence whether the one who asks sees its presence
  public Element foreign(Iq iq, Optional<AccountId> account, boolean seesPresence) {
    Optional<AccountId> known = account.filter(_ -> seesPresence && !iq.isSet());
    if (known.isEmpty()) {
      return iq.error(StanzaError.SERVICE_UNAVAILABLE);
    }
    return find(known.get())
        .map(card -> iq.result(Optional.of(card)))
        .orElseGet(() -> iq.error(StanzaError.ITEM_NOT_FOUND));
  }

  private Optional<Element> find(AccountId account) {
    return store.find(account, VCARD, StorageNamespaces.VCARD);
  }
}

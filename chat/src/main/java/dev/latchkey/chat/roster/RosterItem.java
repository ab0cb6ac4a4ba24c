// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.roster;

import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import java.util.List;
import java.util.Optional;

/// One contact of an account.
///
/// @param contact its bare JID
/// @param name what the account calls it; empty if nothing
/// @param groups its groups, none twice
/// @param subscription who sees whom
/// @param listed whether the account has it in its roster; one that only asked (None + Pending In)
///   is kept but not shown (RFC 6121 Appendix A.1)
/// @param request the contact's `<presence type='subscribe'/>` as long as it waits (RFC 6121
///   §3.1.3)
public record RosterItem(
    Jid contact,
    String name,
    List<String> groups,
    Subscription subscription,
    boolean listed,
    Optional<Element> request) {
  /// Copies.
  ///
  /// @throws IllegalArgumentException if the contact is no bare JID, if an item that is not listed
  ///   is more than a request, or if there is a stanza kept and no request
  public RosterItem {
    groups = List.copyOf(groups);
    if (!contact.isBare()) {
      throw new IllegalArgumentException("a contact is a bare JID: " + contact);
    }
    if (!listed && subscription.state() != SubscriptionState.NONE_PENDING_IN) {
      throw new IllegalArgumentException("what is not listed only asks: " + contact);
    }
    if (request.isPresent() && !subscription.state().isPendingIn()) {
      throw new IllegalArgumentException("a request is kept only while it waits: " + contact);
    }
  }

  /// A contact of the roster that asks for nothing.
  public static RosterItem listed(
      Jid contact, String name, List<String> groups, Subscription subscription) {
    return new RosterItem(contact, name, groups, subscription, true, Optional.empty());
  }

  /// How many characters the account has given it.
  int length() {
    return contact.toString().length()
        + name.length()
        + groups.stream().mapToInt(String::length).sum();
  }
}

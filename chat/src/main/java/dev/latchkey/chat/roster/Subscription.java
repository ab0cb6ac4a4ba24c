// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.roster;

/// An account's view of its subscriptions with one contact.
///
/// @param state which of the nine
/// @param approved whether a request of the contact is granted before it comes (RFC 6121 §3.4)
public record Subscription(SubscriptionState state, boolean approved) {
  /// No subscription, no request, nothing approved.
  public static final Subscription NONE = new Subscription(SubscriptionState.NONE, false);

  /// Whether both look the same in a roster: attributes `subscription`, `ask` and `approved`.
  public boolean looksLike(Subscription other) {
    return state.word().equals(other.state.word())
        && state.isPendingOut() == other.state.isPendingOut()
        && approved == other.approved;
  }
}

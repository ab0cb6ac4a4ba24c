// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.roster;

/// The nine states of a subscription as one side sees it (RFC 6121 Appendix A.1).
///
/// `to`: I see the contact's presence. `from`: the contact sees mine. Pending out: I asked and
/// wait. Pending in: the contact asked and waits.
public enum SubscriptionState {
  NONE("none", false, false, false, false),
  NONE_PENDING_OUT("none", false, false, true, false),
  NONE_PENDING_IN("none", false, false, false, true),
  NONE_PENDING_OUT_IN("none", false, false, true, true),
  TO("to", true, false, false, false),
  TO_PENDING_IN("to", true, false, false, true),
  FROM("from", false, true, false, false),
  FROM_PENDING_OUT("from", false, true, true, false),
  BOTH("both", true, true, false, false);

  private final String word;
  private final boolean to;
  private final boolean from;
  private final boolean pendingOut;
  private final boolean pendingIn;

  SubscriptionState(String word, boolean to, boolean from, boolean pendingOut, boolean pendingIn) {
    this.word = word;
    this.to = to;
    this.from = from;
    this.pendingOut = pendingOut;
    this.pendingIn = pendingIn;
  }

  /// The attribute `subscription` of a roster item (RFC 6121 §2.1.2.5).
  public String word() {
    return word;
  }

  /// Whether I see the contact's presence.
  public boolean isTo() {
    return to;
  }

  /// Whether the contact sees my presence.
  public boolean isFrom() {
    return from;
  }

  /// Whether I asked for the contact's presence and wait; `ask='subscribe'` in the roster.
  public boolean isPendingOut() {
    return pendingOut;
  }

  /// Whether the contact asked for my presence and waits; not in the roster.
  public boolean isPendingIn() {
    return pendingIn;
  }
}

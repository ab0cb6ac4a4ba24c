// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.roster;

import dev.latchkey.chat.stanza.PresenceType;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.credential.Jid;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What one operation does to a roster, and what is to be done then.
///
/// Order: save it (if [#isChange]), then push, then pass the stanza on, then send.
///
/// @param before the roster it was decided on
/// @param after the roster then; the same value if nothing changes
/// @param contact whose item it is about
/// @param push whether interested resources get a roster push of this item, see
///   [RosterRequests#push]
/// @param passes whether the stanza goes on: outbound to the contact, inbound to the interested
///   resources
/// @param sends what the server sends to the contact's bare JID from the account's, in this order
/// @param refusal what the account's client is told instead; then nothing else is done
public record RosterChange(
    Roster before,
    Roster after,
    Jid contact,
    boolean push,
    boolean passes,
    List<PresenceType> sends,
    Optional<StanzaError> refusal) {
  /// Copies.
  public RosterChange {
    sends = List.copyOf(sends);
  }

  /// Whether there is anything to save.
  public boolean isChange() {
    return !before.equals(after);
  }

  /// What the contact would have sent to end what it ends between the two (RFC 6121 §3.2, §3.3):
  /// the stanzas that a deleted account owes.
  public List<PresenceType> ends() {
    SubscriptionState was = state(before);
    SubscriptionState is = state(after);
    List<PresenceType> ends = new ArrayList<>();
    if ((was.isFrom() || was.isPendingIn()) && !(is.isFrom() || is.isPendingIn())) {
      ends.add(PresenceType.UNSUBSCRIBE);
    }
    if ((was.isTo() || was.isPendingOut()) && !(is.isTo() || is.isPendingOut())) {
      ends.add(PresenceType.UNSUBSCRIBED);
    }
    return ends;
  }

  private SubscriptionState state(Roster roster) {
    return roster
        .item(contact)
        .map(item -> item.subscription().state())
        .orElse(SubscriptionState.NONE);
  }

  /// Whether the contact begins to see the account's presence: it is due what is shown now (RFC
  /// 6121 §3.1.5).
  public boolean startsShowing() {
    return !before.shows(contact) && after.shows(contact);
  }

  /// Whether the contact is told once more that it sees the account's presence: it asked as one
  /// that knows nothing of it.
  public boolean confirms() {
    return before.shows(contact) && sends.contains(PresenceType.SUBSCRIBED);
  }

  /// Whether the contact may know less than before: of the account's presence, or of what is for a
  /// group.
  public boolean takesAway() {
    return stopsShowing() || !after.groups(contact).containsAll(before.groups(contact));
  }

  /// Whether the contact no longer sees the account's presence: it is due unavailable presence of
  /// each available resource (RFC 6121 §3.2.2, §3.3.3).
  public boolean stopsShowing() {
    return before.shows(contact) && !after.shows(contact);
  }
}

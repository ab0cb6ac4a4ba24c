// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.roster;

import dev.latchkey.credential.Jid;
import java.util.List;

/// What an account may say of a contact itself (RFC 6121 §2.3): all but the subscription.
///
/// @param contact its bare JID
/// @param name what it is called; empty if nothing
/// @param groups its groups, none twice
public record RosterItemRequest(Jid contact, String name, List<String> groups) {
  /// Copies.
  public RosterItemRequest {
    groups = List.copyOf(groups);
  }
}

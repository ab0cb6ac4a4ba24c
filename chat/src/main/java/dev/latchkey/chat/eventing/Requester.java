// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import dev.latchkey.credential.Jid;
import java.util.Set;

/// Who asks, or is to be told, and how they stand to the owner of a node.
///
/// @param jid their address, full for a resource
/// @param owner whether they are the owner
/// @param subscribed whether they are subscribed to the owner's presence
/// @param groups the groups of the owner's roster they are in
public record Requester(Jid jid, boolean owner, boolean subscribed, Set<String> groups) {
  /// Copies.
  public Requester {
    groups = Set.copyOf(groups);
  }

  /// The owner, on one of the account's resources.
  public static Requester owner(Jid jid) {
    return new Requester(jid, true, true, Set.of());
  }

  /// Somebody who has nothing to do with the owner.
  public static Requester stranger(Jid jid) {
    return new Requester(jid, false, false, Set.of());
  }

  /// Whether they must not learn that the account exists (rule 5).
  boolean isStranger() {
    return !owner && !subscribed;
  }
}

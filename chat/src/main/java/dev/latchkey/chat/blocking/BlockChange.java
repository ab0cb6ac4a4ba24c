// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.blocking;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What one request does to a block list.
///
/// Order: save it, then push it to the resources that asked for the list, then send presence.
///
/// @param owner whose list it is
/// @param before the list it was decided on
/// @param after the list then
/// @param payload what the request held, as it is pushed
public record BlockChange(AccountJid owner, BlockList before, BlockList after, Pushed payload) {
  /// What is pushed (XEP-0191 §3.3 to §3.5).
  ///
  /// @param name `block` or `unblock`
  /// @param items which; none if all were unblocked
  public record Pushed(String name, List<Jid> items) {
    /// Copies.
    public Pushed {
      items = List.copyOf(items);
    }
  }

  /// Who is to get unavailable presence, since it no longer sees the account (XEP-0191 §3.3).
  ///
  /// @param watchers the bare JIDs that see the account's presence
  /// @return bare JIDs, and full ones of which only one resource is blocked
  public List<Jid> hiddenFrom(Collection<Jid> watchers) {
    return differing(watchers, before, after);
  }

  /// Who is to get the account's current presence, since it sees it again (XEP-0191 §3.4).
  ///
  /// @param watchers the bare JIDs that see the account's presence
  /// @return bare JIDs, and full ones of which only one resource was blocked
  public List<Jid> shownTo(Collection<Jid> watchers) {
    return differing(watchers, after, before);
  }

  /// Whose current presence the account is to get, since it hears of them again (XEP-0191 §3.4).
  ///
  /// @param watched the bare JIDs whose presence the account sees
  /// @return bare JIDs, and full ones of which only one resource was blocked
  public List<Jid> seenAgain(Collection<Jid> watched) {
    return differing(watched, after, before);
  }

  /// Those that the second list blocks and the first does not.
  ///
  /// @param contacts bare JIDs
  private List<Jid> differing(Collection<Jid> contacts, BlockList free, BlockList blocking) {
    Set<Jid> concerned = new LinkedHashSet<>(contacts);
    Set<Jid> known = Set.copyOf(contacts);
    blocking.items().stream()
        .filter(item -> !item.isBare() && known.contains(item.bare()))
        .filter(item -> !blocking.blocks(item.bare(), owner))
        .forEach(concerned::add);
    return concerned.stream()
        .filter(jid -> !free.blocks(jid, owner) && blocking.blocks(jid, owner))
        .toList();
  }
}

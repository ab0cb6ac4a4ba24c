// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.blocking;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;

/// The addresses that one account blocks. Immutable.
///
/// @param items what was blocked, in that order: full JIDs, bare JIDs, domains
public record BlockList(Set<Jid> items) {
  /// So many may be in a list.
  public static final int MOST_ITEMS = 2_000;

  /// Nobody is blocked.
  public static final BlockList EMPTY = new BlockList(Set.of());

  /// Copies.
  public BlockList {
    items = Collections.unmodifiableSet(new LinkedHashSet<>(items));
  }

  /// A list as it was stored.
  public static BlockList of(Collection<Jid> items) {
    return new BlockList(new LinkedHashSet<>(items));
  }

  /// Whether an address is blocked (XEP-0191 §5): itself, its bare JID, or its domain is listed.
  ///
  /// @param owner whose list it is; neither its own resources nor its server are ever blocked
  public boolean blocks(Jid address, AccountJid owner) {
    if (items.isEmpty() || isOwn(address, owner)) {
      return false;
    }
    return items.contains(address)
        || items.contains(address.bare())
        || items.contains(Jid.of(address.domain()));
  }

  /// A request without an address is to the account itself; one to the domain is to the server.
  private static boolean isOwn(Jid address, AccountJid owner) {
    return address.bare().equals(owner.jid())
        || (address.localpart().isEmpty()
            && address.isBare()
            && address.domain().equals(owner.domain()));
  }

  BlockList with(Collection<Jid> more) {
    Set<Jid> all = new LinkedHashSet<>(items);
    all.addAll(more);
    return new BlockList(all);
  }

  BlockList without(Collection<Jid> fewer) {
    Set<Jid> rest = new LinkedHashSet<>(items);
    rest.removeAll(fewer);
    return new BlockList(rest);
  }

  /// Only how many: whom somebody blocks is nobody's business.
  @Override
  public String toString() {
    return "BlockList[" + items.size() + "]";
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.InvalidJidException;
import dev.latchkey.credential.Jid;
import dev.latchkey.credential.Resource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// Whom a shown certificate names, seen from one account. Names never add an account, they only
/// restrict (rule 2).
///
/// @param namesSomebodyElse whether it names somebody here, but not this account
/// @param resources the resources at which it names this account
record ShownNames(boolean namesSomebodyElse, Set<Resource> resources) {
  ShownNames {
    resources = Set.copyOf(resources);
  }

  static ShownNames of(List<String> xmppAddresses, AccountJid account, Predicate<Domain> served) {
    boolean named = false;
    boolean others = false;
    Set<Resource> resources = new LinkedHashSet<>();
    for (String address : xmppAddresses) {
      Optional<Jid> jid = read(address);
      if (jid.flatMap(Jid::account).equals(Optional.of(account))) {
        named = true;
        jid.flatMap(Jid::resource).ifPresent(resources::add);
      } else if (jid.isEmpty() || served.test(jid.get().domain())) {
        // What is no address might be one to another reader: it counts as somebody else.
        others = true;
      }
    }
    return new ShownNames(others && !named, resources);
  }

  private static Optional<Jid> read(String address) {
    try {
      return Optional.of(Jid.parse(address));
    } catch (InvalidJidException none) {
      return Optional.empty();
    }
  }
}

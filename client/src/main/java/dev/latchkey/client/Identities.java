// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.Optional;

/// Rule 3: being signed in as somebody else than we asked for is an attack.
final class Identities {
  private Identities() {}

  /// The address that SASL2's `<success/>` says we are.
  ///
  /// @throws ServerNotTrustedException if it says none, or another account's
  static Jid requireSame(Element success, AccountJid account) {
    String told =
        success
            .child("authorization-identifier", Namespaces.SASL2)
            .map(Element::text)
            .orElse("nobody");
    return requireSame(told, account);
  }

  /// The same for an address that stands by itself.
  static Jid requireSame(String told, AccountJid account) {
    Optional<Jid> jid = Jid.tryParse(told).filter(read -> read.bare().equals(account.jid()));
    return jid.orElseThrow(() -> another(told, account));
  }

  static ServerNotTrustedException another(String told, AccountJid account) {
    return new ServerNotTrustedException(
        "the server signed us in as %s instead of %s: the connection is closed"
            .formatted(Foreign.line(told), account));
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.manage;

import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.xmpp.protocol.AuthTokenElements;
import dev.latchkey.xmpp.session.SessionIdentity;
import dev.latchkey.xmpp.session.SessionRegistry;
import java.util.List;

/// Tells an account's other devices that X-TOKENs are dead. Thread-safe.
public final class RevokedTokens {
  private final SessionRegistry sessions;

  /// @param sessions who can be told
  public RevokedTokens(SessionRegistry sessions) {
    this.sessions = sessions;
  }

  /// Tells the account's other devices.
  ///
  /// @param who did it
  void tell(SessionIdentity who, List<CredentialId> dead) {
    sessions.tell(
        who.account(),
        who.device(),
        to ->
            Element.named("message", Namespaces.CLIENT)
                .attribute("type", "headline")
                .attribute("from", Jid.of(who.jid().domain()).toString())
                .attribute("to", to.toString())
                .child(AuthTokenElements.revoked(dead))
                .build());
  }
}

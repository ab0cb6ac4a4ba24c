// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.manage;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.Jid;
import dev.latchkey.devices.AuthTokenEntry;
import dev.latchkey.devices.AuthTokenResult;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.xmpp.protocol.AuthTokenElements;
import dev.latchkey.xmpp.session.Session;
import dev.latchkey.xmpp.session.SessionIdentity;
import dev.latchkey.xmpp.session.SessionRegistry;
import java.util.List;
import java.util.Optional;

/// Tells an account's other sessions what became of its X-TOKENs: the domain says it to each of
/// them, and nothing is kept for who is away. Thread-safe.
public final class TokenNotices {
  private final SessionRegistry sessions;

  /// @param sessions who can be told
  public TokenNotices(SessionRegistry sessions) {
    this.sessions = sessions;
  }

  /// Tells the account's other devices that tokens are dead.
  ///
  /// @param who did it
  void revoked(SessionIdentity who, List<CredentialId> dead) {
    sessions.tell(
        who.account(),
        to ->
            to.identity().device().equals(who.device())
                ? Optional.empty()
                : Optional.of(
                    message("headline", to).child(AuthTokenElements.revoked(dead)).build()));
  }

  /// Tells all sessions but the asking one that a token was issued: also those of its own device,
  /// which somebody may have copied. Details are for who may see the token in a list (rule 37).
  ///
  /// @param who asked
  /// @param request how it asked
  void issued(SessionIdentity who, Iq request, AuthTokenResult.Issued token) {
    // A session that has no resource yet says no address, and is not told of anything.
    Optional<String> asking = request.stanza().attribute("from");
    sessions.tell(
        who.account(),
        to ->
            asking.equals(Optional.of(to.jid().toString()))
                ? Optional.empty()
                : Optional.of(issued(to, token)));
  }

  private static Element issued(Session to, AuthTokenResult.Issued token) {
    String account = to.identity().jid().toString();
    if (!token.seenBy().contains(to.identity().device())) {
      return message("chat", to)
          .child(body("New login: a token was issued for %s.".formatted(account)))
          .build();
    }
    AuthTokenEntry entry = token.entry();
    return message("chat", to)
        .child(AuthTokenElements.notice(entry))
        .child(
            body(
                ("New login: a token was issued for %s to \"%s\" on \"%s\"."
                        + " If it was not you who asked for it, revoke it.")
                    .formatted(account, entry.client(), entry.description())))
        .build();
  }

  private static Element body(String text) {
    return Element.text("body", Namespaces.CLIENT, text);
  }

  private static Element.Builder message(String type, Session to) {
    return Element.named("message", Namespaces.CLIENT)
        .attribute("type", type)
        .attribute("from", Jid.of(to.identity().jid().domain()).toString())
        .attribute("to", to.jid().toString());
  }
}

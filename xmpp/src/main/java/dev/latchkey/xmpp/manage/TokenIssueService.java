// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.manage;

import static dev.latchkey.wire.element.Namespaces.AUTH_TOKENS;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.devices.AuthTokenResult;
import dev.latchkey.devices.AuthTokens;
import dev.latchkey.wire.element.Element;
import dev.latchkey.xmpp.protocol.AuthTokenElements;
import dev.latchkey.xmpp.session.IqService;
import dev.latchkey.xmpp.session.SessionIdentity;
import java.util.List;
import java.util.Optional;

/// Gives the asking device an X-TOKEN, or takes all of them away. Both can be asked for also before
/// the session has a resource: whoever found out about a thief need not come in first.
public final class TokenIssueService implements IqService {
  private final AuthTokens tokens;
  private final TokenNotices notices;

  /// @param tokens the use case
  /// @param notices tells others
  public TokenIssueService(AuthTokens tokens, TokenNotices notices) {
    this.tokens = tokens;
    this.notices = notices;
  }

  @Override
  public boolean answers(Iq request) {
    Element payload = request.payload();
    return request.isSet()
        && (payload.is("issue", AUTH_TOKENS) || payload.is("revoke-all", AUTH_TOKENS));
  }

  @Override
  public Element answer(SessionIdentity who, Iq request) {
    return request.payload().name().equals("issue") ? issue(who, request) : revokeAll(who, request);
  }

  private Element issue(SessionIdentity who, Iq request) {
    return AuthTokenElements.read(request.payload())
        .map(wish -> tokens.issue(Refusals.acting(who), who.credential(), wish))
        .map(
            result ->
                switch (result) {
                  case AuthTokenResult.Issued issued -> {
                    notices.issued(who, request, issued);
                    yield request.result(Optional.of(AuthTokenElements.issued(issued)));
                  }
                  case AuthTokenResult.Refused(var refusal) ->
                      request.error(Refusals.of(refusal, Optional.empty()));
                })
        .orElseGet(() -> request.error(StanzaError.BAD_REQUEST));
  }

  private Element revokeAll(SessionIdentity who, Iq request) {
    List<CredentialId> dead = tokens.revokeAll(Refusals.acting(who), who.credential());
    if (!dead.isEmpty()) {
      notices.revoked(who, dead);
    }
    return request.result(Optional.empty());
  }
}

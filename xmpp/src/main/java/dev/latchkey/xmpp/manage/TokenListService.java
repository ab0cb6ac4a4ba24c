// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.manage;

import static dev.latchkey.wire.element.Namespaces.AUTH_TOKENS;
import static dev.latchkey.wire.element.Namespaces.AUTH_TOKEN_ITEMS;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.Secret;
import dev.latchkey.devices.AuthTokens;
import dev.latchkey.wire.element.Element;
import dev.latchkey.xmpp.protocol.AuthTokenElements;
import dev.latchkey.xmpp.session.IqService;
import dev.latchkey.xmpp.session.SessionIdentity;
import java.util.List;
import java.util.Optional;

/// Lists X-TOKENs, and revokes them one by one. To revoke a token is to revoke its device (rule 1).
public final class TokenListService implements IqService {
  private final AuthTokens tokens;
  private final TokenNotices notices;

  /// @param tokens the use case
  /// @param notices tells others
  public TokenListService(AuthTokens tokens, TokenNotices notices) {
    this.tokens = tokens;
    this.notices = notices;
  }

  @Override
  public boolean answers(Iq request) {
    return request.isSet()
        ? request.payload().is("revoke", AUTH_TOKENS)
        : request.payload().is("query", AUTH_TOKEN_ITEMS);
  }

  @Override
  public Element answer(SessionIdentity who, Iq request) {
    return request.isSet() ? revoke(who, request) : list(who, request);
  }

  private Element list(SessionIdentity who, Iq request) {
    Optional<Secret> one =
        request
            .payload()
            .child("token", AUTH_TOKEN_ITEMS)
            .map(token -> Secret.ofText(token.text().strip()));
    if (one.isEmpty()) {
      return request.result(Optional.of(AuthTokenElements.list(tokens.list(Refusals.acting(who)))));
    }
    return tokens
        .find(Refusals.acting(who), one.get())
        .map(token -> request.result(Optional.of(AuthTokenElements.list(List.of(token)))))
        .orElseGet(() -> request.error(StanzaError.ITEM_NOT_FOUND));
  }

  private Element revoke(SessionIdentity who, Iq request) {
    List<CredentialId> named = AuthTokenElements.revoked(request.payload());
    if (named.isEmpty()) {
      return request.error(StanzaError.BAD_REQUEST);
    }
    Optional<StanzaError> refused = Refusals.of(tokens.revoke(Refusals.acting(who), named));
    if (refused.isPresent()) {
      return request.error(refused.get());
    }
    notices.revoked(who, named);
    return request.result(Optional.empty());
  }
}

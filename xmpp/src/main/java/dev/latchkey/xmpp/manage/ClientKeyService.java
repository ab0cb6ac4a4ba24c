// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.manage;

import static dev.latchkey.wire.element.Namespaces.CLIENT_KEY;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.devices.ClientKeyResult;
import dev.latchkey.devices.ClientKeys;
import dev.latchkey.wire.element.Element;
import dev.latchkey.xmpp.protocol.ClientKeyElements;
import dev.latchkey.xmpp.session.IqService;
import dev.latchkey.xmpp.session.SessionIdentity;
import java.util.Optional;

/// Registers, lists and revokes client keys (XEP-0399, 30.L, rule 57). To revoke a key is to revoke
/// its device (rule 1).
public final class ClientKeyService implements IqService {
  private final ClientKeys keys;

  /// @param keys the use case
  public ClientKeyService(ClientKeys keys) {
    this.keys = keys;
  }

  @Override
  public boolean answers(Iq request) {
    Element payload = request.payload();
    return request.isSet()
        ? payload.is("register", CLIENT_KEY) || payload.is("revoke", CLIENT_KEY)
        : payload.is("list", CLIENT_KEY);
  }

  @Override
  public Element answer(SessionIdentity who, Iq request) {
    return switch (request.payload().name()) {
      case "register" -> register(who, request);
      case "revoke" -> revoke(who, request);
      default ->
          request.result(Optional.of(ClientKeyElements.list(keys.list(Refusals.acting(who)))));
    };
  }

  private Element register(SessionIdentity who, Iq request) {
    ClientKeyResult result =
        keys.register(
            Refusals.acting(who),
            who.credential(),
            ClientKeyElements.read(request.payload()).orElse(ClientKeyElements.UNREADABLE));
    return switch (result) {
      case ClientKeyResult.Registered(var credential, var encryptedSecret, var expires) ->
          request.result(
              Optional.of(ClientKeyElements.registered(credential, encryptedSecret, expires)));
      case ClientKeyResult.Refused(var refusal) ->
          request.error(Refusals.of(refusal, Optional.empty()));
    };
  }

  private Element revoke(SessionIdentity who, Iq request) {
    return ClientKeyElements.revoked(request.payload())
        .map(id -> keys.revoke(Refusals.acting(who), id))
        .map(
            result ->
                Refusals.of(result)
                    .map(request::error)
                    .orElseGet(() -> request.result(Optional.empty())))
        .orElseGet(() -> request.error(StanzaError.BAD_REQUEST));
  }
}

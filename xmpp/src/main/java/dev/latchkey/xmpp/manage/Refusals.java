// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.manage;

import static dev.latchkey.wire.element.Namespaces.LATCHKEY_PERMISSIONS;

import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.credential.Permission;
import dev.latchkey.devices.Acting;
import dev.latchkey.devices.Refusal;
import dev.latchkey.devices.RevocationResult;
import dev.latchkey.wire.element.Element;
import dev.latchkey.xmpp.session.SessionIdentity;
import java.util.Optional;

/// What the use cases refuse, as stanza errors.
final class Refusals {
  private Refusals() {}

  static StanzaError of(Refusal refusal, Optional<Permission> missing) {
    return switch (refusal) {
      case FORBIDDEN -> forbidden(missing);
      case NOT_FOUND -> StanzaError.ITEM_NOT_FOUND;
      case CONFLICT, WOULD_LOCK_OUT -> StanzaError.CONFLICT;
      case RESOURCE_CONSTRAINT -> StanzaError.RESOURCE_CONSTRAINT;
      case BAD_NAME, BAD_LIFE -> StanzaError.NOT_ACCEPTABLE;
      case BAD_REQUEST -> StanzaError.BAD_REQUEST;
      case SWITCHED_OFF -> StanzaError.FEATURE_NOT_IMPLEMENTED;
    };
  }

  /// Why a revocation was not done, if it was not.
  static Optional<StanzaError> of(RevocationResult result) {
    return switch (result) {
      case RevocationResult.Revoked _ -> Optional.empty();
      case RevocationResult.Refused refused ->
          Optional.of(of(refused.refusal(), refused.missing()));
      case RevocationResult.NotFound _ -> Optional.of(StanzaError.ITEM_NOT_FOUND);
    };
  }

  /// 30.E: which flag is missing is no secret to the device that lacks it.
  private static StanzaError forbidden(Optional<Permission> missing) {
    return missing
        .map(
            flag ->
                StanzaError.FORBIDDEN.with(
                    Element.named("permission-required", LATCHKEY_PERMISSIONS)
                        .attribute("flag", flag.word())
                        .build()))
        .orElse(StanzaError.FORBIDDEN);
  }

  static Acting acting(SessionIdentity who) {
    return new Acting(who.account(), who.device(), who.generation());
  }
}

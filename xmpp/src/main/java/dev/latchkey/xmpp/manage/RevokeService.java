// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.manage;

import static dev.latchkey.wire.element.Namespaces.LATCHKEY_PERMISSIONS;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.devices.Revocation;
import dev.latchkey.devices.RevocationResult;
import dev.latchkey.wire.element.Element;
import dev.latchkey.xmpp.session.IqService;
import dev.latchkey.xmpp.session.SessionIdentity;
import java.util.List;
import java.util.Optional;

/// Revokes a device of the own account (rules 32, 39). When the answer is sent, it is gone; who
/// revokes himself hears the answer first.
public final class RevokeService implements IqService {
  private static final int LONGEST_REASON = 256;

  private final Revocation revocation;

  /// @param revocation the use case
  public RevokeService(Revocation revocation) {
    this.revocation = revocation;
  }

  @Override
  public boolean answers(Iq request) {
    return request.isSet() && request.payload().is("revoke", LATCHKEY_PERMISSIONS);
  }

  @Override
  public Element answer(SessionIdentity who, Iq request) {
    Element revoke = request.payload();
    Optional<String> id = revoke.attribute("id");
    String cascade = revoke.attribute("cascade").orElse("false");
    Optional<String> reason =
        revoke
            .child("reason", LATCHKEY_PERMISSIONS)
            .map(Element::text)
            .filter(text -> !text.isBlank());
    if (id.isEmpty()
        || !List.of("true", "1", "false", "0").contains(cascade)
        || reason.filter(text -> text.length() > LONGEST_REASON).isPresent()) {
      return request.error(StanzaError.BAD_REQUEST);
    }
    RevocationResult result =
        revocation.revoke(
            Refusals.acting(who),
            new DeviceId(id.get()),
            cascade.equals("true") || cascade.equals("1"),
            reason);
    return switch (result) {
      case RevocationResult.Revoked(List<DeviceId> revoked, List<Device> _) ->
          request.result(Optional.of(revoked(revoked)));
      case RevocationResult.Refused refused ->
          request.error(Refusals.of(refused.refusal(), refused.missing()));
      case RevocationResult.NotFound _ -> request.error(StanzaError.ITEM_NOT_FOUND);
    };
  }

  private static Element revoked(List<DeviceId> devices) {
    return Element.named("revoked", LATCHKEY_PERMISSIONS)
        .children(
            devices.stream()
                .map(
                    device ->
                        Element.named("device", LATCHKEY_PERMISSIONS)
                            .attribute("id", device.value())
                            .build())
                .toList())
        .build();
  }
}

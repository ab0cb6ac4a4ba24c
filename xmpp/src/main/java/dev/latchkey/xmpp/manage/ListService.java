// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.manage;

import static dev.latchkey.wire.element.Namespaces.CLIENT_ACCESS;
import static dev.latchkey.wire.element.Namespaces.LATCHKEY_CREDENTIAL;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Permission;
import dev.latchkey.credential.Permissions;
import dev.latchkey.devices.DeviceEntry;
import dev.latchkey.devices.DeviceLists;
import dev.latchkey.wire.element.Element;
import dev.latchkey.xmpp.protocol.Times;
import dev.latchkey.xmpp.session.IqService;
import dev.latchkey.xmpp.session.SessionIdentity;
import java.util.List;
import java.util.Optional;

/// Lists an account's devices as XEP-0494's clients, each with what it holds. A device that may not
/// manage sees only itself.
public final class ListService implements IqService {
  private final DeviceLists lists;

  /// @param lists the use case
  public ListService(DeviceLists lists) {
    this.lists = lists;
  }

  @Override
  public boolean answers(Iq request) {
    return !request.isSet() && request.payload().is("list", CLIENT_ACCESS);
  }

  @Override
  public Element answer(SessionIdentity who, Iq request) {
    List<Element> clients =
        lists.forActing(Refusals.acting(who)).stream()
            // XEP-0494 lists who has access; who had it stands in the account's history.
            .filter(entry -> entry.device().status() != DeviceStatus.REVOKED)
            .map(ListService::client)
            .toList();
    return request.result(
        Optional.of(Element.named("clients", CLIENT_ACCESS).children(clients).build()));
  }

  private static Element client(DeviceEntry entry) {
    Device device = entry.device();
    return Element.named("client", CLIENT_ACCESS)
        .attribute("id", device.id().value())
        .attribute("type", device.lastSeen().isPresent() ? "session" : "access")
        .attribute("connected", Boolean.toString(entry.connected()))
        .child(Element.text("first-seen", CLIENT_ACCESS, Times.text(device.firstSeen())))
        .child(
            device
                .lastSeen()
                .map(seen -> Element.text("last-seen", CLIENT_ACCESS, Times.text(seen))))
        .child(authentication(entry.credentials()))
        .child(
            Element.named("permission", CLIENT_ACCESS)
                .attribute("status", permission(device.permissions()))
                .build())
        .child(
            Element.named("user-agent", CLIENT_ACCESS)
                .child(Element.text("device", CLIENT_ACCESS, device.name()))
                .build())
        .child(
            Element.named("device", LATCHKEY_CREDENTIAL)
                .attribute("name", device.name())
                .attribute("status", device.status().word())
                .attribute("unbound", device.unbound() ? Optional.of("true") : Optional.empty())
                .children(entry.credentials().stream().map(ListService::credential).toList())
                .build())
        .build();
  }

  /// XEP-0494 knows passwords and FAST; what else there is stands in our own element.
  private static Element authentication(List<Credential> credentials) {
    Element.Builder auth = Element.named("auth", CLIENT_ACCESS);
    if (holds(credentials, CredentialKind.PASSWORD)) {
      auth.child("password", CLIENT_ACCESS);
    }
    if (holds(credentials, CredentialKind.FAST)) {
      auth.child("fast", CLIENT_ACCESS);
    }
    return auth.build();
  }

  private static boolean holds(List<Credential> credentials, CredentialKind kind) {
    return credentials.stream()
        .anyMatch(
            credential ->
                credential.kind() == kind && credential.status() == CredentialStatus.ACTIVE);
  }

  /// 30.E: XEP-0494 knows three words for our four flags.
  private static String permission(Permissions permissions) {
    return permissions.allow(Permission.MANAGE) && permissions.allow(Permission.PASSWORD)
        ? "unrestricted"
        : "normal";
  }

  private static Element credential(Credential credential) {
    return Element.named("credential", LATCHKEY_CREDENTIAL)
        .attribute("id", credential.id().value())
        .attribute("kind", credential.kind().word())
        .attribute("status", credential.status().word())
        .attribute("expires", credential.expires().map(Times::text))
        .build();
  }
}

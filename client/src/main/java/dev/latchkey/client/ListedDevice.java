// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A device of the own account, as the server lists it (XEP-0494).
///
/// @param id its id
/// @param name what people call it
/// @param status `pending`, `active`, `disabled`, `suspended` or `revoked`
/// @param unbound whether it was enrolled over a channel to which its sign-in was not bound, so
///   that somebody in between could have got what it signs in with
/// @param credentials what it can sign in with
/// @param connected whether it has a session now
/// @param firstSeen when it first signed in
/// @param lastSeen when it was last there
public record ListedDevice(
    DeviceId id,
    Optional<String> name,
    Optional<String> status,
    boolean unbound,
    List<ListedCredential> credentials,
    boolean connected,
    Optional<Instant> firstSeen,
    Optional<Instant> lastSeen) {
  /// Copies.
  public ListedDevice {
    credentials = List.copyOf(credentials);
  }

  /// One of its credentials.
  ///
  /// @param id its id
  /// @param kind such as `certificate`
  /// @param status such as `active`
  /// @param expires when it ends, if it does
  public record ListedCredential(
      CredentialId id, String kind, String status, Optional<Instant> expires) {}

  /// Reads a `<client/>`; nothing if it has no id.
  static Optional<ListedDevice> read(Element client) {
    Optional<Element> device = client.child("device", Namespaces.LATCHKEY_CREDENTIAL);
    return client
        .attribute("id")
        .map(
            id ->
                new ListedDevice(
                    new DeviceId(id),
                    device
                        .flatMap(element -> element.attribute("name"))
                        .or(() -> userAgentDevice(client))
                        .filter(name -> !name.isEmpty()),
                    device.flatMap(element -> element.attribute("status")),
                    device
                        .flatMap(element -> element.attribute("unbound"))
                        .filter(ListedDevice::isTrue)
                        .isPresent(),
                    device.stream()
                        .flatMap(
                            element ->
                                element.children("credential", Namespaces.LATCHKEY_CREDENTIAL))
                        .map(ListedDevice::credential)
                        .toList(),
                    client.attribute("connected").filter(ListedDevice::isTrue).isPresent(),
                    time(client, "first-seen"),
                    time(client, "last-seen")));
  }

  private static boolean isTrue(String word) {
    return word.equals("true") || word.equals("1");
  }

  private static Optional<String> userAgentDevice(Element client) {
    return client
        .child("user-agent", Namespaces.CLIENT_ACCESS)
        .flatMap(agent -> agent.child("device", Namespaces.CLIENT_ACCESS))
        .map(Element::text);
  }

  private static ListedCredential credential(Element element) {
    return new ListedCredential(
        new CredentialId(element.attribute("id").orElse("")),
        element.attribute("kind").orElse(""),
        element.attribute("status").orElse(""),
        element.attribute("expires").flatMap(Message::instant));
  }

  private static Optional<Instant> time(Element client, String name) {
    return client
        .child(name, Namespaces.CLIENT_ACCESS)
        .flatMap(element -> Message.instant(element.text()));
  }
}

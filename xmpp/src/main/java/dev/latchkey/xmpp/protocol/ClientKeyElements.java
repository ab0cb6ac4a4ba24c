// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.protocol;

import static dev.latchkey.wire.element.Namespaces.CLIENT_KEY;
import static dev.latchkey.wire.element.Namespaces.LATCHKEY_CREDENTIAL;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.Secret;
import dev.latchkey.devices.ClientKeyEntry;
import dev.latchkey.devices.ClientKeyWish;
import dev.latchkey.wire.element.Element;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// XEP-0399's elements, with what 30.L adds.
public final class ClientKeyElements {
  /// What stands for a `<register/>` that cannot be read: no key is registered for it.
  public static final ClientKeyWish UNREADABLE =
      new ClientKeyWish("", "", Secret.of(Bytes.EMPTY), Optional.empty());

  private ClientKeyElements() {}

  /// Reads a `<register/>`.
  ///
  /// @return nothing if it is none
  public static Optional<ClientKeyWish> read(Element register) {
    Optional<String> id = text(register, "id");
    Optional<Bytes> key = text(register, "key").flatMap(Bytes::base64);
    Optional<String> ttl = text(register, "ttl");
    Optional<Duration> life = ttl.flatMap(Times::seconds);
    return !register.is("register", CLIENT_KEY)
            || id.isEmpty()
            || key.isEmpty()
            || ttl.isPresent() != life.isPresent()
        ? Optional.empty()
        : Optional.of(
            new ClientKeyWish(
                id.get(), text(register, "name").orElse(""), Secret.of(key.get()), life));
  }

  private static Optional<String> text(Element parent, String name) {
    return parent
        .child(name, CLIENT_KEY)
        .map(Element::text)
        .map(String::strip)
        .filter(text -> !text.isEmpty());
  }

  /// `<registered/>`.
  public static Element registered(
      CredentialId credential, Secret encryptedSecret, Instant expires) {
    return Element.named("registered", CLIENT_KEY)
        .child(Element.text("encrypted-secret", CLIENT_KEY, encryptedSecret.reveal().toBase64()))
        .child(Element.text("expiry", CLIENT_KEY, Times.text(expires)))
        .child(
            Element.named("credential", LATCHKEY_CREDENTIAL)
                .attribute("id", credential.value())
                .build())
        .build();
  }

  /// The key that a `<revoke/>` names. XEP-0399's example says `<id/>`, its text `<key/>`.
  ///
  /// @return nothing if it names none
  public static Optional<String> revoked(Element revoke) {
    return text(revoke, "id").or(() -> text(revoke, "key"));
  }

  /// `<list/>`, each with what 30.L adds: whose it is, and when that was last seen.
  public static Element list(List<ClientKeyEntry> keys) {
    return Element.named("list", CLIENT_KEY)
        .children(keys.stream().map(ClientKeyElements::entry).toList())
        .build();
  }

  private static Element entry(ClientKeyEntry key) {
    return Element.named("key", CLIENT_KEY)
        .child(Element.text("id", CLIENT_KEY, key.id()))
        .child(Element.text("name", CLIENT_KEY, key.name()))
        .child(Element.text("expiry", CLIENT_KEY, Times.text(key.expires())))
        .child(
            Element.named("credential", LATCHKEY_CREDENTIAL)
                .attribute("id", key.credential().value())
                .attribute("device", key.device().id().value())
                .attribute("last-seen", key.device().lastSeen().map(Times::text))
                .build())
        .build();
  }
}

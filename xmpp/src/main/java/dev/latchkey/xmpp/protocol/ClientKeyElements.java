// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.protocol;

import static dev.latchkey.wire.element.Namespaces.CLIENT_KEY;
import static dev.latchkey.wire.element.Namespaces.LATCHKEY_CREDENTIAL;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.Secret;
import dev.latchkey.devices.ClientKeyWish;
import dev.latchkey.wire.element.Element;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// XEP-0399's elements, with what 30.L adds.
public final class ClientKeyElements {
  /// What stands for a `<register/>` that cannot be read: no key is registered for it.
  public static final ClientKeyWish UNREADABLE =
      new ClientKeyWish("", "", Secret.of(Bytes.EMPTY), Optional.empty());

  private static final int MOST_DIGITS = 10;

  private ClientKeyElements() {}

  /// Reads a `<register/>`.
  ///
  /// @return nothing if it is none
  public static Optional<ClientKeyWish> read(Element register) {
    Optional<String> id = text(register, "id");
    Optional<Bytes> key = text(register, "key").flatMap(Bytes::base64);
    Optional<String> ttl = text(register, "ttl");
    Optional<Duration> life = ttl.flatMap(ClientKeyElements::seconds);
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

  private static Optional<Duration> seconds(String text) {
    return text.length() <= MOST_DIGITS && text.chars().allMatch(c -> c >= '0' && c <= '9')
        ? Optional.of(Duration.ofSeconds(Long.parseLong(text)))
        : Optional.empty();
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
}

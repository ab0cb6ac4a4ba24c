// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.EnrolmentLink;
import dev.latchkey.sasl.clientkey.HeldClientKey;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Registers a client key with the code (rule 11). Asked again with the same name and key, the
/// server gives the same answer (rules 8, 57).
final class ClientKeyEnrolment {
  /// What came of it.
  ///
  /// @param made the new device and its key, by their ids
  /// @param key the key
  /// @param expires when it ends
  record Answer(NewDevice made, HeldClientKey key, Instant expires) {}

  private final CodeExchange code;
  private final PendingEnrolment.Wish.OfClientKey wish;

  ClientKeyEnrolment(CodeExchange code, PendingEnrolment.Wish.OfClientKey wish) {
    this.code = code;
    this.wish = wish;
  }

  Answer run() {
    if (!code.features().enrolsBy("client-key")) {
      throw new ClientException(
          "%s does not enrol devices by client key: choose another --credential, or ask who runs it"
              .formatted(code.account().domain()));
    }
    // SECURITY: both halves of the key go over this connection, and the link does not hide them.
    code.requireBound();
    code.proveForTask(
        Element.named("enrol", Namespaces.LATCHKEY_CSR).attribute("by", "client-key").build());
    Element success = code.task(List.of(register(), link()));
    Element registered =
        success
            .child("registered", Namespaces.CLIENT_KEY)
            .orElseThrow(() -> refused("it holds no key"));
    Secret masked =
        text(registered, "encrypted-secret")
            .flatMap(Bytes::base64)
            .map(Secret::of)
            .orElseThrow(() -> refused("its half of the key is not base64"));
    return new Answer(
        NewDevice.in(success),
        HeldClientKey.registered(wish.clientId(), wish.validationKey(), masked)
            .orElseThrow(() -> refused("its half of the key has not the right length")),
        text(registered, "expiry")
            .flatMap(Message::instant)
            .orElseThrow(() -> refused("it does not say how long the key is good")));
  }

  private Element register() {
    return Element.named("register", Namespaces.CLIENT_KEY)
        .child(Element.text("id", Namespaces.CLIENT_KEY, wish.clientId()))
        .child(code.pending().name().map(it -> Element.text("name", Namespaces.CLIENT_KEY, it)))
        .child(Element.text("key", Namespaces.CLIENT_KEY, wish.validationKey().reveal().toBase64()))
        .build();
  }

  /// Whoever relays the proof of a code cannot put another key under it (rule 7).
  private Element link() {
    return Element.text(
        "link",
        Namespaces.LATCHKEY_CSR,
        EnrolmentLink.ofClientKey(
                code.serverKey(), code.account(), wish.clientId(), wish.validationKey())
            .toBase64());
  }

  private static Optional<String> text(Element parent, String name) {
    return parent.child(name, Namespaces.CLIENT_KEY).map(Element::text).map(String::strip);
  }

  private static ServerNotTrustedException refused(String why) {
    return new ServerNotTrustedException("the server's answer is refused: " + why);
  }
}

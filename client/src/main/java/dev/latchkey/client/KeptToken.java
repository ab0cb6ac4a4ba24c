// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.ht.HtVariant;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// A FAST token (XEP-0484).
///
/// @param text exactly as it was issued: its UTF-8 octets are the key
/// @param variant the mechanism that it was asked for; it is used with no other
/// @param received when it came
/// @param expires when the server takes it no more
/// @param credential its id at the server, if that was told
record KeptToken(
    Secret text,
    HtVariant variant,
    Instant received,
    Instant expires,
    Optional<CredentialId> credential) {

  /// The token in a `<success/>` (XEP-0484).
  ///
  /// @param variant what it was asked for
  /// @return nothing if there is none, or one that says not how long it is good
  static Optional<KeptToken> given(Element success, HtVariant variant, Instant now) {
    Optional<Element> token = success.child("token", Namespaces.FAST);
    Optional<Secret> text =
        token.flatMap(it -> it.attribute("token")).filter(it -> !it.isEmpty()).map(Secret::ofText);
    Optional<Instant> expiry =
        token.flatMap(it -> it.attribute("expiry")).flatMap(Message::instant);
    return text.flatMap(
        it -> expiry.map(end -> new KeptToken(it, variant, now, end, Optional.empty())));
  }

  /// The same with the id that the server told beside it.
  KeptToken named(CredentialId id) {
    return new KeptToken(text, variant, received, expires, Optional.of(id));
  }

  static Optional<KeptToken> read(Entries file, String slot) throws GeneralSecurityException {
    if (file.find(slot + ".token").isEmpty()) {
      return Optional.empty();
    }
    String mechanism = file.need(slot + ".mechanism");
    return Optional.of(
        new KeptToken(
            Secret.ofText(file.need(slot + ".token")),
            HtVariant.BY_PREFERENCE.stream()
                .filter(variant -> variant.mechanism().text().equals(mechanism))
                .findAny()
                .orElseThrow(
                    () -> new GeneralSecurityException("`" + slot + ".mechanism` is none")),
            Instant.parse(file.need(slot + ".received")),
            Instant.parse(file.need(slot + ".expires")),
            file.find(slot + ".credential").map(CredentialId::new)));
  }

  void writeTo(Entries file, String slot) {
    file.with(slot + ".token", text.revealText())
        .with(slot + ".mechanism", variant.mechanism().text())
        .with(slot + ".received", received.toString())
        .with(slot + ".expires", expires.toString())
        .with(slot + ".credential", credential.map(CredentialId::value));
  }

  /// Whether half of its life is over: a server that does not offer a new one by itself is asked.
  boolean isAgeing(Instant now) {
    Duration half = Duration.between(received, expires).dividedBy(2);
    return now.isAfter(received.plus(half));
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.protocol;

import static dev.latchkey.wire.element.Namespaces.AUTH_TOKENS;
import static dev.latchkey.wire.element.Namespaces.AUTH_TOKEN_ITEMS;

import dev.latchkey.credential.CredentialId;
import dev.latchkey.devices.AuthTokenEntry;
import dev.latchkey.devices.AuthTokenResult;
import dev.latchkey.devices.AuthTokenWish;
import dev.latchkey.wire.element.Element;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// The elements of X-TOKEN (`https://xabber.com/protocol/auth-tokens`). Its moments are seconds
/// since 1970; `<expire/>` is a span in a request and a moment in an answer.
public final class AuthTokenElements {
  private static final int MOST_TOKENS = 100;

  private AuthTokenElements() {}

  /// Reads an `<issue/>`.
  ///
  /// @return nothing if it cannot be read
  public static Optional<AuthTokenWish> read(Element issue) {
    Optional<String> expire = issue.child("expire", AUTH_TOKENS).map(Element::text);
    Optional<Duration> life = expire.map(String::strip).flatMap(Times::seconds);
    return expire.isPresent() == life.isPresent()
        ? Optional.of(new AuthTokenWish(text(issue, "client"), text(issue, "device"), life))
        : Optional.empty();
  }

  private static String text(Element parent, String name) {
    return parent.child(name, AUTH_TOKENS).map(Element::text).map(String::strip).orElse("");
  }

  /// The tokens that a `<revoke/>` names.
  ///
  /// @return none if it cannot be read
  public static List<CredentialId> revoked(Element revoke) {
    List<Element> children = revoke.children().toList();
    boolean readable =
        children.size() <= MOST_TOKENS
            && children.stream()
                .allMatch(child -> child.is("token-uid", AUTH_TOKENS) && !child.text().isBlank());
    return readable
        ? children.stream().map(child -> new CredentialId(child.text().strip())).toList()
        : List.of();
  }

  /// The answer to `<issue/>`.
  public static Element issued(AuthTokenResult.Issued token) {
    return Element.named("x", AUTH_TOKENS)
        .child(Element.text("token", AUTH_TOKENS, token.token().revealText()))
        .child(Element.text("expire", AUTH_TOKENS, seconds(token.entry().expires())))
        .child(uid(token.entry().id()))
        .build();
  }

  /// What tells others of the account that a token was issued.
  public static Element notice(AuthTokenEntry token) {
    return Element.named("x", AUTH_TOKENS).child(uid(token.id())).build();
  }

  private static Element uid(CredentialId token) {
    return Element.text("token-uid", AUTH_TOKENS, token.value());
  }

  /// The answer to a query. No address is in it: none is kept.
  public static Element list(List<AuthTokenEntry> tokens) {
    return Element.named("x", AUTH_TOKEN_ITEMS)
        .children(
            IntStream.range(0, tokens.size()).mapToObj(i -> field(i + 1, tokens.get(i))).toList())
        .build();
  }

  private static Element field(int number, AuthTokenEntry token) {
    return Element.named("field", AUTH_TOKEN_ITEMS)
        .attribute("var", Integer.toString(number))
        .child(Element.text("client", AUTH_TOKEN_ITEMS, token.client()))
        .child(Element.text("device", AUTH_TOKEN_ITEMS, token.description()))
        .child(Element.text("token-uid", AUTH_TOKEN_ITEMS, token.id().value()))
        .child(Element.text("expire", AUTH_TOKEN_ITEMS, seconds(token.expires())))
        .child(
            token
                .device()
                .lastSeen()
                .map(seen -> Element.text("last-auth", AUTH_TOKEN_ITEMS, seconds(seen))))
        .build();
  }

  private static String seconds(Instant moment) {
    return Long.toString(moment.getEpochSecond());
  }

  /// What tells others of the account that tokens are dead.
  public static Element revoked(List<CredentialId> tokens) {
    return Element.named("revoke", AUTH_TOKENS)
        .children(tokens.stream().map(AuthTokenElements::uid).toList())
        .build();
  }
}

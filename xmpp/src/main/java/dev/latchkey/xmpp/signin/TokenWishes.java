// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.signin;

import static dev.latchkey.wire.element.Namespaces.FAST;
import static dev.latchkey.wire.element.Namespaces.SASL2;

import dev.latchkey.devices.TokenRequest;
import dev.latchkey.devices.TokenWish;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.sasl.UserAgentId;
import dev.latchkey.wire.element.Element;
import java.util.List;
import java.util.Optional;

/// What an `<authenticate/>` says of XEP-0484: whether it signs in with a token, and what it wants
/// done about tokens.
///
/// @param start the element
/// @param offered the mechanisms that tokens are good for here
record TokenWishes(Element start, List<MechanismName> offered) {
  /// Copies.
  TokenWishes {
    offered = List.copyOf(offered);
  }

  /// The user agent's id, as the client says it.
  Optional<UserAgentId> userAgent() {
    return start
        .child("user-agent", SASL2)
        .flatMap(agent -> agent.attribute("id"))
        .filter(id -> !id.isEmpty())
        .map(UserAgentId::new);
  }

  /// Whether it signs in with a token. A `count` is of no meaning without 0-RTT, and is not looked
  /// at (rule 63).
  boolean usesToken() {
    return start.child("fast", FAST).isPresent();
  }

  /// Whether it asks for something that cannot be without a user agent's id: a token belongs to one
  /// (XEP-0484 §5.1).
  boolean lacksUserAgent() {
    return userAgent().isEmpty() && (usesToken() || start.child("request-token", FAST).isPresent());
  }

  /// The token it wants; none if nobody could sign in with it.
  Optional<TokenWish> wish() {
    return start
        .child("request-token", FAST)
        .flatMap(request -> request.attribute("mechanism"))
        .filter(wished -> offered.stream().anyMatch(name -> name.text().equals(wished)))
        .flatMap(mechanism -> userAgent().map(agent -> new TokenWish(mechanism, agent.sha256())));
  }

  /// What signing in is to do about tokens.
  TokenRequest request() {
    boolean invalidate =
        start
            .child("fast", FAST)
            .flatMap(fast -> fast.attribute("invalidate"))
            .filter(it -> it.equals("true") || it.equals("1"))
            .isPresent();
    return new TokenRequest(invalidate, wish());
  }
}

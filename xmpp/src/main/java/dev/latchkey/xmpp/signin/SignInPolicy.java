// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.signin;

import dev.latchkey.wire.framing.StreamLimits;
import java.time.Duration;

/// How much a sign-in may take.
///
/// @param authentication time from the first octet to success
/// @param binding time from success to a resource
/// @param attempts failed attempts until the stream ends (rule 61)
/// @param before limits of what is read before success
/// @param after limits of what is read in a session
/// @param idle silence after which a session is asked whether it is there
public record SignInPolicy(
    Duration authentication,
    Duration binding,
    int attempts,
    StreamLimits before,
    StreamLimits after,
    Duration idle) {
  /// What an operator gets who sets nothing.
  public static final SignInPolicy DEFAULT =
      new SignInPolicy(
          Duration.ofSeconds(30),
          Duration.ofSeconds(60),
          5,
          StreamLimits.UNAUTHENTICATED,
          StreamLimits.AUTHENTICATED,
          Duration.ofMinutes(5));
}

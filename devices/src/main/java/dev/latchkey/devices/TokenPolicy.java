// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import java.time.Duration;

/// What the operator allows of FAST tokens.
///
/// @param life how long one is good
/// @param renewal how old one is when a new one is offered for it
/// @param none whether a device that has nothing stronger may have one that is bound to no channel
///   (rule 62)
/// @param endPoint whether a device that has something stronger may have one that is bound to the
///   server's certificate alone (rule 62)
public record TokenPolicy(Duration life, Duration renewal, boolean none, boolean endPoint) {
  /// Three weeks, a new one each day; unbound ones for those who can do no better.
  public static final TokenPolicy STANDARD =
      new TokenPolicy(Duration.ofDays(21), Duration.ofDays(1), true, false);

  /// The same with unbound tokens on or off.
  public TokenPolicy withNone(boolean none) {
    return new TokenPolicy(life, renewal, none, endPoint);
  }

  /// The same with tokens bound to the end point on or off.
  public TokenPolicy withEndPoint(boolean endPoint) {
    return new TokenPolicy(life, renewal, none, endPoint);
  }
}

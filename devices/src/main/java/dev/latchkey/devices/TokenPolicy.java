// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import java.time.Duration;

/// What the operator allows of FAST tokens.
///
/// @param life how long one is good
/// @param renewal how old one is when a new one is offered for it; at least [#leastRenewal]
/// @param none whether a device that has nothing stronger may have one that is bound to no channel
///   (rule 62)
/// @param endPoint whether a device that has something stronger may have one that is bound to the
///   server's certificate alone (rule 62)
public record TokenPolicy(Duration life, Duration renewal, boolean none, boolean endPoint) {
  /// So often a token can be renewed within its life. Each of those that were is remembered until
  /// its date (rule 41) and tried on every wrong proof, so they must not be many.
  public static final int MOST_RENEWALS = 21;

  /// Three weeks, a new one each day; unbound ones for those who can do no better.
  public static final TokenPolicy STANDARD =
      new TokenPolicy(Duration.ofDays(21), Duration.ofDays(1), true, false);

  /// @throws IllegalArgumentException if one would be renewed too often
  public TokenPolicy {
    if (renewal.compareTo(leastRenewal(life)) < 0) {
      throw new IllegalArgumentException(
          "a token that is good for %s is not renewed after %s already".formatted(life, renewal));
    }
  }

  /// How old a token must be at least before it is renewed.
  ///
  /// @param life how long it is good; in whole seconds
  public static Duration leastRenewal(Duration life) {
    return Duration.ofSeconds(Math.ceilDiv(life.toSeconds(), MOST_RENEWALS));
  }

  /// The same with unbound tokens on or off.
  public TokenPolicy withNone(boolean none) {
    return new TokenPolicy(life, renewal, none, endPoint);
  }

  /// The same with tokens bound to the end point on or off.
  public TokenPolicy withEndPoint(boolean endPoint) {
    return new TokenPolicy(life, renewal, none, endPoint);
  }
}

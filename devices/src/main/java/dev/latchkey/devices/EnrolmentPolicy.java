// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.authority.KeyKind;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/// What the operator allows of enrolment; codes and signing can each be switched off alone (D5).
///
/// @param codes whether one-time codes are issued and redeemed
/// @param signing whether requests are signed
/// @param inviteLife how long an operator's code is good, unless told otherwise
/// @param issueLife how long a device's code is good, unless told otherwise
/// @param longestLife the longest life of a code that may be asked for
/// @param keys the kinds of keys that may be signed or shown
/// @param refuseUnbound whether a certificate shown without -PLUS is refused outright, instead of
///   giving a device without flags (rule 7); the same for a token asked for without it
/// @param devices how many devices that are not revoked an account may have
public record EnrolmentPolicy(
    boolean codes,
    boolean signing,
    Duration inviteLife,
    Duration issueLife,
    Duration longestLife,
    Set<KeyKind> keys,
    boolean refuseUnbound,
    int devices) {
  /// Everything on, a week for an operator's code, ten minutes for a device's, thirty days at most,
  /// a hundred devices.
  public static final EnrolmentPolicy STANDARD =
      new EnrolmentPolicy(
          true,
          true,
          Duration.ofDays(7),
          Duration.ofMinutes(10),
          Duration.ofDays(30),
          EnumSet.allOf(KeyKind.class),
          false,
          100);

  /// Copies.
  public EnrolmentPolicy {
    keys = Set.copyOf(keys);
  }

  /// The same with codes on or off.
  public EnrolmentPolicy withCodes(boolean codes) {
    return new EnrolmentPolicy(
        codes, signing, inviteLife, issueLife, longestLife, keys, refuseUnbound, devices);
  }

  /// The same with signing on or off.
  public EnrolmentPolicy withSigning(boolean signing) {
    return new EnrolmentPolicy(
        codes, signing, inviteLife, issueLife, longestLife, keys, refuseUnbound, devices);
  }

  /// The same with other kinds of keys.
  public EnrolmentPolicy withKeys(Set<KeyKind> keys) {
    return new EnrolmentPolicy(
        codes, signing, inviteLife, issueLife, longestLife, keys, refuseUnbound, devices);
  }

  /// The same, refusing what is tied neither to the channel nor to the code, or not.
  public EnrolmentPolicy withRefuseUnbound(boolean refuseUnbound) {
    return new EnrolmentPolicy(
        codes, signing, inviteLife, issueLife, longestLife, keys, refuseUnbound, devices);
  }

  /// The same with room for more or fewer devices.
  public EnrolmentPolicy withDevices(int devices) {
    return new EnrolmentPolicy(
        codes, signing, inviteLife, issueLife, longestLife, keys, refuseUnbound, devices);
  }

  /// Whether a code may be asked for with this life.
  boolean allowsLife(Duration life) {
    return life.isPositive() && life.compareTo(longestLife) <= 0;
  }
}

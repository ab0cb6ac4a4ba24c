// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import dev.latchkey.credential.Bytes;

/// What a client needs to turn a password into a proof. Told to everybody who asks.
///
/// @param salt the salt
/// @param iterations how often the HMAC is repeated
public record ScramParameters(Bytes salt, int iterations) {
  /// RFC 7677 §4: a server announces no fewer.
  public static final int FEWEST_ITERATIONS = 4096;

  /// Checks.
  ///
  /// @throws IllegalArgumentException if there is no salt, or there are too few iterations
  public ScramParameters {
    if (salt.isEmpty() || iterations < FEWEST_ITERATIONS) {
      throw new IllegalArgumentException(
          "a salt of %d octets and %d iterations; needed are 1 and %d"
              .formatted(salt.length(), iterations, FEWEST_ITERATIONS));
    }
  }
}

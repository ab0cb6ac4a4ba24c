// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import dev.latchkey.credential.Bytes;

/// The costly step of trying a token. A door, so that it can be counted: what is the same for
/// everybody is a number of these.
@FunctionalInterface
public interface HmacArithmetic {
  /// That of the platform.
  HmacArithmetic PLATFORM = HmacHash::mac;

  /// HMAC(key, data).
  Bytes mac(HmacHash hash, Bytes key, Bytes data);
}

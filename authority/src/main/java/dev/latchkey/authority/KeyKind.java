// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority;

/// Kinds of keys that a device may have (30.B).
public enum KeyKind {
  P_256,
  P_384,
  ED25519,
  /// 2048 to 4096 bit.
  RSA
}

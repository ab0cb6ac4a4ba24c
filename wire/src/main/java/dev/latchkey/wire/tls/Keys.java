// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.tls;

import java.security.Key;

/// What the two providers call the same kinds of keys.
final class Keys {
  private Keys() {}

  /// `EC`, `RSA` or `EdDSA`.
  static String algorithm(Key key) {
    return algorithm(key.getAlgorithm());
  }

  /// `EC`, `RSA` or `EdDSA`, or the given name if it is another kind.
  static String algorithm(String name) {
    return switch (name) {
      case "EC", "ECDSA" -> "EC";
      case "RSA", "RSASSA-PSS" -> "RSA";
      case "EdDSA", "Ed25519" -> "EdDSA";
      default -> name;
    };
  }
}

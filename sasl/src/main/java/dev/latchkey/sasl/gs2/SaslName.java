// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.gs2;

import java.util.Optional;

/// The saslname of RFC 5802 §7: a name in which comma and equals sign are written =2C and =3D.
public final class SaslName {
  private SaslName() {}

  /// Writes one.
  public static String encode(String name) {
    return name.replace("=", "=3D").replace(",", "=2C");
  }

  /// Reads one.
  ///
  /// @return nothing if the text is empty, or an equals sign stands before anything else
  public static Optional<String> decode(String text) {
    if (text.isEmpty() || text.replace("=2C", "").replace("=3D", "").indexOf('=') >= 0) {
      return Optional.empty();
    }
    return Optional.of(text.replace("=2C", ",").replace("=3D", "="));
  }
}

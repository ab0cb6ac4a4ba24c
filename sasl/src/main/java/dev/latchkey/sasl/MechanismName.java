// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import com.google.errorprone.annotations.Immutable;

/// The name of a mechanism (RFC 4422 §3.1).
///
/// @param text 1 to 20 of `A-Z 0-9 - _`
@Immutable
public record MechanismName(String text) {
  /// Checks.
  ///
  /// @throws IllegalArgumentException if the text is no such name
  public MechanismName {
    if (!text.matches("[A-Z0-9_-]{1,20}")) {
      throw new IllegalArgumentException("a mechanism's name is 1 to 20 of A-Z 0-9 - _");
    }
  }

  @Override
  public String toString() {
    return text;
  }
}

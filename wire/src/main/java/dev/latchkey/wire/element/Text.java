// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.element;

import com.google.errorprone.annotations.Immutable;

/// A run of text, its references resolved.
///
/// @param run the characters
@Immutable
public record Text(String run) implements Node {
  /// Only its length: it may be secret.
  @Override
  public String toString() {
    return "Text[" + run.length() + "]";
  }
}

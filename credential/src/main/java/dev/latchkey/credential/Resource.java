// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import com.google.errorprone.annotations.Immutable;

/// The resourcepart of an XMPP address (RFC 7622 §3.4), prepared by PRECIS OpaqueString.
///
/// @param name the prepared text
@Immutable
public record Resource(String name) {
  /// Checks and prepares.
  ///
  /// @throws InvalidJidException if the text is no resourcepart
  public Resource {
    name = JidPreparation.resourcepart(name);
  }

  @Override
  public String toString() {
    return name;
  }
}

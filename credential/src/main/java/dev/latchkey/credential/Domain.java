// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.credential;

import com.google.errorprone.annotations.Immutable;

/// The domainpart of an XMPP address (RFC 7622 §3.2), prepared: lower case, U-labels, no final dot.
///
/// @param name the prepared text
@Immutable
public record Domain(String name) {
  /// Checks and prepares.
  ///
  /// @throws InvalidJidException if the text is no domainpart
  public Domain {
    name = JidPreparation.domainpart(name);
  }

  @Override
  public String toString() {
    return name;
  }
}

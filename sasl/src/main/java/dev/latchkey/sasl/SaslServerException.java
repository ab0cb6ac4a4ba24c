// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

/// The server broke the mechanism's rules or did not prove itself. Whoever sees this closes the
/// connection and trusts nothing that came over it.
public final class SaslServerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /// @param rule the rule that was broken; holds nothing that the server sent
  public SaslServerException(String rule) {
    super(rule);
  }
}

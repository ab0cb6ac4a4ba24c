// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl;

import dev.latchkey.credential.Bytes;

/// The id of the user agent, as the client says it (XEP-0388): a claim, and no credential. Tokens
/// are looked up by its hash (rule 35); what was said is never shown, so texts get `[user agent]`.
///
/// @param text what the client said
public record UserAgentId(String text) {
  /// Checks.
  ///
  /// @throws IllegalArgumentException if there is nothing in it
  public UserAgentId {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("the id of a user agent has at least one character");
    }
  }

  /// SHA-256 of its UTF-8 form: all that is kept of it.
  public Bytes sha256() {
    return Bytes.utf8(text).sha256();
  }

  @Override
  public String toString() {
    return "[user agent]";
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.xtoken;

import dev.latchkey.credential.Domain;
import java.util.List;

/// What X-TOKEN asks of the accounts.
///
/// Thread-safe. SECURITY: the answers must cost the same for known and unknown names.
@FunctionalInterface
public interface TokenDirectory {
  /// The most tokens of one account; so many are compared every time.
  int MOST_CANDIDATES = 64;

  /// The live tokens of an account, at most [#MOST_CANDIDATES], the newest first; none if there is
  /// no such account. May wait for a disk.
  ///
  /// @param domain which the stream is to
  /// @param authcid the name as the client sent it, not prepared, never split at an at-sign
  List<TokenCandidate> candidates(Domain domain, String authcid);
}

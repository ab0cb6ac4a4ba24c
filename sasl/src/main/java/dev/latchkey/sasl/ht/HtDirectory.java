// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.ht;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Decoys;
import dev.latchkey.credential.Domain;
import dev.latchkey.sasl.MechanismName;
import java.util.List;

/// What HT asks of the accounts.
///
/// Thread-safe. SECURITY: the answers must cost the same for known and unknown names.
@FunctionalInterface
public interface HtDirectory {
  /// The most candidates of one user agent; so many are tried every time. At most 4 devices share a
  /// user agent (rule 35), and each has 2 slots, 21 superseded tokens whose use must show (rule
  /// 41), and 8 other dead ones, so that who slept through something hears that its token has
  /// expired.
  int MOST_CANDIDATES = 4 * (2 + 21 + 8);

  /// The tokens of an account that were issued to this user agent for this mechanism, at most
  /// [#MOST_CANDIDATES]: the live ones, then the superseded, then the other dead ones whose rows
  /// are still kept (rule 41), the newest of each first. None if there is no such account. May wait
  /// for a disk.
  ///
  /// @param domain which the stream is to
  /// @param authcid the name as the client sent it, not prepared, never split at an at-sign
  /// @param userAgent SHA-256 of the user agent's id
  /// @param mechanism the one in use; a token is good for no other (XEP-0484)
  List<HtCandidate> candidates(
      Domain domain, String authcid, Bytes userAgent, MechanismName mechanism);

  /// What is unsealed and tried in the place of a candidate that is not there. Those of a directory
  /// whose secrets are not sealed need not be, either.
  default Decoys decoys() {
    return Decoys.UNSEALED;
  }
}

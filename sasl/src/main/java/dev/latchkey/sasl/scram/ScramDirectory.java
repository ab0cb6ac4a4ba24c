// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import dev.latchkey.credential.Decoys;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.ScramHash;
import java.util.List;

/// What SCRAM asks of the accounts.
///
/// Thread-safe. SECURITY: the answers must cost the same for known and unknown names (rule 15).
public interface ScramDirectory {
  /// The most candidates an account may have for one hash (rule 15); so many are tried every time.
  int MOST_CANDIDATES = 64;

  /// Salt and iterations for a name, known or not; reads no account.
  ///
  /// @param domain which the stream is to
  /// @param authcid the name as the client sent it, not prepared, never split at an at-sign
  /// @param hash the mechanism's
  ScramParameters parameters(Domain domain, String authcid, ScramHash hash);

  /// The live verifiers of an account for this hash, at most [#MOST_CANDIDATES]; none if there is
  /// no such account. Asked when the proof has come, not before, so that a secret which died in
  /// between is not among them. May wait for a disk.
  ///
  /// @param domain which the stream is to
  /// @param authcid the name as the client sent it
  /// @param hash the mechanism's
  List<ScramCandidate> candidates(Domain domain, String authcid, ScramHash hash);

  /// What is unsealed and tried in the place of a candidate that is not there. Those of a directory
  /// whose secrets are not sealed need not be, either.
  default Decoys decoys() {
    return Decoys.UNSEALED;
  }
}

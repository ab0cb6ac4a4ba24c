// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Decoys;
import dev.latchkey.credential.ScramHash;
import java.util.List;
import java.util.Optional;

/// Tries a proof on all secrets of an account.
///
/// SECURITY: every try unseals [ScramDirectory#MOST_CANDIDATES] keys and costs as many HMACs and
/// hashes and one HMAC more, however many candidates there are, whichever matches, or none: dummies
/// fill up, nothing ends early (rule 15).
///
/// @param arithmetic what does the costly steps
/// @param hash the mechanism's
record CandidateTrial(ScramArithmetic arithmetic, ScramHash hash) {
  /// The candidate that the proof belongs to, and how the server proves itself in return.
  record Match(ScramCandidate candidate, Bytes serverSignature) {}

  /// Tries all.
  ///
  /// @param decoys the dummies
  /// @param proof ClientProof, as long as the hash
  /// @param authMessage RFC 5802 §3
  /// @throws IllegalArgumentException if there are too many candidates, or one has another hash
  Optional<Match> run(
      List<ScramCandidate> candidates, Decoys decoys, Bytes proof, Bytes authMessage) {
    check(candidates);
    Bytes dummy = Bytes.of(new byte[hash.length()]);
    int matched = -1;
    for (int i = ScramDirectory.MOST_CANDIDATES - 1; i >= 0; i--) {
      Bytes storedKey =
          i < candidates.size()
              ? candidates.get(i).verifier().storedKey()
              : decoys.next().reveal().slice(0, dummy.length());
      // ClientSignature := HMAC(StoredKey, AuthMessage); ClientKey := ClientProof XOR it
      Bytes clientKey = proof.xor(arithmetic.hmac(hash, storedKey, authMessage));
      boolean equal = arithmetic.hash(hash, clientKey).equals(storedKey);
      matched = equal ? i : matched; // of two that match, the first
    }
    boolean found = 0 <= matched && matched < candidates.size();
    Bytes serverKey = found ? candidates.get(matched).verifier().serverKey().reveal() : dummy;
    // ServerSignature := HMAC(ServerKey, AuthMessage)
    Bytes serverSignature = arithmetic.hmac(hash, serverKey, authMessage);
    return found
        ? Optional.of(new Match(candidates.get(matched), serverSignature))
        : Optional.empty();
  }

  private void check(List<ScramCandidate> candidates) {
    if (candidates.size() > ScramDirectory.MOST_CANDIDATES
        || candidates.stream().anyMatch(candidate -> candidate.verifier().hash() != hash)) {
      throw new IllegalArgumentException(
          "a directory gives at most %d candidates of the hash it is asked for: %d"
              .formatted(ScramDirectory.MOST_CANDIDATES, candidates.size()));
    }
  }
}

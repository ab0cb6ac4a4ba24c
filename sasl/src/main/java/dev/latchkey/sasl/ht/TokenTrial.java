// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.ht;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Decoys;
import dev.latchkey.sasl.HmacArithmetic;
import java.util.List;
import java.util.Optional;

/// Tries a proof on all tokens that it may be made with.
///
/// SECURITY: every try unseals [HtDirectory#MOST_CANDIDATES] tokens and costs as many MACs and one
/// more for the answer, however many candidates there are, whichever matches, dead or live, or
/// none: dummies fill up, nothing ends early.
///
/// @param arithmetic what computes the MACs
/// @param variant the mechanism
record TokenTrial(HmacArithmetic arithmetic, HtVariant variant) {
  /// The candidate that the proof was made with, and how the server proves itself in return.
  record Match(HtCandidate candidate, Bytes answer) {}

  /// Tries all.
  ///
  /// @param decoys the dummies
  /// @param proof initiator-hashed-token, as long as the hash
  /// @param bindingData cb-data of this connection
  /// @throws IllegalArgumentException if there are too many candidates, or one is pinned to another
  ///   mechanism
  Optional<Match> run(List<HtCandidate> candidates, Decoys decoys, Bytes proof, Bytes bindingData) {
    check(candidates);
    Bytes dummy = Bytes.of(new byte[variant.hash().length()]);
    Bytes initiated = HtMessage.initiated(bindingData);
    int matched = -1;
    Bytes answering = dummy;
    for (int i = HtDirectory.MOST_CANDIDATES - 1; i >= 0; i--) {
      // The key is the octets of the token's text, whatever it encodes.
      Bytes key =
          i < candidates.size()
              ? candidates.get(i).token().token().reveal()
              : decoys.next().reveal().slice(0, dummy.length());
      boolean equal = arithmetic.mac(variant.hash(), key, initiated).equals(proof);
      matched = equal ? i : matched; // of two that match, the first
      answering = equal ? key : answering;
    }
    boolean found = 0 <= matched && matched < candidates.size();
    Bytes answer = arithmetic.mac(variant.hash(), answering, HtMessage.responded(bindingData));
    return found ? Optional.of(new Match(candidates.get(matched), answer)) : Optional.empty();
  }

  private void check(List<HtCandidate> candidates) {
    if (candidates.size() > HtDirectory.MOST_CANDIDATES
        || candidates.stream()
            .anyMatch(each -> !each.token().mechanism().equals(variant.mechanism().text()))) {
      throw new IllegalArgumentException(
          "a directory gives at most %d candidates of the mechanism it is asked for: %d"
              .formatted(HtDirectory.MOST_CANDIDATES, candidates.size()));
    }
  }
}

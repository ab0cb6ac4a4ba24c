// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.ht;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Decoys;
import dev.latchkey.sasl.HmacArithmetic;
import java.util.List;
import java.util.Optional;

/// Tries a proof on all tokens that it may be made with.
///
/// SECURITY: a proof that matches nothing unseals [HtDirectory#MOST_CANDIDATES] tokens and costs as
/// many MACs, however many candidates there are: dummies fill up. One that matches ends early,
/// since the answer tells that it did; which of the device's own tokens it was is nobody's secret.
///
/// @param arithmetic what computes the MACs
/// @param variant the mechanism
record TokenTrial(HmacArithmetic arithmetic, HtVariant variant) {
  /// The candidate that the proof was made with, and how the server proves itself in return.
  record Match(HtCandidate candidate, Bytes answer) {}

  /// Tries them in order.
  ///
  /// @param decoys the dummies
  /// @param proof initiator-hashed-token, as long as the hash
  /// @param bindingData cb-data of this connection
  /// @throws IllegalArgumentException if there are too many candidates, or one is pinned to another
  ///   mechanism
  Optional<Match> run(List<HtCandidate> candidates, Decoys decoys, Bytes proof, Bytes bindingData) {
    check(candidates);
    Bytes initiated = HtMessage.initiated(bindingData);
    for (HtCandidate candidate : candidates) {
      // The key is the octets of the token's text, whatever it encodes.
      Bytes key = candidate.token().token().reveal();
      if (arithmetic.mac(variant.hash(), key, initiated).equals(proof)) {
        return Optional.of(
            new Match(
                candidate, arithmetic.mac(variant.hash(), key, HtMessage.responded(bindingData))));
      }
    }
    for (int i = candidates.size(); i < HtDirectory.MOST_CANDIDATES; i++) {
      Bytes key = decoys.next().reveal().slice(0, variant.hash().length());
      var _ = arithmetic.mac(variant.hash(), key, initiated);
    }
    return Optional.empty();
  }

  private void check(List<HtCandidate> candidates) {
    boolean asked = candidates.size() <= HtDirectory.MOST_CANDIDATES;
    for (HtCandidate candidate : candidates) {
      asked &= candidate.token().mechanism().equals(variant.mechanism().text());
    }
    if (!asked) {
      throw new IllegalArgumentException(
          "a directory gives at most %d candidates of the mechanism it is asked for: %d"
              .formatted(HtDirectory.MOST_CANDIDATES, candidates.size()));
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.xtoken;

import dev.latchkey.credential.Bytes;
import dev.latchkey.sasl.AuthenticationIdentity;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.OneMessageExchange;
import dev.latchkey.sasl.Proof;
import dev.latchkey.sasl.SaslStep;
import dev.latchkey.sasl.SignInRequest;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// One X-TOKEN exchange on the server.
///
/// SECURITY: every try costs [TokenDirectory#MOST_CANDIDATES] comparisons, whatever there is; a
/// dead token is an unknown one, since having it proves nothing.
final class XTokenExchange extends OneMessageExchange {
  private static final Bytes DUMMY = Bytes.EMPTY.sha256();

  private final TokenDirectory directory;
  private final HashComparison comparison;
  private final SignInRequest request;

  XTokenExchange(TokenDirectory directory, HashComparison comparison, SignInRequest request) {
    this.directory = directory;
    this.comparison = comparison;
    this.request = request;
  }

  @Override
  protected SaslStep decide(Bytes message) {
    return XTokenMessage.parse(message)
        .map(this::compareAll)
        .orElseGet(OneMessageExchange::malformed);
  }

  private SaslStep compareAll(XTokenMessage message) {
    Optional<TokenCandidate> match =
        find(
            directory.candidates(request.domain(), message.authcid()),
            message.token().reveal().sha256());
    if (request.isFromOther(new AuthenticationIdentity(message.authcid(), request.domain()))) {
      return refused(FailureReason.OTHER_FROM);
    }
    return match
        .<SaslStep>map(found -> new SaslStep.Success(proof(found), Optional.empty()))
        .orElseGet(() -> refused(FailureReason.NO_MATCH));
  }

  private Optional<TokenCandidate> find(List<TokenCandidate> candidates, Bytes hash) {
    if (candidates.size() > TokenDirectory.MOST_CANDIDATES) {
      throw new IllegalArgumentException(
          "a directory gives at most %d candidates: %d"
              .formatted(TokenDirectory.MOST_CANDIDATES, candidates.size()));
    }
    int matched = -1;
    for (int i = TokenDirectory.MOST_CANDIDATES - 1; i >= 0; i--) {
      Bytes stored = i < candidates.size() ? candidates.get(i).hash() : DUMMY;
      matched = comparison.equal(stored, hash) ? i : matched; // nothing ends early
    }
    return 0 <= matched && matched < candidates.size()
        ? Optional.of(candidates.get(matched))
        : Optional.empty();
  }

  private static Proof proof(TokenCandidate candidate) {
    return new Proof(
        candidate.snapshot(),
        candidate.credential().id(),
        Proof.ProvenDevice.of(candidate.snapshot(), candidate.credential()),
        Optional.empty(),
        false,
        OptionalLong.empty());
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.ht;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Suspicion;
import dev.latchkey.sasl.AuthenticationIdentity;
import dev.latchkey.sasl.Evidence;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.OneMessageExchange;
import dev.latchkey.sasl.Proof;
import dev.latchkey.sasl.SaslCondition;
import dev.latchkey.sasl.SaslStep;
import dev.latchkey.sasl.SignInRequest;
import dev.latchkey.sasl.UserAgentId;
import java.util.Optional;
import java.util.OptionalLong;

/// One HT exchange on the server.
///
/// Who proves possession of a dead token hears that it has expired (rule 41); everybody else hears
/// one and the same, at one and the same cost.
final class HtExchange extends OneMessageExchange {
  private final HtVariant variant;
  private final HtDirectory directory;
  private final TokenTrial trial;
  private final SignInRequest request;

  HtExchange(HtVariant variant, HtDirectory directory, TokenTrial trial, SignInRequest request) {
    this.variant = variant;
    this.directory = directory;
    this.trial = trial;
    this.request = request;
  }

  @Override
  protected SaslStep decide(Bytes message) {
    Optional<HtMessage> parsed =
        HtMessage.parse(message).filter(each -> each.proof().length() == variant.hash().length());
    if (parsed.isEmpty()) {
      return malformed();
    }
    // XEP-0484 §5.1 wants both of a client; rule 63: a request that is itself wrong.
    if (request.from().isEmpty()) {
      return incomplete(FailureReason.NO_STREAM_FROM);
    }
    if (request.userAgent().isEmpty()) {
      return incomplete(FailureReason.NO_USER_AGENT);
    }
    Optional<Bytes> bindingData = variant.bindingData(request.facts());
    return bindingData.isEmpty()
        ? refused(FailureReason.CHANNEL_BINDING_NOT_OFFERED)
        : tryAll(parsed.get(), request.userAgent().get(), bindingData.get());
  }

  private SaslStep tryAll(HtMessage message, UserAgentId userAgent, Bytes bindingData) {
    Optional<TokenTrial.Match> match =
        trial.run(
            directory.candidates(
                request.domain(), message.authcid(), userAgent.sha256(), variant.mechanism()),
            directory.decoys(),
            message.proof(),
            bindingData);
    if (request.isFromOther(new AuthenticationIdentity(message.authcid(), request.domain()))) {
      return refused(FailureReason.OTHER_FROM);
    }
    return match.map(this::answer).orElseGet(() -> refused(FailureReason.NO_MATCH));
  }

  private SaslStep answer(TokenTrial.Match match) {
    HtCandidate candidate = match.candidate();
    return candidate
        .refusal()
        .<SaslStep>map(
            reason ->
                SaslStep.Failure.ofProven(CredentialKind.FAST, reason)
                    .with(evidence(candidate.credential())))
        .orElseGet(() -> new SaslStep.Success(proof(candidate), Optional.of(match.answer())));
  }

  private Proof proof(HtCandidate candidate) {
    return new Proof(
        candidate.snapshot(),
        candidate.credential().id(),
        Proof.ProvenDevice.of(candidate.snapshot(), candidate.credential()),
        Optional.empty(),
        variant.binding().isPresent(),
        OptionalLong.empty());
  }

  /// A token that a newer one has superseded is the device's own past, or somebody's copy of it.
  private static Optional<Evidence> evidence(Credential credential) {
    return credential.status() == CredentialStatus.SUPERSEDED
        ? Evidence.of(credential, Suspicion.SUPERSEDED_USED)
        : Optional.empty();
  }

  private static SaslStep incomplete(FailureReason reason) {
    return new SaslStep.Failure(SaslCondition.MALFORMED_REQUEST, reason);
  }
}

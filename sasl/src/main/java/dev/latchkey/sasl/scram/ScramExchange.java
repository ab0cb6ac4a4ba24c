// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.sasl.AuthenticationIdentity;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.Proof;
import dev.latchkey.sasl.SaslCondition;
import dev.latchkey.sasl.SaslExchange;
import dev.latchkey.sasl.SaslStep;
import dev.latchkey.sasl.SignInRequest;
import dev.latchkey.sasl.gs2.Gs2Verdict;
import java.util.Optional;
import java.util.OptionalLong;

/// One SCRAM exchange on the server.
///
/// What the client's messages contradict by themselves is refused where it stands, since it tells
/// nothing of any account. All that depends on an account is answered at the end, in one way.
final class ScramExchange implements SaslExchange {
  private sealed interface State {
    /// At the start.
    ///
    /// @param asked whether the client was asked to begin, having sent no initial response
    record AwaitingClientFirst(boolean asked) implements State {}

    /// After the challenge.
    ///
    /// @param first what the client began with
    /// @param challenge what it was answered
    /// @param bindingData the channel-binding data of the type it named; empty if it named none
    record AwaitingClientFinal(ClientFirst first, ServerFirst challenge, Bytes bindingData)
        implements State {}

    record Ended() implements State {}
  }

  private final ScramVariant variant;
  private final ScramDirectory directory;
  private final String serverNonce;
  private final CandidateTrial trial;
  private final SignInRequest request;
  private State state = new State.AwaitingClientFirst(false);

  ScramExchange(
      ScramVariant variant,
      ScramDirectory directory,
      String serverNonce,
      ScramArithmetic arithmetic,
      SignInRequest request) {
    this.variant = variant;
    this.directory = directory;
    this.serverNonce = serverNonce;
    this.trial = new CandidateTrial(arithmetic, variant.hash());
    this.request = request;
  }

  @Override
  public SaslStep next(Optional<Bytes> message) {
    State before = state;
    state = new State.Ended();
    return switch (before) {
      case State.AwaitingClientFirst(boolean asked) ->
          message.isEmpty() && !asked ? ask() : message.map(this::begin).orElseGet(this::malformed);
      case State.AwaitingClientFinal awaited ->
          message.map(octets -> finish(awaited, octets)).orElseGet(this::malformed);
      case State.Ended _ -> throw new IllegalStateException("the exchange has ended");
    };
  }

  /// RFC 4422 §3: where the client goes first but sent nothing, the server sends an empty
  /// challenge.
  private SaslStep ask() {
    state = new State.AwaitingClientFirst(true);
    return new SaslStep.Challenge(Bytes.EMPTY);
  }

  private SaslStep begin(Bytes message) {
    Optional<ClientFirst> parsed = ClientFirst.parse(message);
    if (parsed.isEmpty()) {
      return malformed();
    }
    ClientFirst first = parsed.get();
    return switch (Gs2Verdict.of(
        first.header(), variant.bindsToChannel(), ScramVariant.BINDING, identity(first), request)) {
      case Gs2Verdict.Refused(SaslStep.Failure failure) -> failure;
      case Gs2Verdict.Taken(Bytes bindingData) -> challenge(first, bindingData);
    };
  }

  private SaslStep challenge(ClientFirst first, Bytes bindingData) {
    ServerFirst challenge =
        ServerFirst.of(
            first.nonce() + serverNonce,
            directory.parameters(request.domain(), first.authcid(), variant.hash()),
            downgradeHash());
    state = new State.AwaitingClientFinal(first, challenge, bindingData);
    return new SaslStep.Challenge(challenge.octets());
  }

  private Optional<Bytes> downgradeHash() {
    if (request.offered().isEmpty()) {
      return Optional.empty(); // nothing was listed, so nothing can have been taken away
    }
    SaslOffer offer =
        new SaslOffer(
            request.offered().stream().map(name -> name.text()).toList(),
            Optional.of(request.offeredChannelBindingTypes())
                .filter(types -> !types.isEmpty())
                .map(types -> types.stream().map(ChannelBindingType::word).toList()));
    return Optional.of(offer.downgradeHash(variant.hash()));
  }

  private SaslStep finish(State.AwaitingClientFinal awaited, Bytes message) {
    Optional<ClientFinal> parsed = ClientFinal.parse(message);
    if (parsed.isEmpty() || parsed.get().proof().length() != variant.hash().length()) {
      return malformed();
    }
    ClientFinal last = parsed.get();
    ClientFirst first = awaited.first();
    if (!last.nonce().equals(awaited.challenge().nonce())) {
      return refused(FailureReason.NONCE_CHANGED);
    }
    if (!last.channelBinding().equals(first.header().channelBindingInput(awaited.bindingData()))) {
      return refused(FailureReason.WRONG_CHANNEL_BINDING);
    }
    Bytes authMessage =
        Bytes.utf8(first.bare() + "," + awaited.challenge().text() + "," + last.withoutProof());
    Optional<CandidateTrial.Match> match =
        trial.run(
            directory.candidates(request.domain(), first.authcid(), variant.hash()),
            directory.decoys(),
            last.proof(),
            authMessage);
    // Rule 20: a stream that says it is from somebody else fails as a wrong proof does, at its
    // cost.
    if (request.isFromOther(identity(first))) {
      return refused(FailureReason.OTHER_FROM);
    }
    return match
        .<SaslStep>map(
            found ->
                new SaslStep.Success(
                    proof(found.candidate()),
                    Optional.of(new ServerFinal(found.serverSignature()).octets())))
        .orElseGet(() -> refused(FailureReason.NO_MATCH));
  }

  private Proof proof(ScramCandidate candidate) {
    Credential credential = candidate.credential();
    return new Proof(
        candidate.snapshot(),
        credential.id(),
        Proof.ProvenDevice.of(candidate.snapshot(), credential),
        credential.kind() == CredentialKind.ONE_TIME
            ? Optional.of(new Proof.EnrolmentKey(variant.hash(), candidate.verifier().serverKey()))
            : Optional.empty(),
        variant.bindsToChannel(),
        OptionalLong.empty());
  }

  private AuthenticationIdentity identity(ClientFirst first) {
    return new AuthenticationIdentity(first.authcid(), request.domain());
  }

  private SaslStep malformed() {
    return new SaslStep.Failure(SaslCondition.MALFORMED_REQUEST, FailureReason.MALFORMED_MESSAGE);
  }

  private static SaslStep refused(FailureReason reason) {
    return new SaslStep.Failure(SaslCondition.NOT_AUTHORIZED, reason);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.scram;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.InvalidJidException;
import dev.latchkey.credential.Jid;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.Proof;
import dev.latchkey.sasl.SaslCondition;
import dev.latchkey.sasl.SaslExchange;
import dev.latchkey.sasl.SaslStep;
import dev.latchkey.sasl.SignInRequest;
import java.util.Optional;

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
    Gs2Header header = first.header();
    Bytes bindingData = Bytes.EMPTY;
    switch (header.flag()) {
      case CANNOT -> {
        if (variant.bindsToChannel()) {
          return malformed(); // RFC 5802 §6: a -PLUS mechanism is used with "p="
        }
      }
      case NOT_OFFERED -> {
        // RFC 5802 §6: somebody has taken the -PLUS mechanisms off the list that the client saw.
        if (variant.bindsToChannel() || request.offeredChannelBinding()) {
          return refused(FailureReason.DOWNGRADE);
        }
      }
      case BINDS -> {
        if (!variant.bindsToChannel()) {
          return malformed();
        }
        Optional<Bytes> data =
            header
                .bindingType()
                .flatMap(ChannelBindingType::of)
                .flatMap(type -> Optional.ofNullable(request.facts().channelBindings().get(type)));
        if (data.isEmpty()) {
          return refused(FailureReason.CHANNEL_BINDING_NOT_OFFERED);
        }
        bindingData = data.get();
      }
    }
    // Rule 20: computed from the message alone, so it tells nothing of any account.
    if (header.authzid().isPresent() && !isOwn(header.authzid().get(), first.authcid())) {
      return new SaslStep.Failure(SaslCondition.INVALID_AUTHZID, FailureReason.OTHER_AUTHZID);
    }
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
            last.proof(),
            authMessage);
    // Rule 20: a stream that says it is from somebody else fails as a wrong proof does, at its
    // cost.
    boolean fromOther = request.from().filter(from -> !isOwn(from, first.authcid())).isPresent();
    if (fromOther) {
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
    return new Proof(
        candidate.account(),
        candidate.jid(),
        candidate.credential(),
        candidate.device(),
        candidate.oneTime()
            ? Optional.of(new Proof.EnrolmentKey(variant.hash(), candidate.verifier().serverKey()))
            : Optional.empty(),
        variant.bindsToChannel());
  }

  private boolean isOwn(String authzid, String authcid) {
    return Jid.tryParse(authzid).filter(jid -> jid.isBare() && isOwn(jid, authcid)).isPresent();
  }

  /// Whether an address, its resource aside, is the one that the name stands for. The name is not
  /// split: one that holds an at-sign is no localpart and stands for nobody (rule 20).
  private boolean isOwn(Jid jid, String authcid) {
    try {
      return jid.account().filter(new AccountJid(authcid, request.domain())::equals).isPresent();
    } catch (InvalidJidException unpreparable) {
      return false;
    }
  }

  private SaslStep malformed() {
    return new SaslStep.Failure(SaslCondition.MALFORMED_REQUEST, FailureReason.MALFORMED_MESSAGE);
  }

  private static SaslStep refused(FailureReason reason) {
    return new SaslStep.Failure(SaslCondition.NOT_AUTHORIZED, reason);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.clientkey;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Suspicion;
import dev.latchkey.credential.Verifier;
import dev.latchkey.sasl.AuthenticationIdentity;
import dev.latchkey.sasl.Evidence;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.HmacArithmetic;
import dev.latchkey.sasl.HmacHash;
import dev.latchkey.sasl.OneMessageExchange;
import dev.latchkey.sasl.Proof;
import dev.latchkey.sasl.SaslCondition;
import dev.latchkey.sasl.SaslStep;
import dev.latchkey.sasl.SignInRequest;
import dev.latchkey.sasl.gs2.Gs2Verdict;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/// One CLIENT-KEY exchange on the server.
///
/// SECURITY: whoever has not shown the right ValidationKey costs two unsealings and one MAC,
/// whether the account, the key or only the octets are unknown, and hears the same. Who has shown
/// it has proven the first factor, so from there on the work may differ: one MAC for a key that
/// rests, else as many as counters have to be tried. What became of the key is told to who has
/// proven both (rule 41).
final class ClientKeyExchange extends OneMessageExchange {
  private final ClientKeyVariant variant;
  private final ClientKeyDirectory directory;
  private final HmacArithmetic arithmetic;
  private final SignInRequest request;

  ClientKeyExchange(
      ClientKeyVariant variant,
      ClientKeyDirectory directory,
      HmacArithmetic arithmetic,
      SignInRequest request) {
    this.variant = variant;
    this.directory = directory;
    this.arithmetic = arithmetic;
    this.request = request;
  }

  @Override
  protected SaslStep decide(Bytes message) {
    return ClientKeyMessage.parse(message)
        .map(this::judge)
        .orElseGet(OneMessageExchange::malformed);
  }

  private SaslStep judge(ClientKeyMessage message) {
    var identity = new AuthenticationIdentity(message.authcid(), request.domain());
    return switch (Gs2Verdict.of(
        message.header(), variant.bindsToChannel(), ClientKeyVariant.BINDING, identity, request)) {
      case Gs2Verdict.Refused(SaslStep.Failure failure) -> failure;
      case Gs2Verdict.Taken(Bytes bindingData) -> validate(message, identity, bindingData);
    };
  }

  private SaslStep validate(
      ClientKeyMessage message, AuthenticationIdentity identity, Bytes bindingData) {
    Optional<ClientKeyCandidate> found =
        directory.find(request.domain(), message.authcid(), message.clientId());
    boolean validated =
        found
            .map(candidate -> ClientKeyMaterial.of(candidate.key()))
            .orElseGet(this::dummy)
            .isOf(arithmetic, message.validationKey());
    if (request.isFromOther(identity)) {
      return refused(FailureReason.OTHER_FROM);
    }
    return found
        .filter(candidate -> validated)
        .map(candidate -> tryCounters(candidate, message, bindingData))
        .orElseGet(() -> refused(FailureReason.NO_MATCH));
  }

  /// What a ValidationKey is tried on where there is no key.
  private ClientKeyMaterial dummy() {
    return new ClientKeyMaterial(half(), half());
  }

  private Secret half() {
    return Secret.of(directory.decoys().next().reveal().slice(0, ClientKeyMaterial.LENGTH));
  }

  private SaslStep tryCounters(
      ClientKeyCandidate candidate, ClientKeyMessage message, Bytes bindingData) {
    if (candidate.paused()) {
      return refused(FailureReason.KEY_PAUSED);
    }
    Bytes secret = ClientKeyMaterial.of(candidate.key()).secret(message.validationKey()).reveal();
    MacInput input =
        new MacInput(
            candidate.snapshot().account().jid().localpart(),
            candidate.key().clientId(),
            Optional.of(bindingData).filter(data -> variant.bindsToChannel()));
    OptionalLong hit =
        values(candidate.key())
            .filter(value -> mac(secret, input.response(value)).equals(message.proof()))
            .findFirst();
    if (candidate.refusal().isPresent()) {
      FailureReason reason = candidate.refusal().get();
      return hit.isPresent()
          ? SaslStep.Failure.ofProven(CredentialKind.CLIENT_KEY, reason)
          : refused(reason);
    }
    if (hit.isEmpty()) {
      return suspicious(
          FailureReason.COUNTER_UNKNOWN, candidate.credential(), Suspicion.COUNTER_UNKNOWN);
    }
    return switch (candidate.key().judge(hit.getAsLong())) {
      case GOOD ->
          new SaslStep.Success(
              proof(candidate, hit),
              Optional.of(Bytes.utf8(mac(secret, input.answer(hit.getAsLong())).toBase64())));
      case REUSED ->
          suspicious(
              FailureReason.COUNTER_REUSED, candidate.credential(), Suspicion.COUNTER_REUSED);
      case LATE ->
          suspicious(FailureReason.COUNTER_SKIPPED, candidate.credential(), Suspicion.COUNTER_LATE);
      case UNKNOWN -> throw new IllegalStateException("a value was tried that says nothing");
    };
  }

  /// All values that say something (rule 56), the likely ones first: upward, then back.
  private static LongStream values(Verifier.ClientKey key) {
    long next = key.counter();
    return LongStream.concat(
        LongStream.range(next, next + key.window()),
        LongStream.rangeClosed(1, Math.min(next, Verifier.ClientKey.LOOK_BACK))
            .map(below -> next - below));
  }

  private Bytes mac(Bytes key, Bytes data) {
    return arithmetic.mac(HmacHash.SHA_256, key, data);
  }

  private Proof proof(ClientKeyCandidate candidate, OptionalLong counter) {
    return new Proof(
        candidate.snapshot(),
        candidate.credential().id(),
        Proof.ProvenDevice.of(candidate.snapshot(), candidate.credential()),
        Optional.empty(),
        variant.bindsToChannel(),
        counter);
  }

  private static SaslStep suspicious(
      FailureReason reason, Credential credential, Suspicion suspicion) {
    return new SaslStep.Failure(
        SaslCondition.NOT_AUTHORIZED, reason, Evidence.of(credential, suspicion));
  }
}

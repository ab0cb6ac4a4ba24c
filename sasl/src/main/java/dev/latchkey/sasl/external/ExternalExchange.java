// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.external;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CertificateHolder;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Jid;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.OneMessageExchange;
import dev.latchkey.sasl.Proof;
import dev.latchkey.sasl.SaslCondition;
import dev.latchkey.sasl.SaslStep;
import dev.latchkey.sasl.SignInRequest;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// One EXTERNAL exchange on the server: one message, the authorization identity or nothing.
final class ExternalExchange extends OneMessageExchange {
  private final CertificateRegistry registry;
  private final KnownCertificates certificates;
  private final Set<Domain> served;
  private final InstantSource clock;
  private final SignInRequest request;

  ExternalExchange(
      CertificateRegistry registry,
      KnownCertificates certificates,
      Set<Domain> served,
      InstantSource clock,
      SignInRequest request) {
    this.registry = registry;
    this.certificates = certificates;
    this.served = served;
    this.clock = clock;
    this.request = request;
  }

  @Override
  protected SaslStep decide(Bytes message) {
    Optional<Bytes> der = request.facts().peerCertificate();
    if (der.isEmpty()) {
      return refused(FailureReason.NO_CERTIFICATE);
    }
    Optional<String> text = message.toUtf8();
    if (text.isEmpty()) {
      return malformed();
    }
    Optional<Jid> authzid = Optional.empty();
    if (!text.get().isEmpty()) {
      // RFC 6120 §6.3.8: the bare JID of an account.
      authzid = Jid.tryParse(text.get()).filter(Jid::isBare);
      if (authzid.isEmpty()) {
        return new SaslStep.Failure(SaslCondition.INVALID_AUTHZID, FailureReason.OTHER_AUTHZID);
      }
    }
    return decide(der.get(), authzid);
  }

  private SaslStep decide(Bytes der, Optional<Jid> authzid) {
    Bytes fingerprint = der.sha256();
    List<CertificateHolder> holders = registry.holdersOf(fingerprint);
    Optional<CertificateIdentities> certificate =
        certificates.read(der, fingerprint, !holders.isEmpty());
    if (certificate.isEmpty()) {
      return refused(FailureReason.UNKNOWN_CERTIFICATE);
    }
    ExternalClaim claim =
        new ExternalClaim(certificate.get(), request.domain(), served, authzid, request.from());
    return switch (ExternalDecision.decide(claim, holders, clock.instant())) {
      case ExternalDecision.Chosen(CertificateHolder holder) ->
          new SaslStep.Success(proof(holder), Optional.empty());
      case ExternalDecision.Refused(SaslCondition wire, FailureReason log) ->
          log == FailureReason.CREDENTIAL_REVOKED
              ? SaslStep.Failure.ofProven(CredentialKind.CERTIFICATE, log)
              : new SaslStep.Failure(wire, log);
    };
  }

  private static Proof proof(CertificateHolder holder) {
    return new Proof(
        holder.snapshot(),
        holder.credential().id(),
        Optional.of(new Proof.ProvenDevice(holder.device().id(), holder.device().generation())),
        Optional.empty(),
        true, // the key signed the handshake of this very connection
        OptionalLong.empty());
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.sasl.external;

import dev.latchkey.credential.CertificateHolder;
import dev.latchkey.credential.Jid;
import dev.latchkey.credential.Verifier;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.SaslCondition;
import dev.latchkey.sasl.Standing;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Which account a certificate signs in to (XEP-0178 §2 with rules 2 and 3).
///
/// The rows of the registry are the accounts there are to choose from. What the certificate says of
/// itself, who signed it, and who the client says it is, only choose among them or forbid the
/// choice.
public sealed interface ExternalDecision {
  /// This row's account and device.
  record Chosen(CertificateHolder holder) implements ExternalDecision {}

  /// None.
  ///
  /// @param wire what the peer hears
  /// @param log what the operator reads
  record Refused(SaslCondition wire, FailureReason log) implements ExternalDecision {}

  /// Decides.
  ///
  /// @param claim who wants in
  /// @param holders the rows of this very certificate, live and dead
  /// @param now the time of the sign-in, not of the handshake: a resumed TLS session carries an old
  ///   certificate
  static ExternalDecision decide(
      ExternalClaim claim, List<CertificateHolder> holders, Instant now) {
    List<CertificateHolder> here =
        holders.stream()
            .filter(row -> row.snapshot().account().jid().domain().equals(claim.domain()))
            .toList();
    if (here.isEmpty()) {
      return notAuthorized(FailureReason.UNKNOWN_CERTIFICATE);
    }
    List<CertificateHolder> wanted = choose(claim, here, now);
    if (wanted.isEmpty()) {
      return new Refused(
          SaslCondition.INVALID_AUTHZID,
          claim.authzid().isPresent()
              ? FailureReason.OTHER_AUTHZID
              : FailureReason.CERTIFICATE_AMBIGUOUS);
    }
    // An account that was removed and made again has rows of both; a live one goes first.
    CertificateHolder row =
        wanted.stream()
            .filter(each -> refusal(claim, each, now).isEmpty())
            .findFirst()
            .orElseGet(wanted::getFirst);
    return refusal(claim, row, now)
        .<ExternalDecision>map(refused -> refused)
        .orElseGet(() -> new Chosen(row));
  }

  /// The rows of the one account that is meant, or none if that cannot be told.
  private static List<CertificateHolder> choose(
      ExternalClaim claim, List<CertificateHolder> rows, Instant now) {
    if (claim.authzid().isPresent()) {
      return rows.stream().filter(isOf(claim.authzid().get())).toList();
    }
    List<Jid> named = claim.certificate().bareAddresses();
    if (named.size() > 1) {
      return List.of(); // XEP-0178 §2: several addresses, so the client has to say which
    }
    for (Jid address : named) {
      List<CertificateHolder> ofNamed = rows.stream().filter(isOf(address)).toList();
      if (!ofNamed.isEmpty()) {
        return ofNamed;
      }
    }
    if (claim.from().isPresent()) {
      List<CertificateHolder> ofFrom =
          rows.stream().filter(isOf(claim.from().get().bare())).toList();
      if (!ofFrom.isEmpty()) {
        return ofFrom;
      }
    }
    // Rule 3: somebody else may have listed this certificate, but only its owner can have proven
    // it.
    List<CertificateHolder> proven = rows.stream().filter(ExternalDecision::isProven).toList();
    List<CertificateHolder> live =
        proven.stream().filter(row -> refusal(claim, row, now).isEmpty()).toList();
    List<CertificateHolder> left = live.isEmpty() ? proven : live;
    return left.size() == 1 ? left : List.of();
  }

  /// What forbids a row, the gravest first: possession of the key is proven, so its owner may hear
  /// why (rule 41).
  private static Optional<Refused> refusal(
      ExternalClaim claim, CertificateHolder row, Instant now) {
    Jid account = row.snapshot().account().jid().jid();
    List<Jid> restricting =
        claim.certificate().bareAddresses().stream()
            .filter(address -> claim.served().contains(address.domain()))
            .toList();
    if (!restricting.isEmpty() && !restricting.contains(account)) {
      return Optional.of(notAuthorized(FailureReason.CERTIFICATE_NAMES_ANOTHER));
    }
    Optional<FailureReason> standing = Standing.refusal(row.snapshot(), row.credential(), now);
    boolean expired = standing.equals(Optional.of(FailureReason.CREDENTIAL_EXPIRED));
    if (standing.isPresent() && !expired) {
      return standing.map(ExternalDecision::notAuthorized);
    }
    if (now.isBefore(claim.certificate().notBefore())) {
      return Optional.of(notAuthorized(FailureReason.CREDENTIAL_NOT_LIVE));
    }
    return expired || now.isAfter(claim.certificate().notAfter())
        ? Optional.of(
            new Refused(SaslCondition.CREDENTIALS_EXPIRED, FailureReason.CERTIFICATE_EXPIRED))
        : Optional.empty();
  }

  private static Predicate<CertificateHolder> isOf(Jid bare) {
    return row -> row.snapshot().account().jid().jid().equals(bare);
  }

  private static boolean isProven(CertificateHolder row) {
    return row.credential().verifier() instanceof Verifier.Certificate certificate
        && certificate.proven();
  }

  private static Refused notAuthorized(FailureReason reason) {
    return new Refused(SaslCondition.NOT_AUTHORIZED, reason);
  }
}

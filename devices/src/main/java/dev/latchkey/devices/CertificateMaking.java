// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.authority.CertificateRequest;
import dev.latchkey.authority.EnrolmentContext;
import dev.latchkey.authority.IssueOrder;
import dev.latchkey.authority.IssuedCertificate;
import dev.latchkey.authority.policy.CertificateRequestChecks;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.Verifier;
import java.time.Instant;
import java.util.Optional;

/// Writes down certificates of devices; commits nothing.
final class CertificateMaking {
  private final Surroundings surroundings;
  private final Signing signing;
  private final EnrolmentPolicy policy;

  CertificateMaking(Surroundings surroundings, Signing signing, EnrolmentPolicy policy) {
    this.surroundings = surroundings;
    this.signing = signing;
    this.policy = policy;
  }

  /// Has the request signed for a device, if it passes the checks.
  Making signed(AccountSnapshot account, Device device, CertificateRequest request) {
    Optional<Making> fault = check(account, device, request);
    if (fault.isPresent()) {
      return fault.get();
    }
    Instant now = surroundings.now();
    CredentialId id = CredentialId.draw(surroundings.random());
    IssuedCertificate issued =
        signing
            .authorities()
            .apply(account.account().jid().domain())
            .issue(
                new IssueOrder(
                    request.publicKey(), account.account().jid(), device.resourceLock(), id, now));
    Verifier.Certificate verifier =
        new Verifier.Certificate(
            issued.leaf(),
            Optional.of(issued.issuing()),
            request.publicKey().sha256(),
            Optional.of(request.der().sha256()),
            true,
            false);
    return new Making.Made(
        device, Optional.of(credential(id, device, verifier, issued.notAfter(), now)));
  }

  /// Takes a certificate that was shown in TLS as it is, if it passes the checks.
  Making taken(
      AccountSnapshot account, Device device, CertificateRequest asRequest, Instant notAfter) {
    return check(account, device, asRequest)
        .orElseGet(
            () ->
                new Making.Made(
                    device,
                    Optional.of(
                        credential(
                            CredentialId.draw(surroundings.random()),
                            device,
                            new Verifier.Certificate(
                                asRequest.der(),
                                Optional.empty(),
                                asRequest.publicKey().sha256(),
                                Optional.empty(),
                                true, // TLS has proven that it holds the key
                                false),
                            notAfter,
                            surroundings.now()))));
  }

  private Optional<Making> check(
      AccountSnapshot account, Device device, CertificateRequest request) {
    // The checks ask about other devices: how many there are, and what they are locked to.
    AccountSnapshot others =
        new AccountSnapshot(
            account.account(),
            account.devices().stream().filter(it -> !it.id().equals(device.id())).toList(),
            account.credentials());
    EnrolmentContext context =
        new EnrolmentContext(others, device.resourceLock(), surroundings.now(), policy.keys());
    return CertificateRequestChecks.firstFault(signing.checks(), request, context)
        .map(fault -> new Making.Fault(fault, "refused by a check of the request"));
  }

  private static Credential credential(
      CredentialId id,
      Device device,
      Verifier.Certificate verifier,
      Instant notAfter,
      Instant now) {
    return new Credential(
        id,
        device.account(),
        Optional.of(device.id()),
        CredentialStatus.ACTIVE,
        device.generation(),
        now,
        Optional.of(notAfter),
        verifier);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.authority.CertificateRequest;
import dev.latchkey.authority.EnrolmentContext;
import dev.latchkey.authority.IssueOrder;
import dev.latchkey.authority.IssuedCertificate;
import dev.latchkey.authority.RequestFault;
import dev.latchkey.authority.policy.CertificateRequestChecks;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.DeviceOrigin;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Permissions;
import dev.latchkey.credential.Resource;
import dev.latchkey.credential.Verifier;
import java.time.Instant;
import java.util.Optional;

/// Writes down new devices and their certificates; commits nothing.
final class DeviceMaking {
  private static final String DEFAULT_NAME = "Device";

  private final Surroundings surroundings;
  private final Signing signing;
  private final LiveSessions sessions;
  private final EnrolmentPolicy policy;

  DeviceMaking(
      Surroundings surroundings, Signing signing, LiveSessions sessions, EnrolmentPolicy policy) {
    this.surroundings = surroundings;
    this.signing = signing;
    this.sessions = sessions;
    this.policy = policy;
  }

  /// Where a device comes from.
  ///
  /// @param origin by what
  /// @param permissions its flags
  /// @param parent who lets it in
  /// @param unbound whether that is tied neither to the channel nor to the code (rule 7)
  record Origin(
      DeviceOrigin origin, Permissions permissions, Optional<DeviceId> parent, boolean unbound) {}

  /// A new device, if the name is one and the resource is free.
  Making device(
      AccountSnapshot account, Optional<String> name, Optional<Resource> resource, Origin origin) {
    Optional<String> prepared = DeviceNames.prepare(name.orElse(DEFAULT_NAME));
    if (prepared.isEmpty()) {
      return new Making.Fault(RequestFault.BAD_NAME, "this is no name for a device");
    }
    if (resource.isPresent()
        && !ResourceLocks.isFree(resource.get(), account, sessions, Optional.empty())) {
      return new Making.Fault(RequestFault.RESOURCE_IN_USE, "another device has the resource");
    }
    return new Making.Made(
        new Device(
            DeviceId.draw(surroundings.random()),
            account.account().id(),
            DeviceNames.unique(prepared.get(), account),
            DeviceStatus.ACTIVE,
            0,
            origin.permissions(),
            resource,
            origin.parent(),
            origin.origin(),
            origin.unbound(),
            surroundings.now(),
            Optional.empty()),
        Optional.empty());
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

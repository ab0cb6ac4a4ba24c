// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.authority.policy;

import dev.latchkey.authority.CertificateRequest;
import dev.latchkey.authority.CertificateRequestCheck;
import dev.latchkey.authority.EnrolmentContext;
import dev.latchkey.authority.RequestFault;
import dev.latchkey.authority.RequestedNames;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Jid;
import dev.latchkey.credential.Verifier;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The questions of 30.B that a request and the account as it stands can answer. Pure functions.
///
/// The same request sent again is not a fault: whoever asks looks for its answer first (rules 8 and
/// 25).
public final class CertificateRequestChecks {
  /// How many devices an account may have, if nothing else is configured.
  public static final int DEVICES_PER_ACCOUNT = 64;

  private CertificateRequestChecks() {}

  /// All of them, in the order in which they are asked.
  public static List<CertificateRequestCheck> standard() {
    return standard(DEVICES_PER_ACCOUNT);
  }

  /// All of them, in the order in which they are asked.
  ///
  /// @param devicesPerAccount how many devices that are not revoked an account may have
  public static List<CertificateRequestCheck> standard(int devicesPerAccount) {
    return List.of(
        CertificateRequestChecks::supportedKey,
        CertificateRequestChecks::names,
        CertificateRequestChecks::keyInUse,
        CertificateRequestChecks::resourceInUse,
        quota(devicesPerAccount));
  }

  /// Asks one after another.
  ///
  /// @return the first fault, or nothing if the request may be signed
  public static Optional<RequestFault> firstFault(
      List<CertificateRequestCheck> checks, CertificateRequest request, EnrolmentContext context) {
    return checks.stream().flatMap(check -> check.check(request, context).stream()).findFirst();
  }

  /// Whether the TLS provider here can take a client certificate with such a key: a device with one
  /// that it cannot would be let in once and never again.
  static Optional<RequestFault> supportedKey(CertificateRequest request, EnrolmentContext context) {
    return faultIf(!context.keys().contains(request.kind()), RequestFault.UNSUPPORTED_KEY);
  }

  /// Whether it asks for no name, or for the account's own (rule 2). Stock tools insist on a
  /// subject, so that a CN is borne, if it says the same.
  static Optional<RequestFault> names(CertificateRequest request, EnrolmentContext context) {
    RequestedNames names = request.names();
    boolean fit =
        !names.asAuthority()
            && names.others() == 0
            && names.xmppAddresses().size() <= 1
            && names.commonNames().size() <= 1
            && Stream.concat(names.xmppAddresses().stream(), names.commonNames().stream())
                .allMatch(name -> isOfAccount(name, context));
    return faultIf(!fit, RequestFault.BAD_NAME);
  }

  private static boolean isOfAccount(String name, EnrolmentContext context) {
    Optional<Jid> asked = Jid.tryParse(name);
    Jid bare = context.account().account().jid().jid();
    return asked
        .filter(jid -> jid.bare().equals(bare))
        .filter(jid -> jid.isBare() || jid.resource().equals(context.resource()))
        .isPresent();
  }

  /// Whether the account has had a certificate with this key, live or revoked, whose possession was
  /// proven (rule 24): an unproven one may have been uploaded to be in the owner's way.
  static Optional<RequestFault> keyInUse(CertificateRequest request, EnrolmentContext context) {
    var key = request.publicKey().sha256();
    return faultIf(
        context.account().credentials().stream()
            .anyMatch(
                credential ->
                    credential.verifier() instanceof Verifier.Certificate certificate
                        && certificate.proven()
                        && certificate.publicKey().equals(key)),
        RequestFault.KEY_IN_USE);
  }

  /// Whether another device is locked to the same resource (rule 36). One that is disabled or
  /// suspended holds its resource: that can be lifted.
  static Optional<RequestFault> resourceInUse(
      CertificateRequest request, EnrolmentContext context) {
    return faultIf(
        context.resource().isPresent()
            && standing(context)
                .anyMatch(device -> device.resourceLock().equals(context.resource())),
        RequestFault.RESOURCE_IN_USE);
  }

  private static CertificateRequestCheck quota(int devicesPerAccount) {
    return (_, context) ->
        faultIf(standing(context).count() >= devicesPerAccount, RequestFault.QUOTA);
  }

  private static Stream<Device> standing(EnrolmentContext context) {
    return context.account().devices().stream()
        .filter(device -> device.status() != DeviceStatus.REVOKED);
  }

  private static Optional<RequestFault> faultIf(boolean wrong, RequestFault fault) {
    return wrong ? Optional.of(fault) : Optional.empty();
  }
}

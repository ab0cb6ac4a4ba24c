// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import dev.latchkey.authority.CertificateRequest;
import dev.latchkey.authority.RequestFault;
import dev.latchkey.authority.RequestedNames;
import dev.latchkey.authority.request.ReadCertificate;
import dev.latchkey.authority.request.ReadRequest;
import dev.latchkey.authority.request.ShownCertificate;
import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountEdit;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Actor;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.DeviceOrigin;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.Permission;
import dev.latchkey.credential.Resource;
import dev.latchkey.credential.Verifier;
import java.util.List;
import java.util.Optional;

/// Makes devices: of a one-time code that was proven and a key, or of a key that a device vouches
/// for (30.B, 30.C).
///
/// Thread-safe; waits for the store. A refused request does not spend a code, but counts (rule 12).
public final class Enrolment {
  /// So many live certificates a device may have.
  private static final int CERTIFICATES = 8;

  private final Surroundings surroundings;
  private final Signing signing;
  private final EnrolmentPolicy policy;
  private final DeviceMaking making;
  private final CertificateMaking certificates;
  private final CodeSpending spending;

  /// Enrols under the given policy.
  public Enrolment(
      Surroundings surroundings, Signing signing, LiveSessions sessions, EnrolmentPolicy policy) {
    this.surroundings = surroundings;
    this.signing = signing;
    this.policy = policy;
    this.making = new DeviceMaking(surroundings, sessions, policy);
    this.certificates = new CertificateMaking(surroundings, signing, policy);
    this.spending = new CodeSpending(surroundings);
  }

  /// Redeems a code for a signed certificate (30.C ways ii and iv).
  ///
  /// Asked again with the same key, while the device has not signed in and for 24 hours, the answer
  /// is the same (rule 8).
  public EnrolmentResult redeem(Redemption redemption) {
    if (!policy.codes()) {
      return new EnrolmentResult.Dead();
    }
    ReadRequest reading = signing.requests().apply(redemption.request());
    return result(
        spending.spend(
            redemption.account(),
            redemption.code(),
            new CodeSpending.Attempt() {
              @Override
              public Optional<Decision<Making>> again(
                  AccountSnapshot account, Credential spent, Verifier.Redemption earlier) {
                return reading instanceof ReadRequest.Read(CertificateRequest request)
                        && request.publicKey().sha256().equals(earlier.thumbprint())
                    ? madeBefore(account, earlier).map(Decision::answer)
                    : Optional.empty();
              }

              @Override
              public Making first(AccountSnapshot account, Verifier.Grant grant) {
                return switch (reading) {
                  case ReadRequest.Refused(RequestFault fault) ->
                      new Making.Fault(fault, "the request cannot be read");
                  case ReadRequest.Read(CertificateRequest request) ->
                      sign(redemption, request, account, grant);
                };
              }
            }));
  }

  private Making sign(
      Redemption redemption,
      CertificateRequest request,
      AccountSnapshot account,
      Verifier.Grant grant) {
    if (!policy.signing()) {
      return new Making.Fault(RequestFault.FORBIDDEN, "signing is switched off");
    }
    // Rule 7: without the link, whoever relays the proof of somebody else puts his own key here.
    if (!redemption.linked()) {
      return new Making.Fault(RequestFault.NOT_LINKED, "no link to the code, or a wrong one");
    }
    if (grant.certificate().isPresent()) {
      return new Making.Fault(RequestFault.FORBIDDEN, "the code is for one certificate");
    }
    if (grant.resource().isPresent()
        && redemption.resource().isPresent()
        && !grant.resource().equals(redemption.resource())) {
      return new Making.Fault(RequestFault.BAD_NAME, "the code is for another resource");
    }
    Making device =
        making.device(
            account,
            redemption.name().beside(grant.name()),
            grant.resource().or(redemption::resource),
            DeviceMaking.Origin.ofCode(account, grant, true));
    return device instanceof Making.Made(Device made, Optional<Credential> _)
        ? certificates.signed(account, made, request)
        : device;
  }

  /// Redeems a code for the certificate that was shown in TLS on the connection that proved the
  /// code (30.C way i).
  ///
  /// @param account whose code
  /// @param code which
  /// @param certificate what was shown, DER
  /// @param channelBound whether the proof covered the channel; if not, somebody in between may
  ///   have shown his own certificate, and the device gets no flags (rule 7)
  /// @param name what the device may be called
  public EnrolmentResult redeemByCertificate(
      AccountId account,
      CredentialId code,
      Bytes certificate,
      boolean channelBound,
      NameWish name) {
    if (!policy.codes()) {
      return new EnrolmentResult.Dead();
    }
    ReadCertificate reading = signing.certificates().apply(certificate);
    return result(
        spending.spend(
            account,
            code,
            new CodeSpending.Attempt() {
              @Override
              public Optional<Decision<Making>> again(
                  AccountSnapshot snapshot, Credential spent, Verifier.Redemption earlier) {
                return madeBefore(snapshot, earlier)
                    .filter(it -> certificateIn(it).filter(certificate::equals).isPresent())
                    .map(Decision::answer);
              }

              @Override
              public Making first(AccountSnapshot snapshot, Verifier.Grant grant) {
                return switch (reading) {
                  case ReadCertificate.Refused(RequestFault fault) ->
                      new Making.Fault(fault, "the certificate cannot be read");
                  case ReadCertificate.Read(ShownCertificate shown) ->
                      take(snapshot, grant, shown, channelBound, name);
                };
              }
            }));
  }

  private Making take(
      AccountSnapshot account,
      Verifier.Grant grant,
      ShownCertificate shown,
      boolean channelBound,
      NameWish name) {
    if (!channelBound && policy.refuseUnbound()) {
      return new Making.Fault(RequestFault.NOT_LINKED, "the proof does not cover the channel");
    }
    if (grant.certificate().filter(pinned -> !pinned.equals(shown.der().sha256())).isPresent()) {
      return new Making.Fault(RequestFault.FORBIDDEN, "the code is for another certificate");
    }
    if (surroundings.now().isBefore(shown.notBefore())
        || !surroundings.now().isBefore(shown.notAfter())) {
      return new Making.Fault(RequestFault.FORBIDDEN, "the certificate is not valid now");
    }
    ShownNames names =
        ShownNames.of(shown.xmppAddresses(), account.account().jid(), signing.served());
    if (names.namesSomebodyElse()) {
      return new Making.Fault(RequestFault.BAD_NAME, "the certificate names somebody else");
    }
    Optional<Resource> resource = grant.resource().or(() -> names.resources().stream().findAny());
    if (names.resources().stream().anyMatch(named -> !resource.equals(Optional.of(named)))) {
      return new Making.Fault(RequestFault.BAD_NAME, "the certificate names another resource");
    }
    Making device =
        making.device(
            account,
            name.beside(grant.name()),
            resource,
            DeviceMaking.Origin.ofCode(account, grant, channelBound));
    if (!(device instanceof Making.Made(Device made, Optional<Credential> _))) {
      return device;
    }
    // Its names are judged. Unlike a request, a certificate may hold others that mean nothing here.
    return certificates.taken(
        account,
        made,
        new CertificateRequest(
            shown.der(),
            shown.publicKey(),
            shown.kind(),
            new RequestedNames(List.of(), List.of(), 0, false)),
        shown.notAfter());
  }

  /// Whether a certificate that a client showed beside a code shall be enrolled, where the client
  /// has no way to say so (rule 11, SASL1): self-signed, of no revoked device, and naming nobody
  /// else here.
  public boolean suits(AccountId account, Bytes certificate) {
    Optional<AccountSnapshot> snapshot = surroundings.store().find(account);
    return signing.certificates().apply(certificate)
            instanceof ReadCertificate.Read(ShownCertificate shown)
        && shown.selfSigned()
        && snapshot.isPresent()
        && !ShownNames.of(shown.xmppAddresses(), snapshot.get().account().jid(), signing.served())
            .namesSomebodyElse()
        && surroundings.store().holdersOf(certificate.sha256()).stream()
            .noneMatch(holder -> holder.device().status() == DeviceStatus.REVOKED);
  }

  /// Where nothing is signed, which is the caller's to see to, for domains differ in that: spends a
  /// code for one ordinary session, as a device without credentials (rule 10). When the session
  /// ends, the caller ends the device with [#closeSession]; it must not be resumed.
  ///
  /// @param account whose code
  /// @param code which
  /// @param channelBound whether the proof covered the channel; if not, the device gets no flags
  /// @return nothing if the code is no good
  public Optional<Redeemed> openSession(
      AccountId account, CredentialId code, boolean channelBound) {
    if (!policy.codes()) {
      return Optional.empty();
    }
    Making opened =
        spending.spend(
            account,
            code,
            new CodeSpending.Attempt() {
              @Override
              public Optional<Decision<Making>> again(
                  AccountSnapshot snapshot, Credential spent, Verifier.Redemption earlier) {
                return Optional.empty(); // one session is one session
              }

              @Override
              public Making first(AccountSnapshot snapshot, Verifier.Grant grant) {
                return grant.certificate().isPresent()
                    ? new Making.Fault(RequestFault.FORBIDDEN, "the code is for one certificate")
                    : making.device(
                        snapshot,
                        grant.name(),
                        grant.resource(),
                        DeviceMaking.Origin.ofCode(snapshot, grant, channelBound));
              }
            });
    return opened instanceof Making.Made(Device device, Optional<Credential> _)
        ? Optional.of(new Redeemed(device))
        : Optional.empty();
  }

  /// Ends the device of [#openSession]. Does nothing to a device that was given a credential in
  /// that session, or is gone already.
  public void closeSession(AccountId account, DeviceId device) {
    Decision.settle(
        surroundings.store(),
        () ->
            surroundings
                .store()
                .find(account)
                .flatMap(snapshot -> closing(snapshot, device))
                .map(edit -> new Decision<>(edit.changes(), true))
                .orElse(Decision.answer(false)));
  }

  /// Ends the devices of [#openSession] whose sessions a crash has ended. To be called at start,
  /// before anybody can sign in.
  public void closeAbandonedSessions() {
    for (Account account : surroundings.store().accounts()) {
      surroundings.store().find(account.id()).stream()
          .flatMap(snapshot -> snapshot.devices().stream())
          .forEach(device -> closeSession(account.id(), device.id()));
    }
  }

  private Optional<AccountEdit> closing(AccountSnapshot account, DeviceId id) {
    return account
        .device(id)
        .filter(device -> device.status() != DeviceStatus.REVOKED)
        .filter(_ -> account.credentialsOf(id).findAny().isEmpty())
        .map(
            device ->
                account
                    .edit(new Actor.OfDevice(id, device.generation()), surroundings.now())
                    .revoke(
                        device,
                        List.of(),
                        Optional.of("nothing is left that it could sign in with")));
  }

  /// Signs for a device that is signed in (30.B): the key of another device that it vouches for,
  /// which needs the permission to enroll, or one more key of its own (rule 57).
  ///
  /// The same request again by the same device gets the same answer, while the device made of it is
  /// live (rule 25).
  public EnrolmentResult sign(Acting actor, SigningRequest request) {
    if (!policy.signing()) {
      return new EnrolmentResult.Refused(RequestFault.FORBIDDEN, "signing is switched off");
    }
    ReadRequest reading = signing.requests().apply(request.request());
    return result(
        Decision.settle(
            surroundings.store(),
            () ->
                surroundings
                    .store()
                    .find(actor.account())
                    .map(account -> decide(account, actor, request, reading))
                    .orElse(refuse(RequestFault.FORBIDDEN, "there is no such account"))));
  }

  private Decision<Making> decide(
      AccountSnapshot account, Acting actor, SigningRequest wish, ReadRequest reading) {
    Optional<Device> live = account.acting(actor.device(), actor.generation());
    if (live.isEmpty()) {
      return refuse(RequestFault.FORBIDDEN, "the asking device is no longer live");
    }
    Device acting = live.get();
    boolean itself = wish.purpose() == Purpose.THIS;
    if (!itself && !acting.permissions().allow(Permission.ENROLL)) {
      return refuse(RequestFault.FORBIDDEN, "the asking device may not enroll");
    }
    if (itself && !wish.linked()) {
      return refuse(RequestFault.NOT_LINKED, "no link to the channel, or a wrong one");
    }
    if (!(reading instanceof ReadRequest.Read(CertificateRequest request))) {
      return refuse(((ReadRequest.Refused) reading).fault(), "the request cannot be read");
    }
    Optional<Making> before = signedBefore(account, acting, itself, request);
    if (before.isPresent()) {
      return Decision.answer(before.get());
    }
    Making device = itself ? extend(account, acting, wish) : child(account, acting, wish);
    Making signed =
        device instanceof Making.Made(Device made, Optional<Credential> _)
            ? certificates.signed(account, made, request)
            : device;
    if (!(signed instanceof Making.Made(Device made, Optional<Credential> credential))) {
      return Decision.answer(signed);
    }
    AccountEdit edit =
        account.edit(new Actor.OfDevice(actor.device(), actor.generation()), surroundings.now());
    if (!itself) {
      edit.put(made);
    }
    credential.ifPresent(edit::put);
    edit.record(
        EventKind.ADDED, Optional.of(made.id()), credential.map(Credential::id), Optional.empty());
    return new Decision<>(edit.changes(), signed);
  }

  private static Decision<Making> refuse(RequestFault fault, String log) {
    return Decision.answer(new Making.Fault(fault, log));
  }

  private Making child(AccountSnapshot account, Device acting, SigningRequest wish) {
    return making.device(
        account,
        wish.name(),
        wish.resource(),
        new DeviceMaking.Origin(
            DeviceOrigin.DEVICE,
            OneTimeCodes.flags(wish.purpose(), Optional.empty()).and(acting.permissions()),
            Optional.of(acting.id()),
            false));
  }

  private Making extend(AccountSnapshot account, Device acting, SigningRequest wish) {
    if (wish.resource().isPresent() && !wish.resource().equals(acting.resourceLock())) {
      return new Making.Fault(RequestFault.BAD_NAME, "the device is not locked to this resource");
    }
    long certificates =
        account
            .credentialsOf(acting.id())
            .filter(credential -> credential.verifier() instanceof Verifier.Certificate)
            .filter(credential -> account.isLive(credential, surroundings.now()))
            .count();
    return certificates >= CERTIFICATES
        ? new Making.Fault(RequestFault.QUOTA, "the device has enough certificates")
        : new Making.Made(acting, Optional.empty());
  }

  private Optional<Making> signedBefore(
      AccountSnapshot account, Device acting, boolean itself, CertificateRequest request) {
    Optional<Bytes> hash = Optional.of(request.der().sha256());
    for (Credential credential : account.credentials()) {
      if (credential.verifier() instanceof Verifier.Certificate certificate
          && certificate.request().equals(hash)
          && account.isLive(credential, surroundings.now())) {
        Device device = credential.device().flatMap(account::device).orElseThrow();
        boolean same =
            itself
                ? device.id().equals(acting.id())
                : device.origin() == DeviceOrigin.DEVICE
                    && device.parent().equals(Optional.of(acting.id()));
        if (same) {
          return Optional.of(new Making.Made(device, Optional.of(credential)));
        }
      }
    }
    return Optional.empty();
  }

  /// What a redeemed code has made, as long as it can sign in.
  private Optional<Making> madeBefore(AccountSnapshot account, Verifier.Redemption earlier) {
    return account
        .credentialsOf(earlier.device())
        .filter(credential -> account.isLive(credential, surroundings.now()))
        .filter(
            credential ->
                credential.verifier() instanceof Verifier.Certificate certificate
                    && certificate.publicKey().equals(earlier.thumbprint()))
        .findFirst()
        .map(
            credential ->
                new Making.Made(
                    account.device(earlier.device()).orElseThrow(), Optional.of(credential)));
  }

  private static Optional<Bytes> certificateIn(Making made) {
    return made instanceof Making.Made(Device _, Optional<Credential> credential)
        ? credential.map(it -> ((Verifier.Certificate) it.verifier()).certificate())
        : Optional.empty();
  }

  private static EnrolmentResult result(Making making) {
    return making.result(Enrolment::result);
  }

  private static EnrolmentResult result(Device device, Credential credential) {
    Verifier.Certificate certificate = (Verifier.Certificate) credential.verifier();
    return certificate
        .issuer()
        .<EnrolmentResult>map(
            issuing ->
                new EnrolmentResult.Enrolled(
                    device,
                    credential,
                    certificate.certificate(),
                    issuing,
                    credential.expires().orElseThrow()))
        .orElseGet(() -> new EnrolmentResult.Accepted(device, credential));
  }
}

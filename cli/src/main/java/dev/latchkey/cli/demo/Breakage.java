// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.demo;

import dev.latchkey.authority.CertificateRequestCheck;
import dev.latchkey.authority.RequestFault;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CertificateHolder;
import dev.latchkey.credential.Commit;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialChange;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.CredentialStore;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.DeviceStatus;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Resource;
import dev.latchkey.credential.Verifier;
import dev.latchkey.devices.LiveSessions;
import dev.latchkey.devices.RevokedDevice;
import dev.latchkey.devices.SessionScope;
import dev.latchkey.server.Seams;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.xmpp.session.Attachment;
import dev.latchkey.xmpp.session.Backend;
import dev.latchkey.xmpp.session.ClientSide;
import dev.latchkey.xmpp.session.EndReason;
import dev.latchkey.xmpp.session.Receipt;
import dev.latchkey.xmpp.session.SessionIdentity;
import dev.latchkey.xmpp.session.Undelivered;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/// Takes one part of the server out, so that a step of the demo must fail: that shows that the step
/// looks.
final class Breakage {
  private Breakage() {}

  /// The server without what the step shows. What is switched off by configuration is in
  /// [DemoConfiguration].
  static Seams without(Step step, AccountJid victim) {
    Seams seams = Seams.none();
    return switch (step) {
      case SERVE, INVITE, ENROL, RESUME -> seams; // by configuration
      case ADD ->
          seams.withBackend(
              backend ->
                  new Deaf(
                      backend, e -> e.child("issue", Namespaces.LATCHKEY_ONE_TIME).isPresent()));
      case ENROL_SECOND -> seams.withChecks(_ -> List.of(Breakage::onlyOneDevice));
      case SIGN_IN -> seams.withSignInView(OnlyTheFirst::new);
      case MESSAGES ->
          seams.withBackend(backend -> new Deaf(backend, e -> e.name().equals("message")));
      case REVOKE -> seams.withSessions(Undisturbed::new);
      case USED_CODE -> seams.withSignInView(store -> new AlteredStore(store, Breakage::unspent));
      case FOREIGN_NAME ->
          seams.withChecks(checks -> checks.stream().map(Breakage::deafToNames).toList());
      case FOREIGN_CERTIFICATE -> seams.withSignInView(store -> new AnyCertificate(store, victim));
      case REVOKED_CERTIFICATE -> seams.withSignInView(Unrevoked::new);
      case FAST -> seams.withSignInView(store -> without(store, CredentialKind.FAST));
      case REPLAY -> {
        AtomicReference<Optional<Bytes>> kept = new AtomicReference<>(Optional.empty());
        yield seams.withConnections(connection -> new StaleBinding(connection, kept));
      }
      case CLIENT_KEY -> seams.withSignInView(store -> without(store, CredentialKind.CLIENT_KEY));
      case CLONE -> seams.withSignInView(store -> new AlteredStore(store, Breakage::uncounted));
    };
  }

  private static Optional<RequestFault> onlyOneDevice(
      dev.latchkey.authority.CertificateRequest request,
      dev.latchkey.authority.EnrolmentContext context) {
    return context.account().devices().isEmpty()
        ? Optional.empty()
        : Optional.of(RequestFault.QUOTA);
  }

  private static CertificateRequestCheck deafToNames(CertificateRequestCheck check) {
    return (request, context) ->
        check.check(request, context).filter(fault -> fault != RequestFault.BAD_NAME);
  }

  private static AccountSnapshot unspent(AccountSnapshot account) {
    return new AccountSnapshot(
        account.account(),
        account.devices(),
        account.credentials().stream().map(Breakage::unspent).toList());
  }

  private static Credential unspent(Credential credential) {
    return credential.verifier() instanceof Verifier.OneTime code
        ? new Credential(
            credential.id(),
            credential.account(),
            credential.device(),
            CredentialStatus.ACTIVE,
            credential.generation(),
            credential.created(),
            credential.expires(),
            new Verifier.OneTime(code.keys(), code.grant(), Optional.empty(), 0))
        : credential;
  }

  /// Knows no credentials of a kind.
  private static CredentialStore without(CredentialStore store, CredentialKind kind) {
    return new AlteredStore(
        store,
        account ->
            new AccountSnapshot(
                account.account(),
                account.devices(),
                account.credentials().stream()
                    .filter(credential -> credential.kind() != kind)
                    .toList()));
  }

  private static AccountSnapshot uncounted(AccountSnapshot account) {
    return new AccountSnapshot(
        account.account(),
        account.devices(),
        account.credentials().stream().map(Breakage::uncounted).toList());
  }

  /// A client key of which nobody remembers which values have signed in.
  private static Credential uncounted(Credential credential) {
    return credential.verifier() instanceof Verifier.ClientKey key
        ? credential.withVerifier(
            new Verifier.ClientKey(
                key.clientId(),
                key.name(),
                key.encryptedSecret(),
                key.validator(),
                0,
                0,
                key.restored()))
        : credential;
  }

  private static AccountSnapshot unrevoked(AccountSnapshot account) {
    List<Device> devices =
        account.devices().stream()
            .map(
                d ->
                    new Device(
                        d.id(),
                        d.account(),
                        d.name(),
                        DeviceStatus.ACTIVE,
                        d.generation(),
                        d.permissions(),
                        d.resourceLock(),
                        d.parent(),
                        d.origin(),
                        d.unbound(),
                        d.firstSeen(),
                        d.lastSeen()))
            .toList();
    return new AccountSnapshot(
        account.account(),
        devices,
        account.credentials().stream()
            .map(c -> c.kind() == CredentialKind.CERTIFICATE ? revived(c, devices) : c)
            .toList());
  }

  private static Credential revived(Credential credential, List<Device> devices) {
    long generation =
        devices.stream()
            .filter(device -> credential.device().filter(device.id()::equals).isPresent())
            .mapToLong(Device::generation)
            .findAny()
            .orElseThrow();
    return new Credential(
        credential.id(),
        credential.account(),
        credential.device(),
        CredentialStatus.ACTIVE,
        generation,
        credential.created(),
        credential.expires(),
        credential.verifier());
  }

  /// Knows no certificate of an account with more than one device.
  private static final class OnlyTheFirst extends AlteredStore {
    OnlyTheFirst(CredentialStore store) {
      super(store, account -> account);
    }

    @Override
    public List<CertificateHolder> holdersOf(Bytes fingerprint) {
      return super.holdersOf(fingerprint).stream()
          .filter(holder -> holder.snapshot().devices().size() == 1)
          .toList();
    }
  }

  /// Takes revoked devices for active ones, in what it shows and in what it asks for.
  private static final class Unrevoked extends AlteredStore {
    Unrevoked(CredentialStore store) {
      super(store, Breakage::unrevoked);
    }

    @Override
    public Commit commit(List<CredentialChange> changes) {
      return super.commit(
          changes.stream()
              .filter(change -> !(change instanceof CredentialChange.RequireDevice))
              .toList());
    }
  }

  /// Takes the certificate's word for whose it is.
  private static final class AnyCertificate extends AlteredStore {
    private final AccountJid victim;

    AnyCertificate(CredentialStore store, AccountJid victim) {
      super(store, account -> account);
      this.victim = victim;
    }

    @Override
    public List<CertificateHolder> holdersOf(Bytes fingerprint) {
      List<CertificateHolder> known = super.holdersOf(fingerprint);
      return known.isEmpty()
          ? find(victim).flatMap(AnyCertificate::first).stream().toList()
          : known;
    }

    private static Optional<CertificateHolder> first(AccountSnapshot account) {
      return account.credentials().stream()
          .filter(credential -> credential.kind() == CredentialKind.CERTIFICATE)
          .filter(credential -> credential.status() == CredentialStatus.ACTIVE)
          .map(credential -> CertificateHolder.of(account, credential))
          .findFirst();
    }
  }

  /// Revocations that no session hears of.
  private record Undisturbed(LiveSessions sessions) implements LiveSessions {
    @Override
    public void end(AccountId account, List<RevokedDevice> devices) {
      // the protection that is taken out
    }

    @Override
    public void endStale(AccountId account, SessionScope scope, long version) {
      // no step disables or suspends
      sessions.endStale(account, scope, version);
    }

    @Override
    public boolean isConnected(DeviceId device) {
      return sessions.isConnected(device);
    }

    @Override
    public Optional<DeviceId> holderOf(AccountId account, Resource resource) {
      return sessions.holderOf(account, resource);
    }
  }

  /// A backend that does not hear some stanzas.
  private record Deaf(Backend backend, Predicate<Element> unheard) implements Backend {
    @Override
    public Attachment attach(ClientSide client, List<Element> asked) {
      return deaf(backend.attach(client, asked));
    }

    @Override
    public Attachment revive(ClientSide client, Element place) {
      return deaf(backend.revive(client, place));
    }

    private Attachment deaf(Attachment attached) {
      return new Attachment() {
        @Override
        public void handle(Element stanza) {
          if (!unheard.test(stanza)) {
            attached.handle(stanza);
          }
        }

        @Override
        public boolean handleOther(Element element) {
          return attached.handleOther(element);
        }

        @Override
        public void arrived(List<Receipt> receipts) {
          attached.arrived(receipts);
        }

        @Override
        public void resumed() {
          attached.resumed();
        }

        @Override
        public void hasRoomAgain() {
          attached.hasRoomAgain();
        }

        @Override
        public Element place() {
          return attached.place();
        }

        @Override
        public void end(List<Undelivered> undelivered, EndReason reason) {
          attached.end(undelivered, reason);
        }
      };
    }

    @Override
    public List<Element> features(Domain domain) {
      return backend.features(domain);
    }

    @Override
    public List<String> inlineFeatures() {
      return backend.inlineFeatures();
    }

    @Override
    public boolean losesNothingByBind2() {
      return backend.losesNothingByBind2();
    }

    @Override
    public List<Element> bindInline(SessionIdentity who) {
      return backend.bindInline(who);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.devices;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.authority.CertificateRequest;
import dev.latchkey.authority.IssuedCertificate;
import dev.latchkey.authority.KeyKind;
import dev.latchkey.authority.RequestFault;
import dev.latchkey.authority.RequestedNames;
import dev.latchkey.authority.policy.CertificateRequestChecks;
import dev.latchkey.authority.request.ReadCertificate;
import dev.latchkey.authority.request.ReadRequest;
import dev.latchkey.authority.request.ShownCertificate;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Event;
import dev.latchkey.credential.EventKind;
import dev.latchkey.credential.InMemoryCredentialStore;
import dev.latchkey.credential.MachineSecret;
import dev.latchkey.credential.Resource;
import dev.latchkey.credential.ScramHash;
import dev.latchkey.credential.ScramVerifier;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Waypoint;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.SeededRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The use cases over a store in memory. Requests and certificates have a form of the test's own:
/// `csr:KEY[:anything]` and `cert:KEY:ADDRESS,ADDRESS`; what reads and signs real ones is tested
/// where it lives.
final class House {
  static final AccountJid NINA = AccountJid.parse("nina@chat.example");
  static final AccountJid MALLORY = AccountJid.parse("mallory@chat.example");
  static final Duration WEEK = Duration.ofDays(7);
  static final Duration YEAR = Duration.ofDays(365);
  static final Bytes USER_AGENT = Bytes.utf8("user agent").sha256();

  final InMemoryCredentialStore store = new InMemoryCredentialStore();
  final CountingStore counting = new CountingStore(store);
  final ManualClock clock = new ManualClock();
  final FakeSessions sessions = new FakeSessions();
  final AtomicInteger signatures = new AtomicInteger();
  private final Map<Waypoint, Runnable> once = new EnumMap<>(Waypoint.class);
  final Surroundings surroundings =
      new Surroundings(counting, clock, SeededRandom.announced(), this::reached);
  final OneTimeCodes codes;
  final Enrolment enrolment;
  final Revocation revocation = new Revocation(surroundings, sessions);
  final DevicePasswords passwords = new DevicePasswords(surroundings, new FakeKeys());
  final FastTokens tokens;
  final SignIns signIns;
  final TokenEnrolment tokenEnrolment;
  final ClientKeys keys = new ClientKeys(surroundings, revocation, House::validator, YEAR);
  final AuthTokens authTokens = new AuthTokens(surroundings, sessions, revocation, YEAR);
  final DeviceLists lists = new DeviceLists(store, sessions);
  final Accounts accounts = new Accounts(store);
  final AccountStates states = new AccountStates(surroundings, sessions);

  House() {
    this(EnrolmentPolicy.STANDARD);
  }

  House(EnrolmentPolicy policy) {
    this(policy, TokenPolicy.STANDARD);
  }

  House(EnrolmentPolicy policy, TokenPolicy tokenPolicy) {
    tokens = new FastTokens(surroundings, tokenPolicy);
    signIns = new SignIns(surroundings, tokens);
    tokenEnrolment =
        new TokenEnrolment(surroundings, sessions, policy, tokens, House::validator, YEAR);
    codes = new OneTimeCodes(surroundings, new FakeKeys(), sessions, policy);
    enrolment =
        new Enrolment(
            surroundings,
            new Signing(
                House::readRequest,
                this::readCertificate,
                CertificateRequestChecks.standard(),
                _ -> order -> signed(order.publicKey()),
                domain -> domain.name().endsWith(".example")),
            sessions,
            policy);
  }

  // ---- steering

  /// Does something when a waypoint is reached next, and only then.
  synchronized void at(Waypoint point, Runnable action) {
    once.put(point, action);
  }

  private void reached(Waypoint point) {
    Runnable action;
    synchronized (this) {
      action = once.remove(point);
    }
    if (action != null) {
      action.run();
    }
  }

  // ---- shorthands

  OperatorCode invite(AccountJid account) {
    return ((InviteResult.Invited) codes.invite(account, Optional.empty(), WEEK)).code();
  }

  AccountSnapshot account(AccountJid jid) {
    return store.find(jid).orElseThrow();
  }

  AccountId id(AccountJid jid) {
    return account(jid).account().id();
  }

  EnrolmentResult redeem(AccountJid account, CredentialId code, String request) {
    return enrolment.redeem(
        new Redemption(
            id(account), code, Bytes.utf8(request), NameWish.NONE, Optional.empty(), true));
  }

  /// A first device with all permissions.
  Acting firstDevice(AccountJid account, String key) {
    return acting(enrolled(redeem(account, invite(account).code().id(), "csr:" + key)).device());
  }

  /// A device that another one lets in by a code.
  Acting child(Acting issuer, Purpose purpose, String key) {
    IssuedCode code = issued(codes.issue(issuer, wish(purpose)));
    EnrolmentResult result =
        enrolment.redeem(
            new Redemption(
                issuer.account(),
                code.id(),
                Bytes.utf8("csr:" + key),
                NameWish.NONE,
                Optional.empty(),
                true));
    return acting(enrolled(result).device());
  }

  static Acting acting(Device device) {
    return new Acting(device.account(), device.id(), device.generation());
  }

  static IssueRequest wish(Purpose purpose) {
    return new IssueRequest(
        purpose,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Duration.ofMinutes(10),
        Optional.empty());
  }

  static IssuedCode issued(IssueResult result) {
    assertThat(result).isInstanceOf(IssueResult.Issued.class);
    return ((IssueResult.Issued) result).code();
  }

  static EnrolmentResult.Enrolled enrolled(EnrolmentResult result) {
    assertThat(result).isInstanceOf(EnrolmentResult.Enrolled.class);
    return (EnrolmentResult.Enrolled) result;
  }

  static EnrolmentResult.Accepted accepted(EnrolmentResult result) {
    assertThat(result).isInstanceOf(EnrolmentResult.Accepted.class);
    return (EnrolmentResult.Accepted) result;
  }

  static RevocationResult.Revoked revoked(RevocationResult result) {
    assertThat(result).isInstanceOf(RevocationResult.Revoked.class);
    return (RevocationResult.Revoked) result;
  }

  static @Nullable RequestFault fault(EnrolmentResult result) {
    return result instanceof EnrolmentResult.Refused(RequestFault fault, String _) ? fault : null;
  }

  Device device(Acting acting) {
    return store.find(acting.account()).orElseThrow().device(acting.device()).orElseThrow();
  }

  Credential certificateOf(Acting acting) {
    return store
        .find(acting.account())
        .orElseThrow()
        .credentialsOf(acting.device())
        .findFirst()
        .orElseThrow();
  }

  /// A token for a device that has signed in with the best that it has.
  Optional<IssuedToken> issue(Acting acting, TokenWish wish) {
    Credential best =
        store
            .find(acting.account())
            .orElseThrow()
            .credentialsOf(acting.device())
            .filter(credential -> credential.kind() == CredentialKind.CLIENT_KEY)
            .findFirst()
            .orElseGet(() -> certificateOf(acting));
    return tokens.issue(acting, best.id(), wish);
  }

  /// An X-TOKEN of a device.
  CredentialId xToken(Acting acting) {
    AuthTokenResult result =
        issue(acting, new AuthTokenWish("a client", "a machine", Optional.empty()));
    assertThat(result).isInstanceOf(AuthTokenResult.Issued.class);
    return ((AuthTokenResult.Issued) result).entry().id();
  }

  /// An X-TOKEN for a device that has signed in with nothing that begets none.
  AuthTokenResult issue(Acting acting, AuthTokenWish wish) {
    return authTokens.issue(acting, Optional.empty(), wish);
  }

  /// A client key for a device that has signed in with nothing that begets none.
  ClientKeyResult register(Acting acting, ClientKeyWish wish) {
    return keys.register(acting, Optional.empty(), wish);
  }

  Credential credential(AccountJid account, CredentialId id) {
    return account(account).credential(id).orElseThrow();
  }

  boolean isLive(AccountJid account, CredentialId id) {
    return account(account).isLive(credential(account, id), clock.instant());
  }

  SignInOutcome signIn(Acting acting) {
    return signIns.accept(proven(acting, certificateOf(acting).id()));
  }

  /// A proof that was checked against the account as it stands.
  SignIn proven(Acting acting, CredentialId credential) {
    return new SignIn(
        store.find(acting.account()).orElseThrow(),
        acting.device(),
        acting.generation(),
        credential,
        OptionalLong.empty());
  }

  /// The same of a client key.
  SignIn counted(Acting acting, CredentialId key, long value) {
    return new SignIn(
        store.find(acting.account()).orElseThrow(),
        acting.device(),
        acting.generation(),
        key,
        OptionalLong.of(value));
  }

  static SignInOutcome.Accepted accepted(SignInOutcome outcome) {
    assertThat(outcome).isInstanceOf(SignInOutcome.Accepted.class);
    return (SignInOutcome.Accepted) outcome;
  }

  /// A device without any permission that can do no better than a password.
  Acting passwordDevice(AccountJid account) {
    PasswordResult.Issued issued =
        (PasswordResult.Issued) passwords.issue(account, Optional.empty());
    return acting(account(account).device(issued.device()).orElseThrow());
  }

  static TokenWish token(String mechanism) {
    return new TokenWish(mechanism, USER_AGENT);
  }

  /// Not the formula of the mechanism, but as good for these tests.
  private static Secret validator(Secret encryptedSecret, Secret validationKey) {
    return Secret.of(
        Bytes.lengthPrefixed(encryptedSecret.reveal(), validationKey.reveal()).sha256());
  }

  List<EventKind> history(AccountJid account) {
    return store.events(id(account), 0, 1000).stream().map(Event::kind).toList();
  }

  // ---- fakes

  private static ReadRequest readRequest(Bytes der) {
    String text = der.toUtf8().orElse("");
    return text.startsWith("csr:")
        ? new ReadRequest.Read(
            new CertificateRequest(
                der,
                Bytes.utf8(text.split(":", -1)[1]),
                KeyKind.P_256,
                new RequestedNames(List.of(), List.of(), 0, false)))
        : new ReadRequest.Refused(RequestFault.MALFORMED);
  }

  private ReadCertificate readCertificate(Bytes der) {
    String text = der.toUtf8().orElse("");
    if (!text.startsWith("cert:")) {
      return new ReadCertificate.Refused(RequestFault.MALFORMED);
    }
    String[] parts = text.split(":", -1);
    return new ReadCertificate.Read(
        new ShownCertificate(
            der,
            Bytes.utf8(parts[1]),
            parts[1].startsWith("ed25519") ? KeyKind.ED25519 : KeyKind.P_256,
            parts[2].isEmpty() ? List.of() : List.of(parts[2].split(",", -1)),
            clock.instant().minus(Duration.ofDays(1)),
            clock.instant().plus(Duration.ofDays(parts[1].endsWith("expired") ? 0 : 90)),
            !parts[1].startsWith("foreign")));
  }

  private IssuedCertificate signed(Bytes publicKey) {
    return new IssuedCertificate(
        Bytes.concat(Bytes.utf8("leaf " + signatures.incrementAndGet() + " "), publicKey),
        Bytes.utf8("issuing"),
        clock.instant().plus(Duration.ofDays(90)));
  }

  /// Verifiers that cost nothing.
  private static final class FakeKeys implements ScramKeys {
    @Override
    public List<ScramVerifier> ofPassword(AccountJid account, MachineSecret secret) {
      return List.of(verifier(secret.canonical()));
    }

    @Override
    public List<ScramVerifier> ofOneTimeCode(AccountJid account, MachineSecret secret) {
      return List.of(verifier(secret.canonical()), verifier(secret.printed()));
    }

    private static ScramVerifier verifier(Secret form) {
      return ScramVerifier.ofSaltedPassword(ScramHash.SHA_256, form);
    }
  }

  /// Sessions that are only written down.
  static final class FakeSessions implements LiveSessions {
    final List<RevokedDevice> ended = new CopyOnWriteArrayList<>();
    final List<Stale> stale = new CopyOnWriteArrayList<>();
    final Map<Resource, DeviceId> bound = new ConcurrentHashMap<>();

    @Override
    public void end(AccountId account, List<RevokedDevice> devices) {
      ended.addAll(devices);
      devices.forEach(it -> bound.values().removeIf(it.device()::equals));
    }

    /// What was ended with what was read before a version.
    record Stale(AccountId account, SessionScope scope, long version) {}

    @Override
    public void endStale(AccountId account, SessionScope scope, long version) {
      stale.add(new Stale(account, scope, version));
    }

    List<AccountId> endedAccounts() {
      return stale.stream()
          .filter(it -> it.scope().equals(new SessionScope.WholeAccount()))
          .map(Stale::account)
          .toList();
    }

    @Override
    public boolean isConnected(DeviceId device) {
      return bound.containsValue(device);
    }

    @Override
    public Optional<DeviceId> holderOf(AccountId account, Resource resource) {
      return Optional.ofNullable(bound.get(resource));
    }

    List<DeviceId> endedDevices() {
      return new ArrayList<>(ended).stream().map(RevokedDevice::device).toList();
    }
  }
}

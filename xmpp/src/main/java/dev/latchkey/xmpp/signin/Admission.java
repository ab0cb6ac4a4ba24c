// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.signin;

import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Suspicion;
import dev.latchkey.credential.Waypoint;
import dev.latchkey.devices.Acting;
import dev.latchkey.devices.IssuedToken;
import dev.latchkey.devices.SignIn;
import dev.latchkey.devices.SignInOutcome;
import dev.latchkey.sasl.ConnectionFacts;
import dev.latchkey.sasl.Evidence;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.Proof;
import dev.latchkey.sasl.SaslCondition;
import dev.latchkey.sasl.SaslStep;
import dev.latchkey.sasl.Standing;
import dev.latchkey.sasl.UserAgentId;
import dev.latchkey.xmpp.session.ResourceRules;
import dev.latchkey.xmpp.session.Session;
import dev.latchkey.xmpp.session.SessionIdentity;
import dev.latchkey.xmpp.stream.ServerStream;
import java.util.Optional;
import java.util.function.Consumer;

/// From a proof to a registered session (rule 39): register, then check, and only then answer.
final class Admission {
  private final SignInServices services;
  private final ServerStream stream;
  private final ConnectionFacts facts;
  private final TokenWishes wishes;
  private final Consumer<Session> registered;
  private final Runnable signedIn;
  private Optional<AccountSnapshot> read = Optional.empty();
  private Optional<IssuedToken> token = Optional.empty();

  /// @param wishes what the client began with
  /// @param registered is told of the session, before anybody else is
  /// @param signedIn is told that it has signed in; must not wait
  Admission(
      SignInServices services,
      ServerStream stream,
      ConnectionFacts facts,
      TokenWishes wishes,
      Consumer<Session> registered,
      Runnable signedIn) {
    this.services = services;
    this.stream = stream;
    this.facts = facts;
    this.wishes = wishes;
    this.registered = registered;
    this.signedIn = signedIn;
  }

  ConnectionFacts facts() {
    return facts;
  }

  /// What the client wants done about tokens.
  TokenWishes wishes() {
    return wishes;
  }

  String mechanism() {
    return Exchange.asked(wishes.start());
  }

  /// The FAST token that goes with success, if there is one.
  Optional<IssuedToken> token() {
    return token;
  }

  /// Admits the device whose credential was proven.
  ///
  /// @return nothing if it was revoked meanwhile
  Optional<Session> admit(Proof proof, Proof.ProvenDevice device) {
    services.waypoints().reached(Waypoint.PROVEN);
    Optional<Session> session =
        register(
            proof,
            device.device(),
            device.generation(),
            Optional.of(proof.credential()),
            proof.snapshot().account().version(),
            () -> {});
    if (session.isEmpty()) {
      return session;
    }
    services.waypoints().reached(Waypoint.REGISTERED);
    SignInOutcome outcome =
        services
            .signIns()
            .accept(
                new SignIn(
                    proof.snapshot(),
                    device.device(),
                    device.generation(),
                    proof.credential(),
                    proof.counter(),
                    wishes.request()));
    return switch (outcome) {
      case SignInOutcome.Accepted accepted -> {
        read = Optional.of(accepted.account());
        token = accepted.token();
        services.theft().succeeded(proof.credential());
        if (accepted.credential().kind() == CredentialKind.AUTH_TOKEN) {
          leaveTo(session.get(), proof, device.device());
        }
        yield session;
      }
      case SignInOutcome.Suspected suspected -> {
        session.get().withdraw();
        services
            .theft()
            .suspect(proof.account(), device.device(), proof.credential(), suspected.suspicion());
        yield Optional.empty();
      }
      case SignInOutcome.Refused _ -> {
        session.get().withdraw();
        yield Optional.empty();
      }
    };
  }

  /// One live session for a token that can be copied: the newest has it, and if two places fight
  /// for it, that shows (rule 49).
  private void leaveTo(Session session, Proof proof, DeviceId device) {
    String place =
        wishes
            .userAgent()
            .map(agent -> agent.sha256().toHex())
            .orElseGet(() -> stream.connection().peer().getAddress().getHostAddress());
    if (services.registry().leaveTo(session, place, stream.since())) {
      services.theft().suspect(proof.account(), device, proof.credential(), Suspicion.TWO_PLACES);
    }
  }

  /// An attempt has failed and shown something.
  void suspect(Evidence evidence) {
    services
        .theft()
        .suspect(
            evidence.account(), evidence.device(), evidence.credential(), evidence.suspicion());
  }

  /// Admits the device that a code has just made. Its connection *is* that device from now on (rule
  /// 10).
  ///
  /// @return nothing if it was revoked, or its account disabled, meanwhile
  Optional<Session> admitEnrolled(Proof proof, Device device, Credential credential) {
    return register(
            proof,
            device.id(),
            device.generation(),
            Optional.of(credential.id()),
            Long.MAX_VALUE,
            () -> {})
        .filter(this::stillActs);
  }

  /// Gives the device that a code has just made a token beside what it has, if it wants one.
  void give(Session session) {
    SessionIdentity who = session.identity();
    Acting actor = new Acting(who.account(), who.device(), who.generation());
    token =
        who.credential()
            .flatMap(
                made -> wishes.wish().flatMap(wish -> services.tokens().issue(actor, made, wish)));
  }

  /// The device was made with a token.
  void given(IssuedToken issued) {
    token = Optional.of(issued);
  }

  /// Admits a device for this one session (rule 10).
  Optional<Session> admitOnce(Proof proof, Device device) {
    Runnable close = () -> services.enrolment().closeSession(proof.account(), device.id());
    Optional<Session> session =
        register(proof, device.id(), device.generation(), Optional.empty(), Long.MAX_VALUE, close)
            .filter(this::stillActs);
    if (session.isEmpty()) {
      close.run();
    }
    return session;
  }

  /// Whether the device may act after it was registered: who disables its account from now on finds
  /// the session (rule 39). If not, the session is withdrawn.
  private boolean stillActs(Session session) {
    SessionIdentity identity = session.identity();
    read = services.store().find(identity.account());
    boolean acts =
        read.flatMap(account -> account.acting(identity.device(), identity.generation()))
            .isPresent();
    if (!acts) {
      session.withdraw();
    }
    return acts;
  }

  private Optional<Session> register(
      Proof proof,
      DeviceId device,
      long generation,
      Optional<CredentialId> credential,
      long version,
      Runnable afterwards) {
    Optional<Session> session =
        services
            .registry()
            .register(
                new SessionIdentity(
                    proof.account(), proof.jid(), device, generation, credential, mechanism()),
                version,
                stream.connection(),
                afterwards);
    session.ifPresent(
        found -> {
          wishes.userAgent().map(UserAgentId::sha256).ifPresent(found::program);
          registered.accept(found);
        });
    return session;
  }

  /// Which resources the session may be given in the answer that admits it: by what was read to
  /// admit it, so that a sign-in does not read its account once more.
  Optional<ResourceRules> resources(Session session) {
    SessionIdentity identity = session.identity();
    return read.or(() -> services.store().find(identity.account()))
        .map(account -> ResourceRules.of(account, identity.device()));
  }

  /// Tells, and writes down, that the device signed in.
  void tell(Session session) {
    signedIn.run();
    services
        .log()
        .signedIn(
            stream.connection().peer(),
            session.identity().jid(),
            session.identity().device().value(),
            mechanism());
  }

  /// What a client hears whose proof was overtaken before it was answered: what it would hear if it
  /// came now with the same proof (rule 41).
  Outcome.Failed overtaken(Proof proof) {
    // What a code is good for is decided by enrolment, and it has no device to be told of.
    return Outcome.Failed.of(
        proof
            .device()
            .flatMap(_ -> services.store().find(proof.account()))
            .flatMap(account -> overtaken(account, proof.credential()))
            .orElseGet(
                () ->
                    new SaslStep.Failure(
                        SaslCondition.NOT_AUTHORIZED,
                        // A key that lives has lost a race: a higher value has signed in.
                        proof.counter().isPresent()
                            ? FailureReason.COUNTER_SKIPPED
                            : FailureReason.REVOKED_DURING_LOGIN)));
  }

  private Optional<SaslStep.Failure> overtaken(AccountSnapshot account, CredentialId id) {
    return account
        .credential(id)
        .flatMap(
            credential ->
                Standing.refusal(account, credential, services.clock().instant())
                    .map(why -> SaslStep.Failure.ofProven(credential.kind(), why)))
        .map(
            failure ->
                failure.log() == FailureReason.CREDENTIAL_REVOKED
                    ? failure.with(FailureReason.REVOKED_DURING_LOGIN)
                    : failure);
  }
}

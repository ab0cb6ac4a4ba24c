// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Jid;
import dev.latchkey.credential.Resource;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.ClientMechanism;
import dev.latchkey.sasl.external.ExternalClient;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.tls.ClientTls;
import dev.latchkey.wire.tls.TlsIdentity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How to sign in, before it is done: begin with [LatchkeyClient#open] or
/// [LatchkeyClient#withPassword], end with [#connect] or [#stay]. Not thread-safe; can be used
/// again.
@CheckReturnValue
public final class SignIn {
  /// With what.
  private sealed interface Means {
    /// With the device's key.
    record Device(DeviceHome home, DeviceAccount device) implements Means {}

    /// With a password.
    record Password(Secret password) implements Means {}
  }

  private final AccountJid account;
  private final Means means;
  private Optional<ServerAddress> server;
  private Optional<Bytes> pin;
  private Optional<Resource> resource;
  private Optional<ClientTls> tls = Optional.empty();
  private ClientEnvironment environment = ClientEnvironment.ofThisMachine();

  private SignIn(
      AccountJid account,
      Means means,
      Optional<ServerAddress> server,
      Optional<Bytes> pin,
      Optional<Resource> resource) {
    this.account = account;
    this.means = means;
    this.server = server;
    this.pin = pin;
    this.resource = resource;
  }

  static SignIn ofDevice(DeviceHome home) {
    DeviceAccount device = home.account();
    return new SignIn(
        device.jid(),
        new Means.Device(home, device),
        device.server(),
        device.pin(),
        device.resource());
  }

  static SignIn ofPassword(AccountJid account, Secret password) {
    return new SignIn(
        account,
        new Means.Password(password),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /// Where the server listens, instead of what was remembered or DNS says.
  @CanIgnoreReturnValue
  public SignIn server(ServerAddress server) {
    this.server = Optional.of(server);
    return this;
  }

  /// Trusts the server by a certificate in its chain, and nothing else.
  ///
  /// @param sha256 the SHA-256 of the certificate's SubjectPublicKeyInfo
  @CanIgnoreReturnValue
  public SignIn pin(Bytes sha256) {
    this.pin = Optional.of(sha256);
    this.tls = Optional.empty();
    return this;
  }

  /// Which resource to ask for; the server may give another one.
  @CanIgnoreReturnValue
  public SignIn resource(Resource resource) {
    this.resource = Optional.of(resource);
    return this;
  }

  /// Another world around it than this machine.
  @CanIgnoreReturnValue
  public SignIn in(ClientEnvironment environment) {
    this.environment = environment;
    return this;
  }

  /// Signs in and binds a resource, over one connection: when that is lost, the client has ended.
  /// No presence is sent: who wants to get messages says [LatchkeyClient#goOnline].
  ///
  /// @throws SignInRefusedException if the server refuses
  /// @throws ServerNotTrustedException if it is not the server it should be, or signs us in as
  ///   somebody else
  /// @throws ConnectionLostException if it is not reached or goes away
  public LatchkeyClient connect() {
    return switch (arrive(false, Optional.empty())) {
      case Arrival.Bound first ->
          LatchkeyClient.over(Line.once(first, environment), home(), environment);
      case Arrival.Resumed _, Arrival.Mistaken _ ->
          throw new IllegalStateException("not asked for");
    };
  }

  /// Signs in like [#connect], and stays: whenever the connection is lost, the client signs in
  /// again by itself, as long as that can help, and goes on with its session if the server still
  /// has it (XEP-0198), else with a new one.
  ///
  /// What cannot be mended by coming back ends it with the exception that says so: the device was
  /// revoked or is refused, the server is not the one it should be or does not serve the domain, or
  /// somebody else took the session over ([ConnectionEvent.TakenOver]).
  ///
  /// @throws SignInRefusedException see [#connect]
  /// @throws ServerNotTrustedException see [#connect]
  /// @throws ConnectionLostException if the first connection fails, see [Staying#within]
  public LatchkeyClient stay(Staying how) {
    SignIn mine = copy(); // who signs in again later must not see what is set here meanwhile
    Line line = Line.staying(old -> mine.arrive(true, old), how, environment);
    return LatchkeyClient.over(line, home(), environment);
  }

  private SignIn copy() {
    SignIn copy = new SignIn(account, means, server, pin, resource);
    copy.tls = Optional.of(tls());
    copy.environment = environment;
    return copy;
  }

  private Arrival arrive(boolean managed, Optional<Resumable> old) {
    SecuredStream secured = SecuredStream.to(account, server, tls(), environment);
    try {
      return signIn(secured, new SessionWish(account, resource, lock(), managed, old));
    } catch (ClientException failed) {
      secured.close();
      throw failed;
    }
  }

  /// The same for all connections, so that a later one resumes the TLS session of an earlier one.
  private ClientTls tls() {
    ClientTls kept = tls.orElseGet(() -> SecuredStream.tls(account.domain(), pin, identity()));
    tls = Optional.of(kept);
    return kept;
  }

  private Optional<TlsIdentity> identity() {
    return means instanceof Means.Device(DeviceHome home, DeviceAccount _)
        ? Optional.of(new TlsIdentity(home.privateKey(), home.certificates()))
        : Optional.empty();
  }

  private Arrival signIn(SecuredStream secured, SessionWish wish) {
    ClientStream stream = secured.stream();
    StreamFeatures features = secured.features();
    ClientMechanism mechanism = mechanism(stream, features);
    List<Element> extras = new ArrayList<>();
    extras.add(userAgent());
    extras.addAll(wish.inline(features));
    Element success =
        switch (stream.authenticate(features, mechanism, extras)) {
          case SaslOutcome.Succeeded(Element element) -> element;
          case SaslOutcome.Failed(Element failure) ->
              throw SignInRefusedException.of(failure, account, hint());
          case SaslOutcome.Continued _ ->
              throw new ClientException(
                  account
                      + ": the server wants something more that this kit does not know; a one-time"
                      + " code is for `enrol`");
        };
    SessionStart start =
        new SessionStart(wish, stream, environment.random(), jid -> identity(jid, mechanism));
    return features.sasl2()
        ? start.afterSasl2(features, success)
        : start.afterwards(stream.restart());
  }

  private ClientMechanism mechanism(ClientStream stream, StreamFeatures features) {
    return switch (means) {
      case Means.Device _ -> {
        ExternalClient external = new ExternalClient(account);
        if (!features.mechanisms().contains(external.name().text())) {
          throw new ClientException(
              "%s: the server does not offer to sign in by certificate: it is switched off there, or something in between ends the TLS connection"
                  .formatted(account));
        }
        yield external;
      }
      case Means.Password(Secret password) ->
          ScramChoice.of(features, stream.tls())
              .begin(account, password, features, environment.random());
    };
  }

  private Optional<DeviceHome> home() {
    return means instanceof Means.Device(DeviceHome home, DeviceAccount _)
        ? Optional.of(home)
        : Optional.empty();
  }

  private Element userAgent() {
    return means instanceof Means.Device(DeviceHome _, DeviceAccount device)
        ? UserAgent.element(Optional.of(device.userAgent()), device.name())
        : UserAgent.element(Optional.empty(), "");
  }

  /// What the device is locked to.
  private Optional<Resource> lock() {
    return means instanceof Means.Device(DeviceHome _, DeviceAccount device)
        ? device.resource()
        : Optional.empty();
  }

  private String hint() {
    return switch (means) {
      case Means.Device _ ->
          "The server does not know this device's certificate, or the account is closed";
      case Means.Password _ -> "The password is wrong, or the account is closed";
    };
  }

  private WhoAmI identity(Jid jid, ClientMechanism mechanism) {
    String name = mechanism.name().text();
    return means instanceof Means.Device(DeviceHome _, DeviceAccount device)
        ? new WhoAmI(jid, Optional.of(device.device()), name, Optional.of(device.credential()))
        : new WhoAmI(jid, Optional.empty(), name, Optional.empty());
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Resource;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.ClientMechanism;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.tls.ClientTls;
import dev.latchkey.wire.tls.TlsIdentity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// How to sign in, before it is done: begin with [LatchkeyClient#open] or
/// [LatchkeyClient#withPassword], end with [#connect] or [#stay]. Not thread-safe; can be used
/// again.
@CheckReturnValue
public final class SignIn {
  /// With what.
  private sealed interface Means {
    /// With what the device has.
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
    return switch (arrive(false, Optional.empty(), unwritable -> {})) {
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
    Staying staying = how.inTurn();
    Line.Door door =
        new Line.Door() {
          @Override
          public Arrival arrive(Optional<Resumable> old) {
            return mine.arrive(
                true,
                old,
                why -> staying.listener().accept(new ConnectionEvent.HomeUnwritable(why)));
          }

          @Override
          public boolean isAgeing(Instant now) {
            return mine.keyring().filter(keys -> keys.hasOnlyAgeingTokens(now)).isPresent();
          }

          @Override
          public Duration rest(Instant now) {
            return mine.keyring().map(keys -> keys.rest(now)).orElse(Duration.ZERO);
          }
        };
    Line line = Line.staying(door, staying, environment);
    return LatchkeyClient.over(line, home(), environment);
  }

  private SignIn copy() {
    SignIn copy = new SignIn(account, means, server, pin, resource);
    copy.tls = Optional.of(tls());
    copy.environment = environment;
    return copy;
  }

  /// @param unwritable see [DeviceArrival]
  private Arrival arrive(
      boolean managed, Optional<Resumable> old, Consumer<ClientException> unwritable) {
    SessionWish wish = new SessionWish(account, resource, lock(), managed, old);
    return switch (means) {
      case Means.Device(DeviceHome home, DeviceAccount device) ->
          new DeviceArrival(home, device, wish, environment, unwritable).over(this::dial);
      case Means.Password(Secret password) -> {
        SecuredStream secured = dial(stream -> {});
        try {
          yield signIn(secured, password, wish);
        } catch (ClientException failed) {
          secured.close();
          throw failed;
        }
      }
    };
  }

  private SecuredStream dial(Consumer<ClientStream> ahead) {
    return SecuredStream.to(account, server, tls(), environment, ahead);
  }

  /// The same for all connections, so that a later one resumes the TLS session of an earlier one.
  private ClientTls tls() {
    ClientTls kept = tls.orElseGet(() -> SecuredStream.tls(account.domain(), pin, identity()));
    tls = Optional.of(kept);
    return kept;
  }

  private Optional<TlsIdentity> identity() {
    return home().flatMap(DeviceHome::identity);
  }

  private Arrival signIn(SecuredStream secured, Secret password, SessionWish wish) {
    ClientStream stream = secured.stream();
    StreamFeatures features = secured.features();
    ClientMechanism mechanism =
        ScramChoice.of(features, stream.tls())
            .begin(account, password, features, environment.random());
    List<Element> extras = new ArrayList<>();
    extras.add(UserAgent.element(Optional.empty(), ""));
    extras.addAll(wish.inline(features));
    Element success =
        switch (stream.authenticate(features, mechanism, extras)) {
          case SaslOutcome.Succeeded(Element element) -> element;
          case SaslOutcome.Failed(Element failure) ->
              throw SignInRefusedException.of(
                  failure,
                  account,
                  Map.of(
                      SignInRefusedException.NOT_AUTHORIZED,
                      "The password is wrong, or the account is closed"));
          case SaslOutcome.Continued _ ->
              throw new ClientException(
                  account
                      + ": the server wants something more that this kit does not know; a one-time"
                      + " code is for `enrol`");
        };
    SessionStart start =
        new SessionStart(
            wish,
            stream,
            environment.random(),
            jid ->
                new WhoAmI(
                    jid,
                    Optional.empty(),
                    mechanism.name().text(),
                    Optional.empty(),
                    Optional.empty()));
    return features.sasl2()
        ? start.afterSasl2(features, success)
        : start.afterwards(stream.restart());
  }

  private Optional<DeviceHome> home() {
    return means instanceof Means.Device(DeviceHome home, DeviceAccount _)
        ? Optional.of(home)
        : Optional.empty();
  }

  private Optional<Keyring> keyring() {
    return means instanceof Means.Device(DeviceHome home, DeviceAccount device)
        ? Optional.of(Keyring.of(home, device))
        : Optional.empty();
  }

  /// What the device is locked to.
  private Optional<Resource> lock() {
    return means instanceof Means.Device(DeviceHome _, DeviceAccount device)
        ? device.resource()
        : Optional.empty();
  }
}

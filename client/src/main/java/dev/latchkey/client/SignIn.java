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
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.framing.StreamLimits;
import dev.latchkey.wire.tls.TlsIdentity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How to sign in, before it is done: begin with [LatchkeyClient#open] or
/// [LatchkeyClient#withPassword], end with [#connect]. Not thread-safe; can be used again.
@CheckReturnValue
public final class SignIn {
  private static final String TAG = "Latchkey";

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

  /// Signs in and binds a resource. No presence is sent: who wants to get messages says
  /// [LatchkeyClient#goOnline].
  ///
  /// @throws SignInRefusedException if the server refuses
  /// @throws ServerNotTrustedException if it is not the server it should be, or signs us in as
  ///   somebody else
  /// @throws ConnectionLostException if it is not reached or goes away
  public LatchkeyClient connect() {
    SecuredStream secured = SecuredStream.to(account, server, pin, identity(), environment);
    try {
      return signIn(secured);
    } catch (ClientException failed) {
      secured.close();
      throw failed;
    }
  }

  private Optional<TlsIdentity> identity() {
    return means instanceof Means.Device(DeviceHome home, DeviceAccount _)
        ? Optional.of(new TlsIdentity(home.privateKey(), home.certificates()))
        : Optional.empty();
  }

  private LatchkeyClient signIn(SecuredStream secured) {
    ClientStream stream = secured.stream();
    StreamFeatures features = secured.features();
    ClientMechanism mechanism = mechanism(stream, features);
    List<Element> extras = new ArrayList<>();
    extras.add(userAgent());
    // A resource of our choice cannot be asked for by Bind 2; a locked one comes by itself (rule
    // 36).
    boolean inline = features.bind2() && (resource.isEmpty() || lock().isPresent());
    if (inline) {
      extras.add(
          Element.named("bind", Namespaces.BIND2)
              .child(Element.text("tag", Namespaces.BIND2, TAG))
              .build());
    }
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
    Optional<Jid> bound = Optional.empty();
    StreamFeatures after;
    if (features.sasl2()) {
      bound = Optional.of(Identities.requireSame(success, account)).filter(jid -> !jid.isBare());
      stream.connection().limits(StreamLimits.AUTHENTICATED);
      after = stream.features();
    } else {
      after = stream.restart();
    }
    Jid jid = bound.orElseGet(() -> bind(stream, after));
    if (lock().isPresent() && !jid.resource().equals(lock())) {
      throw Identities.another(jid.toString(), account);
    }
    return LatchkeyClient.over(stream, identity(jid, mechanism), home(), environment);
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

  /// RFC 6120 §7.
  private Jid bind(ClientStream stream, StreamFeatures features) {
    if (!features.bind()) {
      throw new ClientException(account + ": the server offers no resource binding");
    }
    Element.Builder bind = Element.named("bind", Namespaces.BIND);
    resource.ifPresent(name -> bind.child(Element.text("resource", Namespaces.BIND, name.name())));
    String id = Bytes.random(8, environment.random()).toHex();
    stream.send(
        Element.named("iq", Namespaces.CLIENT)
            .attribute("type", "set")
            .attribute("id", id)
            .child(bind.build())
            .build());
    Element answer = stream.next();
    if (!answer.is("iq", Namespaces.CLIENT) || !answer.attribute("id").equals(Optional.of(id))) {
      throw new ClientException(account + ": the server did not answer the resource binding");
    }
    if (answer.attribute("type").equals(Optional.of("error"))) {
      throw StanzaErrorException.of(answer);
    }
    String told =
        answer
            .child("bind", Namespaces.BIND)
            .flatMap(result -> result.child("jid", Namespaces.BIND))
            .map(Element::text)
            .orElse("nobody");
    Jid jid = Identities.requireSame(told, account);
    if (jid.isBare()) {
      throw Identities.another(told, account);
    }
    return jid;
  }

  private WhoAmI identity(Jid jid, ClientMechanism mechanism) {
    String name = mechanism.name().text();
    return means instanceof Means.Device(DeviceHome _, DeviceAccount device)
        ? new WhoAmI(jid, Optional.of(device.device()), name, Optional.of(device.credential()))
        : new WhoAmI(jid, Optional.empty(), name, Optional.empty());
  }
}

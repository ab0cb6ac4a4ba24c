// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Jid;
import dev.latchkey.credential.Resource;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.EnrolmentLink;
import dev.latchkey.sasl.scram.ScramClient;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/// Makes this machine a device of an account, by a one-time code: the device makes a key, writes it
/// down, proves that it has the code, has the server sign its request, checks the answer and keeps
/// it (30.C way ii; with SASL1 way iv).
///
/// If the answer is lost on its way, the same invitation and the same home bring the same enrolment
/// to its end. Not thread-safe; run it once.
@CheckReturnValue
public final class Enrolment {
  private static final String TASK = "LK-ENROL";

  private final LoginUri uri;
  private final DeviceHome home;
  private String name = "";
  private Optional<ServerAddress> server = Optional.empty();
  private boolean replace;
  private ClientEnvironment environment = ClientEnvironment.ofThisMachine();

  /// An enrolment that is not begun yet.
  ///
  /// @param uri the invitation
  /// @param home where the device will live
  public Enrolment(LoginUri uri, DeviceHome home) {
    this.uri = uri;
    this.home = home;
  }

  /// What people will call the device.
  @CanIgnoreReturnValue
  public Enrolment name(String name) {
    this.name = name;
    return this;
  }

  /// Where the server listens, instead of what the invitation or DNS says. The device remembers it.
  @CanIgnoreReturnValue
  public Enrolment server(ServerAddress server) {
    this.server = Optional.of(server);
    return this;
  }

  /// Lets the new device take the place of the one that lives in this home.
  @CanIgnoreReturnValue
  public Enrolment replacing() {
    this.replace = true;
    return this;
  }

  /// Another world around it than this machine.
  @CanIgnoreReturnValue
  public Enrolment in(ClientEnvironment environment) {
    this.environment = environment;
    return this;
  }

  /// Does it.
  ///
  /// @throws SignInRefusedException if the server refuses the code or the request
  /// @throws ServerNotTrustedException if the server does not prove itself or answers wrongly
  /// @throws ConnectionLostException if it is not reached or goes away; try again then
  /// @throws ClientException if a device lives in this home already, or the home cannot be written
  @CanIgnoreReturnValue
  public EnrolledDevice run() {
    if (home.isEnrolled() && !replace) {
      throw new ClientException(
          "%s: a device of %s is enrolled here. Choose another folder, or say that it is to be replaced"
              .formatted(home.folder(), home.account().jid()));
    }
    Optional<PendingEnrolment> begun = home.pending().filter(pending -> pending.isOf(uri));
    PendingEnrolment pending = begun.orElseGet(this::begin);
    Optional<ServerAddress> where = server.or(uri::server);
    AccountJid account = uri.account();
    try (SecuredStream secured =
        SecuredStream.to(account, where, uri.pin(), Optional.empty(), environment)) {
      EnrolmentAnswer answer = enrol(secured, pending);
      DeviceAccount enrolled =
          new DeviceAccount(
              account,
              answer.device(),
              answer.credential(),
              answer.chain().getFirst().getNotAfter().toInstant(),
              pending.name(),
              answer.resource(),
              pending.userAgent(),
              where,
              uri.pin());
      home.complete(enrolled, pending.key(), answer.chain(), anchor(secured.stream()));
      return new EnrolledDevice(enrolled, home.folder(), begun.isPresent());
    }
  }

  private PendingEnrolment begin() {
    DeviceKey key = DeviceKey.make();
    PendingEnrolment pending =
        new PendingEnrolment(
            uri.account(),
            PendingEnrolment.fingerprint(uri.token()),
            name,
            uri.resource(),
            UserAgent.drawId(environment.random()),
            key,
            key.request(uri.account(), uri.resource()));
    home.begin(pending);
    return pending;
  }

  private EnrolmentAnswer enrol(SecuredStream secured, PendingEnrolment pending) {
    ClientStream stream = secured.stream();
    StreamFeatures features = secured.features();
    if (features.sasl2() && !features.enrolByRequest()) {
      throw new ClientException(
          "%s does not enrol devices by certificate request: ask who runs it"
              .formatted(uri.account().domain()));
    }
    ScramClient scram =
        ScramChoice.of(features, stream.tls())
            .begin(uri.account(), uri.token().canonical(), features, environment.random());
    Element wish = Element.named("enrol", Namespaces.LATCHKEY_CSR).attribute("by", "csr").build();
    SaslOutcome outcome =
        stream.authenticate(
            features,
            scram,
            List.of(UserAgent.element(Optional.of(pending.userAgent()), pending.name()), wish));
    return switch (outcome) {
      case SaslOutcome.Failed(Element failure) -> throw refused(failure);
      case SaslOutcome.Continued continued -> {
        if (!continued.tasks().contains(TASK)) {
          throw new ClientException(
              uri.account() + ": the server wants something that this kit does not know");
        }
        yield byTask(stream, scram, pending);
      }
      case SaslOutcome.Succeeded(Element _) -> {
        if (features.sasl2()) {
          throw new ClientException(
              uri.account()
                  + ": the server signed us in with the code instead of enrolling this device");
        }
        yield beforeBind(stream, scram, pending);
      }
    };
  }

  /// 30.C ii: the SASL2 task.
  private EnrolmentAnswer byTask(ClientStream stream, ScramClient scram, PendingEnrolment pending) {
    Secret serverKey = scram.enrolmentKey().serverKey();
    stream.send(
        Element.named("next", Namespaces.SASL2)
            .attribute("task", TASK)
            .child(sign(pending, serverKey))
            .build());
    Element answer = stream.next();
    if (answer.is("failure", Namespaces.SASL2)) {
      throw refused(answer);
    }
    Element signed =
        Optional.of(answer)
            .filter(element -> element.is("success", Namespaces.SASL2))
            .flatMap(element -> element.child("signed", Namespaces.LATCHKEY_CSR))
            .orElseThrow(
                () ->
                    new ServerNotTrustedException(
                        "the server's answer is refused: it holds no certificate"));
    Identities.requireSame(answer, uri.account());
    return EnrolmentAnswer.check(signed, uri.account(), serverKey, pending);
  }

  /// 30.C iv: between SASL1's success and a bind that is not allowed.
  private EnrolmentAnswer beforeBind(
      ClientStream stream, ScramClient scram, PendingEnrolment pending) {
    var _ = stream.restart();
    Secret serverKey = scram.enrolmentKey().serverKey();
    String id = Bytes.random(8, environment.random()).toHex();
    stream.send(
        Element.named("iq", Namespaces.CLIENT)
            .attribute("type", "set")
            .attribute("id", id)
            .child(sign(pending, serverKey))
            .build());
    Element answer = stream.next();
    if (!answer.is("iq", Namespaces.CLIENT) || !answer.attribute("id").equals(Optional.of(id))) {
      throw new ClientException(
          uri.account() + ": the server did not answer the certificate request");
    }
    if (answer.attribute("type").equals(Optional.of("error"))) {
      throw StanzaErrorException.of(answer);
    }
    Optional<Jid> addressed = answer.attribute("to").flatMap(Jid::tryParse);
    if (addressed.isPresent() && !addressed.get().bare().equals(uri.account().jid())) {
      throw Identities.another(addressed.get().toString(), uri.account());
    }
    Element signed =
        answer
            .child("signed", Namespaces.LATCHKEY_CSR)
            .orElseThrow(
                () ->
                    new ServerNotTrustedException(
                        "the server's answer is refused: it holds no certificate"));
    return EnrolmentAnswer.check(signed, uri.account(), serverKey, pending);
  }

  private Element sign(PendingEnrolment pending, Secret serverKey) {
    Bytes link = EnrolmentLink.ofRequest(serverKey, uri.account(), pending.request());
    return Element.named("sign", Namespaces.LATCHKEY_CSR)
        .attribute("name", Optional.of(pending.name()).filter(name -> !name.isEmpty()))
        .attribute("resource", pending.resource().map(Resource::name))
        .child(Element.text("request", Namespaces.LATCHKEY_CSR, pending.request().toBase64()))
        .child(Element.text("link", Namespaces.LATCHKEY_CSR, link.toBase64()))
        .build();
  }

  private SignInRefusedException refused(Element failure) {
    return SignInRefusedException.of(
        failure,
        uri.account(),
        "The code is wrong, used or too old, or the account is closed: ask for a new invitation");
  }

  /// The certificate in the server's chain that the invitation's pin named.
  private Optional<X509Certificate> anchor(ClientStream stream) {
    if (uri.pin().isEmpty()) {
      return Optional.empty();
    }
    for (Bytes der : stream.tls().peerChain()) {
      try {
        X509Certificate certificate = Certificates.read(der);
        if (Certificates.pin(certificate).equals(uri.pin().get())) {
          return Optional.of(certificate);
        }
      } catch (GeneralSecurityException unreadable) {
        throw new ServerNotTrustedException("the server's certificate cannot be read", unreadable);
      }
    }
    throw new ServerNotTrustedException("no certificate of the server is the one that is pinned");
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.Resource;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.clientkey.ClientKeyMaterial;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Makes this machine a device of an account, by a one-time code: the device makes what it is to
/// sign in with, as far as that is its part, writes it down, proves that it has the code, asks the
/// server for the rest, checks the answer and keeps it (30.C ways ii and iii, rule 11).
///
/// If the answer is lost on its way, the same invitation and the same home bring the same enrolment
/// to its end. Not thread-safe; run it once.
@CheckReturnValue
public final class Enrolment {
  /// What a device can be enrolled with.
  public static final List<CredentialKind> KINDS =
      List.of(CredentialKind.CERTIFICATE, CredentialKind.FAST, CredentialKind.CLIENT_KEY);

  private static final int CLIENT_ID_OCTETS = 16;

  private final LoginUri uri;
  private final DeviceHome home;
  private CredentialKind kind = CredentialKind.CERTIFICATE;
  private Optional<String> name = Optional.empty();
  private Optional<String> machine = Optional.empty();
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

  /// What people will call the device, whatever its code says.
  @CanIgnoreReturnValue
  public Enrolment name(String name) {
    this.name = Optional.of(name).filter(text -> !text.isEmpty());
    return this;
  }

  /// What its machine is called: the device's name where neither [#name] nor the code gives it one.
  @CanIgnoreReturnValue
  public Enrolment machine(String machine) {
    this.machine = Optional.of(machine).filter(text -> !text.isEmpty());
    return this;
  }

  /// What it is to sign in with; a certificate, unless this is said.
  ///
  /// @throws IllegalArgumentException if it is none of [#KINDS]
  @CanIgnoreReturnValue
  public Enrolment credential(CredentialKind kind) {
    if (!KINDS.contains(kind)) {
      throw new IllegalArgumentException("no device is enrolled with this: " + kind.word());
    }
    this.kind = kind;
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
          "%s: a device of %s is enrolled here. Choose another folder (--home), or say that it is to be replaced (--replace)"
              .formatted(home.folder(), home.account().jid()));
    }
    Optional<PendingEnrolment> begun = home.pending().filter(pending -> pending.isOf(uri));
    begun.ifPresent(this::requireSameKind);
    PendingEnrolment pending = begun.orElseGet(this::begin);
    try (SecuredStream secured =
        SecuredStream.to(uri.account(), where(), uri.pin(), Optional.empty(), environment)) {
      DeviceAccount enrolled = enrol(secured, pending);
      return new EnrolledDevice(enrolled, home.folder(), begun.isPresent());
    }
  }

  /// The code is tied to what was asked for with it (rule 8).
  private void requireSameKind(PendingEnrolment begun) {
    CredentialKind before = begun.wish().kind();
    if (before != kind) {
      throw new ClientException(
          "%s: an enrolment with this invitation was begun here for a %s: bring that to its end with --credential %s"
              .formatted(home.folder(), before.word(), before.word()));
    }
  }

  private PendingEnrolment begin() {
    PendingEnrolment pending =
        new PendingEnrolment(
            uri.account(),
            PendingEnrolment.fingerprint(uri.token()),
            name,
            machine,
            uri.resource(),
            UserAgent.drawId(environment.random()),
            wish());
    home.begin(pending);
    return pending;
  }

  private PendingEnrolment.Wish wish() {
    return switch (kind) {
      case CERTIFICATE -> {
        DeviceKey key = DeviceKey.make();
        yield new PendingEnrolment.Wish.OfCertificate(
            key, key.request(uri.account(), uri.resource()));
      }
      case FAST -> new PendingEnrolment.Wish.OfToken();
      case CLIENT_KEY ->
          new PendingEnrolment.Wish.OfClientKey(
              Bytes.random(CLIENT_ID_OCTETS, environment.random()).toHex(),
              // drawn by the platform, as every key
              Secret.of(Bytes.random(ClientKeyMaterial.LENGTH, new SecureRandom())));
      case PASSWORD, ONE_TIME, AUTH_TOKEN ->
          throw new IllegalStateException("it was checked: " + kind);
    };
  }

  private DeviceAccount enrol(SecuredStream secured, PendingEnrolment pending) {
    CodeExchange code = new CodeExchange(uri, pending, secured, environment.random());
    Optional<X509Certificate> anchor = anchor(secured.stream());
    return switch (pending.wish()) {
      case PendingEnrolment.Wish.OfCertificate wish -> {
        EnrolmentAnswer answer = new RequestEnrolment(code, wish, environment.random()).run();
        X509Certificate leaf = answer.chain().getFirst();
        DeviceAccount account =
            account(
                pending,
                answer.made(),
                leaf.getNotBefore().toInstant(), // by the clock that stamps the archive, too
                leaf.getNotAfter().toInstant(),
                answer.resource());
        keep(() -> home.complete(account, wish.key(), answer.chain(), anchor));
        yield account;
      }
      case PendingEnrolment.Wish.OfToken() -> {
        TokenEnrolment.Answer answer = new TokenEnrolment(code, environment.clock()).run();
        DeviceAccount account =
            account(
                pending,
                answer.made(),
                answer.token().received(),
                answer.token().expires(),
                pending.resource());
        keep(() -> home.complete(account, answer.token(), anchor));
        yield account;
      }
      case PendingEnrolment.Wish.OfClientKey wish -> {
        ClientKeyEnrolment.Answer answer = new ClientKeyEnrolment(code, wish).run();
        DeviceAccount account =
            account(
                pending,
                answer.made(),
                environment.clock().instant(),
                answer.expires(),
                pending.resource());
        keep(() -> home.complete(account, answer.key(), anchor));
        yield account;
      }
    };
  }

  /// Writes the device down while nobody signs in as the one that it replaces.
  private void keep(Runnable writing) {
    try (HomeLock _ = home.lock(environment)) {
      writing.run();
    }
  }

  private DeviceAccount account(
      PendingEnrolment pending,
      NewDevice made,
      Instant issued,
      Instant notAfter,
      Optional<Resource> resource) {
    return new DeviceAccount(
        uri.account(),
        made.device(),
        pending.wish().kind(),
        made.credential(),
        issued,
        notAfter,
        pending.called(),
        resource,
        pending.userAgent(),
        where(),
        uri.pin());
  }

  private Optional<ServerAddress> where() {
    return server.or(uri::server);
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

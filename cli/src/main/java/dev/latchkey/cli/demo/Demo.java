// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.demo;

import dev.latchkey.authority.IssueOrder;
import dev.latchkey.authority.IssuedCertificate;
import dev.latchkey.authority.issue.AuthorityKeys;
import dev.latchkey.authority.issue.SoftwareAuthority;
import dev.latchkey.client.ClientEnvironment;
import dev.latchkey.client.ClientException;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.CodeOrder;
import dev.latchkey.client.DeviceHome;
import dev.latchkey.client.DeviceKey;
import dev.latchkey.client.EnrolledDevice;
import dev.latchkey.client.Enrolment;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.Message;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.SignInRefusedException;
import dev.latchkey.client.StreamErrorException;
import dev.latchkey.client.StreamFeatures;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Domain;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.EnrolmentLink;
import dev.latchkey.sasl.external.ExternalClient;
import dev.latchkey.sasl.gs2.ChannelBindingChoice;
import dev.latchkey.sasl.scram.SaslOffer;
import dev.latchkey.sasl.scram.ScramClient;
import dev.latchkey.sasl.scram.ScramVariant;
import dev.latchkey.server.LatchkeyServer;
import dev.latchkey.server.Seams;
import dev.latchkey.server.admin.AdminClient;
import dev.latchkey.server.admin.AdminException;
import dev.latchkey.server.admin.JsonLine;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.socket.Connection;
import dev.latchkey.wire.socket.Connector;
import dev.latchkey.wire.socket.EventLoops;
import dev.latchkey.wire.tls.ClientTls;
import dev.latchkey.wire.tls.ServerTrust;
import dev.latchkey.wire.tls.TlsIdentity;
import dev.latchkey.wire.tls.TlsProvider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Plays the steps, one after another, against a server of its own in a folder of its own.
///
/// What is needed later of an earlier step is kept in fields, in the order of the story. Used once,
/// by one thread.
public final class Demo implements AutoCloseable {
  static final String DOMAIN = "localhost";
  private static final AccountJid NINA = AccountJid.parse("nina@" + DOMAIN);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration STEP = Duration.ofMillis(20);

  private final Path folder;
  private final Optional<Step> broken;
  private final SecureRandom random = new SecureRandom();
  private final EventLoops loops = EventLoops.start(1);
  private final ClientEnvironment environment =
      ClientEnvironment.ofThisMachine().withPatience(PATIENCE).sharing(loops);
  private final List<AutoCloseable> open = new ArrayList<>();
  private final TokenScenes tokens = new TokenScenes(NINA, () -> dial(Optional.empty()), PATIENCE);

  private Optional<LatchkeyServer> server = Optional.empty();
  private Optional<LoginUri> invitation = Optional.empty();
  private Optional<LoginUri> code = Optional.empty();
  private Optional<DeviceId> secondDevice = Optional.empty();
  private Optional<LatchkeyClient> first = Optional.empty();
  private Optional<LatchkeyClient> second = Optional.empty();

  /// @param folder an empty one; everything is made in it
  /// @param broken the step that shall fail, because its part is taken out of the server
  public Demo(Path folder, Optional<Step> broken) {
    this.folder = folder;
    this.broken = broken;
  }

  /// How a step went.
  ///
  /// @param step which
  /// @param fault what was wrong, if anything
  /// @param took how long it took
  public record Result(Step step, Optional<String> fault, Duration took) {}

  /// Plays all steps, as far as they succeed: what comes after a failed one would say nothing.
  ///
  /// @param progress told before each step
  /// @param done told after each step
  /// @return whether each did what it should
  public boolean play(Consumer<Step> progress, Consumer<Result> done) {
    for (Step step : Step.values()) {
      progress.accept(step);
      long begin = System.nanoTime();
      Optional<String> fault = attempt(step);
      done.accept(new Result(step, fault, Duration.ofNanos(System.nanoTime() - begin)));
      if (fault.isPresent()) {
        return false;
      }
    }
    return true;
  }

  private Optional<String> attempt(Step step) {
    try {
      play(step);
      return Optional.empty();
    } catch (Unexpected | ClientException | AdminException | IOException fault) {
      return Optional.of(String.valueOf(fault.getMessage()));
    } catch (GeneralSecurityException | InterruptedException fault) {
      throw new IllegalStateException("the demo itself is at fault", fault);
    }
  }

  private void play(Step step)
      throws Unexpected,
          AdminException,
          IOException,
          GeneralSecurityException,
          InterruptedException {
    switch (step) {
      case SERVE -> serve();
      case INVITE -> invite();
      case ENROL -> enrol(invitation.orElseThrow(), "first");
      case ADD -> code = Optional.of(first().addDevice(CodeOrder.named("Second device")).uri());
      case ENROL_SECOND ->
          secondDevice = Optional.of(enrol(code.orElseThrow(), "second").account().device());
      case SIGN_IN -> signIn();
      case MESSAGES -> exchangeMessages();
      case RESUME -> resume();
      case REVOKE -> revoke();
      case USED_CODE -> refuseUsedCode();
      case FOREIGN_NAME -> refuseForeignName();
      case FOREIGN_CERTIFICATE -> refuseForeignCertificate();
      case REVOKED_CERTIFICATE -> refuseRevokedCertificate();
      case FAST -> tokens.signInByToken(first().addDevice(CodeOrder.named("FAST device")).uri());
      case REPLAY -> tokens.refuseReplay();
      case CLIENT_KEY -> tokens.signInByKey(first().addDevice(CodeOrder.PLAIN).uri());
      case CLONE -> tokens.detectClone();
    }
  }

  private void serve() throws IOException, Unexpected {
    Seams seams = broken.map(step -> Breakage.without(step, NINA)).orElseGet(Seams::none);
    LatchkeyServer started = LatchkeyServer.start(DemoConfiguration.in(folder, broken), seams);
    open.add(started);
    server = Optional.of(started);
    if (started.startTls().isEmpty()) {
      throw new Unexpected("the server serves no STARTTLS");
    }
  }

  private void invite() throws AdminException {
    List<LoginUri> uris = new ArrayList<>();
    new AdminClient(server.orElseThrow().configuration().adminSocket())
        .call(
            new JsonLine().with("command", "invite").with("account", NINA.toString()),
            line -> uris.add(LoginUri.parse(line.path("uri").asText())));
    invitation = Optional.of(uris.getFirst());
  }

  private EnrolledDevice enrol(LoginUri uri, String home) {
    return new Enrolment(uri, home(home)).name(home + " device").in(environment).run();
  }

  private DeviceHome home(String name) {
    return DeviceHome.at(folder.resolve(name));
  }

  private LatchkeyClient connect(String home) {
    LatchkeyClient client = LatchkeyClient.open(home(home)).in(environment).connect();
    open.add(client);
    return client;
  }

  private LatchkeyClient first() {
    if (first.isEmpty()) {
      first = Optional.of(connect("first"));
    }
    return first.get();
  }

  private void signIn() throws Unexpected {
    first().close();
    first = Optional.empty();
    second = Optional.of(connect("second"));
    for (LatchkeyClient client : List.of(first(), second.get())) {
      client.goOnline();
      client.ping();
      if (!client.whoami().mechanism().equals("EXTERNAL")) {
        throw new Unexpected("signed in by " + client.whoami().mechanism() + ", not by EXTERNAL");
      }
    }
  }

  private void exchangeMessages() throws Unexpected {
    say(first(), second.orElseThrow(), "hello");
    say(second.orElseThrow(), first(), "hello to you");
  }

  private static void say(LatchkeyClient from, LatchkeyClient to, String text) throws Unexpected {
    from.send(to.jid(), text);
    Message message =
        to.receive(PATIENCE).orElseThrow(() -> new Unexpected("a message did not arrive"));
    if (!message.body().equals(text) || !message.from().equals(Optional.of(from.jid()))) {
      throw new Unexpected("another message arrived than was sent");
    }
  }

  /// Judged by what comes over the wire: the second device's stream is spoken here by hand.
  private void resume() throws Unexpected, AdminException, IOException, InterruptedException {
    List<String> missed = List.of("missed", "missed, too");
    int awake = awake();
    Resumable session;
    try (ClientStream lost = dial(Optional.of(identity("second")))) {
      session = Resumable.bind(lost, NINA);
      lost.connection().abort();
    }
    awaitLoss(awake);
    for (String text : missed) {
      first().send(session.jid(), text);
    }
    first().ping();
    try (ClientStream found = dial(Optional.of(identity("second")))) {
      List<String> heard = session.resume(found, NINA);
      if (!heard.equals(missed)) {
        throw new Unexpected("instead of each message that it missed once came " + heard);
      }
    }
  }

  /// Until the server has noticed that a connection is gone: it tells nobody.
  private void awaitLoss(int awake) throws Unexpected, AdminException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (awake() > awake) {
      if (System.nanoTime() > end) {
        throw new Unexpected("the server does not notice that a connection is gone");
      }
      LockSupport.parkNanos(STEP.toNanos());
    }
  }

  /// How many sessions have a connection.
  private int awake() throws AdminException {
    List<Integer> counts = new ArrayList<>();
    new AdminClient(server.orElseThrow().configuration().adminSocket())
        .call(
            new JsonLine().with("command", "status"),
            line -> counts.add(line.path("sessions").asInt() - line.path("hibernated").asInt()));
    return counts.getFirst();
  }

  private TlsIdentity identity(String home) {
    return new TlsIdentity(home(home).privateKey(), home(home).certificates());
  }

  private void revoke() throws Unexpected {
    DeviceId target = secondDevice.orElseThrow();
    List<DeviceId> revoked = first().revoke(target, false, "shown in the demo");
    if (!revoked.equals(List.of(target))) {
      throw new Unexpected("the server revoked " + revoked + " instead of " + target);
    }
    ClientException end =
        second
            .orElseThrow()
            .awaitEnd(PATIENCE)
            .orElseThrow(() -> new Unexpected("the revoked device is still connected"));
    if (!(end instanceof StreamErrorException error)
        || !error.condition().equals("not-authorized")
        || !error.deviceRevoked()) {
      throw new Unexpected("the revoked device was not told so: " + end.getMessage());
    }
  }

  private void refuseUsedCode() throws Unexpected {
    // Another key under the same code: the thief who photographed it.
    expectRefusal(() -> enrol(code.orElseThrow(), "thief"), "not-authorized", Optional.empty());
  }

  private void refuseForeignName() throws Unexpected, IOException, InterruptedException {
    LoginUri fresh = first().addDevice(CodeOrder.PLAIN).uri();
    Bytes request =
        DeviceKey.make().request(new AccountJid("mallory", new Domain(DOMAIN)), Optional.empty());
    try (ClientStream stream = dial(Optional.empty())) {
      StreamFeatures features = stream.open();
      ScramClient scram =
          ScramClient.begin(
              ScramVariant.SCRAM_SHA_256_PLUS,
              NINA,
              fresh.token().canonical(),
              new ChannelBindingChoice.Bound(
                  ChannelBindingType.TLS_EXPORTER, stream.tls().exporter().orElseThrow()),
              Optional.<SaslOffer>empty(),
              random);
      SaslOutcome outcome =
          stream.authenticate(
              features,
              scram,
              List.of(
                  Element.named("enrol", Namespaces.LATCHKEY_CSR).attribute("by", "csr").build()));
      if (!(outcome instanceof SaslOutcome.Continued)) {
        throw new Unexpected("the fresh code was not taken");
      }
      Bytes link = EnrolmentLink.ofRequest(scram.enrolmentKey().serverKey(), NINA, request);
      stream.send(
          Element.named("next", Namespaces.SASL2)
              .attribute("task", "LK-ENROL")
              .child(
                  Element.named("sign", Namespaces.LATCHKEY_CSR)
                      .child(Element.text("request", Namespaces.LATCHKEY_CSR, request.toBase64()))
                      .child(Element.text("link", Namespaces.LATCHKEY_CSR, link.toBase64()))
                      .build())
              .build());
      Element answer = stream.next();
      Optional<String> reason = answer.child("reason", Namespaces.LATCHKEY_CSR).map(Element::text);
      if (!answer.is("failure", Namespaces.SASL2) || !reason.equals(Optional.of("bad-name"))) {
        throw new Unexpected("a request in somebody else's name was answered by " + answer);
      }
    }
  }

  private void refuseForeignCertificate()
      throws Unexpected, IOException, GeneralSecurityException, InterruptedException {
    Instant now = InstantSource.system().instant();
    DeviceKey key = DeviceKey.make();
    IssuedCertificate forged =
        new SoftwareAuthority(AuthorityKeys.create(NINA.domain(), random, now), random)
            .issue(
                new IssueOrder(
                    key.publicKeyInfo(), NINA, Optional.empty(), CredentialId.draw(random), now));
    TlsIdentity identity =
        new TlsIdentity(
            key.privateKey(), List.of(certificate(forged.leaf()), certificate(forged.issuing())));
    try (ClientStream stream = dial(Optional.of(identity))) {
      StreamFeatures features = stream.open();
      SaslOutcome outcome = stream.authenticate(features, new ExternalClient(NINA), List.of());
      if (!(outcome instanceof SaslOutcome.Failed(Element failure))
          || failure.child("not-authorized", Namespaces.SASL).isEmpty()) {
        throw new Unexpected("a certificate of another authority was not refused");
      }
    }
  }

  private static X509Certificate certificate(Bytes der) throws GeneralSecurityException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(der.toArray()));
  }

  private void refuseRevokedCertificate() throws Unexpected {
    expectRefusal(() -> connect("second"), "not-authorized", Optional.empty());
  }

  private static void expectRefusal(Runnable attempt, String condition, Optional<String> reason)
      throws Unexpected {
    try {
      attempt.run();
    } catch (SignInRefusedException refused) {
      if (refused.condition().equals(condition) && refused.reason().equals(reason)) {
        return;
      }
      throw new Unexpected("refused, but otherwise than it should be: " + refused.getMessage());
    }
    throw new Unexpected("the server let it in");
  }

  /// A stream over direct TLS on which anything can be said.
  private ClientStream dial(Optional<TlsIdentity> identity)
      throws IOException, InterruptedException {
    InetSocketAddress address = server.orElseThrow().directTls().orElseThrow();
    ClientTls tls =
        ClientTls.of(
            TlsProvider.best(),
            NINA.domain(),
            identity,
            new ServerTrust.Pinned(invitation.orElseThrow().pin().orElseThrow()));
    Connection connection = new Connector(loops).connect(address, PATIENCE);
    ClientStream stream = ClientStream.over(connection, NINA.domain(), Optional.of(NINA), PATIENCE);
    stream.handshake(tls.engine(true));
    return stream;
  }

  /// Ends the server and all connections.
  @Override
  public void close() {
    for (AutoCloseable part : open.reversed()) {
      try {
        part.close();
      } catch (Exception failed) {
        throw new IllegalStateException("the demo does not end", failed);
      }
    }
    loops.close();
  }
}

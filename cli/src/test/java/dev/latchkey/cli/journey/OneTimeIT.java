// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.cli.journey.RunningServer.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.client.ClientException;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.CodeOrder;
import dev.latchkey.client.DeviceKey;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.SignInRefusedException;
import dev.latchkey.client.StanzaErrorException;
import dev.latchkey.client.StreamErrorException;
import dev.latchkey.client.StreamFeatures;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.MachineSecret;
import dev.latchkey.credential.Resource;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Waypoint;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.scram.ScramClient;
import dev.latchkey.sasl.scram.ScramVariant;
import dev.latchkey.server.Configuration;
import dev.latchkey.server.admin.AdminException;
import dev.latchkey.store.DatabaseDump;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import dev.latchkey.testkit.Tools;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.tls.TlsIdentity;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What one one-time code can do, and what it cannot (30.C, rules 7 to 13, 18, 36).
class OneTimeIT {
  private static final int ROUNDS = 20;

  @TempDir Path folder;

  private final HeldAt held = new HeldAt();
  private Optional<RunningServer> running = Optional.empty();

  @AfterEach
  void stop() throws Exception {
    if (running.isPresent()) {
      running.get().close();
    }
  }

  private RunningServer start(UnaryOperator<Configuration> configuration) throws Exception {
    RunningServer server = RunningServer.in(folder, seams -> seams.with(held), configuration);
    running = Optional.of(server);
    return server;
  }

  private RunningServer start() throws Exception {
    return start(whole -> whole);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 8",
      rule = "in all cases exactly one device exists per code")
  void ofTwoDevicesThatSpendOneCodeAtTheSameMomentOneWins() throws Exception {
    RunningServer server = start();
    LatchkeyClient owner = enrolledOwner(server);
    for (int round = 0; round < ROUNDS; round++) {
      LoginUri code = owner.addDevice(CodeOrder.named("tablet " + round)).uri();
      int before = server.devices(NINA).size();
      CountDownLatch start = new CountDownLatch(1);
      List<CompletableFuture<Optional<ClientException>>> rivals = new ArrayList<>();
      for (String rival : List.of("a", "b")) {
        String home = rival + round;
        rivals.add(
            CompletableFuture.supplyAsync(
                () -> {
                  await(start);
                  return failureOf(() -> server.enrol(code, home));
                },
                Thread::startVirtualThread));
      }
      start.countDown();
      List<Optional<ClientException>> ends = new ArrayList<>();
      for (var rival : rivals) {
        ends.add(rival.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
      }

      assertThat(ends).filteredOn(Optional::isEmpty).as("winners of round %d", round).hasSize(1);
      assertThat(ends.stream().flatMap(Optional::stream))
          .singleElement()
          .isInstanceOf(SignInRefusedException.class);
      assertThat(server.devices(NINA)).hasSize(before + 1);
      String winner = ends.getFirst().isEmpty() ? "a" + round : "b" + round;
      try (LatchkeyClient client = server.connect(winner)) {
        client.ping();
      }
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 8", rule = "the same key gets the same certificate again")
  void aLostAnswerIsHadAgainByTheSameInvitationAndHome() throws Exception {
    RunningServer server = start();
    LoginUri uri = server.invite(NINA);
    held.hold(Waypoint.REDEEMED);
    CompletableFuture<Optional<ClientException>> lost =
        CompletableFuture.supplyAsync(
            () -> failureOf(() -> server.enrolImpatiently(uri, "phone")),
            Thread::startVirtualThread);
    held.awaitArrival();
    // The client has given up and its connection is cut while the answer is not sent yet.
    assertThat(lost.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isPresent();
    List<Bytes> made = certificates(server);
    held.release();

    assertThat(server.enrol(uri, "phone").retried()).isTrue();

    assertThat(Bytes.of(server.home("phone").certificates().getFirst().getEncoded()))
        .isEqualTo(made.getFirst());
    assertThat(certificates(server)).isEqualTo(made);
    assertThat(server.devices(NINA)).hasSize(1);
    server.connect("phone").ping();
    // Its first sign-in is the end of the code (rule 8).
    assertThatThrownBy(() -> server.enrol(uri, "another"))
        .isInstanceOf(SignInRefusedException.class);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 8", rule = "anything else is as wrong as a wrong proof")
  void aUsedCodeUnderAnotherKeyLooksLikeAWrongCode() throws Exception {
    RunningServer server = start();
    LoginUri uri = server.invite(NINA);
    server.enrol(uri, "phone");
    Secret wrong = MachineSecret.draw(SeededRandom.announced()).canonical();

    Element ofWrong = failureOf(server, uri, wrong);
    DatabaseDump before = server.dump();
    server.connect("phone").ping(); // from now on the code is no candidate any more
    Element ofUsed = failureOf(server, uri, uri.token().canonical());

    assertThat(ofUsed).isEqualTo(ofWrong);
    assertThat(server.log.refusals).contains(FailureReason.NO_MATCH);
    assertThat(before).isNotEqualTo(server.dump()); // the first use
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 8", rule = "anything else is as wrong as a wrong proof")
  void aRedeemedCodeThatWaitsForItsDeviceSignsNoOtherKey() throws Exception {
    RunningServer server = start();
    LoginUri uri = server.invite(NINA);
    server.enrol(uri, "phone");
    DatabaseDump before = server.dump();

    assertThatThrownBy(() -> server.enrol(uri, "thief"))
        .isInstanceOfSatisfying(
            SignInRefusedException.class,
            refused -> {
              assertThat(refused.condition()).isEqualTo("not-authorized");
              assertThat(refused.application()).isEmpty();
              assertThat(refused.reason()).isEmpty();
            });

    assertThat(server.dump()).isEqualTo(before);
  }

  @Test
  void anExpiredCodeIsAsWrongAsAny() throws Exception {
    ManualClock clock = new ManualClock(InstantSource.system().instant());
    RunningServer server = RunningServer.in(folder, seams -> seams.with(clock), whole -> whole);
    running = Optional.of(server);
    LoginUri uri = server.invite(NINA);
    clock.advance(server.server().configuration().oneTime().inviteTtl().plusSeconds(1));

    assertThatThrownBy(() -> server.enrol(uri, "late"))
        .isInstanceOfSatisfying(
            SignInRefusedException.class,
            refused -> {
              assertThat(refused.condition()).isEqualTo("not-authorized");
              assertThat(refused.application()).isEmpty();
            });
    assertThat(server.log.refusals).contains(FailureReason.NO_MATCH);
  }

  @Test
  void whereCodesAreSwitchedOffDevicesAndPasswordsSignInAndCodesDoNot() throws Exception {
    RunningServer before = start();
    LoginUri spare = before.invite(NINA);
    enrolledOwner(before);
    String password = before.password(NINA);
    before.close();
    running = Optional.empty();

    RunningServer server = start(OneTimeIT::withoutCodes);

    ClientStream stream = server.stream(spare, Optional.of(server.identity("owner")));
    assertThat(
            stream.authenticate(
                stream.open(), new dev.latchkey.sasl.external.ExternalClient(NINA), List.of()))
        .isInstanceOf(SaslOutcome.Succeeded.class);
    assertThat(prove(server, spare, Secret.ofText(password)))
        .isInstanceOf(SaslOutcome.Succeeded.class);
    assertThat(prove(server, spare, spare.token().canonical()))
        .isInstanceOf(SaslOutcome.Failed.class);
    assertThatThrownBy(() -> server.invite(NINA))
        .isInstanceOf(AdminException.class)
        .hasMessageContaining("switched off");
    assertThat(server.stream(spare, Optional.empty()).open().enrolsBy("csr")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Spec(
      doc = "latchkey",
      section = "rule 10",
      rule = "without signing a code is one ordinary session")
  void whereSigningIsSwitchedOffACodeIsOneSession(boolean bound) throws Exception {
    RunningServer server = start(OneTimeIT::withoutSigning);
    LoginUri uri = server.invite(NINA);
    ClientStream stream = server.stream(uri, Optional.empty());
    ScramClient code =
        Peer.scram(stream, ScramVariant.SCRAM_SHA_256_PLUS, NINA, uri.token().canonical());
    assertThat(stream.authenticate(stream.open(), code, bound ? List.of(Peer.bind2()) : List.of()))
        .isInstanceOf(SaslOutcome.Succeeded.class);
    var _ = stream.features();
    if (bound) {
      stream.send(Peer.iq("get", "p", Element.empty("ping", Namespaces.PING)));
      assertThat(stream.next().attribute("type")).contains("result");
    }
    assertThat(server.devices(NINA))
        .singleElement()
        .satisfies(device -> assertThat(device.path("status").asText()).isEqualTo("active"));

    stream.connection().abort();

    Eventually.holds(
        () -> server.devices(NINA).getFirst().path("status").asText().equals("revoked"));
    assertThat(prove(server, uri, uri.token().canonical())).isInstanceOf(SaslOutcome.Failed.class);
    assertThat(server.devices(NINA)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Spec(doc = "latchkey", section = "rule 7", rule = "without -PLUS way i gives no flags")
  void aShownCertificateIsEnrolledWithAllFlagsOnlyOverABoundChannel(boolean plus) throws Exception {
    RunningServer server = start();
    LoginUri uri = server.invite(NINA);
    TlsIdentity own = selfSigned("own");
    ClientStream stream = server.stream(uri, Optional.of(own));
    StreamFeatures features = stream.open();
    ScramClient code =
        Peer.scram(
            stream,
            plus ? ScramVariant.SCRAM_SHA_256_PLUS : ScramVariant.SCRAM_SHA_256,
            NINA,
            uri.token().canonical());

    SaslOutcome outcome =
        stream.authenticate(features, code, List.of(Peer.enrol("certificate"), Peer.bind2()));

    assertThat(outcome)
        .isInstanceOfSatisfying(
            SaslOutcome.Succeeded.class,
            done ->
                assertThat(done.success().child("enrolled", Namespaces.LATCHKEY_CSR)).isPresent());
    assertThat(server.dump().text())
        .contains("unbound=" + (plus ? 0 : 1))
        .contains(plus ? "permissions=enroll manage" : "permissions= ");
    // And it signs in with it from now on.
    ClientStream again = server.stream(uri, Optional.of(own));
    assertThat(
            again.authenticate(
                again.open(), new dev.latchkey.sasl.external.ExternalClient(NINA), List.of()))
        .isInstanceOf(SaslOutcome.Succeeded.class);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 2",
      rule = "a certificate that names somebody else is refused")
  void aShownCertificateThatNamesSomebodyElseIsNotEnrolled() throws Exception {
    RunningServer server = start();
    LoginUri uri = server.invite(NINA);
    ClientStream stream =
        server.stream(
            uri,
            Optional.of(
                selfSigned(
                    "victim",
                    "-addext",
                    "subjectAltName=otherName:1.3.6.1.5.5.7.8.5;UTF8:victim@localhost")));
    ScramClient code =
        Peer.scram(stream, ScramVariant.SCRAM_SHA_256_PLUS, NINA, uri.token().canonical());

    assertThat(stream.authenticate(stream.open(), code, List.of(Peer.enrol("certificate"))))
        .isInstanceOfSatisfying(
            SaslOutcome.Failed.class,
            failed ->
                assertThat(
                        failed
                            .failure()
                            .child("reason", Namespaces.LATCHKEY_CSR)
                            .map(Element::text))
                    .contains("bad-name"));
    assertThat(server.devices(NINA)).isEmpty();
    // The code is as good as before.
    server.enrol(uri, "phone");
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 9", rule = "before redemption nothing but an enrolment")
  void beforeItsBindAStockClientIsToldToEnrolAndMayDoSo() throws Exception {
    RunningServer server = start();
    LoginUri uri = server.invite(NINA);
    ClientStream stream = server.stream(uri, Optional.empty());
    ScramClient code = preBind(stream, uri);

    stream.send(Peer.bind("b1", "phone"));
    Element refused = stream.next();
    assertThat(refused.attribute("type")).contains("error");
    assertThat(
            refused
                .child("error", Namespaces.CLIENT)
                .flatMap(error -> error.child("enrolment-required", Namespaces.LATCHKEY_ONE_TIME)))
        .isPresent();
    assertThat(server.devices(NINA)).isEmpty();

    stream.send(
        Peer.iq(
            "set", "s", Peer.sign(code, NINA, DeviceKey.make().request(NINA, Optional.empty()))));
    assertThat(stream.next().child("signed", Namespaces.LATCHKEY_CSR)).isPresent();
    stream.send(Peer.bind("b2", "phone"));
    assertThat(stream.next().attribute("type")).contains("result");
    assertThat(server.devices(NINA)).hasSize(1);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 18", rule = "five elements, then policy-violation")
  void beforeItsBindOnlyFiveElementsAreTaken() throws Exception {
    RunningServer server = start();
    LoginUri uri = server.invite(NINA);
    ClientStream stream = server.stream(uri, Optional.empty());
    preBind(stream, uri);
    DatabaseDump before = server.dump();

    stream.send(Peer.iq("set", "1", Element.empty("generate", "urn:latchkey:recovery:0")));
    stream.send(Peer.iq("get", "2", Element.empty("list", Namespaces.CLIENT_ACCESS)));
    stream.send(Peer.iq("set", "3", Element.empty("revoke", Namespaces.LATCHKEY_PERMISSIONS)));
    stream.send(Peer.iq("set", "4", Element.empty("issue", Namespaces.LATCHKEY_ONE_TIME)));
    stream.send(Peer.bind("5", "phone"));
    stream.send(Peer.bind("6", "phone"));

    Peer.Heard heard = Peer.untilEnd(stream);
    assertThat(heard.elements())
        .hasSize(5)
        .allSatisfy(answer -> assertThat(answer.attribute("type")).contains("error"));
    assertThat(heard.end())
        .isInstanceOfSatisfying(
            StreamErrorException.class,
            end -> assertThat(end.condition()).isEqualTo("policy-violation"));
    assertThat(server.dump()).isEqualTo(before);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 9", rule = "before redemption nothing but an enrolment")
  void beforeItsBindNothingIsSaidToAnybodyElse() throws Exception {
    RunningServer server = start();
    LoginUri uri = server.invite(NINA);
    ClientStream stream = server.stream(uri, Optional.empty());
    preBind(stream, uri);

    stream.send(Peer.message("nina@localhost", "hello"));

    assertThat(Peer.untilEnd(stream).end())
        .isInstanceOfSatisfying(
            StreamErrorException.class,
            end -> assertThat(end.condition()).isEqualTo("not-authorized"));
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 9", rule = "before redemption nothing but an enrolment")
  void beforeItsBindNothingOfTheChatDomainIsSeen() throws Exception {
    RunningServer server = start();
    LoginUri uri = server.invite(NINA);
    ClientStream stream = server.stream(uri, Optional.empty());
    preBind(stream, uri);

    stream.send(Peer.iq("get", "1", Element.empty("query", "jabber:iq:roster")));
    stream.send(Peer.iq("set", "2", Element.empty("query", "urn:xmpp:mam:2")));
    stream.send(Peer.iq("get", "3", Element.empty("blocklist", "urn:xmpp:blocking")));
    stream.send(
        Peer.iq("get", "4", Element.empty("query", Namespaces.DISCO_INFO)).with("to", "localhost"));
    stream.send(Element.empty("presence", Namespaces.CLIENT));

    Peer.Heard heard = Peer.untilEnd(stream);
    assertThat(heard.elements())
        .hasSize(4)
        .allSatisfy(
            answer -> {
              assertThat(answer.attribute("type")).contains("error");
              assertThat(answer.children().map(Element::name)).containsExactly("error");
            });
    assertThat(heard.end())
        .isInstanceOfSatisfying(
            StreamErrorException.class,
            end -> assertThat(end.condition()).isEqualTo("not-authorized"));
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 36", rule = "a locked resource is reserved")
  void aLockedResourceIsItsDevicesOwn() throws Exception {
    RunningServer server = start();
    LatchkeyClient owner = enrolledOwner(server);
    Resource kitchen = new Resource("kitchen-bot");
    LoginUri code =
        owner
            .addDevice(
                new CodeOrder(Optional.of("bot"), Optional.empty(), Optional.of(kitchen), true))
            .uri();
    server.enrol(code, "bot");
    LatchkeyClient bot = server.connect("bot");
    assertThat(bot.jid().resource()).contains(kitchen);

    // Another device that asks for it gets another one, and kicks nobody.
    try (LatchkeyClient greedy =
        LatchkeyClient.open(server.home("owner"))
            .resource(kitchen)
            .in(server.environment())
            .connect()) {
      assertThat(greedy.jid().resource()).isPresent().get().isNotEqualTo(kitchen);
    }
    bot.ping();
    // Nor may it be locked to a second one, nor may one that is bound now be taken.
    assertConflict(
        () ->
            owner.addDevice(
                new CodeOrder(Optional.empty(), Optional.empty(), Optional.of(kitchen), true)));
    assertConflict(
        () ->
            owner.addDevice(
                new CodeOrder(Optional.empty(), Optional.empty(), owner.jid().resource(), true)));
  }

  private static void assertConflict(Runnable work) {
    assertThatThrownBy(work::run)
        .isInstanceOfSatisfying(
            StanzaErrorException.class,
            error -> assertThat(error.condition()).isEqualTo("conflict"));
  }

  /// Proves a code by SASL1 and goes into the state before the bind.
  private static ScramClient preBind(ClientStream stream, LoginUri uri) {
    StreamFeatures features = Peer.onlySasl1(stream.open());
    ScramClient code =
        Peer.scram(stream, ScramVariant.SCRAM_SHA_256_PLUS, NINA, uri.token().canonical());
    assertThat(stream.authenticate(features, code, List.of()))
        .isInstanceOf(SaslOutcome.Succeeded.class);
    assertThat(stream.restart().bind()).isTrue();
    return code;
  }

  private static LatchkeyClient enrolledOwner(RunningServer server) throws Exception {
    server.enrol(server.invite(NINA), "owner");
    return server.connect("owner");
  }

  private static SaslOutcome prove(RunningServer server, LoginUri pinned, Secret password)
      throws Exception {
    ClientStream stream = server.stream(pinned, Optional.empty());
    StreamFeatures features = stream.open();
    return stream.authenticate(
        features, Peer.scram(stream, ScramVariant.SCRAM_SHA_256_PLUS, NINA, password), List.of());
  }

  private static Element failureOf(RunningServer server, LoginUri uri, Secret password)
      throws Exception {
    ClientStream stream = server.stream(uri, Optional.empty());
    StreamFeatures features = stream.open();
    SaslOutcome outcome =
        stream.authenticate(
            features,
            Peer.scram(stream, ScramVariant.SCRAM_SHA_256_PLUS, NINA, password),
            List.of(Peer.enrol("csr")));
    assertThat(outcome).isInstanceOf(SaslOutcome.Failed.class);
    return ((SaslOutcome.Failed) outcome).failure();
  }

  private static List<Bytes> certificates(RunningServer server) {
    return server
        .dump()
        .text()
        .lines()
        .filter(line -> line.startsWith("certificate "))
        .map(line -> line.replaceAll("^.* certificate=x([0-9a-f]+) .*$", "$1"))
        .map(Bytes::hex)
        .toList();
  }

  private static Configuration withoutCodes(Configuration whole) {
    return whole.with(
        new Configuration.OneTime(
            false,
            whole.oneTime().inviteTtl(),
            whole.oneTime().issueTtl(),
            whole.oneTime().maxTtl()));
  }

  private static Configuration withoutSigning(Configuration whole) {
    return whole.with(
        new Configuration.Signing(
            false,
            whole.signing().validity(),
            whole.signing().maxDevices(),
            whole.signing().requireChannelBinding()));
  }

  /// A certificate that a device has made for itself.
  private TlsIdentity selfSigned(String name, String... more) throws Exception {
    Path key = folder.resolve(name + ".key");
    Path certificate = folder.resolve(name + ".crt");
    List<String> command = new ArrayList<>();
    command.add(Tools.program("openssl", "openssl").toString());
    command.addAll(List.of("req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt"));
    command.addAll(List.of("ec_paramgen_curve:P-256", "-subj", "/CN=" + name, "-days", "30"));
    command.addAll(List.of("-keyout", key.toString(), "-out", certificate.toString()));
    command.addAll(List.of(more));
    Path output = folder.resolve(name + ".txt");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor()).as("%s", Files.readString(output)).isZero();
    String pem = Files.readString(key).replaceAll("-----[A-Z ]+-----", "").replaceAll("\\s", "");
    return new TlsIdentity(
        KeyFactory.getInstance("EC")
            .generatePrivate(new PKCS8EncodedKeySpec(Bytes.base64(pem).orElseThrow().toArray())),
        List.of(
            (X509Certificate)
                CertificateFactory.getInstance("X.509")
                    .generateCertificate(
                        new ByteArrayInputStream(
                            Files.readString(certificate).getBytes(StandardCharsets.UTF_8)))));
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("nobody gave the sign to start");
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static Optional<ClientException> failureOf(Runnable work) {
    try {
      work.run();
      return Optional.empty();
    } catch (ClientException failed) {
      return Optional.of(failed);
    }
  }
}

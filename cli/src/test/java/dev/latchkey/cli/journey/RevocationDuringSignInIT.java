// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.cli.journey.RunningServer.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.client.ClientException;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.CodeOrder;
import dev.latchkey.client.DeviceKey;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.StreamErrorException;
import dev.latchkey.client.StreamFeatures;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Waypoint;
import dev.latchkey.sasl.ClientMechanism;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.clientkey.HeldClientKey;
import dev.latchkey.sasl.external.ExternalClient;
import dev.latchkey.sasl.ht.HtVariant;
import dev.latchkey.sasl.scram.ScramClient;
import dev.latchkey.sasl.scram.ScramVariant;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// A revocation that comes while the login stands at each named point (rule 39). Nothing here is
/// left to chance: the login's thread is held at the point until the revocation is done.
class RevocationDuringSignInIT {
  private static final Executor BESIDE = Thread::startVirtualThread;

  @TempDir Path folder;

  private final HeldAt held = new HeldAt();
  private RunningServer server;

  @BeforeEach
  void start() throws Exception {
    server = RunningServer.in(folder, seams -> seams.with(held), whole -> whole);
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  /// How a client signs in.
  enum Way {
    SASL2_WITH_BIND,
    SASL2,
    SASL1
  }

  static Stream<Arguments> pointsAndWays() {
    return Stream.of(Waypoint.PROVEN, Waypoint.REGISTERED, Waypoint.BEFORE_SUCCESS)
        .flatMap(point -> Stream.of(Way.values()).map(way -> Arguments.of(point, way)));
  }

  @ParameterizedTest
  @MethodSource("pointsAndWays")
  @Spec(
      doc = "latchkey",
      section = "rule 39",
      rule = "a login that is overtaken by a revocation dies")
  void aCertificateThatIsRevokedMeanwhileSignsNobodyIn(Waypoint point, Way way) throws Exception {
    LoginUri uri = server.invite(NINA);
    server.enrol(uri, "witness");
    String victim = server.enrol(server.invite(NINA), "victim").account().device().value();
    LatchkeyClient witness = server.connect("witness");
    witness.goOnline();
    witness.ping();
    ClientStream stream = server.stream(uri, Optional.of(server.identity("victim")));

    overtake(point, way, stream, victim, new ExternalClient(NINA), witness);
  }

  @ParameterizedTest
  @MethodSource("pointsAndWays")
  @Spec(
      doc = "latchkey",
      section = "rule 39",
      rule = "a login that is overtaken by a revocation dies")
  void aPasswordThatIsRevokedMeanwhileSignsNobodyIn(Waypoint point, Way way) throws Exception {
    LoginUri uri = server.invite(NINA);
    server.enrol(uri, "witness");
    LatchkeyClient witness = server.connect("witness");
    witness.goOnline();
    witness.ping();
    var made =
        server
            .admin(
                new dev.latchkey.server.admin.JsonLine()
                    .with("command", "password")
                    .with("account", NINA.toString()))
            .getFirst();
    ClientStream stream = server.stream(uri, Optional.empty());

    overtake(
        point,
        way,
        stream,
        made.path("device").asText(),
        Peer.scram(
            stream,
            ScramVariant.SCRAM_SHA_256_PLUS,
            NINA,
            Secret.ofText(made.path("password").asText())),
        witness);
  }

  private void overtake(
      Waypoint point,
      Way way,
      ClientStream stream,
      String device,
      ClientMechanism mechanism,
      LatchkeyClient witness)
      throws Exception {
    StreamFeatures offered = stream.open();
    StreamFeatures features = way == Way.SASL1 ? Peer.onlySasl1(offered) : offered;
    int signedIn = server.log.signIns.size();
    held.hold(point);
    CompletableFuture<List<Element>> heard =
        beside(() -> signIn(way, stream, features, mechanism, witness));
    held.awaitArrival();

    server.revoke(NINA, device);
    held.release();

    List<Element> elements = heard.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(elements).noneMatch(element -> element.name().equals("success"));
    Peer.Heard rest = Peer.untilEnd(stream);
    assertThat(rest.elements()).noneMatch(element -> element.name().equals("success"));
    if (point == Waypoint.PROVEN) {
      // It was never entered, so it fails as a sign-in.
      assertThat(server.log.refusals).contains(FailureReason.REVOKED_DURING_LOGIN);
      assertThat(elements).anyMatch(element -> element.name().equals("failure"));
    } else {
      assertThat(elements).anyMatch(element -> element.name().equals("revoked-stream"));
    }
    assertThat(server.log.signIns).hasSize(signedIn);
    assertThat(isConnected(device)).isFalse();
    assertThat(witness.receive(Duration.ZERO)).isEmpty();
  }

  /// Signs in, sending a message right behind; what it heard, a stream error that says "revoked" as
  /// `revoked-stream`.
  private static List<Element> signIn(
      Way way,
      ClientStream stream,
      StreamFeatures features,
      ClientMechanism mechanism,
      LatchkeyClient witness) {
    List<Element> heard = new ArrayList<>();
    List<Element> extras = way == Way.SASL2_WITH_BIND ? List.of(Peer.bind2()) : List.of();
    try {
      SaslOutcome outcome = stream.authenticate(features, mechanism, extras);
      heard.add(
          switch (outcome) {
            case SaslOutcome.Succeeded(Element success) -> success;
            case SaslOutcome.Failed(Element failure) -> failure;
            case SaslOutcome.Continued(Element continued) -> continued;
          });
      stream.send(Peer.message(witness.jid().toString(), "am I in?"));
    } catch (dev.latchkey.client.StreamErrorException ended) {
      heard.add(Element.empty(ended.deviceRevoked() ? "revoked-stream" : "ended", "test"));
    }
    return heard;
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 41",
      rule = "whoever proved a revoked certificate hears so")
  void aCertificateThatIsRevokedMeanwhileHearsWhy() throws Exception {
    LoginUri uri = server.invite(NINA);
    String device = server.enrol(uri, "phone").account().device().value();
    ClientStream stream = server.stream(uri, Optional.of(server.identity("phone")));
    StreamFeatures features = stream.open();
    held.hold(Waypoint.PROVEN);
    CompletableFuture<SaslOutcome> outcome =
        beside(() -> stream.authenticate(features, new ExternalClient(NINA), List.of()));
    held.awaitArrival();
    server.revoke(NINA, device);
    held.release();

    assertThat(outcome.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .isInstanceOfSatisfying(
            SaslOutcome.Failed.class,
            failed -> {
              assertThat(failed.failure().child("not-authorized", Namespaces.SASL)).isPresent();
              assertThat(failed.failure().child("credential-revoked", Namespaces.LATCHKEY_EVENTS))
                  .isPresent();
            });
  }

  @Test
  @Spec(doc = "XEP-0484", section = "3.4", rule = "a token that is no longer trusted has expired")
  void aTokenThatIsRevokedMeanwhileHearsThatItHasExpired() throws Exception {
    LoginUri uri = server.invite(NINA);
    TokenPeer.Held token =
        TokenPeer.ask(server, uri, Secret.ofText(server.password(NINA)), HtVariant.HT_SHA_256_EXPR);

    Element failure =
        revokedWhenProven(ClientStream::open, uri, (s, f) -> TokenPeer.byToken(s, f, token));

    assertThat(failure.child("credentials-expired", Namespaces.SASL)).isPresent();
    assertThat(failure.children()).hasSize(1);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 41", rule = "whoever proved a revoked key hears so")
  void aClientKeyThatIsRevokedMeanwhileHearsWhy() throws Exception {
    LoginUri uri = server.invite(NINA);
    HeldClientKey key = TokenPeer.enrol(server, uri);

    Element failure = revokedWhenProven(ClientStream::open, uri, signingInBy(key));

    assertThat(failure.child("not-authorized", Namespaces.SASL)).isPresent();
    assertThat(failure.child("credential-revoked", Namespaces.LATCHKEY_EVENTS)).isPresent();
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 41", rule = "elements of our own stand in SASL2 only")
  void underSasl1AClientKeyThatIsRevokedMeanwhileHearsWordsOnly() throws Exception {
    LoginUri uri = server.invite(NINA);
    HeldClientKey key = TokenPeer.enrol(server, uri);

    Element failure =
        revokedWhenProven(stream -> Peer.onlySasl1(stream.open()), uri, signingInBy(key));

    assertThat(failure.children().map(Element::name)).containsExactly("not-authorized", "text");
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 41", rule = "a revoked password is as wrong as any")
  void aPasswordThatIsRevokedMeanwhileIsAWrongOne() throws Exception {
    LoginUri uri = server.invite(NINA);
    Secret password = Secret.ofText(server.password(NINA));

    Element failure =
        revokedWhenProven(
            ClientStream::open,
            uri,
            (stream, features) ->
                stream.authenticate(
                    features,
                    Peer.scram(stream, ScramVariant.SCRAM_SHA_256_PLUS, NINA, password),
                    List.of()));

    assertThat(failure.children().map(Element::name)).containsExactly("not-authorized");
  }

  @Test
  void aKeyWhoseAccountIsDisabledMeanwhileIsNotSaidToBeRevoked() throws Exception {
    LoginUri uri = server.invite(NINA);
    HeldClientKey key = TokenPeer.enrol(server, uri);

    CompletableFuture<SaslOutcome> outcome = disabledWhenProven(uri, signingInBy(key));

    assertThat(
            TokenPeer.failure(outcome.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .children()
                .map(Element::name))
        .containsExactly("not-authorized");
    assertThat(server.log.refusals).containsExactly(FailureReason.ACCOUNT_NOT_ACTIVE);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 63",
      rule = "what is no fault of the token is no <failure/>")
  void aTokenWhoseAccountIsDisabledMeanwhileIsNotOver() throws Exception {
    LoginUri uri = server.invite(NINA);
    TokenPeer.Held token =
        TokenPeer.ask(server, uri, Secret.ofText(server.password(NINA)), HtVariant.HT_SHA_256_EXPR);
    server.log.forget();

    CompletableFuture<SaslOutcome> outcome =
        disabledWhenProven(uri, (s, f) -> TokenPeer.byToken(s, f, token));

    assertThat(outcome)
        .failsWithin(PATIENCE)
        .withThrowableThat()
        .havingCause()
        .isInstanceOfSatisfying(
            StreamErrorException.class,
            error -> assertThat(error.condition()).isEqualTo("not-authorized"));
    assertThat(server.log.refusals).containsExactly(FailureReason.ACCOUNT_NOT_ACTIVE);
  }

  /// Has the account disabled when the proof is right and not answered yet.
  private CompletableFuture<SaslOutcome> disabledWhenProven(
      LoginUri uri, BiFunction<ClientStream, StreamFeatures, SaslOutcome> signIn) throws Exception {
    ClientStream stream = server.stream(uri, Optional.empty());
    StreamFeatures features = stream.open();
    held.hold(Waypoint.PROVEN);
    CompletableFuture<SaslOutcome> outcome = beside(() -> signIn.apply(stream, features));
    held.awaitArrival();
    server.admin(
        new dev.latchkey.server.admin.JsonLine()
            .with("command", "disable")
            .with("account", NINA.toString()));
    held.release();
    return outcome;
  }

  private static BiFunction<ClientStream, StreamFeatures, SaslOutcome> signingInBy(
      HeldClientKey key) {
    return (stream, features) ->
        stream.authenticate(features, TokenPeer.key(stream.tls(), key, 0), List.of());
  }

  /// Has the only device revoked when its proof is right and not answered yet; what it hears.
  private Element revokedWhenProven(
      Function<ClientStream, StreamFeatures> open,
      LoginUri uri,
      BiFunction<ClientStream, StreamFeatures, SaslOutcome> signIn)
      throws Exception {
    String device = server.devices(NINA).getFirst().path("id").asText();
    ClientStream stream = server.stream(uri, Optional.empty());
    StreamFeatures features = open.apply(stream);
    server.log.forget();
    held.hold(Waypoint.PROVEN);
    CompletableFuture<SaslOutcome> outcome = beside(() -> signIn.apply(stream, features));
    held.awaitArrival();
    server.revoke(NINA, device);
    held.release();

    Element failure = TokenPeer.failure(outcome.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    assertThat(server.log.refusals).containsExactly(FailureReason.REVOKED_DURING_LOGIN);
    return failure;
  }

  @ParameterizedTest
  @EnumSource(
      value = Waypoint.class,
      names = {"CODE_PROVEN", "BEFORE_REDEMPTION"})
  @Spec(doc = "latchkey", section = "rule 13", rule = "a code dies with the device that issued it")
  void aCodeWhoseIssuerIsRevokedMeanwhileMakesNoDevice(Waypoint point) throws Exception {
    LoginUri invitation = server.invite(NINA);
    String issuer = server.enrol(invitation, "thief").account().device().value();
    LoginUri code = server.connect("thief").addDevice(CodeOrder.named("helper")).uri();
    held.hold(point);
    CompletableFuture<Optional<ClientException>> enrolment =
        beside(() -> failureOf(() -> server.enrol(code, "helper")));
    held.awaitArrival();

    server.revoke(NINA, issuer);
    held.release();

    assertThat(enrolment.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
        .get()
        .isInstanceOfSatisfying(
            dev.latchkey.client.SignInRefusedException.class,
            refused -> assertThat(refused.condition()).isEqualTo("not-authorized"));
    assertThat(server.devices(NINA)).hasSize(1);
    assertThat(server.log.refusals).contains(FailureReason.CREDENTIAL_NOT_LIVE);
  }

  @ParameterizedTest
  @EnumSource(
      value = Waypoint.class,
      names = {"REDEEMED", "BEFORE_SUCCESS", "ANSWERED"})
  @Spec(doc = "latchkey", section = "rule 39", rule = "a new device can be revoked before it knows")
  void aDeviceThatIsRevokedBeforeItKnowsOfItselfIsNeverSignedIn(Waypoint point) throws Exception {
    LoginUri uri = server.invite(NINA);
    ClientStream stream = server.stream(uri, Optional.empty());
    StreamFeatures features = stream.open();
    ScramClient code =
        Peer.scram(stream, ScramVariant.SCRAM_SHA_256_PLUS, NINA, uri.token().canonical());
    SaslOutcome outcome =
        stream.authenticate(features, code, List.of(Peer.enrol("csr"), Peer.bind2()));
    assertThat(outcome).isInstanceOf(SaslOutcome.Continued.class);
    held.hold(point);
    stream.send(Peer.next(Peer.sign(code, NINA, DeviceKey.make().request(NINA, Optional.empty()))));
    held.awaitArrival();

    String device = server.devices(NINA).getFirst().path("id").asText();
    server.revoke(NINA, device);
    held.release();

    stream.send(Peer.message(NINA.toString(), "am I in?"));
    Peer.Heard heard = Peer.untilEnd(stream);
    if (point == Waypoint.ANSWERED) {
      assertThat(heard.has("success")).isTrue();
      assertThat(heard.saysRevoked()).as("%s", heard).isTrue();
    } else {
      assertThat(heard.has("success")).isFalse();
    }
    assertThat(server.devices(NINA))
        .singleElement()
        .satisfies(
            only -> {
              assertThat(only.path("status").asText()).isEqualTo("revoked");
              assertThat(only.path("connected").asBoolean()).isFalse();
            });
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 39", rule = "a connection before its bind is found, too")
  void aSessionThatIsNotBoundYetIsEnded() throws Exception {
    LoginUri uri = server.invite(NINA);
    String device = server.enrol(uri, "phone").account().device().value();
    ClientStream stream = server.stream(uri, Optional.of(server.identity("phone")));
    assertThat(stream.authenticate(stream.open(), new ExternalClient(NINA), List.of()))
        .isInstanceOf(SaslOutcome.Succeeded.class);
    var _ = stream.features();

    server.revoke(NINA, device);
    stream.send(Peer.bind("b", "phone"));

    Peer.Heard heard = Peer.untilEnd(stream);
    assertThat(heard.elements()).isEmpty();
    assertThat(heard.saysRevoked()).as("%s", heard).isTrue();
  }

  private boolean isConnected(String device) throws Exception {
    return server.devices(NINA).stream()
        .filter(line -> line.path("id").asText().equals(device))
        .anyMatch(line -> line.path("connected").asBoolean());
  }

  private static <T> CompletableFuture<T> beside(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, BESIDE);
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

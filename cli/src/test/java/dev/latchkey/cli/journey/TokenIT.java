// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.cli.journey.TokenPeer.AGENT;
import static dev.latchkey.cli.journey.TokenPeer.byPassword;
import static dev.latchkey.cli.journey.TokenPeer.byToken;
import static dev.latchkey.cli.journey.TokenPeer.condition;
import static dev.latchkey.cli.journey.TokenPeer.failure;
import static dev.latchkey.cli.journey.TokenPeer.request;
import static dev.latchkey.cli.journey.TokenPeer.success;
import static dev.latchkey.cli.journey.TokenPeer.userAgent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.cli.journey.TokenPeer.Held;
import dev.latchkey.client.ClientException;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.StreamErrorException;
import dev.latchkey.client.StreamFeatures;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialStore;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Waypoint;
import dev.latchkey.devices.TheftResponse;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.clientkey.HeldClientKey;
import dev.latchkey.sasl.external.ExternalClient;
import dev.latchkey.sasl.gs2.ChannelBindingChoice;
import dev.latchkey.sasl.ht.HtVariant;
import dev.latchkey.sasl.scram.ScramClient;
import dev.latchkey.sasl.scram.ScramVariant;
import dev.latchkey.server.Configuration;
import dev.latchkey.server.Configuration.ServedDomain;
import dev.latchkey.server.admin.AdminException;
import dev.latchkey.server.admin.JsonLine;
import dev.latchkey.store.DatabaseDump;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.tls.TlsProvider;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The life of a FAST token (XEP-0484), from the first wish to its end.
class TokenIT {
  private static final HtVariant EXPR = HtVariant.HT_SHA_256_EXPR;
  private static final HtVariant NONE = HtVariant.HT_SHA_256_NONE;
  private static final Duration RENEWAL = Duration.ofDays(1);
  private static final Duration LIFE = Duration.ofDays(21);

  private final ManualClock clock = new ManualClock(InstantSource.system().instant());
  private final HeldAt held = new HeldAt();
  private final AtomicBoolean broken = new AtomicBoolean();
  private RunningServer server;
  private LoginUri pinned;
  private Secret password;

  @BeforeEach
  void start(@TempDir Path folder) throws Exception {
    server =
        RunningServer.in(
            folder,
            seams -> seams.with(clock).with(held).withSignInView(this::breakable),
            whole -> whole);
    pinned = server.invite(NINA);
    password = Secret.ofText(server.password(NINA));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /// A store that fails on demand.
  private CredentialStore breakable(CredentialStore store) {
    return (CredentialStore)
        Proxy.newProxyInstance(
            TokenIT.class.getClassLoader(),
            new Class<?>[] {CredentialStore.class},
            (_, method, arguments) -> {
              if (broken.get()) {
                throw new IllegalStateException("the disk is on fire");
              }
              try {
                return method.invoke(store, arguments);
              } catch (InvocationTargetException thrown) {
                throw thrown.getCause();
              }
            });
  }

  private ClientStream dial() throws Exception {
    return server.stream(pinned, Optional.empty());
  }

  private Held ask(HtVariant variant) throws Exception {
    return TokenPeer.ask(server, pinned, password, variant);
  }

  private Element signIn(Held token, Element... extras) throws Exception {
    try (ClientStream stream = dial()) {
      return success(byToken(stream, token, extras));
    }
  }

  private String refusal(Held token) throws Exception {
    try (ClientStream stream = dial()) {
      return condition(byToken(stream, token));
    }
  }

  private List<String> events() throws AdminException {
    return server
        .admin(new JsonLine().with("command", "audit").with("account", NINA.toString()))
        .stream()
        .map((JsonNode event) -> event.path("event").asText())
        .toList();
  }

  // A token is asked for, and used.

  @ParameterizedTest
  @EnumSource(
      value = HtVariant.class,
      names = {"HT_SHA_512_UNIQ", "HT_SHA_256_UNIQ"}, // TLS 1.3 has no tls-unique
      mode = EnumSource.Mode.EXCLUDE)
  @Spec(doc = "XEP-0484", section = "3.3", rule = "whoever has signed in is given what he asks for")
  void whoSignsInByPasswordGetsATokenAndReturnsByIt(HtVariant variant) throws Exception {
    Held token = ask(variant);

    Element success = signIn(token);

    assertThat(success.child("authorization-identifier", Namespaces.SASL2).map(Element::text))
        .contains("nina@localhost");
    assertThat(success.child("token", Namespaces.FAST)).isEmpty(); // nothing is due yet
    assertThat(server.log.signIns).hasSize(2).containsOnly(server.log.signIns.getFirst());
  }

  @ParameterizedTest
  @EnumSource(
      value = HtVariant.class,
      names = {"HT_SHA_512_UNIQ", "HT_SHA_256_UNIQ"})
  @Spec(doc = "RFC 5929", section = "3", rule = "tls-unique binds where TLS 1.2 is spoken")
  void overTls12ATokenCanBeBoundToTheFirstFinishedMessage(HtVariant variant) throws Exception {
    Held token = ask(variant);

    try (ClientStream stream = overTls12()) {
      StreamFeatures features = stream.open();
      assertThat(TokenPeer.fastMechanisms(features)).contains(variant.mechanism().text());
      success(byToken(stream, features, token));
    }
    try (ClientStream stream = dial()) {
      assertThat(TokenPeer.fastMechanisms(stream.open())).noneMatch(name -> name.endsWith("UNIQ"));
    }
  }

  @Test
  @Spec(doc = "XEP-0440", section = "3", rule = "what is listed works")
  void overTls12ScramCanBeBoundToTheFirstFinishedMessage() throws Exception {
    try (ClientStream stream = overTls12()) {
      StreamFeatures features = stream.open();
      assertThat(features.channelBindingTypes().orElseThrow()).contains("tls-unique");
      ScramClient scram =
          ScramClient.begin(
              ScramVariant.SCRAM_SHA_1_PLUS,
              NINA,
              password,
              new ChannelBindingChoice.Bound(
                  ChannelBindingType.TLS_UNIQUE, stream.tls().unique().orElseThrow()),
              Optional.of(features.offer()),
              new SecureRandom());
      success(stream.authenticate(features, scram, List.of()));
    }
    try (ClientStream stream = dial()) {
      assertThat(stream.open().channelBindingTypes().orElseThrow()).doesNotContain("tls-unique");
    }
  }

  private ClientStream overTls12() throws Exception {
    return server.stream(
        new RunningServer.Way(TlsProvider.CONSCRYPT, "TLSv1.2", true, RunningServer.DOMAIN),
        NINA,
        pinned.pin().orElseThrow(),
        Optional.empty());
  }

  @Test
  @Spec(doc = "XEP-0509", section = "3", rule = "header and sign-in go in one flight")
  void aTokenSignsInInOneRoundTripAfterTls() throws Exception {
    Held token = ask(EXPR);
    String version;
    try (ClientStream stream = dial()) {
      version = TokenPeer.configVersion(stream.open());
    }
    try (RawStream stream =
        RawStream.secure(server.server().directTls().orElseThrow(), "localhost")) {
      Bytes binding = stream.exporter();
      stream.send(
          RawStream.header("to='localhost' from='nina@localhost'")
              + TokenPeer.authenticate(
                  token, token.initiated(binding), Peer.bind2(), TokenPeer.configVersion(version)));

      String answer = stream.until("</success>");

      assertThat(answer)
          .contains(
              "<additional-data>" + token.responded(binding).toBase64() + "</additional-data>")
          .contains("<bound ");
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 62", rule = "a certificate's token is no weaker than it")
  void aDeviceWithACertificateGetsOnlyTokensThatAreBoundToTheConnection() throws Exception {
    server.enrol(pinned, "phone");
    for (HtVariant variant : HtVariant.BY_PREFERENCE) {
      try (ClientStream stream = server.stream(pinned, Optional.of(server.identity("phone")))) {
        StreamFeatures features = stream.open();
        Element success =
            success(
                stream.authenticate(
                    features,
                    new ExternalClient(NINA),
                    List.of(userAgent(AGENT), request(variant))));
        Optional<Held> token = TokenPeer.token(success, variant, AGENT);
        assertThat(token.isPresent())
            .as("%s", variant)
            .isEqualTo(
                variant.binding().equals(Optional.of(ChannelBindingType.TLS_EXPORTER))
                    || variant.binding().equals(Optional.of(ChannelBindingType.TLS_UNIQUE)));
        if (variant == EXPR) {
          signIn(token.orElseThrow()); // without its certificate
        }
      }
    }
  }

  @Test
  @Spec(
      doc = "XEP-0484",
      section = "3.1",
      rule = "the mechanisms of tokens have a list of their own")
  void theirMechanismsAreInNoOtherList() throws Exception {
    try (ClientStream stream = dial()) {
      StreamFeatures features = stream.open();
      assertThat(TokenPeer.fastMechanisms(features))
          .contains(EXPR.mechanism().text(), NONE.mechanism().text());
      assertThat(features.element().toXml().replaceAll("<fast .*?</fast>", ""))
          .doesNotContain("HT-SHA");
      // XEP-0474: the hash that client and server compare is of the list without them.
      ScramClient scram =
          ScramClient.begin(
              ScramVariant.SCRAM_SHA_256_PLUS,
              NINA,
              password,
              new ChannelBindingChoice.Bound(
                  ChannelBindingType.TLS_EXPORTER, stream.tls().exporter().orElseThrow()),
              Optional.of(features.offer()),
              new SecureRandom());
      success(stream.authenticate(features, scram, List.of()));
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 62", rule = "no token for what is not offered")
  void whereAMechanismIsNotOfferedNobodyGetsATokenForIt(@TempDir Path another) throws Exception {
    try (RunningServer bound =
        RunningServer.in(another, seams -> seams, whole -> whole.withDomains(withoutNone(whole)))) {
      LoginUri uri = bound.invite(NINA);
      Secret secret = Secret.ofText(bound.password(NINA));
      try (ClientStream stream = bound.stream(uri, Optional.empty())) {
        Element success =
            success(TokenPeer.byPassword(stream, secret, userAgent(AGENT), request(NONE)));
        assertThat(success.child("token", Namespaces.FAST)).isEmpty();
      }
      TokenPeer.ask(bound, uri, secret, EXPR);
    }
  }

  private static List<ServedDomain> withoutNone(Configuration whole) {
    return whole.domains().stream()
        .map(
            domain ->
                new ServedDomain(
                    domain.name(),
                    domain.tls(),
                    domain.mechanisms().stream()
                        .filter(name -> !name.text().endsWith("-NONE"))
                        .toList(),
                    domain.contacts()))
        .toList();
  }

  @Test
  void refusesToSignInByTokenWithoutSayingFast() throws Exception {
    Held token = ask(EXPR);
    try (ClientStream stream = dial()) {
      StreamFeatures features = stream.open();
      assertThat(
              condition(
                  stream.authenticate(features, token.on(stream.tls()), List.of(userAgent(AGENT)))))
          .isEqualTo("invalid-mechanism");
      // And the other way round: fast is for tokens.
      assertThat(
              condition(
                  stream.authenticate(
                      features,
                      Peer.scram(stream, ScramVariant.SCRAM_SHA_256_PLUS, NINA, password),
                      List.of(userAgent(AGENT), TokenPeer.fast()))))
          .isEqualTo("invalid-mechanism");
      success(byToken(stream, features, token));
    }
  }

  // What a request lacks.

  @Test
  @Spec(doc = "latchkey", section = "rule 63", rule = "a request without a user agent says so")
  void refusesATokenToWhoDoesNotSayWhichUserAgentItIs() throws Exception {
    DatabaseDump before = server.dump();
    try (ClientStream stream = dial()) {
      SaslOutcome asked = byPassword(stream, password, request(EXPR));
      assertThat(condition(asked)).isEqualTo("malformed-request");
      assertThat(failure(asked).child("text", Namespaces.SASL2).orElseThrow().text())
          .contains("<user-agent id=");
    }
    assertThat(server.dump()).isEqualTo(before);
    Held token = ask(EXPR);
    try (ClientStream stream = dial()) {
      SaslOutcome used =
          stream.authenticate(stream.open(), token.on(stream.tls()), List.of(TokenPeer.fast()));
      assertThat(condition(used)).isEqualTo("malformed-request");
      assertThat(failure(used).child("text", Namespaces.SASL2).orElseThrow().text())
          .contains("<user-agent id=");
    }
    signIn(token);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 63", rule = "a stream that is from nobody says so")
  void refusesATokenOnAStreamThatIsFromNobody() throws Exception {
    Held token = ask(EXPR);
    try (RawStream stream =
        RawStream.secure(server.server().directTls().orElseThrow(), "localhost")) {
      stream.send(
          RawStream.header("to='localhost'")
              + TokenPeer.authenticate(token, token.initiated(stream.exporter())));
      assertThat(stream.until("</failure>"))
          .contains("<malformed-request ")
          .containsPattern("<text>[^<]*from=");
    }
    assertThat(server.log.refusals).containsExactly(FailureReason.NO_STREAM_FROM);
    signIn(token);
  }

  // Rotation.

  @Test
  @Spec(doc = "XEP-0484", section = "3.5", rule = "the old one is good until the new one is used")
  void afterADayANewTokenComesAndTheOldOneLivesUntilItIsUsed() throws Exception {
    Held old = ask(EXPR);
    signIn(old);
    clock.advance(RENEWAL);

    Held next = TokenPeer.token(signIn(old), EXPR, AGENT).orElseThrow();

    assertThat(next.token().reveal()).isNotEqualTo(old.token().reveal());
    signIn(old); // it has not been replaced yet, and now another one is offered
    assertThat(refusal(next)).isEqualTo("credentials-expired");
    Held last = TokenPeer.token(signIn(old), EXPR, AGENT).orElseThrow();
    assertThat(TokenPeer.token(signIn(last), EXPR, AGENT)).isEmpty();
    assertThat(refusal(old)).isEqualTo("credentials-expired");
    signIn(last);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "30.L",
      rule = "a superseded token that comes again is recorded")
  void aTokenThatWasRotatedAwayIsRecordedWhenItComesAgain() throws Exception {
    Held old = ask(EXPR);
    signIn(old);
    clock.advance(RENEWAL);
    signIn(TokenPeer.token(signIn(old), EXPR, AGENT).orElseThrow());
    assertThat(events()).doesNotContain("superseded-used");

    assertThat(refusal(old)).isEqualTo("credentials-expired");

    assertThat(events()).contains("superseded-used");
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 41",
      rule = "a superseded token is remembered until its date")
  void aTokenThatWasRotatedAwayIsRecordedHoweverOftenThatWas() throws Exception {
    Held copy = ask(EXPR);
    Held token = copy;
    for (int day = 1; day < LIFE.toDays(); day++) {
      clock.advance(RENEWAL);
      token = TokenPeer.token(signIn(token), EXPR, AGENT).orElseThrow();
      signIn(token);
    }

    assertThat(refusal(copy)).isEqualTo("credentials-expired");

    assertThat(events()).contains("superseded-used");
  }

  @ParameterizedTest
  @EnumSource(
      value = TheftResponse.class,
      names = {"SUSPEND", "REVOKE"})
  @Spec(
      doc = "latchkey",
      section = "30.L",
      rule = "the operator says what follows when a superseded token comes again")
  void whereTheOperatorSaysSoNobodyStaysWhenATokenWasCopied(
      TheftResponse theft, @TempDir Path another) throws Exception {
    stop();
    server =
        RunningServer.in(
            another,
            seams -> seams.with(clock),
            whole -> AuthTokenSource.configured(whole, false, theft));
    pinned = server.invite(NINA);
    password = Secret.ofText(server.password(NINA));
    Held owners = ask(EXPR);
    signIn(owners);
    clock.advance(RENEWAL);
    Held thiefs = TokenPeer.token(signIn(owners), EXPR, AGENT).orElseThrow();
    try (ClientStream thief = dial()) {
      success(byToken(thief, thiefs, Peer.bind2())); // he was first

      // The owner's own is over.
      assertThat(refusal(owners)).isEqualTo("credentials-expired");

      assertThat(Peer.untilEnd(thief).end()).isInstanceOf(StreamErrorException.class);
    }
    String state = theft == TheftResponse.SUSPEND ? "suspended" : "revoked";
    assertThat(server.devices(NINA).getLast().path("status").asText()).isEqualTo(state);
    assertThat(events()).contains("superseded-used", state);
    try (ClientStream stream = dial()) {
      if (theft == TheftResponse.SUSPEND) { // it may be lifted, so the token is no failure's worth
        assertThatThrownBy(() -> byToken(stream, thiefs)).isInstanceOf(StreamErrorException.class);
      } else {
        assertThat(condition(byToken(stream, thiefs))).isEqualTo("credentials-expired");
      }
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 62",
      rule = "a token beside a client key begets no other: a copy of it ends")
  void whoCopiesTheTokenBesideAClientKeyHasItNoLongerThanItsLife() throws Exception {
    HeldClientKey key = TokenPeer.enrol(server, pinned);
    Held copy = byKey(key, 0, request(EXPR)).orElseThrow();
    for (int day = 1; day < LIFE.toDays(); day++) {
      clock.advance(RENEWAL);
      byKey(key, day); // the owner, by the best that he has
      assertThat(TokenPeer.token(signIn(copy, request(EXPR)), EXPR, AGENT)).as("%d", day).isEmpty();
    }
    clock.advance(RENEWAL);
    assertThat(refusal(copy)).isEqualTo("credentials-expired");
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 62",
      rule = "what is stronger gets a new token, and then a copy of the old one shows")
  void whoCopiesTheTokenBesideAClientKeyShowsOnceTheKeyHasGotANewOne() throws Exception {
    HeldClientKey key = TokenPeer.enrol(server, pinned);
    Held copy = byKey(key, 0, request(EXPR)).orElseThrow();
    signIn(copy);
    clock.advance(RENEWAL);
    signIn(byKey(key, 1, request(EXPR)).orElseThrow());

    assertThat(refusal(copy)).isEqualTo("credentials-expired");

    assertThat(events()).contains("superseded-used");
  }

  private Optional<Held> byKey(HeldClientKey key, long value, Element... wish) throws Exception {
    try (ClientStream stream = dial()) {
      Element[] extras =
          Stream.concat(Stream.of(userAgent(AGENT)), Stream.of(wish)).toArray(Element[]::new);
      return TokenPeer.token(success(TokenPeer.byKey(stream, key, value, extras)), EXPR, AGENT);
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 63", rule = "a lost answer locks nobody out")
  void whereTheAnswerIsLostTheOldTokenSignsInAgain() throws Exception {
    Held old = ask(EXPR);
    signIn(old);
    clock.advance(RENEWAL);
    held.hold(Waypoint.BEFORE_SUCCESS);
    ClientStream cut = dial();
    CompletableFuture<Void> lost =
        CompletableFuture.runAsync(
            () -> assertThatThrownBy(() -> byToken(cut, old)).isInstanceOf(ClientException.class),
            Thread::startVirtualThread);
    held.awaitArrival(); // the new token is written down
    cut.connection().abort();
    lost.get(RunningServer.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    held.release();

    Held next = TokenPeer.token(signIn(old), EXPR, AGENT).orElseThrow();
    signIn(next);
    assertThat(refusal(old)).isEqualTo("credentials-expired");
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 63", rule = "a lost answer locks nobody out")
  void whereTheAnswerToAWishIsLostItIsMadeAgain() throws Exception {
    held.hold(Waypoint.BEFORE_SUCCESS);
    ClientStream cut = dial();
    CompletableFuture<Void> lost =
        CompletableFuture.runAsync(
            () ->
                assertThatThrownBy(() -> byPassword(cut, password, userAgent(AGENT), request(EXPR)))
                    .isInstanceOf(ClientException.class),
            Thread::startVirtualThread);
    held.awaitArrival();
    cut.connection().abort();
    lost.get(RunningServer.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    held.release();

    signIn(ask(EXPR));
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 63", rule = "a lost answer locks nobody out")
  void whereTheAnswerToATokenThatIsGivenBackIsLostItIsOverAllTheSame() throws Exception {
    Held token = ask(EXPR);
    held.hold(Waypoint.BEFORE_SUCCESS);
    ClientStream cut = dial();
    CompletableFuture<Void> lost =
        CompletableFuture.runAsync(
            () ->
                assertThatThrownBy(() -> giveBack(cut, token)).isInstanceOf(ClientException.class),
            Thread::startVirtualThread);
    held.awaitArrival();
    cut.connection().abort();
    lost.get(RunningServer.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    held.release();

    // Whoever gives it back again hears that it is over, and that of a token that he may forget.
    try (ClientStream stream = dial()) {
      assertThat(condition(giveBack(stream, token))).isEqualTo("credentials-expired");
    }
    signIn(ask(EXPR)); // what is beside it is as good as before
  }

  private static SaslOutcome giveBack(ClientStream stream, Held token) {
    return stream.authenticate(
        stream.open(), token.on(stream.tls()), List.of(userAgent(AGENT), TokenPeer.invalidate()));
  }

  // The end of a token.

  @Test
  @Spec(doc = "XEP-0484", section = "3.4", rule = "who is signed in can end the tokens he has")
  void aTokenThatIsGivenBackSignsInNoMore() throws Exception {
    Held token = ask(EXPR);
    try (ClientStream stream = dial()) {
      Element success = success(giveBack(stream, token));
      assertThat(success.child("token", Namespaces.FAST)).isEmpty();
    }
    assertThat(refusal(token)).isEqualTo("credentials-expired");
  }

  @Test
  @Spec(doc = "XEP-0484", section = "3.4", rule = "a new one only if that is asked for as well")
  void aTokenThatIsGivenBackCanBeExchanged() throws Exception {
    Held token = ask(NONE);
    Held other;
    try (ClientStream stream = dial()) {
      other =
          TokenPeer.token(
                  success(
                      stream.authenticate(
                          stream.open(),
                          token.on(stream.tls()),
                          List.of(userAgent(AGENT), TokenPeer.invalidate(), request(EXPR)))),
                  EXPR,
                  AGENT)
              .orElseThrow();
    }
    assertThat(events()).contains("token-dead").doesNotContain("superseded-used");
    // Who exchanged a copy of it cannot hide that from its owner.
    assertThat(refusal(token)).isEqualTo("credentials-expired");
    assertThat(events()).contains("superseded-used");
    signIn(other);
  }

  @Test
  @Spec(doc = "XEP-0484", section = "3.3", rule = "a token is good for so long and no longer")
  void aTokenWhoseDateHasPassedSignsInNoMore() throws Exception {
    Held token = ask(EXPR);
    clock.advance(LIFE.minus(Duration.ofMinutes(1)));
    Held next = TokenPeer.token(signIn(token), EXPR, AGENT).orElseThrow();
    clock.advance(Duration.ofMinutes(2));

    assertThat(refusal(token)).isEqualTo("credentials-expired");
    signIn(next);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 41", rule = "only who proves it hears that it is dead")
  void onlyItsHolderHearsThatATokenIsDead() throws Exception {
    Held token = ask(EXPR);
    clock.advance(LIFE.plus(Duration.ofMinutes(1)));
    Held stranger = token.with(Secret.ofText("not" + token.token().revealText().substring(3)));

    assertThat(refusal(token)).isEqualTo("credentials-expired");
    assertThat(refusal(stranger)).isEqualTo("not-authorized");
    assertThat(refusal(token.with("another agent"))).isEqualTo("not-authorized");
  }

  // Rule 35.

  @Test
  @Spec(doc = "latchkey", section = "rule 35", rule = "slots belong to devices, not to user agents")
  void anotherDeviceWithTheSameUserAgentTakesNothingAway() throws Exception {
    Held first = ask(EXPR);
    signIn(first);
    Secret other = Secret.ofText(server.password(NINA));

    Held second = TokenPeer.ask(server, pinned, other, EXPR);

    server.log.forget();
    signIn(first);
    signIn(second);
    signIn(first);
    assertThat(server.log.signIns).hasSize(3);
    assertThat(server.log.signIns.get(0))
        .isEqualTo(server.log.signIns.get(2))
        .isNotEqualTo(server.log.signIns.get(1));
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 35", rule = "four devices of one user agent, no more")
  void theFifthDeviceWithTheSameUserAgentGetsNoToken() throws Exception {
    Held first = ask(EXPR);
    for (int i = 0; i < 3; i++) {
      TokenPeer.ask(server, pinned, Secret.ofText(server.password(NINA)), EXPR);
    }
    try (ClientStream stream = dial()) {
      Element success =
          success(
              byPassword(
                  stream, Secret.ofText(server.password(NINA)), userAgent(AGENT), request(EXPR)));
      assertThat(success.child("token", Namespaces.FAST)).isEmpty();
    }
    signIn(first);
  }

  // What costs nothing.

  @Test
  @Spec(doc = "XEP-0509", section = "3", rule = "a sign-in for another offer is no attempt")
  void aSignInForAnotherOfferSpendsNothing() throws Exception {
    Held token = ask(EXPR);
    DatabaseDump before = server.dump();
    try (ClientStream stream = dial()) {
      StreamFeatures features = stream.open();
      SaslOutcome missed =
          byToken(stream, features, token, TokenPeer.configVersion("of yesterday"));
      assertThat(condition(missed)).isEqualTo("aborted");
      assertThat(failure(missed).child("config-version-mismatch", Namespaces.PIPELINING))
          .isPresent();
      assertThat(server.log.refusals).isEmpty();
      assertThat(server.dump()).isEqualTo(before);
      // The one that it was made for.
      success(
          byToken(
              stream, features, token, TokenPeer.configVersion(TokenPeer.configVersion(features))));
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 63", rule = "what is no fault of the token is no failure")
  void aFaultOfTheServerEndsTheStreamAndNotTheToken() throws Exception {
    Held token = ask(EXPR);
    broken.set(true);
    try (ClientStream stream = dial()) {
      StreamFeatures features = stream.open();
      assertThatThrownBy(() -> byToken(stream, features, token))
          .isInstanceOfSatisfying(
              StreamErrorException.class,
              error -> assertThat(error.condition()).isEqualTo("internal-server-error"));
    }
    assertThat(server.recording.byServer())
        .noneMatch(element -> element.is("failure", Namespaces.SASL2));
    broken.set(false);
    signIn(token);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 61", rule = "the fifth failed attempt ends the stream")
  void theFifthWrongTokenEndsTheStream() throws Exception {
    Held token = ask(EXPR);
    Held wrong = token.with(Secret.ofText("wrong"));
    try (ClientStream stream = dial()) {
      StreamFeatures features = stream.open();
      for (int i = 0; i < 5; i++) {
        assertThat(condition(byToken(stream, features, wrong))).isEqualTo("not-authorized");
      }
      assertThat(Peer.untilEnd(stream).end())
          .isInstanceOfSatisfying(
              StreamErrorException.class,
              end -> assertThat(end.condition()).isEqualTo("policy-violation"));
    }
    signIn(token);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 35",
      rule = "what a user agent says of itself is not kept")
  void whatTheUserAgentSaysIsNotInTheDatabase() throws Exception {
    ask(EXPR);
    assertThat(server.dump().text()).doesNotContain(AGENT);
    assertThat(server.dump().text())
        .doesNotContainPattern(Pattern.quote(Bytes.utf8(AGENT).toHex()));
  }
}

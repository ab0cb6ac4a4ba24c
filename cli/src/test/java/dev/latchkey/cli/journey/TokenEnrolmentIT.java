// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.cli.journey.RunningServer.PATIENCE;
import static dev.latchkey.cli.journey.TokenPeer.AGENT;
import static dev.latchkey.cli.journey.TokenPeer.byToken;
import static dev.latchkey.cli.journey.TokenPeer.condition;
import static dev.latchkey.cli.journey.TokenPeer.failure;
import static dev.latchkey.cli.journey.TokenPeer.request;
import static dev.latchkey.cli.journey.TokenPeer.success;
import static dev.latchkey.cli.journey.TokenPeer.userAgent;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.cli.journey.TokenPeer.Held;
import dev.latchkey.cli.journey.TokenPeer.NewKey;
import dev.latchkey.client.ClientException;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.StreamFeatures;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Waypoint;
import dev.latchkey.sasl.ht.HtVariant;
import dev.latchkey.sasl.scram.ScramClient;
import dev.latchkey.sasl.scram.ScramVariant;
import dev.latchkey.store.DatabaseDump;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A one-time code that makes a device with a FAST token (30.C way iii), or with a client key (rule
/// 11), and what a lost answer does to each (rule 8).
class TokenEnrolmentIT {
  private static final HtVariant EXPR = HtVariant.HT_SHA_256_EXPR;
  private static final int ROUNDS = 20;

  private final HeldAt held = new HeldAt();
  private RunningServer server;
  private LoginUri code;

  @BeforeEach
  void start(@TempDir Path folder) throws Exception {
    server = RunningServer.in(folder, seams -> seams.with(held), whole -> whole);
    code = server.invite(NINA);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private ClientStream dial() throws Exception {
    return server.stream(code, Optional.empty());
  }

  private SaslOutcome redeem(LoginUri uri, ScramVariant variant, Element... extras)
      throws Exception {
    try (ClientStream stream = server.stream(uri, Optional.empty())) {
      StreamFeatures features = stream.open();
      return stream.authenticate(
          features, Peer.scram(stream, variant, NINA, uri.token().canonical()), List.of(extras));
    }
  }

  private SaslOutcome redeem(String agent) throws Exception {
    return redeem(code, ScramVariant.SCRAM_SHA_256_PLUS, userAgent(agent), request(EXPR));
  }

  private void signsIn(Held token) throws Exception {
    try (ClientStream stream = dial()) {
      success(byToken(stream, token));
    }
  }

  /// What a code is answered with that was never good.
  private Element wrongCode(Element... extras) throws Exception {
    LoginUri other = server.invite(new AccountJid("olga", RunningServer.DOMAIN));
    try (ClientStream stream = dial()) {
      StreamFeatures features = stream.open();
      return failure(
          stream.authenticate(
              features,
              Peer.scram(stream, ScramVariant.SCRAM_SHA_256_PLUS, NINA, other.token().canonical()),
              List.of(extras)));
    }
  }

  // Way iii: a token.

  @ParameterizedTest
  @EnumSource(
      value = ScramVariant.class,
      names = {"SCRAM_SHA_256_PLUS", "SCRAM_SHA_256", "SCRAM_SHA_1"})
  @Spec(doc = "latchkey", section = "rule 7", rule = "without -PLUS way iii gives no flags")
  void aCodeMakesADeviceThatHasAToken(ScramVariant variant) throws Exception {
    Element success = success(redeem(code, variant, userAgent(AGENT), request(EXPR)));

    assertThat(success.child("enrolled", Namespaces.LATCHKEY_CSR)).isPresent();
    assertThat(server.devices(NINA)).hasSize(1);
    assertThat(server.dump().text())
        .contains("unbound=" + (variant.bindsToChannel() ? 0 : 1))
        .contains(variant.bindsToChannel() ? "permissions=enroll manage" : "permissions= ");
    Held token = TokenPeer.token(success, EXPR, AGENT).orElseThrow();
    signsIn(token);
    // Its first sign-in is the end of the code (rule 8).
    assertThat(failure(redeem(AGENT))).isEqualTo(wrongCode(userAgent(AGENT), request(EXPR)));
    signsIn(token);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 8", rule = "the same user agent gets a fresh token")
  void whereTheTokenIsLostTheSameUserAgentGetsAFreshOne() throws Exception {
    held.hold(Waypoint.REDEEMED);
    ClientStream cut = dial();
    CompletableFuture<Void> lost =
        CompletableFuture.runAsync(
            () -> assertThatThrownBy(() -> ask(cut)).isInstanceOf(ClientException.class),
            Thread::startVirtualThread);
    held.awaitArrival();
    cut.connection().abort();
    lost.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    held.release();

    Held first = TokenPeer.token(success(redeem(AGENT)), EXPR, AGENT).orElseThrow();
    Held second = TokenPeer.token(success(redeem(AGENT)), EXPR, AGENT).orElseThrow();

    assertThat(server.devices(NINA)).hasSize(1);
    try (ClientStream stream = dial()) {
      assertThat(condition(byToken(stream, first))).isEqualTo("credentials-expired");
    }
    signsIn(second);
  }

  private SaslOutcome ask(ClientStream stream) {
    StreamFeatures features = stream.open();
    return stream.authenticate(
        features, HandMade.code(stream, code), List.of(userAgent(AGENT), request(EXPR)));
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 8", rule = "anything else is as wrong as a wrong proof")
  void aRedeemedCodeGivesAnotherUserAgentNothing() throws Exception {
    Held token = TokenPeer.token(success(redeem(AGENT)), EXPR, AGENT).orElseThrow();
    DatabaseDump before = server.dump();

    assertThat(failure(redeem("another agent")))
        .isEqualTo(wrongCode(userAgent("another agent"), request(EXPR)));

    assertThat(rows(server.dump(), "device ")).isEqualTo(rows(before, "device "));
    signsIn(token);
  }

  private static List<String> rows(DatabaseDump dump, String table) {
    return dump.text().lines().filter(line -> line.startsWith(table)).toList();
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 7", rule = "what was bound to the channel stays so")
  void aRedeemedCodeGivesNothingToWhoIsNotBoundToTheChannelAnyMore() throws Exception {
    success(redeem(AGENT));

    SaslOutcome unbound = redeem(code, ScramVariant.SCRAM_SHA_256, userAgent(AGENT), request(EXPR));

    assertThat(condition(unbound)).isEqualTo("not-authorized");
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 35", rule = "way iii needs a user agent")
  void aCodeIsNotSpentByWhoDoesNotSayWhichUserAgentItIs() throws Exception {
    DatabaseDump before = server.dump();

    assertThat(condition(redeem(code, ScramVariant.SCRAM_SHA_256_PLUS, request(EXPR))))
        .isEqualTo("malformed-request");

    assertThat(server.dump()).isEqualTo(before);
    success(redeem(AGENT));
  }

  @Test
  @Spec(doc = "XEP-0509", section = "3", rule = "a sign-in for another offer is no attempt")
  void aCodeIsNotSpentByASignInForAnotherOffer() throws Exception {
    DatabaseDump before = server.dump();

    assertThat(
            condition(
                redeem(
                    code,
                    ScramVariant.SCRAM_SHA_256_PLUS,
                    userAgent(AGENT),
                    request(EXPR),
                    TokenPeer.configVersion("of yesterday"))))
        .isEqualTo("aborted");

    assertThat(server.dump()).isEqualTo(before);
    success(redeem(AGENT));
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 8", rule = "exactly one device exists per code")
  void ofTwoUserAgentsThatSpendOneCodeAtTheSameMomentOneWins() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      LoginUri contested = server.invite(NINA);
      int before = server.devices(NINA).size();
      CountDownLatch start = new CountDownLatch(1);
      List<CompletableFuture<Optional<Held>>> rivals = new ArrayList<>();
      for (String agent : List.of("a" + round, "b" + round)) {
        ClientStream stream = server.stream(contested, Optional.empty());
        StreamFeatures features = stream.open();
        rivals.add(
            CompletableFuture.supplyAsync(
                () -> {
                  await(start);
                  return stream.authenticate(
                              features,
                              HandMade.code(stream, contested),
                              List.of(userAgent(agent), request(EXPR)))
                          instanceof SaslOutcome.Succeeded(Element success)
                      ? TokenPeer.token(success, EXPR, agent)
                      : Optional.empty();
                },
                Thread::startVirtualThread));
      }
      start.countDown();
      List<Held> winners = new ArrayList<>();
      for (var rival : rivals) {
        rival.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).ifPresent(winners::add);
      }
      assertThat(winners).as("round %d", round).hasSize(1);
      assertThat(server.devices(NINA)).hasSize(before + 1);
      signsIn(winners.getFirst());
    }
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

  // A client key.

  private Element register(NewKey key, Function<ScramClient, Bytes> link) throws Exception {
    try (ClientStream stream = dial()) {
      ScramClient proven = TokenPeer.provenForKey(stream, code);
      stream.send(key.task(link.apply(proven)));
      return stream.next();
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 11", rule = "by='client-key' registers one in the task")
  void aCodeMakesADeviceThatHasAClientKey() throws Exception {
    NewKey key = NewKey.draw();

    Element success = register(key, key::link);

    assertThat(success.child("registered", Namespaces.CLIENT_KEY)).isPresent();
    assertThat(success.child("enrolled", Namespaces.LATCHKEY_CSR)).isPresent();
    assertThat(server.devices(NINA)).hasSize(1);
    try (ClientStream stream = dial()) {
      success(TokenPeer.byKey(stream, key.held(success), 0));
    }
    assertThat(server.dump().holds(key.validationKey())).isFalse();
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 7", rule = "whoever relays a proof puts nothing under it")
  void refusesAClientKeyWithoutTheRightLink() throws Exception {
    NewKey key = NewKey.draw();
    NewKey mallorys = new NewKey(key.id(), NewKey.draw().validationKey());
    for (Element refused :
        List.of(
            register(key, _ -> Bytes.utf8("no link")),
            register(mallorys, key::link), // his key under the victim's link
            register(new NewKey("another id", key.validationKey()), key::link))) {
      assertThat(refused.is("failure", Namespaces.SASL2)).isTrue();
      assertThat(refused.child("reason", Namespaces.LATCHKEY_CSR).map(Element::text))
          .contains("not-linked");
    }
    assertThat(server.devices(NINA)).isEmpty();
    // The code is as good as before, for whoever has it.
    assertThat(register(key, key::link).is("success", Namespaces.SASL2)).isTrue();
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 57", rule = "the same key gets the same answer again")
  void whereTheRegistrationIsLostTheSameKeyGetsTheSameAnswer() throws Exception {
    NewKey key = NewKey.draw();
    held.hold(Waypoint.REDEEMED);
    ClientStream cut = dial();
    ScramClient proven = TokenPeer.provenForKey(cut, code);
    cut.send(key.task(key.link(proven)));
    held.awaitArrival();
    cut.connection().abort();
    held.release();

    Element answer = register(key, key::link);
    Element again = register(key, key::link);

    assertThat(again.child("registered", Namespaces.CLIENT_KEY))
        .isEqualTo(answer.child("registered", Namespaces.CLIENT_KEY));
    assertThat(server.devices(NINA)).hasSize(1);
    // Another key under the same code, be it with its link, is as a wrong code.
    NewKey thiefs = NewKey.draw();
    assertThat(register(thiefs, thiefs::link).child("not-authorized", Namespaces.SASL)).isPresent();
    try (ClientStream stream = dial()) {
      success(TokenPeer.byKey(stream, key.held(answer), 0));
    }
    assertThat(server.devices(NINA)).hasSize(1);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 57", rule = "a key has 32 octets, not all alike")
  void refusesAKeyThatIsNone() throws Exception {
    for (Bytes octets : List.of(Bytes.utf8("x".repeat(32)), Bytes.utf8("twenty octets of key"))) {
      NewKey bad = new NewKey("bad", Secret.of(octets));
      Element refused = register(bad, bad::link);
      assertThat(refused.is("failure", Namespaces.SASL2)).isTrue();
      assertThat(refused.child("reason", Namespaces.LATCHKEY_CSR).map(Element::text))
          .contains("malformed");
    }
    assertThat(server.devices(NINA)).isEmpty();
    NewKey good = NewKey.draw();
    assertThat(register(good, good::link).is("success", Namespaces.SASL2)).isTrue();
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 62", rule = "a client key's token is no weaker than it")
  void aDeviceThatEnrolsByKeyMayAskForATokenBesideIt() throws Exception {
    NewKey key = NewKey.draw();
    try (ClientStream stream = dial()) {
      ScramClient proven = TokenPeer.provenForKey(stream, code, userAgent(AGENT), request(EXPR));
      stream.send(key.task(key.link(proven)));
      signsIn(TokenPeer.token(stream.next(), EXPR, AGENT).orElseThrow());
    }
    assertThat(server.devices(NINA)).hasSize(1);
  }
}

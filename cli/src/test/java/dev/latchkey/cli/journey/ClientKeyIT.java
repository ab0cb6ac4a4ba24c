// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.DOMAIN;
import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.cli.journey.RunningServer.PATIENCE;
import static dev.latchkey.cli.journey.TokenPeer.byKey;
import static dev.latchkey.cli.journey.TokenPeer.condition;
import static dev.latchkey.cli.journey.TokenPeer.failure;
import static dev.latchkey.cli.journey.TokenPeer.success;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.client.ClientException;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.StreamFeatures;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Waypoint;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.clientkey.ClientKeyClient;
import dev.latchkey.sasl.clientkey.ClientKeyVariant;
import dev.latchkey.sasl.clientkey.HeldClientKey;
import dev.latchkey.sasl.gs2.ChannelBindingChoice;
import dev.latchkey.server.Configuration.ServedDomain;
import dev.latchkey.server.admin.AdminException;
import dev.latchkey.server.admin.JsonLine;
import dev.latchkey.store.DatabaseDump;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.socket.Connector;
import dev.latchkey.wire.tls.ClientTls;
import dev.latchkey.wire.tls.ServerTrust;
import dev.latchkey.wire.tls.TlsIdentity;
import dev.latchkey.wire.tls.TlsProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// CLIENT-KEY on the wire (30.L, rule 56): its counter, who it gives away, and whom it spares.
class ClientKeyIT {
  /// Of so many wrong uses in a row the key rests (rule 56).
  private static final int WRONG_USES = 10;

  /// How often a race is run.
  private static final int ROUNDS = 20;

  private final ManualClock clock = new ManualClock(InstantSource.system().instant());
  private final HeldAt held = new HeldAt();
  private RunningServer server;
  private LoginUri pinned;
  private HeldClientKey key;

  @BeforeEach
  void start(@TempDir Path folder) throws Exception {
    server = RunningServer.in(folder, seams -> seams.with(clock).with(held), whole -> whole);
    pinned = server.invite(NINA);
    key = TokenPeer.enrol(server, pinned);
    server.log.forget();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private ClientStream dial() throws Exception {
    return server.stream(pinned, Optional.empty());
  }

  private void signsIn(long counter) throws Exception {
    try (ClientStream stream = dial()) {
      success(byKey(stream, key, counter));
    }
  }

  private void isRefused(long counter, FailureReason reason) throws Exception {
    server.log.forget();
    try (ClientStream stream = dial()) {
      SaslOutcome outcome = byKey(stream, key, counter);
      assertThat(condition(outcome)).isEqualTo("not-authorized");
      assertThat(failure(outcome).children()).hasSize(1); // bare: the reason is the operator's
    }
    assertThat(server.log.refusals).containsExactly(reason);
    assertThat(server.log.signIns).isEmpty();
  }

  private List<String> events() throws AdminException {
    return server
        .admin(new JsonLine().with("command", "audit").with("account", NINA.toString()))
        .stream()
        .map(event -> event.path("event").asText())
        .toList();
  }

  private String status() throws AdminException {
    return server.devices(NINA).getFirst().path("status").asText();
  }

  @Test
  @Spec(doc = "latchkey", section = "30.L", rule = "one round trip; the server proves itself too")
  void aKeySignsInInOneRoundTripAfterTls() throws Exception {
    String version;
    try (ClientStream stream = dial()) {
      version = TokenPeer.configVersion(stream.open());
    }
    try (RawStream stream =
        RawStream.secure(server.server().directTls().orElseThrow(), DOMAIN.name())) {
      ClientKeyClient client =
          ClientKeyClient.begin(
              ClientKeyVariant.CLIENT_KEY_PLUS,
              NINA,
              key,
              0,
              new ChannelBindingChoice.Bound(ChannelBindingType.TLS_EXPORTER, stream.exporter()));
      stream.send(
          RawStream.header("to='localhost' from='nina@localhost'")
              + ("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='CLIENT-KEY-PLUS'>"
                      + "<initial-response>%s</initial-response>"
                      + "<bind xmlns='urn:xmpp:bind:0'/>"
                      + "<config-version xmlns='urn:xmpp:iap:0' value='%s'/></authenticate>")
                  .formatted(client.initialResponse().orElseThrow().toBase64(), version));

      String answer = stream.until("</success>");

      assertThat(answer).contains("<bound ");
      client.verify(
          Bytes.base64(
              answer.replaceAll("(?s).*<additional-data>([^<]*)</additional-data>.*", "$1")));
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 56", rule = "a network that ends TLS costs no device")
  void aRelayThatEndsTlsNineTimesDoesNotCostTheKey() throws Exception {
    for (int counter = 0; counter < WRONG_USES - 1; counter++) {
      server.log.forget();
      assertThat(condition(throughRelay(counter))).isEqualTo("not-authorized");
      assertThat(server.log.refusals).containsExactly(FailureReason.COUNTER_UNKNOWN);
    }
    assertThat(events()).doesNotContain("key-paused", "counter-mismatch");

    signsIn(WRONG_USES - 1);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 56", rule = "after ten wrong uses the key rests a while")
  void aRelayThatEndsTlsTenTimesMakesTheKeyRest() throws Exception {
    for (int counter = 0; counter < WRONG_USES; counter++) {
      assertThat(condition(throughRelay(counter))).isEqualTo("not-authorized");
    }
    assertThat(events()).contains("key-paused").doesNotContain("counter-mismatch");
    isRefused(WRONG_USES, FailureReason.KEY_PAUSED);

    clock.advance(Duration.ofMinutes(15));

    signsIn(WRONG_USES);
    assertThat(status()).isEqualTo("active");
  }

  /// Signs in over a network that ends TLS and makes its own to the server: what is proven covers
  /// another channel than the server's.
  private SaslOutcome throughRelay(long counter) throws Exception {
    TlsIdentity posing = Forgery.server(DOMAIN.name());
    try (SSLServerSocket between =
            (SSLServerSocket)
                RawStream.context(Optional.of(posing))
                    .getServerSocketFactory()
                    .createServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ClientStream victim =
            ClientStream.over(
                new Connector(server.loops())
                    .connect(
                        new InetSocketAddress(
                            InetAddress.getLoopbackAddress(), between.getLocalPort()),
                        PATIENCE),
                DOMAIN,
                Optional.of(NINA),
                PATIENCE)) {
      CompletableFuture<Void> relay =
          CompletableFuture.runAsync(() -> relay(between), Thread::startVirtualThread);
      Bytes pin = Bytes.of(posing.chain().getFirst().getPublicKey().getEncoded()).sha256();
      victim.handshake(
          ClientTls.of(TlsProvider.best(), DOMAIN, Optional.empty(), new ServerTrust.Pinned(pin))
              .engine(true));
      SaslOutcome outcome = byKey(victim, key, counter);
      victim.connection().abort();
      relay.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      return outcome;
    }
  }

  private void relay(SSLServerSocket between) {
    try (RawStream victim = new RawStream((SSLSocket) between.accept());
        RawStream real =
            RawStream.secure(server.server().directTls().orElseThrow(), DOMAIN.name())) {
      real.send(victim.until("xmlns:stream='http://etherx.jabber.org/streams'>"));
      victim.send(real.until("</stream:features>"));
      real.send(victim.until("</authenticate>"));
      victim.send(real.until("</failure>"));
    } catch (IOException broken) {
      throw new IllegalStateException(broken);
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 56", rule = "a value that has signed in is a clone's")
  void anOlderCounterOfAClonedStoreRevokesTheDevice() throws Exception {
    signsIn(0);
    signsIn(1);
    try (ClientStream device = dial()) {
      success(byKey(device, key, 2));
      var _ = device.features();

      isRefused(1, FailureReason.COUNTER_REUSED); // the copy was made before the last two

      assertThat(Peer.untilEnd(device).saysRevoked()).isTrue();
    }
    assertThat(events()).contains("counter-mismatch", "revoked");
    assertThat(status()).isEqualTo("revoked");
    // Who has it still can prove that he has, and hears that it is over (rule 41).
    try (ClientStream stream = dial()) {
      assertThat(
              failure(byKey(stream, key, 3))
                  .child("credential-revoked", Namespaces.LATCHKEY_EVENTS))
          .isPresent();
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 41", rule = "what is not proven hears nothing")
  void ofARevokedKeyOnlyItsHolderHearsThatItWasRevoked() throws Exception {
    server.revoke(NINA, server.devices(NINA).getFirst().path("id").asText());
    // The right ValidationKey over another channel, and a value out of reach: half a proof.
    assertThat(failure(throughRelay(0)).children()).hasSize(1);
    isRefused(64, FailureReason.CREDENTIAL_REVOKED);

    for (boolean sasl2 : new boolean[] {true, false}) {
      try (ClientStream stream = dial()) {
        StreamFeatures features = sasl2 ? stream.open() : Peer.onlySasl1(stream.open());
        SaslOutcome outcome =
            stream.authenticate(features, TokenPeer.key(stream.tls(), key, 0), List.of());
        assertThat(condition(outcome)).isEqualTo("not-authorized");
        assertThat(
                failure(outcome)
                    .child("credential-revoked", Namespaces.LATCHKEY_EVENTS)
                    .isPresent())
            .isEqualTo(sasl2); // rule 41: elements of our own stand in SASL2 only
      }
    }
    assertThat(events()).doesNotContain("counter-mismatch", "key-paused");
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 56", rule = "a value that was skipped is late, no clone")
  void aValueThatComesLateIsRefusedAndDoesNoHarm() throws Exception {
    signsIn(0);
    signsIn(5);
    DatabaseDump before = server.dump();

    isRefused(3, FailureReason.COUNTER_SKIPPED);

    assertThat(server.dump()).isEqualTo(before);
    signsIn(6);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 56",
      rule = "a clone that skips what its owner counts next is written down")
  void aCloneThatSkipsAheadShowsWhenItsOwnerComes() throws Exception {
    signsIn(0);
    signsIn(63); // the clone
    for (int owner = 1; owner <= 3; owner++) {
      assertThat(events()).doesNotContain("counter-overtaken");
      isRefused(owner, FailureReason.COUNTER_SKIPPED);
    }
    assertThat(events()).contains("counter-overtaken");
    assertThat(status()).isEqualTo("active");
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 56", rule = "a window of 64 values")
  void aClientMayBeAheadOfTheServerButNotByAnyNumber() throws Exception {
    isRefused(64, FailureReason.COUNTER_UNKNOWN);
    signsIn(63);
    signsIn(64);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 56", rule = "the compare-and-set decides between racers")
  void ofTwoLoginsWithOneValueOneWinsAndTheOtherGivesTheCloneAway() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      if (round > 0) {
        key = TokenPeer.enrol(server, server.invite(NINA));
      }
      List<String> ends = race(0, 0);

      assertThat(ends).filteredOn("in"::equals).hasSizeLessThanOrEqualTo(1);
      assertThat(ends).contains("refused");
      assertThat(server.dump().text()).containsPattern("client_key .*counter=1 ");
      long clones = round + 1L;
      Eventually.holds(
          () -> events().stream().filter("counter-mismatch"::equals).count() == clones);
      assertThat(server.devices(NINA))
          .hasSize(round + 1)
          .extracting(device -> device.path("status").asText())
          .containsOnly("revoked");
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 56", rule = "what was skipped comes late: no clone")
  void twoLoginsOfOneDeviceThatRaceWithAValueEachDoNoHarm() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      long value = 2L * round;
      server.log.forget();

      List<String> ends = race(value, value + 1);

      assertThat(ends.get(1)).as("the higher one is good whoever was first").isEqualTo("in");
      assertThat(server.log.refusals)
          .isEqualTo(ends.get(0).equals("in") ? List.of() : List.of(FailureReason.COUNTER_SKIPPED));
    }
    assertThat(events()).doesNotContain("counter-mismatch", "key-paused");
    signsIn(2L * ROUNDS);
  }

  /// Signs in on two connections at once.
  ///
  /// @return what became of each: in, refused, or ended by the revocation that the other one caused
  private List<String> race(long... values) throws Exception {
    CountDownLatch start = new CountDownLatch(1);
    List<CompletableFuture<String>> rivals = new ArrayList<>();
    List<ClientStream> streams = new ArrayList<>();
    for (long value : values) {
      ClientStream stream = dial();
      streams.add(stream);
      StreamFeatures features = stream.open();
      rivals.add(
          CompletableFuture.supplyAsync(
              () -> {
                await(start);
                try {
                  return stream.authenticate(
                              features, TokenPeer.key(stream.tls(), key, value), List.of())
                          instanceof SaslOutcome.Succeeded
                      ? "in"
                      : "refused";
                } catch (ClientException ended) {
                  return "ended";
                }
              },
              Thread::startVirtualThread));
    }
    start.countDown();
    List<String> ends = new ArrayList<>();
    for (var rival : rivals) {
      ends.add(rival.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    }
    for (ClientStream stream : streams) {
      stream.close();
    }
    return ends;
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

  @Test
  @Spec(doc = "latchkey", section = "30.L", rule = "a lost answer costs one value and no more")
  void whereTheAnswerIsLostTheNextValueSignsIn() throws Exception {
    held.hold(Waypoint.BEFORE_SUCCESS);
    ClientStream cut = dial();
    CompletableFuture<Void> lost =
        CompletableFuture.runAsync(
            () -> assertThatThrownBy(() -> byKey(cut, key, 0)).isInstanceOf(ClientException.class),
            Thread::startVirtualThread);
    held.awaitArrival(); // the value is spent
    cut.connection().abort();
    lost.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    held.release();

    signsIn(1);
    assertThat(events()).doesNotContain("counter-mismatch");
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 56", rule = "the offer's version is looked at first")
  void aSignInForAnotherOfferSpendsNoValue() throws Exception {
    DatabaseDump before = server.dump();
    try (ClientStream stream = dial()) {
      StreamFeatures features = stream.open();
      SaslOutcome missed =
          stream.authenticate(
              features,
              TokenPeer.key(stream.tls(), key, 0),
              List.of(TokenPeer.configVersion("of yesterday")));
      assertThat(condition(missed)).isEqualTo("aborted");
      assertThat(server.dump()).isEqualTo(before);
      success(stream.authenticate(features, TokenPeer.key(stream.tls(), key, 0), List.of()));
    }
  }

  @Test
  void refusesReplayOnASecondConnection() throws Exception {
    try (ClientStream first = dial();
        ClientStream second = dial()) {
      var said = TokenPeer.key(first.tls(), key, 0);
      success(first.authenticate(first.open(), said, List.of()));
      assertThat(condition(second.authenticate(second.open(), said, List.of())))
          .isEqualTo("not-authorized");
    }
    // The MAC covers another channel: it says nothing of a clone.
    assertThat(server.log.refusals).containsExactly(FailureReason.COUNTER_UNKNOWN);
    signsIn(1);
  }

  @Test
  @Spec(doc = "RFC 5802", section = "6", rule = "y where -PLUS was offered is a downgrade")
  void refusesDowngradeToTheMechanismThatDoesNotBind() throws Exception {
    try (ClientStream stream = dial()) {
      StreamFeatures features = stream.open();
      assertThat(features.mechanisms()).contains("CLIENT-KEY-PLUS").doesNotContain("CLIENT-KEY");
      assertThat(condition(stream.authenticate(features, unbound(), List.of())))
          .isEqualTo("invalid-mechanism");
    }
    signsIn(0);
  }

  @Test
  @Spec(doc = "RFC 5802", section = "6", rule = "y where -PLUS was offered is a downgrade")
  void whereBothAreOfferedRefusesWhoWasShownTheWeakerOneOnly(@TempDir Path another)
      throws Exception {
    try (RunningServer both =
        RunningServer.in(
            another,
            seams -> seams,
            whole ->
                whole.withDomains(
                    whole.domains().stream()
                        .map(
                            domain ->
                                new ServedDomain(
                                    domain.name(),
                                    domain.tls(),
                                    Stream.concat(
                                            domain.mechanisms().stream(),
                                            Stream.of(ClientKeyVariant.CLIENT_KEY.mechanism()))
                                        .toList(),
                                    domain.contacts()))
                        .toList()))) {
      LoginUri uri = both.invite(NINA);
      key = TokenPeer.enrol(both, uri);
      try (ClientStream stream = both.stream(uri, Optional.empty())) {
        StreamFeatures features = stream.open();
        assertThat(condition(stream.authenticate(features, unbound(), List.of())))
            .isEqualTo("not-authorized");
        assertThat(both.log.refusals).containsExactly(FailureReason.DOWNGRADE);
      }
    }
  }

  private ClientKeyClient unbound() {
    return ClientKeyClient.begin(
        ClientKeyVariant.CLIENT_KEY, NINA, key, 0, new ChannelBindingChoice.NotOffered());
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 56", rule = "an unknown key answers as a wrong one does")
  void anUnknownAccountAndAnUnknownKeyAreAnsweredAlike() throws Exception {
    HeldClientKey wrong =
        new HeldClientKey(key.clientId(), key.secret(), Secret.of(Bytes.utf8("x".repeat(32))));
    HeldClientKey unknown = new HeldClientKey("nothing", key.secret(), key.validationKey());
    for (HeldClientKey attempt : List.of(wrong, unknown)) {
      server.log.forget();
      try (ClientStream stream = dial()) {
        SaslOutcome outcome = byKey(stream, attempt, 0);
        assertThat(condition(outcome)).isEqualTo("not-authorized");
        assertThat(failure(outcome).children()).hasSize(1);
      }
      assertThat(server.log.refusals).containsExactly(FailureReason.NO_MATCH);
    }
    signsIn(0);
  }
}

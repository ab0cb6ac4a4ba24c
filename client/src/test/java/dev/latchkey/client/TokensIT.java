// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialKind;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.ht.HtVariant;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Devices that sign in with FAST tokens, and a server that may break every rule of it.
final class TokensIT {
  private static final String STRONGEST = "HT-SHA-512-EXPR";
  private static final String UNBOUND = "HT-SHA-256-NONE";

  @TempDir Path folder;
  private final FakeServer.Manners manners = new FakeServer.Manners();
  private final List<String> unwritable = new CopyOnWriteArrayList<>();
  private DeviceHome home;

  @BeforeEach
  void choose() {
    home = DeviceHome.at(folder.resolve("home"));
    manners.tokenMechanisms = List.of(UNBOUND, "HT-SHA-256-EXPR", STRONGEST);
    manners.version = Optional.of("v1");
  }

  private EnrolledDevice enrol(FakeServer server, CredentialKind kind) {
    return new Enrolment(server.uri(), home)
        .credential(kind)
        .name("Tablet")
        .in(EnrolmentIT.environment(server))
        .run();
  }

  private SignIn signIn(FakeServer server) {
    return LatchkeyClient.open(home).in(EnrolmentIT.environment(server));
  }

  private WhoAmI whoami(FakeServer server) {
    try (LatchkeyClient client = signIn(server).connect()) {
      return client.whoami();
    }
  }

  private static List<Element> authentications(FakeServer server) {
    return server.received.stream()
        .filter(element -> element.is("authenticate", Namespaces.SASL2))
        .toList();
  }

  private static List<String> mechanisms(FakeServer server) {
    return authentications(server).stream()
        .map(element -> element.attribute("mechanism").orElseThrow())
        .toList();
  }

  @Test
  @Spec(
      doc = "XEP-0484",
      section = "5.4",
      rule = "the server proves that it knows the token, and the client checks it")
  void refusesServerThatDoesNotKnowTheToken() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, CredentialKind.FAST);
      manners.ownProof = proof -> proof.sha256();
      assertThatThrownBy(() -> whoami(server))
          .isInstanceOf(ServerNotTrustedException.class)
          .hasMessageContaining("did not prove that it knows the token");
      manners.ownProof = proof -> Bytes.EMPTY;
      assertThatThrownBy(() -> whoami(server)).isInstanceOf(ServerNotTrustedException.class);
      assertThat(home.tokens().all()).hasSize(1);
    }
  }

  @Test
  @Spec(doc = "XEP-0484", section = "3.3", rule = "a token is good for one mechanism only")
  void doesNotUseATokenForAnotherMechanism() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, CredentialKind.FAST);
      server.received.clear();
      manners.tokenMechanisms = List.of(UNBOUND, "HT-SHA-256-EXPR");
      assertThatThrownBy(() -> whoami(server))
          .isInstanceOf(ServerNotTrustedException.class)
          .hasMessageContaining(STRONGEST)
          .hasMessageContaining("offers only others");
      assertThat(authentications(server)).isEmpty();
    }
  }

  @Test
  void saysThatTokensAreNotOffered() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, CredentialKind.FAST);
      manners.tokenMechanisms = List.of();
      assertThatThrownBy(() -> whoami(server)).hasMessageContaining("by token");
    }
  }

  @Test
  @Spec(
      doc = "XEP-0484",
      section = "5.4",
      rule = "only a success comes with the server's proof: nothing shows who has sent a failure")
  void keepsItsOnlyTokenWhereItIsCalledExpired() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, CredentialKind.FAST);
      FakeTokens.Token token = server.tokens.live.getFirst();
      token.expired = true; // as where the server's clock is wrong
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> whoami(server))
            .isInstanceOf(SignInRefusedException.class)
            .hasMessageContaining("credentials-expired")
            .hasMessageContaining("token was given until 2099-01-01T00:00:00Z")
            .hasMessageContaining("--replace");
      }
      token.expired = false;
      assertThat(whoami(server).mechanism()).isEqualTo(STRONGEST);
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 41",
      rule = "a token that was proven and is dead is credentials-expired")
  void givesAnExpiredTokenUpWhenAnotherHasSignedIn() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, CredentialKind.FAST);
      manners.rotates = true;
      var _ = whoami(server);
      manners.rotates = false;
      server.tokens.live.getLast().expired = true;
      assertThat(whoami(server).mechanism()).isEqualTo(STRONGEST);
      assertThat(home.tokens().all())
          .extracting(token -> token.text().revealText())
          .containsExactly("secret-token:fast-1");
    }
  }

  @Test
  void keepsItsOnlyTokenWhereNothingWasProven() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, CredentialKind.FAST);
      List<FakeTokens.Token> known = List.copyOf(server.tokens.live);
      server.tokens.live.clear();
      assertThatThrownBy(() -> whoami(server))
          .isInstanceOf(SignInRefusedException.class)
          .hasMessageContaining("token");
      server.tokens.live.addAll(known);
      assertThat(whoami(server).mechanism()).isEqualTo(STRONGEST);
    }
  }

  @Test
  @Spec(
      doc = "XEP-0484",
      section = "3.4",
      rule = "the old token stays good until the new one is used")
  void keepsBothTokensWhereNothingWasProven() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, CredentialKind.FAST);
      manners.rotates = true;
      var _ = whoami(server);
      manners.rotates = false;
      List<FakeTokens.Token> known = List.copyOf(server.tokens.live);
      server.tokens.live.clear(); // as where somebody in between ends the TLS connection
      server.received.clear();
      assertThatThrownBy(() -> whoami(server)).isInstanceOf(SignInRefusedException.class);
      assertThat(authentications(server)).as("each is tried, once").hasSize(2);
      assertThat(home.tokens().all()).hasSize(2);

      server.tokens.live.addAll(known);
      assertThat(whoami(server).mechanism()).isEqualTo(STRONGEST);
      assertThat(server.tokens.used.getLast()).isEqualTo("secret-token:fast-2");
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 63", rule = "what passes is a stream error")
  void keepsItsTokenThroughAStreamError() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, CredentialKind.FAST);
      manners.breaksDown();
      assertThatThrownBy(() -> whoami(server)).isInstanceOf(StreamErrorException.class);
      manners.answers = connection -> true;
      assertThat(whoami(server).mechanism()).isEqualTo(STRONGEST);
    }
  }

  @Test
  void enrolsWithTheStrongestThatBothHave() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      DeviceAccount account = enrol(server, CredentialKind.FAST).account();
      assertThat(account).isEqualTo(home.account());
      assertThat(account.kind()).isEqualTo(CredentialKind.FAST);
      Element asked = authentications(server).getFirst();
      assertThat(asked.child("request-token", Namespaces.FAST).orElseThrow().attribute("mechanism"))
          .contains(STRONGEST);
      assertThat(asked.child("user-agent", Namespaces.SASL2).orElseThrow().attribute("id"))
          .contains(account.userAgent());
      WhoAmI who = whoami(server);
      assertThat(who.mechanism()).isEqualTo(STRONGEST);
      assertThat(who.kind()).contains(CredentialKind.FAST);
      assertThat(who.credential()).contains(new CredentialId("cred-1"));
      assertThat(authentications(server).getLast().child("fast", Namespaces.FAST)).isPresent();
    }
  }

  @Test
  void refusesToEnrolWhereNoTokensAreGiven() throws Exception {
    manners.tokenMechanisms = List.of("HT-SHA3-512-EXPR");
    try (FakeServer server = new FakeServer(manners)) {
      assertThatThrownBy(() -> enrol(server, CredentialKind.FAST))
          .hasMessageContaining("gives no tokens");
      assertThat(authentications(server)).isEmpty();
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 8",
      rule = "after a lost answer the same user agent asks again with the same code")
  void asksAgainAsTheSameUserAgent() throws Exception {
    manners.losesAnswer = true;
    try (FakeServer server = new FakeServer(manners)) {
      assertThatThrownBy(() -> enrol(server, CredentialKind.FAST))
          .isInstanceOf(ConnectionLostException.class);
      assertThat(home.isEnrolled()).isFalse();
      assertThatThrownBy(() -> enrol(server, CredentialKind.CERTIFICATE))
          .hasMessageContaining("--credential fast");
      manners.losesAnswer = false;
      assertThat(enrol(server, CredentialKind.FAST).retried()).isTrue();
      assertThat(
              authentications(server).stream()
                  .map(it -> it.child("user-agent", Namespaces.SASL2).orElseThrow().attribute("id"))
                  .distinct())
          .hasSize(1);
    }
  }

  @Test
  @Spec(
      doc = "XEP-0509",
      section = "3",
      rule = "who knows the offer signs in before the server has said anything")
  void signsInInOneFlight() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, CredentialKind.FAST);
      assertThat(whoami(server).mechanism()).isEqualTo(STRONGEST);
      manners.waitsForTheClient = true;
      assertThat(whoami(server).mechanism()).isEqualTo(STRONGEST);
      assertThat(
              authentications(server)
                  .getLast()
                  .child("config-version", Namespaces.PIPELINING)
                  .orElseThrow()
                  .attribute("value"))
          .contains("v1");
    }
  }

  @Test
  void signsInInOneFlightAfterStartTlsToo() throws Exception {
    manners.directTls = false;
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, CredentialKind.FAST);
      assertThat(whoami(server).mechanism()).isEqualTo(STRONGEST);
      manners.waitsForTheClient = true;
      assertThat(whoami(server).mechanism()).isEqualTo(STRONGEST);
    }
  }

  @Test
  @Spec(doc = "XEP-0509", section = "3", rule = "a mismatch is without prejudice: it costs nothing")
  void losesNothingWhereTheOfferHasChanged() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, CredentialKind.FAST);
      var _ = whoami(server);
      server.received.clear();
      manners.version = Optional.of("v2");
      assertThat(whoami(server).mechanism()).isEqualTo(STRONGEST);
      assertThat(authentications(server)).hasSize(2);
      assertThat(authentications(server).getLast().child("config-version", Namespaces.PIPELINING))
          .isEmpty();
      server.received.clear();
      assertThat(whoami(server).mechanism()).isEqualTo(STRONGEST);
      assertThat(authentications(server)).hasSize(1); // it knows the new offer
    }
  }

  @Test
  @Spec(doc = "XEP-0509", section = "3", rule = "an offer is relied on as long as that works")
  void waitsForTheOfferWhereWhatWasSentAheadIsNotAnswered() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, CredentialKind.CERTIFICATE);
      var _ = whoami(server);
      server.received.clear();
      manners.answers =
          connection -> {
            // As where something in between drops what comes right behind the stream header.
            boolean ahead = home.offer().isPresent();
            if (ahead) {
              connection.close();
            }
            return !ahead;
          };
      assertThatThrownBy(() -> whoami(server)).isInstanceOf(ConnectionLostException.class);
      assertThat(whoami(server).mechanism()).isEqualTo("EXTERNAL");
      assertThat(
              authentications(server).stream()
                  .map(it -> it.child("config-version", Namespaces.PIPELINING).isPresent()))
          .containsExactly(true, false);
    }
  }

  @Test
  void signsInWhereTheRememberedOfferIsDamaged() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, CredentialKind.FAST);
      var _ = whoami(server);
      Files.writeString(home.folder().resolve("offer.xml"), "<features");
      assertThat(whoami(server).mechanism()).isEqualTo(STRONGEST);
    }
  }

  @Test
  @Spec(
      doc = "XEP-0484",
      section = "3.4",
      rule = "the old token stays good until the new one is used")
  void keepsBothTokensUntilTheNewOneHasSignedIn() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, CredentialKind.FAST);
      manners.rotates = true;
      var _ = whoami(server);
      KeptTokens rotated = home.tokens();
      assertThat(rotated.all()).hasSize(2);
      assertThat(rotated.newer().orElseThrow().text().revealText()).endsWith("-2");
      assertThat(rotated.current().orElseThrow().text().revealText()).endsWith("-1");
      manners.rotates = false;
      var _ = whoami(server);
      assertThat(server.tokens.used).containsExactly("secret-token:fast-1", "secret-token:fast-2");
      assertThat(home.tokens().all())
          .extracting(token -> token.text().revealText())
          .containsExactly("secret-token:fast-2");
    }
  }

  @Test
  void signsInWithTheOldTokenWhereTheNewOneWasLost() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, CredentialKind.FAST);
      manners.rotates = true;
      manners.losesAnswer = true;
      assertThatThrownBy(() -> whoami(server)).isInstanceOf(ConnectionLostException.class);
      manners.losesAnswer = false;
      assertThat(whoami(server).mechanism()).isEqualTo(STRONGEST);
      assertThat(server.tokens.used).containsExactly("secret-token:fast-1", "secret-token:fast-1");
    }
  }

  @Test
  void triesTheOldTokenWhereTheServerDoesNotKnowTheNewOne() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, CredentialKind.FAST);
      manners.rotates = true;
      var _ = whoami(server);
      server.tokens.live.removeLast(); // as after a backup was put back
      manners.rotates = false;
      assertThat(whoami(server).mechanism()).isEqualTo(STRONGEST);
      assertThat(server.tokens.used.getLast()).isEqualTo("secret-token:fast-1");
      assertThat(home.tokens().all()).hasSize(1);
    }
  }

  /// A staying client whose connection is cut once.
  private List<String> comesBack(FakeServer server, CountDownLatch cut) throws Exception {
    CountDownLatch back = new CountDownLatch(1);
    Staying staying =
        Staying.forever()
            .telling(
                event -> {
                  if (event instanceof ConnectionEvent.Resumed
                      || event instanceof ConnectionEvent.Renewed) {
                    back.countDown();
                  }
                  if (event instanceof ConnectionEvent.HomeUnwritable(ClientException why)) {
                    unwritable.add(why.getMessage());
                  }
                });
    server.received.clear();
    try (LatchkeyClient client = signIn(server).stay(staying)) {
      client.ping();
      cut.countDown();
      assertThat(back.await(20, TimeUnit.SECONDS)).isTrue();
      client.ping();
    }
    return mechanisms(server);
  }

  /// Cuts the first connection when it is told to.
  private CountDownLatch cuttingOnce() {
    manners.managed = true;
    CountDownLatch cut = new CountDownLatch(1);
    AtomicInteger connections = new AtomicInteger();
    manners.session =
        session -> {
          boolean first = connections.getAndIncrement() == 0;
          for (Optional<Element> next = session.next(); next.isPresent(); next = session.next()) {
            if (next.get().is("iq", Namespaces.CLIENT)) {
              session.send(FakeServer.Session.result(next.get(), Optional.empty()));
            }
            if (first) {
              await(cut);
              session.connection().abort();
              return;
            }
          }
        };
    return cut;
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 62",
      rule = "a token beside a certificate is bound to the TLS connection")
  void comesBackByATokenBesideItsCertificate() throws Exception {
    CountDownLatch cut = cuttingOnce();
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, CredentialKind.CERTIFICATE);
      assertThat(comesBack(server, cut)).containsExactly("EXTERNAL", STRONGEST);
      assertThat(authentications(server).getLast().child("resume", Namespaces.STREAM_MANAGEMENT))
          .isPresent();
      assertThat(home.tokens().all())
          .singleElement()
          .extracting(KeptToken::variant)
          .isEqualTo(HtVariant.HT_SHA_512_EXPR);
      assertThat(whoami(server).mechanism()).isEqualTo("EXTERNAL"); // what is strongest
    }
  }

  @Test
  void staysByItsCertificateWhereATokenCannotBeKept() throws Exception {
    CountDownLatch cut = cuttingOnce();
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, CredentialKind.CERTIFICATE);
      Path tokens = home.folder().resolve("tokens.properties");
      PrivateFiles.write(tokens, new byte[0]);
      HomeFiles.makeUnwritable(tokens);
      assertThat(comesBack(server, cut)).containsExactly("EXTERNAL", "EXTERNAL");
      assertThat(unwritable)
          .as("said once")
          .singleElement()
          .satisfies(why -> assertThat(why).contains(home.folder() + " cannot be written"));
      assertThat(home.tokens().isEmpty()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void staysByItsCertificateAloneWhereTheHomeCannotBeWritten(boolean hasToken) throws Exception {
    manners.managed = true;
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, CredentialKind.CERTIFICATE);
      if (hasToken) {
        signIn(server).stay(Staying.forever()).close();
        assertThat(home.tokens().all()).hasSize(1);
      }
      KeptTokens before = home.tokens();
      HomeFiles.makeUnlockable(home.folder());
      CountDownLatch cut = cuttingOnce();
      assertThat(comesBack(server, cut)).containsExactly("EXTERNAL", "EXTERNAL");
      assertThat(authentications(server))
          .noneMatch(it -> it.child("request-token", Namespaces.FAST).isPresent());
      assertThat(unwritable).hasSize(1);
      assertThat(home.tokens()).isEqualTo(before);
      assertThat(whoami(server).mechanism()).isEqualTo("EXTERNAL");
    }
  }

  @Test
  void tokenAloneIsNotUsedWhereTheHomeCannotBeWritten() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, CredentialKind.FAST);
      server.received.clear();
      HomeFiles.makeUnlockable(home.folder());
      assertThatThrownBy(() -> whoami(server)).hasMessageContaining("cannot be written");
      assertThat(authentications(server)).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @Spec(
      doc = "XEP-0484",
      section = "3.4",
      rule =
          "a token is given anew in a sign-in, so who has nothing else must sign in before it ends")
  void renewsItsOnlyTokenWhileItStaysConnected(boolean given) throws Exception {
    manners.managed = true;
    manners.session = FakeServer.Session::answerPings;
    ManualClock clock = new ManualClock();
    CountDownLatch back = new CountDownLatch(1);
    Staying staying =
        Staying.forever()
            .telling(
                event -> {
                  if (event instanceof ConnectionEvent.Resumed) {
                    back.countDown();
                  }
                });
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, CredentialKind.FAST);
      server.received.clear();
      try (LatchkeyClient client =
          LatchkeyClient.open(home).in(environment(server, clock)).stay(staying)) {
        client.ping();
        assertThat(authentications(server)).hasSize(1);
        manners.rotates = given;
        clock.advance(Duration.ofDays(365 * 40)); // it ends in 2099
        client.ping();
        assertThat(back.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(authentications(server)).hasSize(2);
        assertThat(authentications(server).getLast().child("request-token", Namespaces.FAST))
            .isPresent();
        assertThat(home.tokens().newer().isPresent()).isEqualTo(given);

        clock.advance(Duration.ofHours(1));
        client.ping();
        client.ping();
        assertThat(authentications(server)).as("once is enough").hasSize(2);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"CERTIFICATE, EXTERNAL", "CLIENT_KEY, CLIENT-KEY-PLUS"})
  @Spec(
      doc = "latchkey",
      section = "rule 62",
      rule = "a token beside something stronger is renewed by that, and not by itself")
  void renewsATokenByWhatIsBesideIt(CredentialKind kind, String stronger) throws Exception {
    manners.enrolBy = List.of("csr", "client-key");
    manners.managed = true;
    Semaphore cuts = new Semaphore(0);
    manners.session =
        session -> {
          for (Optional<Element> next = session.next(); next.isPresent(); next = session.next()) {
            if (next.get().is("iq", Namespaces.CLIENT)) {
              session.send(FakeServer.Session.result(next.get(), Optional.empty()));
              await(cuts);
              session.connection().abort();
              return;
            }
          }
        };
    Semaphore back = new Semaphore(0);
    Staying staying =
        Staying.forever()
            .telling(
                event -> {
                  if (event instanceof ConnectionEvent.Resumed) {
                    back.release();
                  }
                });
    ManualClock clock = new ManualClock();
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, kind);
      server.received.clear();
      try (LatchkeyClient client =
          LatchkeyClient.open(home).in(environment(server, clock)).stay(staying)) {
        client.ping();
        cuts.release();
        await(back); // by its token, which gets it no other
        client.ping();
        clock.advance(Duration.ofDays(365 * 40)); // it ends in 2099
        cuts.release();
        await(back);
        assertThat(home.tokens().all()).hasSize(2);
        client.ping();
        cuts.release();
        await(back);
        assertThat(mechanisms(server)).containsExactly(stronger, STRONGEST, stronger, STRONGEST);
        assertThat(server.tokens.used)
            .containsExactly("secret-token:fast-1", "secret-token:fast-2");
        assertThat(home.tokens().all())
            .extracting(token -> token.text().revealText())
            .containsExactly("secret-token:fast-2");
        cuts.release();
      }
    }
  }

  private static void await(Semaphore one) {
    try {
      assertThat(one.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static ClientEnvironment environment(FakeServer server, ManualClock clock) {
    return new ClientEnvironment(
        name -> List.of(),
        new java.security.SecureRandom(),
        clock,
        clock::elapsed,
        wait -> {},
        Duration.ofSeconds(20),
        Optional.of(server.loops()));
  }

  @Test
  void asksForNoUnboundTokenBesideItsCertificate() throws Exception {
    manners.tokenMechanisms = List.of(UNBOUND, "HT-SHA-256-ENDP");
    CountDownLatch cut = cuttingOnce();
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, CredentialKind.CERTIFICATE);
      assertThat(comesBack(server, cut)).containsExactly("EXTERNAL", "EXTERNAL");
      assertThat(home.tokens().isEmpty()).isTrue();
    }
  }

  @Test
  void fallsBackToItsCertificateWhereTheTokenIsRefused() throws Exception {
    CountDownLatch cut = cuttingOnce();
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, CredentialKind.CERTIFICATE);
      AtomicInteger attempts = new AtomicInteger();
      manners.answers =
          connection -> {
            if (attempts.incrementAndGet() == 2) {
              server.tokens.live.clear();
            }
            return true;
          };
      assertThat(comesBack(server, cut)).containsExactly("EXTERNAL", STRONGEST, "EXTERNAL");
      assertThat(home.tokens().all())
          .extracting(token -> token.text().revealText())
          .containsExactly("secret-token:fast-2"); // asked for anew with the certificate
    }
  }

  @Test
  void tellsNobodyTheToken() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      EnrolledDevice enrolled = enrol(server, CredentialKind.FAST);
      String secret = server.tokens.live.getFirst().text;
      assertThat(home.tokens().toString()).doesNotContain(secret);
      assertThat(home.tokens().entries().toString()).doesNotContain(secret);
      assertThat(enrolled.toString()).doesNotContain(secret);
      assertThat(Files.readString(home.folder().resolve("account.properties")))
          .doesNotContain(secret);
    }
  }

  @Test
  void asksForANewTokenWhenHalfOfItsLifeIsOver() {
    KeptToken token =
        new KeptToken(
            Secret.ofText("x"),
            HtVariant.HT_SHA_512_EXPR,
            Instant.EPOCH,
            Instant.EPOCH.plus(Duration.ofDays(20)),
            Optional.empty());
    assertThat(token.isAgeing(Instant.EPOCH.plus(Duration.ofDays(10)))).isFalse();
    assertThat(token.isAgeing(Instant.EPOCH.plus(Duration.ofDays(11)))).isTrue();
  }
}

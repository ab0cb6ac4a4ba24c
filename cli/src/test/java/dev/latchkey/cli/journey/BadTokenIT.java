// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.DOMAIN;
import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.cli.journey.TokenPeer.byToken;
import static dev.latchkey.cli.journey.TokenPeer.condition;
import static dev.latchkey.cli.journey.TokenPeer.success;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.cli.journey.TokenPeer.Held;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.StreamFeatures;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialStore;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.ht.HtClient;
import dev.latchkey.sasl.ht.HtVariant;
import dev.latchkey.store.JdbcCredentialStore;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.tls.TlsProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is no proof of a FAST token, though it looks like one.
class BadTokenIT {
  private static final HtVariant EXPR = HtVariant.HT_SHA_256_EXPR;
  private static final AccountJid OLGA = new AccountJid("olga", DOMAIN);
  private static final Pattern ANSWER = Pattern.compile("</failure>|</success>");

  private final ManualClock clock = new ManualClock(InstantSource.system().instant());
  private final AtomicReference<@Nullable CredentialStore> store = new AtomicReference<>();
  private RunningServer server;
  private LoginUri pinned;
  private Held token;

  @BeforeEach
  void start(@TempDir Path folder) throws Exception {
    server =
        RunningServer.in(
            folder,
            seams ->
                seams
                    .with(clock)
                    .withSignInView(
                        seen -> {
                          store.set(seen);
                          return seen;
                        }),
            whole -> whole);
    pinned = server.invite(NINA);
    token = TokenPeer.ask(server, pinned, Secret.ofText(server.password(NINA)), EXPR);
    server.log.forget();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private ClientStream dial() throws Exception {
    return server.stream(pinned, Optional.empty());
  }

  private void isRefused(Held attempt, FailureReason reason) throws Exception {
    try (ClientStream stream = dial()) {
      assertThat(condition(byToken(stream, attempt))).isEqualTo("not-authorized");
    }
    assertThat(server.log.refusals).containsExactly(reason);
    assertThat(server.log.signIns).isEmpty();
    server.log.forget();
  }

  private void stillSignsIn(Held good) throws Exception {
    try (ClientStream stream = dial()) {
      success(byToken(stream, good));
    }
  }

  @Test
  void refusesTokenOfAnotherAccount() throws Exception {
    var _ = server.password(OLGA);
    try (ClientStream stream = dial()) {
      StreamFeatures features = stream.open();
      HtClient asOlga = HtClient.begin(EXPR, OLGA, token.token(), TokenPeer.facts(stream.tls()));
      SaslOutcome outcome =
          stream.authenticate(
              features, asOlga, List.of(TokenPeer.userAgent(token.agent()), TokenPeer.fast()));
      assertThat(condition(outcome)).isEqualTo("not-authorized");
    }
    stillSignsIn(token);
  }

  @Test
  void refusesTokenOfAnotherDevice() throws Exception {
    Held other =
        TokenPeer.ask(
            server,
            pinned,
            Secret.ofText(server.password(NINA)),
            EXPR,
            "8d7a1c1e-3a54-4f0e-9a55-2f3d6a9d6f0a");
    server.log.forget();

    isRefused(token.with(other.agent()), FailureReason.NO_MATCH);

    stillSignsIn(token);
    stillSignsIn(other);
  }

  @Test
  @Spec(
      doc = "XEP-0484",
      section = "3.3",
      rule = "a token is good for the mechanism it was asked for")
  void refusesTokenOfAnotherMechanism() throws Exception {
    for (HtVariant other :
        List.of(
            HtVariant.HT_SHA_256_NONE,
            HtVariant.HT_SHA_256_ENDP,
            HtVariant.HT_SHA_512_EXPR,
            HtVariant.HT_SHA_512_NONE)) {
      isRefused(token.with(other), FailureReason.NO_MATCH);
    }
    stillSignsIn(token);
  }

  @Test
  void refusesTokenOfARevokedDevice() throws Exception {
    stillSignsIn(token);
    String device = server.log.signIns.getFirst();
    server.revoke(NINA, device);
    server.log.forget();
    try (ClientStream stream = dial()) {
      // It is his own, so he may hear why (rule 41).
      assertThat(condition(byToken(stream, token))).isEqualTo("credentials-expired");
    }
    assertThat(server.log.signIns).isEmpty();
    server.log.forget();
    isRefused(token.with(Secret.ofText("a guess")), FailureReason.NO_MATCH);
  }

  @Test
  void refusesTruncatedToken() throws Exception {
    String text = token.token().revealText();
    for (String cut : List.of(text.substring(1), text.substring(0, text.length() - 1), "s")) {
      isRefused(token.with(Secret.ofText(cut)), FailureReason.NO_MATCH);
    }
    stillSignsIn(token);
  }

  @Test
  void refusesTruncatedMessage() throws Exception {
    Bytes whole;
    try (RawStream stream = raw("nina@localhost")) {
      whole = token.initiated(stream.exporter());
      for (Bytes cut :
          List.of(
              whole.slice(0, whole.length() - 1),
              whole.slice(0, "nina".length() + 1),
              whole.slice(0, "nina".length()),
              Bytes.EMPTY)) {
        server.log.forget();
        stream.send(TokenPeer.authenticate(token, cut));
        assertThat(stream.until(ANSWER)).contains("<malformed-request ");
        assertThat(server.log.refusals).containsExactly(FailureReason.MALFORMED_MESSAGE);
      }
    }
    stillSignsIn(token);
  }

  private RawStream raw(String from) throws Exception {
    RawStream stream = RawStream.secure(server.server().directTls().orElseThrow(), DOMAIN.name());
    stream.send(RawStream.header("to='localhost' from='" + from + "'"));
    stream.until("</stream:features>");
    return stream;
  }

  @Test
  @Spec(
      doc = "RFC 9266",
      section = "2",
      rule = "the exporter differs from connection to connection")
  void refusesTokenBoundToAnotherTlsSession() throws Exception {
    try (ClientStream other = dial();
        ClientStream stream = dial()) {
      StreamFeatures features = stream.open();
      SaslOutcome outcome =
          stream.authenticate(
              features,
              token.on(other.tls()),
              List.of(TokenPeer.userAgent(token.agent()), TokenPeer.fast()));
      assertThat(condition(outcome)).isEqualTo("not-authorized");
    }
    stillSignsIn(token);
  }

  @Test
  void refusesReplayOnASecondConnection() throws Exception {
    String said;
    try (RawStream stream = raw("nina@localhost")) {
      said = TokenPeer.authenticate(token, token.initiated(stream.exporter()));
      stream.send(said);
      assertThat(stream.until(ANSWER)).startsWith("<success ");
    }
    server.log.forget();
    try (RawStream stream = raw("nina@localhost")) {
      stream.send(said);
      assertThat(stream.until(ANSWER)).contains("<not-authorized ");
    }
    assertThat(server.log.refusals).containsExactly(FailureReason.NO_MATCH);
    stillSignsIn(token);
  }

  @Test
  void refusesReplayOfAMessageThatIsBoundToTheFirstFinishedMessage() throws Exception {
    Held unique =
        TokenPeer.ask(
            server, pinned, Secret.ofText(server.password(NINA)), HtVariant.HT_SHA_256_UNIQ);
    try (ClientStream first = overTls12();
        ClientStream second = overTls12()) {
      HtClient said = unique.on(first.tls());
      List<Element> extras = List.of(TokenPeer.userAgent(unique.agent()), TokenPeer.fast());
      success(first.authenticate(first.open(), said, extras));
      assertThat(condition(second.authenticate(second.open(), said, extras)))
          .isEqualTo("not-authorized");
    }
  }

  private ClientStream overTls12() throws Exception {
    return server.stream(
        new RunningServer.Way(TlsProvider.CONSCRYPT, "TLSv1.2", true, DOMAIN),
        NINA,
        pinned.pin().orElseThrow(),
        Optional.empty());
  }

  @Test
  void refusesExpiredToken() throws Exception {
    clock.advance(Duration.ofDays(22));
    try (ClientStream stream = dial()) {
      assertThat(condition(byToken(stream, token))).isEqualTo("credentials-expired");
    }
    assertThat(server.log.signIns).isEmpty();
    assertThat(server.log.refusals).containsExactly(FailureReason.CREDENTIAL_EXPIRED);
  }

  @Test
  void refusesTokenThatWasRotatedAway() throws Exception {
    clock.advance(Duration.ofDays(1));
    Held next;
    try (ClientStream stream = dial()) {
      next = TokenPeer.token(success(byToken(stream, token)), EXPR, token.agent()).orElseThrow();
    }
    stillSignsIn(next);
    server.log.forget();
    try (ClientStream stream = dial()) {
      assertThat(condition(byToken(stream, token))).isEqualTo("credentials-expired");
    }
    assertThat(server.log.signIns).isEmpty();
    stillSignsIn(next);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 63", rule = "a count means nothing without 0-RTT")
  void takesCountsThatArriveInReverseOrderOnTwoConnections() throws Exception {
    try (ClientStream later = dial();
        ClientStream earlier = dial()) {
      for (ClientStream stream : List.of(later, earlier)) {
        String count = stream == later ? "6" : "5";
        success(
            stream.authenticate(
                stream.open(),
                token.on(stream.tls()),
                List.of(
                    TokenPeer.userAgent(token.agent()),
                    Element.named("fast", Namespaces.FAST).attribute("count", count).build())));
      }
    }
    assertThat(server.log.signIns).hasSize(2);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 5", rule = "a stranger learns nothing")
  void anUnknownAccountAnswersAndCostsWhatAWrongTokenDoes() throws Exception {
    Held guess = token.with(Secret.ofText("a guess"));
    Attempt known = attempt(guess, "nina");
    Attempt unknown = attempt(guess, "nobody");
    Attempt noToken = attempt(guess.with("an agent that nobody has"), "nina");

    assertThat(known.answer()).contains("<not-authorized ");
    assertThat(unknown).isEqualTo(known);
    assertThat(noToken).isEqualTo(known);
  }

  private record Attempt(String answer, long reads, long writes) {}

  private Attempt attempt(Held held, String localpart) throws Exception {
    try (RawStream stream = raw(localpart + "@localhost")) {
      var counted = (JdbcCredentialStore) Objects.requireNonNull(store.get());
      var before = counted.counters();
      Bytes proof = held.initiated(stream.exporter());
      stream.send(
          TokenPeer.authenticate(
              held,
              Bytes.concat(
                  Bytes.utf8(localpart),
                  proof.slice("nina".length(), proof.length() - "nina".length()))));
      String answer = stream.until(ANSWER);
      var after = counted.counters();
      return new Attempt(answer, after.reads() - before.reads(), after.writes() - before.writes());
    }
  }
}

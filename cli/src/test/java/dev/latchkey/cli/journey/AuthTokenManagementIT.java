// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.DOMAIN;
import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.wire.element.Namespaces.AUTH_TOKENS;
import static dev.latchkey.wire.element.Namespaces.AUTH_TOKEN_ITEMS;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.StreamFeatures;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Resource;
import dev.latchkey.credential.Secret;
import dev.latchkey.devices.LiveSessions;
import dev.latchkey.devices.RevokedDevice;
import dev.latchkey.devices.SessionScope;
import dev.latchkey.sasl.ClientMechanism;
import dev.latchkey.sasl.external.ExternalClient;
import dev.latchkey.sasl.scram.ScramVariant;
import dev.latchkey.sasl.xtoken.XTokenClient;
import dev.latchkey.server.Configuration;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// X-TOKENs on the wire: asked for, listed, taken away, before a session has a resource and after.
/// Of two devices, one may manage; the other has a device password.
final class AuthTokenManagementIT {
  private final ManualClock clock = new ManualClock(InstantSource.system().instant());
  private @TempDir Path folder;
  private RunningServer server;
  private LoginUri pinned;
  private Secret password;

  @BeforeEach
  void start() throws Exception {
    server = RunningServer.in(folder, seams -> seams.with(clock), whole -> tokens(whole, true));
    pinned = server.invite(NINA);
    password = Secret.ofText(server.password(NINA));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static Configuration tokens(Configuration whole, boolean enabled) {
    return whole.with(
        new Configuration.Tokens(
            whole.tokens().fast(),
            whole.tokens().clientKeyLife(),
            enabled,
            whole.tokens().xTokenLife(),
            whole.tokens().theft()));
  }

  /// By the older profile: signed in, and without a resource.
  private StreamFeatures signIn(ClientStream stream, ClientMechanism mechanism) {
    assertThat(stream.authenticate(Peer.onlySasl1(stream.open()), mechanism, List.of()))
        .isInstanceOf(SaslOutcome.Succeeded.class);
    return stream.restart();
  }

  private ClientStream unbound() throws Exception {
    ClientStream stream = server.stream(pinned, Optional.empty());
    StreamFeatures _ =
        signIn(stream, Peer.scram(stream, ScramVariant.SCRAM_SHA_256_PLUS, NINA, password));
    return stream;
  }

  private ClientStream web() throws Exception {
    return web("web");
  }

  private ClientStream web(String resource) throws Exception {
    ClientStream stream = unbound();
    assertThat(Peer.condition(ask(stream, Peer.bind("b", resource)))).isEqualTo("result");
    return stream;
  }

  private ClientStream phone() throws Exception {
    server.enrol(pinned, "phone");
    ClientStream stream = server.stream(pinned, Optional.of(server.identity("phone")));
    StreamFeatures _ = signIn(stream, new ExternalClient(NINA));
    assertThat(Peer.condition(ask(stream, Peer.bind("b", "phone")))).isEqualTo("result");
    return stream;
  }

  /// Asks, whatever is told besides.
  private static Element ask(ClientStream stream, Element iq) {
    stream.send(iq);
    return next(stream, "iq");
  }

  private static Element next(ClientStream stream, String name) {
    Element element = stream.next();
    while (!element.name().equals(name)) {
      element = stream.next();
    }
    return element;
  }

  /// The next word that tokens are dead, whatever was issued before.
  private static Element headline(ClientStream stream) {
    Element message = next(stream, "message");
    while (!message.attribute("type").equals(Optional.of("headline"))) {
      message = next(stream, "message");
    }
    return message;
  }

  private static Element issue(Optional<String> expire) {
    return Peer.iq(
        "set",
        "i",
        Element.named("issue", AUTH_TOKENS)
            .child(Element.text("client", AUTH_TOKENS, "Xabber Web"))
            .child(Element.text("device", AUTH_TOKENS, "PC, Firefox"))
            .child(expire.map(span -> Element.text("expire", AUTH_TOKENS, span)))
            .build());
  }

  private record Token(String uid, Secret text, long expire) {}

  private static Token issued(ClientStream stream) {
    Element answer = ask(stream, issue(Optional.empty()));
    Element token = answer.child("x", AUTH_TOKENS).orElseThrow(() -> new AssertionError(answer));
    return new Token(
        text(token, "token-uid", AUTH_TOKENS),
        Secret.ofText(text(token, "token", AUTH_TOKENS)),
        Long.parseLong(text(token, "expire", AUTH_TOKENS)));
  }

  private static String text(Element parent, String name, String namespace) {
    return parent.child(name, namespace).orElseThrow().text();
  }

  private static Element revoke(String... tokens) {
    return Peer.iq(
        "set",
        "r",
        Element.named("revoke", AUTH_TOKENS)
            .children(
                List.of(tokens).stream()
                    .map(uid -> Element.text("token-uid", AUTH_TOKENS, uid))
                    .toList())
            .build());
  }

  private static Element revokeAll() {
    return Peer.iq("set", "a", Element.empty("revoke-all", AUTH_TOKENS));
  }

  private static Element query(Optional<Secret> token) {
    return Peer.iq(
        "get",
        "q",
        Element.named("query", AUTH_TOKEN_ITEMS)
            .child(token.map(it -> Element.text("token", AUTH_TOKEN_ITEMS, it.revealText())))
            .build());
  }

  private static List<String> uids(Element answer) {
    return answer
        .child("x", AUTH_TOKEN_ITEMS)
        .orElseThrow()
        .children("field", AUTH_TOKEN_ITEMS)
        .map(field -> text(field, "token-uid", AUTH_TOKEN_ITEMS))
        .toList();
  }

  private static List<String> dead(Element notice) {
    return notice.child("revoke", AUTH_TOKENS).stream()
        .flatMap(revoke -> revoke.children("token-uid", AUTH_TOKENS))
        .map(Element::text)
        .toList();
  }

  private SaslOutcome bringsIn(Secret token) throws Exception {
    ClientStream stream = server.stream(pinned, Optional.empty());
    return stream.authenticate(
        Peer.onlySasl1(stream.open()), new XTokenClient(NINA, token), List.of());
  }

  @Test
  @Spec(doc = "auth-tokens", section = "3.3", rule = "a token is issued before there is a resource")
  void issuesBeforeAndAfterBindingWhatSignsIn() throws Exception {
    ClientStream stream = server.stream(pinned, Optional.empty());
    StreamFeatures features =
        signIn(stream, Peer.scram(stream, ScramVariant.SCRAM_SHA_256_PLUS, NINA, password));
    assertThat(features.element().child("x-token", AUTH_TOKENS)).isPresent();
    Token early = issued(stream);
    assertThat(Peer.condition(ask(stream, Peer.bind("b", "web")))).isEqualTo("result");
    Token late = issued(stream);

    assertThat(bringsIn(early.text())).isInstanceOf(SaslOutcome.Succeeded.class);
    assertThat(bringsIn(late.text())).isInstanceOf(SaslOutcome.Succeeded.class);
    assertThat(early.expire())
        .isEqualTo(
            clock
                .instant()
                .plus(server.server().configuration().tokens().xTokenLife())
                .getEpochSecond());
    assertThat(server.devices(NINA).getFirst().path("credentials"))
        .extracting(credential -> credential.path("kind").asText())
        .containsExactly("password", "auth-token", "auth-token");
    JsonNode listed = server.devices(NINA).getFirst().path("credentials").get(1);
    assertThat(listed.path("status").asText()).isEqualTo("active");
    assertThat(java.time.Instant.parse(listed.path("expires").asText()).getEpochSecond())
        .isEqualTo(early.expire());
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 63", rule = "a lost answer locks nobody out")
  void whereTheAnswerIsLostATokenIsIssuedAgain() throws Exception {
    ClientStream phone = phone();
    ClientStream cut = web();
    cut.send(issue(Optional.empty()));
    String lost =
        text(
            next(phone, "message").child("x", AUTH_TOKENS).orElseThrow(), "token-uid", AUTH_TOKENS);
    cut.connection().abort();

    ClientStream web = web();
    Token again = issued(web);

    assertThat(bringsIn(again.text())).isInstanceOf(SaslOutcome.Succeeded.class);
    // The lost one is listed, so it can be told from the other and taken away.
    assertThat(uids(ask(web, query(Optional.empty())))).containsExactly(lost, again.uid());
  }

  @Test
  @Spec(doc = "auth-tokens", section = "3.2", rule = "a request says a span, the answer a moment")
  void aTokenEndsWhenItsSpanIsOver() throws Exception {
    ClientStream web = web();
    Element answer = ask(web, issue(Optional.of("3600")));
    Element token = answer.child("x", AUTH_TOKENS).orElseThrow();
    assertThat(text(token, "expire", AUTH_TOKENS))
        .isEqualTo(Long.toString(clock.instant().plusSeconds(3600).getEpochSecond()));
    Secret text = Secret.ofText(text(token, "token", AUTH_TOKENS));
    clock.advance(Duration.ofSeconds(3601));
    assertThat(bringsIn(text)).isInstanceOf(SaslOutcome.Failed.class);
    assertThat(uids(ask(web, query(Optional.empty())))).isEmpty();
  }

  /// What is revoked alone while the server stops finds its session frozen already.
  private record Frozen(LiveSessions sessions) implements LiveSessions {
    @Override
    public void end(AccountId account, List<RevokedDevice> devices) {
      sessions.end(account, devices);
    }

    @Override
    public void endStale(AccountId account, SessionScope scope, long version) {
      // found none
    }

    @Override
    public boolean isConnected(DeviceId device) {
      return sessions.isConnected(device);
    }

    @Override
    public Optional<DeviceId> holderOf(AccountId account, Resource resource) {
      return sessions.holderOf(account, resource);
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 39, I10",
      rule = "a session that slept does not outlive what it had signed in with")
  void whoseTokenDiedWhileTheServerStoppedDoesNotGoOn() throws Exception {
    server.close();
    server =
        RunningServer.in(
            folder,
            seams -> seams.with(clock).withSessions(Frozen::new),
            whole -> tokens(whole, true));
    ClientStream web = web("web");
    Token dies = issued(web);
    ClientStream byToken = server.stream(pinned, Optional.empty());
    StreamFeatures _ = signIn(byToken, new XTokenClient(NINA, dies.text()));
    assertThat(Peer.condition(ask(byToken, Peer.bind("b", "by-token")))).isEqualTo("result");
    sleeps(byToken);
    sleeps(web("by-password"));
    assertThat(Peer.condition(ask(web, revokeAll()))).isEqualTo("result");
    assertThat(CountingClient.hibernated(server)).isEqualTo(2);

    server.close();
    server = RunningServer.in(folder, seams -> seams.with(clock), whole -> tokens(whole, true));

    assertThat(CountingClient.hibernated(server)).isEqualTo(1);
  }

  /// Counts from now on, and loses its connection.
  private void sleeps(ClientStream stream) throws Exception {
    int before = CountingClient.hibernated(server);
    stream.send(
        Element.named("enable", Namespaces.STREAM_MANAGEMENT).attribute("resume", "true").build());
    assertThat(next(stream, "enabled")).isNotNull();
    stream.connection().abort();
    Eventually.holds(() -> CountingClient.hibernated(server) == before + 1);
  }

  @Test
  void refusesASpanThatIsNone() throws Exception {
    ClientStream web = web();
    for (String span : List.of("", "soon", "-5", "1.5", "99999999999")) {
      assertThat(Peer.condition(ask(web, issue(Optional.of(span)))))
          .as(span)
          .isEqualTo("bad-request");
    }
    assertThat(Peer.condition(ask(web, issue(Optional.of("0"))))).isEqualTo("not-acceptable");
    assertThat(uids(ask(web, query(Optional.empty())))).isEmpty();
  }

  @Test
  void refusesOneTokenTooMany() throws Exception {
    ClientStream web = web();
    for (int i = 0; i < 20; i++) {
      Token _ = issued(web);
    }
    assertThat(Peer.condition(ask(web, issue(Optional.empty())))).isEqualTo("resource-constraint");
  }

  @Test
  @Spec(doc = "auth-tokens", section = "5.1", rule = "the list, and one token by its text")
  void listsToEachDeviceWhatItMaySee() throws Exception {
    ClientStream phone = phone();
    ClientStream web = web();
    Token phones = issued(phone);
    Token webs = issued(web);

    assertThat(uids(ask(phone, query(Optional.empty()))))
        .containsExactlyInAnyOrder(phones.uid(), webs.uid());
    Element own = ask(web, query(Optional.empty()));
    assertThat(uids(own)).containsExactly(webs.uid());
    Element field =
        own.child("x", AUTH_TOKEN_ITEMS)
            .flatMap(x -> x.child("field", AUTH_TOKEN_ITEMS))
            .orElseThrow();
    assertThat(field.attribute("var")).contains("1");
    assertThat(text(field, "client", AUTH_TOKEN_ITEMS)).isEqualTo("Xabber Web");
    assertThat(text(field, "device", AUTH_TOKEN_ITEMS)).isEqualTo("PC, Firefox");
    assertThat(text(field, "expire", AUTH_TOKEN_ITEMS)).isEqualTo(Long.toString(webs.expire()));
    assertThat(field.child("last-auth", AUTH_TOKEN_ITEMS)).isPresent();
    assertThat(field.child("ip", AUTH_TOKEN_ITEMS)).isEmpty();

    assertThat(uids(ask(web, query(Optional.of(webs.text()))))).containsExactly(webs.uid());
    assertThat(Peer.condition(ask(web, query(Optional.of(phones.text())))))
        .isEqualTo("item-not-found");
  }

  @Test
  @Spec(doc = "auth-tokens", section = "5.2", rule = "others are told which tokens are dead")
  void revokesSeveralAndTellsTheOthers() throws Exception {
    ClientStream phone = phone();
    ClientStream web = web();
    password = Secret.ofText(server.password(NINA));
    ClientStream third = web();
    Token phones = issued(phone);
    Token one = issued(web);
    Token two = issued(web);

    assertThat(Peer.condition(ask(phone, revoke(one.uid(), two.uid())))).isEqualTo("result");

    assertThat(Peer.untilEnd(web).saysRevoked()).isTrue();
    assertThat(dead(headline(third))).containsExactly(one.uid(), two.uid());
    assertThat(bringsIn(one.text())).isInstanceOf(SaslOutcome.Failed.class);
    assertThat(uids(ask(phone, query(Optional.empty())))).containsExactly(phones.uid());
  }

  @Test
  @Spec(doc = "auth-tokens", section = "5.2", rule = "others are told which tokens are dead")
  void tellsOthersOfTheAccountWhichTokensAreDead() throws Exception {
    ClientStream phone = phone();
    ClientStream web = web();
    Token stolen = issued(web);
    assertThat(Peer.condition(ask(web, revokeAll()))).isEqualTo("result");
    Element notice = headline(phone);
    assertThat(notice.attribute("from")).contains(DOMAIN.name());
    assertThat(dead(notice)).containsExactly(stolen.uid());
    hearsNothing(web); // who did it is not told
  }

  @Test
  @Spec(doc = "auth-tokens", section = "5.3", rule = "the server tells of each token it issues")
  void tellsOthersOfTheAccountThatATokenWasIssued() throws Exception {
    ClientStream phone = phone();
    ClientStream web = web();
    ClientStream webToo = web("again"); // the same device once more: a thief's session may be one
    Token issued = issued(web);

    for (ClientStream other : List.of(phone, webToo)) {
      Element notice = other.next();
      assertThat(notice.name()).isEqualTo("message");
      assertThat(notice.attribute("type")).contains("chat");
      assertThat(notice.attribute("from")).contains(DOMAIN.name());
      assertThat(text(notice.child("x", AUTH_TOKENS).orElseThrow(), "token-uid", AUTH_TOKENS))
          .isEqualTo(issued.uid());
      assertThat(text(notice, "body", Namespaces.CLIENT))
          .contains("Xabber Web", "PC, Firefox", NINA.toString())
          .doesNotContain(issued.text().revealText());
    }
    hearsNothing(web);
  }

  @Test
  @Spec(doc = "auth-tokens", section = "5.3", rule = "the server tells of each token it issues")
  void tellsAlsoOfATokenThatIsIssuedBeforeBinding() throws Exception {
    ClientStream phone = phone();
    Token issued = issued(unbound());
    assertThat(text(phone.next().child("x", AUTH_TOKENS).orElseThrow(), "token-uid", AUTH_TOKENS))
        .isEqualTo(issued.uid());
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 37", rule = "details go to who may manage")
  void aDeviceThatMayNotSeeATokenLearnsNoMoreThanThatThereIsOne() throws Exception {
    ClientStream phone = phone();
    ClientStream web = web();
    Token phones = issued(phone);
    Element notice = web.next();
    assertThat(notice.child("x", AUTH_TOKENS)).isEmpty();
    assertThat(text(notice, "body", Namespaces.CLIENT)).contains("token");
    assertThat(notice.toXml()).doesNotContain(phones.uid()).doesNotContain("Firefox");
  }

  @Test
  void nobodyHearsOfATokenThatIsRefused() throws Exception {
    ClientStream phone = phone();
    ClientStream web = web();
    for (String span : List.of("soon", "0")) {
      assertThat(Peer.condition(ask(web, issue(Optional.of(span))))).isNotEqualTo("result");
    }
    hearsNothing(phone);
  }

  private static void hearsNothing(ClientStream stream) {
    stream.send(Peer.iq("get", "p", Element.empty("ping", Namespaces.PING)));
    assertThat(stream.next().name()).isEqualTo("iq");
  }

  @Test
  @Spec(
      doc = "auth-tokens",
      section = "5.4",
      rule = "whoever proves the password takes all tokens away before a thief sees him come")
  void takesAllAwayBeforeBinding() throws Exception {
    Token stolen = issued(unbound());
    ClientStream thief = server.stream(pinned, Optional.empty());
    StreamFeatures _ = signIn(thief, new XTokenClient(NINA, stolen.text()));
    assertThat(Peer.condition(ask(thief, Peer.bind("b", "thief")))).isEqualTo("result");

    ClientStream owner = unbound();
    assertThat(Peer.condition(ask(owner, revokeAll()))).isEqualTo("result");

    assertThat(Peer.untilEnd(thief).elements()).isEmpty();
    assertThat(bringsIn(stolen.text())).isInstanceOf(SaslOutcome.Failed.class);
    assertThat(Peer.condition(ask(owner, Peer.bind("b", "web")))).isEqualTo("result");
  }

  @Test
  void refusesToRevokeWhatCannotBeReadOrSeen() throws Exception {
    ClientStream phone = phone();
    ClientStream web = web();
    Token phones = issued(phone);
    assertThat(Peer.condition(ask(web, revoke(phones.uid())))).isEqualTo("forbidden");
    assertThat(Peer.condition(ask(web, revoke("no-such-token")))).isEqualTo("forbidden");
    assertThat(Peer.condition(ask(phone, revoke("no-such-token")))).isEqualTo("item-not-found");
    for (Element unreadable : List.of(revoke(), revoke(" "))) {
      assertThat(Peer.condition(ask(phone, unreadable))).isEqualTo("bad-request");
    }
    assertThat(uids(ask(phone, query(Optional.empty())))).containsExactly(phones.uid());
  }

  @Test
  void beforeBindingNothingElseIsAnswered() throws Exception {
    ClientStream stream = unbound();
    stream.send(query(Optional.empty()));
    assertThat(Peer.untilEnd(stream).elements()).isEmpty();
    assertThat(server.log.awaitStream())
        .containsExactly("not-authorized: a stanza before authentication");
  }

  @Test
  void isNotThereUnlessItIsSwitchedOn() throws Exception {
    server.close();
    server = RunningServer.in(folder, seams -> seams.with(clock), whole -> tokens(whole, false));
    ClientStream stream = server.stream(pinned, Optional.empty());
    StreamFeatures before = Peer.onlySasl1(stream.open());
    assertThat(before.mechanisms()).doesNotContain("X-TOKEN");
    assertThat(
            stream.authenticate(
                before,
                Peer.scram(stream, ScramVariant.SCRAM_SHA_256_PLUS, NINA, password),
                List.of()))
        .isInstanceOf(SaslOutcome.Succeeded.class);
    assertThat(stream.restart().element().child("x-token", AUTH_TOKENS)).isEmpty();
    assertThat(Peer.condition(ask(stream, Peer.bind("b", "web")))).isEqualTo("result");
    for (Element wish : List.of(issue(Optional.empty()), revokeAll(), revoke("x"))) {
      assertThat(Peer.condition(ask(stream, wish))).isEqualTo("service-unavailable");
    }
  }
}

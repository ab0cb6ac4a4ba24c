// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.PATIENCE;
import static dev.latchkey.wire.element.Namespaces.STREAM_MANAGEMENT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.client.ClientStream;
import dev.latchkey.client.DeviceHome;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.StreamFeatures;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Jid;
import dev.latchkey.sasl.external.ExternalClient;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.framing.WrittenElement;
import dev.latchkey.wire.management.StanzaCount;
import dev.latchkey.wire.socket.Connector;
import dev.latchkey.wire.socket.EventLoops;
import dev.latchkey.wire.tls.ClientTls;
import dev.latchkey.wire.tls.ServerTrust;
import dev.latchkey.wire.tls.TlsIdentity;
import dev.latchkey.wire.tls.TlsProvider;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Predicate;

/// A device that counts stanzas (XEP-0198), step by step, so that a test can also count wrongly. It
/// acknowledges only when it is told to. For one thread.
final class CountingClient {
  /// How it signs in, and where stream management is asked for.
  enum Way {
    /// Everything inside one sign-in.
    SASL2,
    /// After the sign-in, and after or instead of binding.
    SASL1
  }

  private final Callable<ClientStream> dial;
  private final Way way;
  private final AccountJid account;
  private final String home;
  private final Deque<Element> unread = new ArrayDeque<>();
  private ClientStream stream;
  private Jid jid;
  private Optional<Element> enabled = Optional.empty();
  private StanzaCount handled = StanzaCount.ZERO;
  private int pings;

  private CountingClient(
      Callable<ClientStream> dial, Way way, AccountJid account, String home, ClientStream stream) {
    this.dial = dial;
    this.way = way;
    this.account = account;
    this.home = home;
    this.stream = stream;
    this.jid = account.jid();
  }

  /// Enrols a device of an account, signs it in and lets it count.
  static CountingClient enrolled(RunningServer server, Way way, AccountJid account, String home)
      throws Exception {
    server.enrol(server.invite(account), home);
    return signedIn(server, way, account, home, enable());
  }

  /// Signs a device in that was enrolled, and lets it count.
  static CountingClient signedIn(
      RunningServer server, Way way, AccountJid account, String home, Element enable)
      throws Exception {
    return signedIn(() -> dial(server, account, home), way, account, home, enable);
  }

  /// Signs a device in, wherever its server is.
  ///
  /// @param dial makes a stream of the device; not opened yet
  static CountingClient signedIn(
      Callable<ClientStream> dial, Way way, AccountJid account, String home, Element enable)
      throws Exception {
    CountingClient client = new CountingClient(dial, way, account, home, dial.call());
    client.bind(enable);
    return client;
  }

  /// A stream of a device; it is not opened yet.
  static ClientStream dial(RunningServer server, AccountJid account, String home) throws Exception {
    TlsIdentity identity = server.identity(home);
    return server.stream(
        new RunningServer.Way(
            TlsProvider.bestFor(identity.key()), "TLSv1.3", true, account.domain()),
        account,
        pin(server.home(home)),
        Optional.of(identity));
  }

  /// A stream of a device to a server in a process of its own; it is not opened yet.
  static ClientStream dial(
      EventLoops loops, ServerProcess server, AccountJid account, DeviceHome home)
      throws Exception {
    TlsIdentity identity = new TlsIdentity(home.privateKey(), home.certificates());
    ClientStream stream =
        ClientStream.over(
            new Connector(loops).connect(server.directTls(), PATIENCE),
            account.domain(),
            Optional.of(account),
            PATIENCE);
    stream.handshake(
        ClientTls.of(
                TlsProvider.bestFor(identity.key()),
                account.domain(),
                Optional.of(identity),
                new ServerTrust.Pinned(pin(home)))
            .engine(true));
    return stream;
  }

  /// By what a device knows its server.
  static Bytes pin(DeviceHome home) {
    return Bytes.of(home.serverAnchor().orElseThrow().getPublicKey().getEncoded()).sha256();
  }

  /// `<enable resume='true'/>`.
  static Element enable() {
    return Element.named("enable", STREAM_MANAGEMENT).attribute("resume", "true").build();
  }

  /// `<resume/>`.
  static Element resume(String id, String count) {
    return Element.named("resume", STREAM_MANAGEMENT)
        .attribute("previd", id)
        .attribute("h", count)
        .build();
  }

  private void bind(Element enable) {
    switch (way) {
      case SASL2 -> {
        Element bind =
            Element.named("bind", Namespaces.BIND2)
                .child(Element.text("tag", Namespaces.BIND2, "Test"))
                .child(enable)
                .build();
        Element success = success(stream, stream.open(), List.of(bind));
        bound(success);
        var _ = stream.features();
      }
      case SASL1 -> {
        var _ = success(stream, Peer.onlySasl1(stream.open()), List.of());
        var _ = stream.restart();
        stream.send(Peer.bind("bind", home));
        jid =
            Jid.parse(
                stream
                    .next()
                    .child("bind", Namespaces.BIND)
                    .flatMap(bound -> bound.child("jid", Namespaces.BIND))
                    .orElseThrow()
                    .text());
        stream.send(enable);
        enabled = Optional.of(stream.next());
      }
    }
    assertThat(enabled.orElseThrow().is("enabled", STREAM_MANAGEMENT)).as("%s", enabled).isTrue();
  }

  private void bound(Element success) {
    jid =
        Jid.parse(success.child("authorization-identifier", Namespaces.SASL2).orElseThrow().text());
    enabled =
        success
            .child("bound", Namespaces.BIND2)
            .flatMap(bound -> bound.child("enabled", STREAM_MANAGEMENT));
  }

  private Element success(ClientStream on, StreamFeatures features, List<Element> extras) {
    SaslOutcome outcome = on.authenticate(features, new ExternalClient(account), extras);
    assertThat(outcome).isInstanceOf(SaslOutcome.Succeeded.class);
    return ((SaslOutcome.Succeeded) outcome).success();
  }

  /// What came of a wish to resume.
  ///
  /// @param stream over which it was asked
  /// @param answer `<resumed/>` or `<failed/>`
  record Attempt(ClientStream stream, Element answer) {
    /// The condition of a failure.
    String condition() {
      assertThat(answer.is("failed", STREAM_MANAGEMENT)).as(answer.toXml()).isTrue();
      return answer.children().findFirst().orElseThrow().name();
    }

    boolean isResumed() {
      return answer.is("resumed", STREAM_MANAGEMENT);
    }
  }

  /// Signs the device in once more and asks to resume; nothing changes here.
  Attempt tries(Element resume) throws Exception {
    return tries(dial.call(), resume);
  }

  /// Asks over a stream that was not opened yet.
  Attempt tries(ClientStream fresh, Element resume) {
    return switch (way) {
      case SASL2 -> {
        Element success = success(fresh, fresh.open(), List.of(resume));
        yield new Attempt(
            fresh,
            success
                .child("resumed", STREAM_MANAGEMENT)
                .or(() -> success.child("failed", STREAM_MANAGEMENT))
                .orElseThrow());
      }
      case SASL1 -> {
        var _ = success(fresh, Peer.onlySasl1(fresh.open()), List.of());
        var _ = fresh.restart();
        fresh.send(resume);
        yield new Attempt(fresh, fresh.next());
      }
    };
  }

  /// Goes on over a new connection, as it should.
  ///
  /// @return how many of its stanzas the server has handled
  StanzaCount resumes() throws Exception {
    Attempt attempt = tries(resume(id(), handled.toString()));
    assertThat(attempt.isResumed()).as(attempt.answer().toXml()).isTrue();
    assertThat(attempt.answer().attribute("previd")).contains(id());
    goesOnOver(attempt.stream());
    return StanzaCount.parse(attempt.answer().attribute("h").orElseThrow()).orElseThrow();
  }

  /// It was resumed over this stream.
  void goesOnOver(ClientStream fresh) {
    stream = fresh;
    unread.clear();
  }

  /// The same device after the server was started again.
  CountingClient at(RunningServer restarted) {
    CountingClient same =
        new CountingClient(() -> dial(restarted, account, home), way, account, home, stream);
    same.jid = jid;
    same.enabled = enabled;
    same.handled = handled;
    return same;
  }

  ClientStream stream() {
    return stream;
  }

  Jid jid() {
    return jid;
  }

  /// `<enabled/>`.
  Element enabled() {
    return enabled.orElseThrow();
  }

  /// By which it is resumed.
  String id() {
    return enabled().attribute("id").orElseThrow();
  }

  /// How many stanzas it has dealt with.
  StanzaCount handled() {
    return handled;
  }

  /// Says something, written as XML.
  void says(String xml) {
    stream.send(new WrittenElement().read(xml));
  }

  /// Sends a chat message.
  void chats(Jid to, String body) {
    stream.send(Peer.message(to.toString(), body));
  }

  /// The next stanza, which is dealt with thereby.
  Element stanza() {
    while (true) {
      Element element = unread.isEmpty() ? stream.next() : unread.removeFirst();
      if (!element.namespace().equals(STREAM_MANAGEMENT)) {
        handled = handled.next();
        return element;
      }
    }
  }

  /// Everything that came before an answer that the server gives now.
  List<Element> everything() {
    String id = "sync-" + ++pings;
    stream.send(Peer.iq("get", id, Element.empty("ping", Namespaces.PING)));
    List<Element> before = new ArrayList<>();
    while (true) {
      Element stanza = stanza();
      if (stanza.name().equals("iq") && stanza.attribute("id").equals(Optional.of(id))) {
        return before;
      }
      before.add(stanza);
    }
  }

  /// Everything that comes until it is enough, all of it acknowledged: for what the server does
  /// when nobody waits for it.
  List<Element> until(Predicate<List<Element>> enough) throws Exception {
    List<Element> all = new ArrayList<>();
    try {
      Eventually.holds(
          () -> {
            all.addAll(everything());
            acknowledges();
            return enough.test(all);
          });
    } catch (AssertionError never) {
      throw new AssertionError("only this came: " + all, never);
    }
    return all;
  }

  /// The bodies of so many messages, and of what comes with the last, in order.
  List<String> bodies(int count) throws Exception {
    return bodiesOf(until(all -> bodiesOf(all).size() >= count));
  }

  /// The bodies of messages among [#everything], in order.
  List<String> bodies() {
    return bodiesOf(everything());
  }

  /// The bodies of messages, in order.
  static List<String> bodiesOf(List<Element> stanzas) {
    return stanzas.stream()
        .filter(stanza -> stanza.name().equals("message"))
        .flatMap(message -> message.child("body", Namespaces.CLIENT).stream())
        .map(Element::text)
        .toList();
  }

  /// Asks how many of its stanzas are dealt with.
  StanzaCount asks() {
    stream.send(Element.empty("r", STREAM_MANAGEMENT));
    while (true) {
      Element element = stream.next();
      if (element.is("a", STREAM_MANAGEMENT)) {
        return StanzaCount.parse(element.attribute("h").orElseThrow()).orElseThrow();
      }
      unread.add(element);
    }
  }

  /// Acknowledges what it has dealt with.
  void acknowledges() {
    acknowledges(handled.toString());
  }

  void acknowledges(String count) {
    stream.send(Element.named("a", STREAM_MANAGEMENT).attribute("h", count).build());
  }

  /// Its connection is gone without a word, and the server has noticed.
  void losesItsConnection(RunningServer server) throws Exception {
    int before = hibernated(server);
    stream.connection().abort();
    Eventually.holds(() -> hibernated(server) > before);
  }

  /// How many sessions sleep.
  static int hibernated(RunningServer server) throws Exception {
    return server
        .admin(new dev.latchkey.server.admin.JsonLine().with("command", "status"))
        .getFirst()
        .path("hibernated")
        .asInt();
  }
}

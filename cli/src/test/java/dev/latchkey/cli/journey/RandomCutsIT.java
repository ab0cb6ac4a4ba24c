// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.wire.element.Namespaces.STREAM_MANAGEMENT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.cli.journey.CuttingRelay.Direction;
import dev.latchkey.client.ClientException;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.Message;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.credential.Jid;
import dev.latchkey.sasl.external.ExternalClient;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.management.StanzaCount;
import dev.latchkey.wire.management.Unacknowledged;
import dev.latchkey.wire.socket.Connector;
import dev.latchkey.wire.tls.ClientTls;
import dev.latchkey.wire.tls.ServerTrust;
import dev.latchkey.wire.tls.TlsIdentity;
import dev.latchkey.wire.tls.TlsProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two devices write to each other while the connection of one is cut again and again, at whatever
/// octet: in a handshake, in a sign-in, in a stanza.
///
/// `-Dlatchkey.cuts=10000` is the long form; `-Dlatchkey.seed=N` repeats a run.
class RandomCutsIT {
  private static final int CUTS = Integer.getInteger("latchkey.cuts", 30);

  /// Behind which octet of a connection it is cut at the latest; a return needs about 2,500.
  private static final int FARTHEST = 6_000;

  private static final Duration PATIENCE = RunningServer.PATIENCE;

  private final SeededRandom random = new SeededRandom(Long.getLong("latchkey.seed", 198));
  @TempDir private Path folder;
  private RunningServer server;
  private CuttingRelay relay;
  private ClientTls tls;
  private LatchkeyClient tablet;

  // The phone's side of XEP-0198.
  private ClientStream phone;
  private Jid jid;
  private String id;
  private StanzaCount handled = StanzaCount.ZERO;
  private final Unacknowledged<Element> unacknowledged = new Unacknowledged<>();
  private final List<String> phoneGot = new ArrayList<>();
  private int phoneSaid;
  private int tabletSaid;
  private int resumptions;

  @BeforeEach
  void start() throws Exception {
    server = RunningServer.in(folder);
    var _ = server.enrol(server.invite(RunningServer.NINA), "phone");
    var _ = server.enrol(server.invite(RunningServer.NINA), "tablet");
    tablet = server.connect("tablet");
    tablet.goOnline();
    relay = CuttingRelay.to(server.server().directTls().orElseThrow());
    TlsIdentity identity = server.identity("phone");
    // One for all, so that TLS sessions are resumed too.
    tls =
        ClientTls.of(
            TlsProvider.bestFor(identity.key()),
            RunningServer.DOMAIN,
            Optional.of(identity),
            new ServerTrust.Pinned(CountingClient.pin(server.home("phone"))));
  }

  @AfterEach
  void stop() {
    relay.close();
    server.close();
  }

  @Test
  @Spec(
      doc = "XEP-0198",
      section = "5",
      rule = "what was acknowledged is there once, what was not is sent again")
  void everyMessageArrivesExactlyOnceWhereverTheConnectionIsCut() throws Exception {
    bind();
    for (int cut = 0; cut < CUTS; cut++) {
      try {
        exchange();
      } catch (ClientException wasCut) {
        // Whatever was on its way is settled by the next return.
      }
      relay.cut();
      comeBack(cut);
    }
    settle();
    assertThat(phoneGot).as("%d resumptions", resumptions).isEqualTo(said("tablet", tabletSaid));
    assertThat(tabletGot()).isEqualTo(said("phone", phoneSaid));
    assertThat(resumptions).isGreaterThanOrEqualTo(CUTS);
  }

  private static List<String> said(String who, int count) {
    return IntStream.range(0, count).mapToObj(number -> who + " " + number).toList();
  }

  private List<String> tabletGot() {
    List<String> got = new ArrayList<>();
    while (got.size() < phoneSaid) {
      Optional<Message> message = tablet.receive(PATIENCE);
      if (message.isEmpty()) {
        break;
      }
      got.add(message.get().body());
    }
    assertThat(tablet.receive(Duration.ofMillis(200))).as("one too many").isEmpty();
    return got;
  }

  private ClientStream dial() throws Exception {
    ClientStream stream =
        ClientStream.over(
            new Connector(server.loops()).connect(relay.address(), PATIENCE),
            RunningServer.DOMAIN,
            Optional.of(RunningServer.NINA),
            PATIENCE);
    try {
      stream.handshake(tls.engine(true));
      return stream;
    } catch (ClientException failed) {
      stream.close();
      throw failed;
    }
  }

  private static Element success(ClientStream stream, Element inline) {
    SaslOutcome outcome =
        stream.authenticate(stream.open(), new ExternalClient(RunningServer.NINA), List.of(inline));
    assertThat(outcome).isInstanceOf(SaslOutcome.Succeeded.class);
    return ((SaslOutcome.Succeeded) outcome).success();
  }

  private void bind() throws Exception {
    phone = dial();
    Element success =
        success(
            phone, Element.named("bind", Namespaces.BIND2).child(CountingClient.enable()).build());
    jid =
        Jid.parse(success.child("authorization-identifier", Namespaces.SASL2).orElseThrow().text());
    id =
        success
            .child("bound", Namespaces.BIND2)
            .flatMap(bound -> bound.child("enabled", STREAM_MANAGEMENT))
            .flatMap(enabled -> enabled.attribute("id"))
            .orElseThrow();
    var _ = phone.features();
  }

  /// Some messages each way, and whatever comes meanwhile.
  private void exchange() throws InterruptedException {
    int fromPhone = random.nextInt(3);
    int fromTablet = random.nextInt(3);
    for (int i = 0; i < fromPhone; i++) {
      say(Peer.message(tablet.jid().toString(), "phone " + phoneSaid++));
    }
    for (int i = 0; i < fromTablet; i++) {
      tablet.send(jid, "tablet " + tabletSaid++);
    }
    phone.send(Element.empty("r", STREAM_MANAGEMENT));
    boolean answered = false;
    while (!answered) {
      Element element = phone.next();
      answered = element.is("a", STREAM_MANAGEMENT);
      take(element);
    }
  }

  private void say(Element stanza) {
    unacknowledged.sent(stanza);
    phone.send(stanza);
  }

  private void take(Element element) {
    if (element.is("r", STREAM_MANAGEMENT)) {
      phone.send(Element.named("a", STREAM_MANAGEMENT).attribute("h", handled.toString()).build());
    } else if (element.is("a", STREAM_MANAGEMENT)) {
      acknowledged(element);
    } else if (!element.namespace().equals(STREAM_MANAGEMENT)) {
      handled = handled.next();
      if (element.name().equals("message")) {
        phoneGot.add(element.child("body", Namespaces.CLIENT).orElseThrow().text());
      }
    }
  }

  private void acknowledged(Element element) {
    StanzaCount count = StanzaCount.parse(element.attribute("h").orElseThrow()).orElseThrow();
    assertThat(unacknowledged.acknowledge(count))
        .as("the server counts what was sent")
        .isInstanceOf(Unacknowledged.Outcome.Arrived.class);
  }

  /// Until it is back: a connection may be cut before it has got so far.
  private void comeBack(int cut) throws Exception {
    relay.cutNextBehind(
        random.nextInt(2) == 0 ? Direction.TO_SERVER : Direction.TO_CLIENT,
        1 + random.nextInt(FARTHEST));
    for (int attempt = 0; attempt < 20; attempt++) {
      try {
        phone = dial();
        resume();
        return;
      } catch (ClientException wasCut) {
        // Once more; the next one is not cut before [#exchange].
      }
    }
    throw new AssertionError("cut " + cut + ": the phone did not come back");
  }

  private void resume() {
    Element success = success(phone, CountingClient.resume(id, handled.toString()));
    Element resumed =
        success
            .child("resumed", STREAM_MANAGEMENT)
            .orElseThrow(() -> new AssertionError("not resumed: " + success.toXml()));
    acknowledged(resumed);
    resumptions++;
    unacknowledged.waiting().forEach(phone::send);
  }

  /// Until nothing is on its way.
  private void settle() throws Exception {
    relay.cut();
    phone = dial();
    resume();
    Eventually.holds(
        () -> {
          exchangeNothing();
          return unacknowledged.isEmpty() && phoneGot.size() >= tabletSaid;
        });
  }

  private void exchangeNothing() throws InterruptedException {
    phone.send(Element.empty("r", STREAM_MANAGEMENT));
    boolean answered = false;
    while (!answered) {
      Element element = phone.next();
      answered = element.is("a", STREAM_MANAGEMENT);
      take(element);
    }
  }
}

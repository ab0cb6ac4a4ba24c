// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.latchkey.client.ClientStream;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.StreamErrorException;
import dev.latchkey.client.StreamFeatures;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.sasl.EnrolmentLink;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.gs2.ChannelBindingChoice;
import dev.latchkey.sasl.scram.ScramClient;
import dev.latchkey.sasl.scram.ScramVariant;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.socket.Connector;
import dev.latchkey.wire.socket.EventLoops;
import dev.latchkey.wire.tls.ClientTls;
import dev.latchkey.wire.tls.ServerTrust;
import dev.latchkey.wire.tls.TlsIdentity;
import dev.latchkey.wire.tls.TlsProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Requests to sign that are refused. A refused request spends no code: each test has one of an
/// account of its own, and ends by looking whether it is as it was.
final class BadRequestIT {
  private static final String NOT_LINKED = "not-linked: no link to the code, or a wrong one";

  private static @TempDir Path folder;
  private static RunningServer server;
  private static int accounts;
  private LoginUri code;
  private String before;

  @BeforeAll
  static void start() throws Exception {
    server = RunningServer.in(folder);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @BeforeEach
  void invite() throws Exception {
    code = server.invite(new AccountJid("account" + accounts++, RunningServer.DOMAIN));
    remember();
  }

  private void remember() {
    server.log.forget();
    before = database();
  }

  /// Without when a device was seen, and how often a code was tried (rule 12).
  private static String database() {
    return BadCertificateIT.withoutAttempts(server.dump().text().replaceAll(" last_seen=\\S+", ""));
  }

  private ClientStream stream() throws Exception {
    ClientStream stream =
        ClientStream.over(
            new Connector(server.loops())
                .connect(server.server().directTls().orElseThrow(), RunningServer.PATIENCE),
            RunningServer.DOMAIN,
            Optional.of(code.account()),
            RunningServer.PATIENCE);
    stream.handshake(trusting(code.pin().orElseThrow()).engine(true));
    return stream;
  }

  private static ClientTls trusting(Bytes pin) {
    return ClientTls.of(
        TlsProvider.best(), RunningServer.DOMAIN, Optional.empty(), new ServerTrust.Pinned(pin));
  }

  private ScramClient scram() {
    return ScramClient.begin(
        ScramVariant.SCRAM_SHA_256,
        code.account(),
        code.token().canonical(),
        new ChannelBindingChoice.Unable(),
        Optional.empty(),
        new SecureRandom());
  }

  private static List<Element> wish() {
    return List.of(Element.named("enrol", Namespaces.LATCHKEY_CSR).attribute("by", "csr").build());
  }

  private static Element task(Bytes request, Optional<Bytes> link) {
    return Element.named("next", Namespaces.SASL2)
        .attribute("task", "LK-ENROL")
        .child(
            Element.named("sign", Namespaces.LATCHKEY_CSR)
                .child(Element.text("request", Namespaces.LATCHKEY_CSR, request.toBase64()))
                .child(link.map(it -> Element.text("link", Namespaces.LATCHKEY_CSR, it.toBase64())))
                .build())
        .build();
  }

  /// Proves the code and asks for a signature.
  ///
  /// @param tie what becomes of the right link
  private Element offer(Bytes request, UnaryOperator<Optional<Bytes>> tie) throws Exception {
    try (ClientStream stream = stream()) {
      StreamFeatures features = stream.open();
      ScramClient scram = scram();
      assertThat(stream.authenticate(features, scram, wish()))
          .isInstanceOf(SaslOutcome.Continued.class);
      Bytes link =
          EnrolmentLink.ofRequest(scram.enrolmentKey().serverKey(), code.account(), request);
      stream.send(task(request, tie.apply(Optional.of(link))));
      return stream.next();
    }
  }

  private void refuses(Bytes request, String reason, String log) throws Exception {
    refuses(request, UnaryOperator.identity(), reason, log);
  }

  private void refuses(Bytes request, UnaryOperator<Optional<Bytes>> tie, String reason, String log)
      throws Exception {
    isRefused(offer(request, tie), reason, log);
  }

  private void isRefused(Element answer, String reason, String log) {
    assertThat(answer.is("failure", Namespaces.SASL2)).as(answer.toXml()).isTrue();
    assertThat(answer.child("malformed-request", Namespaces.SASL)).isPresent();
    assertThat(answer.child("reason", Namespaces.LATCHKEY_CSR).map(Element::text)).contains(reason);
    assertThat(server.log.refusals).containsExactly(FailureReason.ENROLMENT_REFUSED);
    assertThat(server.log.details).containsExactly(log);
    assertThat(server.log.signIns).isEmpty();
    assertThat(database()).isEqualTo(before);
  }

  private Bytes good() {
    KeyPair key = Forgery.key();
    return Forgery.request(key, key, code.account().toString());
  }

  /// Without this, all of the others could be refused for another reason.
  @Test
  void signsWhatIsRightAlsoAfterSomethingElse() throws Exception {
    refuses(Bytes.utf8("no request"), "malformed", "malformed: the request cannot be read");
    assertThat(offer(good(), UnaryOperator.identity()).name()).isEqualTo("success");
    assertThat(database()).isNotEqualTo(before);
  }

  @Test
  @Spec(doc = "RFC 2986", section = "3", rule = "the signature proves possession of the key")
  void refusesBadSignature() throws Exception {
    refuses(
        Forgery.request(Forgery.key(), Forgery.key(), code.account().toString()),
        "bad-signature",
        "bad-signature: the request cannot be read");
  }

  @Test
  void refusesWeakKey() throws Exception {
    KeyPair weak = Forgery.key("RSA", 1024);
    refuses(Forgery.request(weak, weak), "weak-key", "weak-key: the request cannot be read");
  }

  @Test
  void refusesTrailingOctets() throws Exception {
    refuses(
        Bytes.concat(good(), Bytes.hex("00")),
        "malformed",
        "malformed: the request cannot be read");
  }

  @Test
  void refusesRequestThatIsLongerThanAnyIs() throws Exception {
    // More than a request may have, less than a stream may before anybody is signed in.
    refuses(
        Bytes.concat(good(), Bytes.random(9_000, new SecureRandom())),
        "malformed",
        "malformed: the request cannot be read");
  }

  @Test
  @Spec(doc = "XEP-0478", rule = "elements before sign-in have at most 16,384 octets")
  void refusesRequestOfAHundredKilobytes() throws Exception {
    assertThatThrownBy(
            () -> offer(Bytes.random(100_000, new SecureRandom()), UnaryOperator.identity()))
        .isInstanceOfSatisfying(
            StreamErrorException.class,
            error -> assertThat(error.condition()).isEqualTo("policy-violation"));
    assertThat(server.log.awaitStream())
        .containsExactly("policy-violation: an element that is too large");
    assertThat(database()).isEqualTo(before);
  }

  @Test
  @Spec(doc = "latchkey", section = "2", rule = "a request names nobody but who makes it")
  void refusesSomebodyElsesAddress() throws Exception {
    for (String address :
        List.of("nina@localhost", code.account().localpart() + "@chat.example", "localhost")) {
      server.log.forget();
      KeyPair key = Forgery.key();
      Element answer = offer(Forgery.request(key, key, address), UnaryOperator.identity());
      assertThat(answer.child("reason", Namespaces.LATCHKEY_CSR).map(Element::text))
          .contains("bad-name");
      assertThat(server.log.refusals).containsExactly(FailureReason.ENROLMENT_REFUSED);
      assertThat(server.log.details).singleElement().asString().startsWith("bad-name: ");
      assertThat(database()).isEqualTo(before);
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "24", rule = "one key is one device")
  void refusesKnownKey() throws Exception {
    KeyPair key = Forgery.key();
    assertThat(offer(Forgery.request(key, key), UnaryOperator.identity()).name())
        .isEqualTo("success");
    code = server.invite(code.account());
    remember();
    Element answer = offer(Forgery.request(key, key), UnaryOperator.identity());
    assertThat(answer.child("reason", Namespaces.LATCHKEY_CSR).map(Element::text))
        .contains("key-in-use");
    assertThat(server.log.refusals).containsExactly(FailureReason.ENROLMENT_REFUSED);
    assertThat(server.log.details).singleElement().asString().startsWith("key-in-use: ");
    assertThat(database()).isEqualTo(before);
  }

  @Test
  void refusesKeyThatTheTlsProviderCannotTake() throws Exception {
    assumeTrue(TlsProvider.best() == TlsProvider.CONSCRYPT, "the JDK's own TLS takes Ed25519");
    KeyPair key = Forgery.key("Ed25519", 0);
    Element answer = offer(Forgery.request(key, key), UnaryOperator.identity());
    assertThat(answer.child("reason", Namespaces.LATCHKEY_CSR).map(Element::text))
        .contains("unsupported-key");
    assertThat(server.log.refusals).containsExactly(FailureReason.ENROLMENT_REFUSED);
    assertThat(server.log.details).singleElement().asString().startsWith("unsupported-key: ");
    assertThat(database()).isEqualTo(before);
  }

  @Test
  @Spec(doc = "latchkey", section = "7", rule = "no signature without the link")
  void refusesRequestWithoutLink() throws Exception {
    refuses(good(), link -> Optional.empty(), "not-linked", NOT_LINKED);
  }

  @Test
  @Spec(doc = "latchkey", section = "7", rule = "no signature without the link")
  void refusesRequestWithTheLinkOfAnother() throws Exception {
    Bytes another = Bytes.utf8("of another request").sha256();
    refuses(good(), link -> Optional.of(another), "not-linked", NOT_LINKED);
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "7",
      rule = "a relay of the proof gets no key of its own signed")
  void refusesRelayThatSwapsTheRequest() throws Exception {
    KeyPair mallorys = Forgery.key();
    Bytes swapped = Forgery.request(mallorys, mallorys, code.account().toString());
    TlsIdentity posing = Forgery.server(RunningServer.DOMAIN.name());
    try (SSLServerSocket between =
            (SSLServerSocket)
                RawStream.context(Optional.of(posing))
                    .getServerSocketFactory()
                    .createServerSocket(0, 1, InetAddress.getLoopbackAddress());
        EventLoops loops = EventLoops.start(1)) {
      CompletableFuture<Void> relay =
          CompletableFuture.runAsync(() -> relay(between, swapped), Thread::startVirtualThread);
      // The victim takes Mallory's certificate for the server's, and his client knows no -PLUS.
      try (ClientStream victim =
          ClientStream.over(
              new Connector(loops)
                  .connect(
                      new InetSocketAddress(
                          InetAddress.getLoopbackAddress(), between.getLocalPort()),
                      RunningServer.PATIENCE),
              RunningServer.DOMAIN,
              Optional.of(code.account()),
              RunningServer.PATIENCE)) {
        victim.handshake(
            trusting(Bytes.of(posing.chain().getFirst().getPublicKey().getEncoded()).sha256())
                .engine(true));
        StreamFeatures features = victim.open();
        assertThat(features.mechanisms()).noneMatch(name -> name.endsWith("-PLUS"));
        ScramClient scram = scram();
        // Up to here Mallory has won: both sides take the proof.
        assertThat(victim.authenticate(features, scram, wish()))
            .isInstanceOf(SaslOutcome.Continued.class);
        Bytes request = good();
        victim.send(
            task(
                request,
                Optional.of(
                    EnrolmentLink.ofRequest(
                        scram.enrolmentKey().serverKey(), code.account(), request))));
        isRefused(victim.next(), "not-linked", NOT_LINKED);
      }
      relay.get(RunningServer.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
    // The code is as good as before, for whoever has it.
    server.log.forget();
    assertThat(offer(good(), UnaryOperator.identity()).name()).isEqualTo("success");
  }

  /// Mallory: ends TLS on both sides, takes away what would bind the proof to the channel, forwards
  /// the proof, and puts his own request where the victim's was.
  private static void relay(SSLServerSocket between, Bytes swapped) {
    try (RawStream victim = new RawStream((SSLSocket) between.accept());
        RawStream real =
            RawStream.secure(
                server.server().directTls().orElseThrow(), RunningServer.DOMAIN.name())) {
      real.send(victim.until("xmlns:stream='http://etherx.jabber.org/streams'>"));
      victim.send(
          real.until("</stream:features>")
              .replaceAll("<mechanism>[^<]*-PLUS</mechanism>", "")
              .replaceAll("<sasl-channel-binding .*?</sasl-channel-binding>", ""));
      real.send(victim.until("</authenticate>"));
      victim.send(real.until("</challenge>"));
      real.send(victim.until("</response>"));
      victim.send(real.until("</continue>"));
      real.send(
          victim
              .until("</next>")
              .replaceAll(
                  "<request>[^<]*</request>", "<request>" + swapped.toBase64() + "</request>"));
      victim.send(real.until("</failure>"));
      real.rest();
    } catch (IOException broken) {
      throw new IllegalStateException(broken);
    }
  }
}

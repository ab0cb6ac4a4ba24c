// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.socket;

import static dev.latchkey.wire.socket.Wire.SOON;
import static dev.latchkey.wire.socket.Wire.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Domain;
import dev.latchkey.testkit.Spec;
import dev.latchkey.testkit.Tools;
import dev.latchkey.wire.framing.StreamEvent;
import dev.latchkey.wire.tls.ClientTls;
import dev.latchkey.wire.tls.ServerTls;
import dev.latchkey.wire.tls.ServerTrust;
import dev.latchkey.wire.tls.TestCertificates;
import dev.latchkey.wire.tls.TlsFacts;
import dev.latchkey.wire.tls.TlsIdentity;
import dev.latchkey.wire.tls.TlsProvider;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class TlsIT {
  private static final TlsIdentity EC = TestCertificates.client("EC");
  private static final TlsIdentity RSA = TestCertificates.client("RSA");
  private static final TlsIdentity ED25519 = TestCertificates.client("Ed25519");

  private final Wire wire = new Wire();

  @AfterEach
  void close() {
    wire.close();
  }

  record Both(TlsFacts client, TlsFacts server, Connection clientEnd, Connection serverEnd) {}

  private Both handshake(Listener listener, ClientTls client, Consumer<SSLParameters> change)
      throws Exception {
    SSLEngine engine = client.engine(true);
    SSLParameters parameters = engine.getSSLParameters();
    change.accept(parameters);
    engine.setSSLParameters(parameters);
    Connection clientEnd = wire.connect(listener);
    TlsFacts facts = clientEnd.startTls(engine, Optional.empty(), SOON);
    Connection serverEnd = wire.accepted();
    return new Both(facts, serverEnd.tls().orElseThrow(), clientEnd, serverEnd);
  }

  private Listener listen(TlsProvider provider, TlsIdentity identity) throws Exception {
    ServerTls tls = ServerTls.of(provider, name -> identity);
    return wire.listen(Listener.Settings.directTls(() -> tls));
  }

  private static Bytes leaf(TlsIdentity identity) throws Exception {
    return Bytes.of(identity.chain().getFirst().getEncoded());
  }

  private static ServerTrust pinned(TlsIdentity identity) {
    return new ServerTrust.Pinned(ServerTrust.pinOf(identity.chain().getLast()));
  }

  static Stream<Arguments> pairings() {
    List<Arguments> all = new ArrayList<>();
    for (TlsProvider client : TlsProvider.values()) {
      for (TlsProvider server : TlsProvider.values()) {
        for (String protocol : List.of("TLSv1.2", "TLSv1.3")) {
          all.add(Arguments.of(client, server, protocol));
        }
      }
    }
    return all.stream();
  }

  @Spec(doc = "RFC 9266", section = "2", rule = "both ends export the same 32 octets")
  @ParameterizedTest
  @MethodSource("pairings")
  void tellsBothEndsTheSame(TlsProvider clients, TlsProvider servers, String protocol)
      throws Exception {
    Listener listener = listen(servers, Wire.SERVER);
    for (Optional<TlsIdentity> identity :
        List.of(Optional.<TlsIdentity>empty(), Optional.of(EC), Optional.of(RSA))) {
      ClientTls client = Wire.client(clients, identity);
      List<Bytes> bindings = new ArrayList<>();
      boolean resumed = false;
      for (int i = 0; i < 4 && !resumed; i++) {
        Both both = handshake(listener, client, it -> it.setProtocols(new String[] {protocol}));
        assertThat(both.client().protocol()).isEqualTo(protocol);
        assertThat(both.server().protocol()).isEqualTo(protocol);
        assertThat(both.client().exporter()).isPresent().isEqualTo(both.server().exporter());
        assertThat(both.client().exporter().get().length()).isEqualTo(32);
        assertThat(bindings).doesNotContain(both.client().exporter().get());
        bindings.add(both.client().exporter().get());
        Bytes hash = leaf(Wire.SERVER).sha256();
        assertThat(both.client().serverEndPoint()).contains(hash);
        assertThat(both.server().serverEndPoint()).contains(hash);
        assertThat(both.server().serverName()).contains("localhost");
        assertThat(both.client().peerChain()).containsExactly(leaf(Wire.SERVER));
        assertThat(both.server().peerChain())
            .isEqualTo(identity.isPresent() ? List.of(leaf(identity.get())) : List.<Bytes>of());
        assertThat(both.server().resumed()).isEqualTo(both.client().resumed());
        if (i == 0) {
          assertThat(both.server().resumed()).isFalse();
        }
        resumed = both.server().resumed();
        // A ticket comes behind the handshake; reading an event makes sure that it has come.
        Wire.open(both.serverEnd());
        assertThat(next(both.clientEnd())).isInstanceOf(StreamEvent.Opened.class);
        Wire.open(both.clientEnd());
        assertThat(next(both.serverEnd())).isInstanceOf(StreamEvent.Opened.class);
        both.clientEnd().close();
        assertThat(next(both.serverEnd())).isInstanceOf(StreamEvent.Closed.class);
        both.serverEnd().close();
      }
      // A client of the JDK never resumes TLS 1.2: its connections would share their bindings.
      assertThat(resumed)
          .as("resumed with %s", identity)
          .isEqualTo(!(protocol.equals("TLSv1.2") && clients == TlsProvider.JSSE));
    }
  }

  @Spec(doc = "RFC 5929", section = "3", rule = "both ends know the same; TLS 1.3 has none")
  @ParameterizedTest
  @MethodSource("pairings")
  void tellsTlsUniqueWhereThereIsOne(TlsProvider clients, TlsProvider servers, String protocol)
      throws Exception {
    Listener listener = listen(servers, Wire.SERVER);
    ClientTls client = Wire.client(clients, Optional.empty());
    List<Bytes> before = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Both both = handshake(listener, client, it -> it.setProtocols(new String[] {protocol}));
      boolean tls12 = protocol.equals("TLSv1.2");
      assertThat(both.client().unique().isPresent())
          .isEqualTo(tls12 && clients == TlsProvider.CONSCRYPT);
      assertThat(both.server().unique().isPresent())
          .isEqualTo(tls12 && servers == TlsProvider.CONSCRYPT);
      both.server()
          .unique()
          .ifPresent(
              told -> {
                both.client().unique().ifPresent(same -> assertThat(told).isEqualTo(same));
                // Also a session that goes on has a Finished message of its own.
                assertThat(before).doesNotContain(told);
                before.add(told);
              });
      Wire.open(both.serverEnd());
      assertThat(next(both.clientEnd())).isInstanceOf(StreamEvent.Opened.class);
    }
  }

  @ParameterizedTest
  @EnumSource(TlsProvider.class)
  void refusesAClientThatNamesOnlyOtherProtocols(TlsProvider provider) throws Exception {
    Listener listener = listen(provider, Wire.SERVER);
    for (TlsProvider clients : TlsProvider.values()) {
      ClientTls client = Wire.client(clients, Optional.empty());
      Connection refused = wire.connect(listener);
      SSLEngine engine = client.engine(true);
      SSLParameters parameters = engine.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {"h2", "http/1.1"});
      engine.setSSLParameters(parameters);
      assertThatThrownBy(() -> refused.startTls(engine, Optional.empty(), SOON))
          .isInstanceOf(TlsException.class);
      assertThat(next(refused)).isInstanceOf(StreamEvent.Disconnected.class);
      assertThat(wire.accepted).isEmpty();

      Both several =
          handshake(
              listener,
              client,
              it -> it.setApplicationProtocols(new String[] {"h2", "xmpp-client"}));
      assertThat(several.clientEnd().isOpen()).isTrue();
      Both none = handshake(listener, client, it -> it.setApplicationProtocols(new String[0]));
      assertThat(none.serverEnd().isOpen()).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(TlsProvider.class)
  void showsTheIdentityThatTheClientAsksForAndTheNewOneAfterAReload(TlsProvider provider)
      throws Exception {
    TlsIdentity other = TestCertificates.server("other.example");
    TlsIdentity renewed = TestCertificates.named("x").dns("other.example").key("RSA").selfSigned();
    AtomicReference<TlsIdentity> current = new AtomicReference<>(other);
    LinkedBlockingQueue<Optional<String>> asked = new LinkedBlockingQueue<>();
    ServerTls tls =
        ServerTls.of(
            provider,
            name -> {
              asked.add(name);
              return name.equals(Optional.of("other.example")) ? current.get() : Wire.SERVER;
            });
    Listener listener = wire.listen(Listener.Settings.directTls(() -> tls));
    for (TlsProvider clients : TlsProvider.values()) {
      current.set(other);
      Domain domain = new Domain("other.example");
      Both first =
          handshake(
              listener, ClientTls.of(clients, domain, Optional.empty(), pinned(other)), it -> {});
      assertThat(first.server().serverName()).contains("other.example");
      assertThat(first.client().peerChain()).containsExactly(leaf(other));
      current.set(renewed);
      Both second =
          handshake(
              listener, ClientTls.of(clients, domain, Optional.empty(), pinned(renewed)), it -> {});
      assertThat(second.client().peerChain()).containsExactly(leaf(renewed));
      assertThat(asked).contains(Optional.of("other.example"));
      asked.clear();
      Both none =
          handshake(
              listener, Wire.client(clients, Optional.empty()), it -> it.setServerNames(List.of()));
      assertThat(none.client().peerChain()).containsExactly(leaf(Wire.SERVER));
      if (clients == TlsProvider.JSSE) { // Conscrypt asks for the peer's name all the same
        assertThat(none.server().serverName()).isEmpty();
        assertThat(asked).contains(Optional.empty());
      }
    }
  }

  @Test
  void takesEd25519FromAClientOnlyWhereTheProviderCan() throws Exception {
    assertThatThrownBy(() -> Wire.client(TlsProvider.CONSCRYPT, Optional.of(ED25519)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(TlsProvider.bestFor(ED25519.key())).isEqualTo(TlsProvider.JSSE);
    ClientTls client = Wire.client(TlsProvider.JSSE, Optional.of(ED25519));
    Both jdk = handshake(listen(TlsProvider.JSSE, Wire.SERVER), client, it -> {});
    assertThat(jdk.server().peerChain()).containsExactly(leaf(ED25519));
    Both conscrypt = handshake(listen(TlsProvider.CONSCRYPT, Wire.SERVER), client, it -> {});
    assertThat(conscrypt.server().peerChain()).isEmpty();
  }

  @Spec(doc = "RFC 5929", section = "4.1", rule = "the hash of the certificate's own signature")
  @Test
  void bindsToTheServersCertificate() throws Exception {
    for (TlsProvider provider : TlsProvider.values()) {
      for (String[] hash :
          new String[][] {
            {"SHA256", "SHA-256"}, {"SHA384", "SHA-384"}, {"SHA512", "SHA-512"}, {"SHA1", "SHA-256"}
          }) {
        for (String key : List.of("EC", "RSA")) {
          TlsIdentity server =
              TestCertificates.named("s").dns("localhost").key(key).hash(hash[0]).selfSigned();
          Both both =
              handshake(
                  listen(provider, server),
                  ClientTls.of(provider, Wire.DOMAIN, Optional.empty(), pinned(server)),
                  it -> {});
          Bytes expected =
              Bytes.of(
                  MessageDigest.getInstance(hash[1])
                      .digest(server.chain().getFirst().getEncoded()));
          assertThat(both.client().serverEndPoint()).as(hash[0]).contains(expected);
          assertThat(both.server().serverEndPoint()).as(hash[0]).contains(expected);
        }
      }
    }
    TlsIdentity undefined =
        TestCertificates.named("s").dns("localhost").key("Ed25519").selfSigned();
    Both both =
        handshake(
            listen(TlsProvider.JSSE, undefined),
            ClientTls.of(TlsProvider.JSSE, Wire.DOMAIN, Optional.empty(), pinned(undefined)),
            it -> {});
    assertThat(both.client().serverEndPoint()).isEmpty();
    assertThat(both.server().serverEndPoint()).isEmpty();
  }

  @Test
  void aServerKeepsOnlyTheLeafOfWhatAClientShows() throws Exception {
    TlsIdentity above = TestCertificates.named("above").authority().selfSigned();
    TlsIdentity device =
        TestCertificates.named("device").purpose(KeyPurposeId.id_kp_clientAuth).signedBy(above);
    TlsIdentity server = TestCertificates.named("localhost").dns("localhost").signedBy(above);
    for (TlsProvider provider : TlsProvider.values()) {
      Both both =
          handshake(
              listen(provider, server),
              ClientTls.of(TlsProvider.JSSE, Wire.DOMAIN, Optional.of(device), pinned(above)),
              it -> {});
      assertThat(both.server().peerChain()).containsExactly(leaf(device));
      assertThat(both.client().peerChain()).containsExactly(leaf(server), leaf(above));
    }
  }

  // What a client believes.

  private void believes(TlsIdentity server, String domain, ServerTrust trust) throws Exception {
    Listener listener = listen(TlsProvider.best(), server);
    for (TlsProvider provider : TlsProvider.values()) {
      Both both =
          handshake(
              listener,
              ClientTls.of(provider, new Domain(domain), Optional.empty(), trust),
              it -> {});
      assertThat(both.client().peerChain()).first().isEqualTo(leaf(server));
    }
  }

  private void refuses(TlsIdentity server, String domain, ServerTrust trust, String why)
      throws Exception {
    Listener listener = listen(TlsProvider.best(), server);
    for (TlsProvider provider : TlsProvider.values()) {
      Connection client = wire.connect(listener);
      SSLEngine engine =
          ClientTls.of(provider, new Domain(domain), Optional.empty(), trust).engine(true);
      assertThatThrownBy(() -> client.startTls(engine, Optional.empty(), SOON))
          .as(provider.name())
          .isInstanceOf(TlsException.class)
          .hasMessageContaining(why)
          .hasMessageContaining("sha-256:" + ServerTrust.pinOf(server.chain().getFirst()).toHex());
    }
  }

  private static final TlsIdentity ROOT = TestCertificates.named("root").authority().selfSigned();
  private static final TlsIdentity BELOW =
      TestCertificates.named("below").authority().signedBy(ROOT);

  private static ServerTrust pinOf(X509Certificate certificate) {
    return new ServerTrust.Pinned(ServerTrust.pinOf(certificate));
  }

  @Test
  void believesAnyCertificateOfTheChainThatIsPinned() throws Exception {
    TlsIdentity server = TestCertificates.named("s").dns("example.org").signedBy(BELOW);
    assertThat(server.chain()).hasSize(3);
    for (X509Certificate pinned : server.chain()) {
      believes(server, "example.org", pinOf(pinned));
    }
  }

  @Test
  void believesTheGivenAnchor() throws Exception {
    TlsIdentity server = TestCertificates.named("s").dns("example.org").signedBy(BELOW);
    believes(server, "example.org", new ServerTrust.AgainstDomain(Set.of(ROOT.chain().getFirst())));
  }

  @Test
  void refusesWhatNoAnchorVouchesFor() throws Exception {
    TlsIdentity server = TestCertificates.named("s").dns("example.org").signedBy(BELOW);
    refuses(server, "example.org", ServerTrust.publicly(), "is not trusted");
    refuses(
        server,
        "example.org",
        new ServerTrust.AgainstDomain(Set.of(Wire.SERVER.chain().getFirst())),
        "is not trusted");
  }

  @Test
  void refusesAnotherPinAndShowsBoth() throws Exception {
    TlsIdentity server = TestCertificates.named("s").dns("example.org").signedBy(BELOW);
    ServerTrust other = pinned(Wire.SERVER);
    refuses(
        server,
        "example.org",
        other,
        "expected pin sha-256:" + ServerTrust.pinOf(Wire.SERVER.chain().getFirst()).toHex());
    refuses(
        server,
        "example.org",
        other,
        "sha-256:" + ServerTrust.pinOf(ROOT.chain().getFirst()).toHex());
  }

  @Test
  void refusesAPinnedAnchorThatDidNotSignTheServer() throws Exception {
    TlsIdentity stranger = TestCertificates.named("s").dns("example.org").selfSigned();
    List<X509Certificate> pasted = new ArrayList<>(stranger.chain());
    pasted.add(ROOT.chain().getFirst());
    refuses(
        new TlsIdentity(stranger.key(), pasted),
        "example.org",
        pinOf(ROOT.chain().getFirst()),
        "is not trusted");
  }

  @Test
  void refusesAnIssuerThatMayNotIssue() throws Exception {
    TlsIdentity leafAsIssuer = TestCertificates.named("leaf").dns("a.example").signedBy(ROOT);
    TlsIdentity server = TestCertificates.named("s").dns("example.org").signedBy(leafAsIssuer);
    refuses(server, "example.org", pinOf(ROOT.chain().getFirst()), "is not trusted");
  }

  @Spec(doc = "RFC 6125", section = "6", rule = "the certificate must name the domain")
  @Test
  void refusesACertificateOfAnotherName() throws Exception {
    for (TlsIdentity server :
        List.of(
            TestCertificates.named("example.org").selfSigned(), // the common name does not count
            TestCertificates.named("s").dns("example.com").selfSigned(),
            TestCertificates.named("s").dns("a.example.org").selfSigned(),
            TestCertificates.named("s").dns("*.example.org").selfSigned(),
            TestCertificates.named("s").dns("*.org").dns("*").dns("ex*.org").selfSigned(),
            TestCertificates.named("s").xmpp("user@example.org").selfSigned(),
            TestCertificates.named("s").service("_xmpp-server.example.org").selfSigned())) {
      boolean starOverOneLabel = server.chain().getFirst().toString().contains("*.org");
      refuses(
          server, starOverOneLabel ? "a.b.org" : "example.org", pinned(server), "does not name");
    }
    TlsIdentity address = TestCertificates.named("s").dns("127.0.0.1").selfSigned();
    refuses(address, "127.0.0.1", pinned(address), "does not name");
  }

  @Test
  void believesTheNamesThatXmppKnows() throws Exception {
    for (TlsIdentity server :
        List.of(
            TestCertificates.named("s").dns("a.example").dns("EXAMPLE.org").selfSigned(),
            TestCertificates.named("s").xmpp("example.org").selfSigned(),
            TestCertificates.named("s").service("_xmpp-client.example.org").selfSigned())) {
      believes(server, "example.org", pinned(server));
    }
    TlsIdentity star = TestCertificates.named("s").dns("*.example.org").selfSigned();
    believes(star, "xmpp.example.org", pinned(star));
    TlsIdentity umlaut = TestCertificates.named("s").dns("xn--mller-kva.example").selfSigned();
    believes(umlaut, "müller.example", pinned(umlaut));
    TlsIdentity address = TestCertificates.named("s").address("127.0.0.1").selfSigned();
    believes(address, "127.0.0.1", pinned(address));
  }

  @Test
  void refusesOldAndForeignCertificatesEvenIfPinned() throws Exception {
    TlsIdentity old =
        TestCertificates.named("s")
            .dns("example.org")
            .valid(Instant.ofEpochSecond(1_500_000_000), Instant.ofEpochSecond(1_600_000_000))
            .selfSigned();
    refuses(old, "example.org", pinned(old), "is not trusted");
    TlsIdentity oldBelow =
        TestCertificates.named("s")
            .dns("example.org")
            .valid(Instant.ofEpochSecond(1_500_000_000), Instant.ofEpochSecond(1_600_000_000))
            .signedBy(ROOT);
    refuses(oldBelow, "example.org", pinOf(ROOT.chain().getFirst()), "is not trusted");
    TlsIdentity forClients =
        TestCertificates.named("s")
            .dns("example.org")
            .purpose(KeyPurposeId.id_kp_clientAuth)
            .selfSigned();
    refuses(forClients, "example.org", pinned(forClients), "not for servers");
  }

  // A stranger's implementation.

  @ParameterizedTest
  @EnumSource(TlsProvider.class)
  void exportsWhatOpensslExports(TlsProvider provider) throws Exception {
    String openssl = Tools.program("openssl", "openssl").toString();
    Listener listener = listen(provider, Wire.SERVER);
    Process client =
        new ProcessBuilder(
                openssl,
                "s_client",
                "-connect",
                "127.0.0.1:" + listener.address().getPort(),
                "-servername",
                "localhost",
                "-alpn",
                "xmpp-client",
                "-tls1_3",
                "-keymatexport",
                "EXPORTER-Channel-Binding",
                "-keymatexportlen",
                "32")
            .redirectErrorStream(true)
            .start();
    try {
      Connection server = wire.accepted();
      client.outputWriter().close();
      String output = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Matcher material = Pattern.compile("Keying material: ([0-9A-F]{64})").matcher(output);
      assertThat(material.find()).as(output).isTrue();
      assertThat(server.tls().orElseThrow().exporter()).contains(Bytes.hex(material.group(1)));
      assertThat(output).contains("No client certificate CA names sent");
    } finally {
      client.destroy();
      assertThat(client.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
  }
}

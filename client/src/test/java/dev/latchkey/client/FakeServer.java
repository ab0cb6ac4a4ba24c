// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.Account;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.AccountSnapshot;
import dev.latchkey.credential.AccountStatus;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.CredentialStatus;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.MachineSecret;
import dev.latchkey.credential.Permissions;
import dev.latchkey.credential.ScramHash;
import dev.latchkey.credential.ScramVerifier;
import dev.latchkey.credential.Secret;
import dev.latchkey.credential.Verifier;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.ConnectionFacts;
import dev.latchkey.sasl.EnrolmentLink;
import dev.latchkey.sasl.MechanismName;
import dev.latchkey.sasl.Proof;
import dev.latchkey.sasl.SaslExchange;
import dev.latchkey.sasl.SaslStep;
import dev.latchkey.sasl.SignInRequest;
import dev.latchkey.sasl.clientkey.ClientKeyVariant;
import dev.latchkey.sasl.scram.ScramCandidate;
import dev.latchkey.sasl.scram.ScramDirectory;
import dev.latchkey.sasl.scram.ScramMechanism;
import dev.latchkey.sasl.scram.ScramParameters;
import dev.latchkey.sasl.scram.ScramVariant;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.framing.StreamEvent;
import dev.latchkey.wire.framing.StreamHeader;
import dev.latchkey.wire.framing.StreamLimits;
import dev.latchkey.wire.management.StanzaCount;
import dev.latchkey.wire.socket.Connection;
import dev.latchkey.wire.socket.EventLoops;
import dev.latchkey.wire.socket.Listener;
import dev.latchkey.wire.tls.ServerTls;
import dev.latchkey.wire.tls.TlsFacts;
import dev.latchkey.wire.tls.TlsIdentity;
import dev.latchkey.wire.tls.TlsProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;

/// A server that follows the protocol over a real socket, except where a test has it break a rule.
/// It knows one account, one code (which is a password as well) and signs what it is asked to.
final class FakeServer implements AutoCloseable {
  static final AccountJid NINA = AccountJid.parse("nina@chat.example");
  private static final Domain DOMAIN = NINA.domain();
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String TASK = "LK-ENROL";

  /// What a test may break.
  static final class Manners {
    boolean directTls = true;
    boolean offersStartTls = true;
    boolean sasl2 = true;
    boolean bind2 = true;
    UnaryOperator<List<String>> listed = names -> names;
    Optional<List<String>> types = Optional.of(List.of("tls-exporter", "tls-server-end-point"));
    UnaryOperator<Element> beforeSending = element -> element;
    UnaryOperator<PublicKey> signedKey = key -> key;
    List<String> signedAddresses = List.of(NINA.toString());
    Optional<TestAuthority> claimedIssuer = Optional.empty();
    UnaryOperator<Bytes> answerLink = link -> link;
    boolean losesAnswer;
    String boundJid = "nina@chat.example/Latchkey-1";
    Consumer<Session> session = Session::answerPings;

    /// How devices can be enrolled.
    List<String> enrolBy = List.of("csr");

    /// What tokens are good for.
    List<String> tokenMechanisms = List.of();

    /// Gives a new token whenever one was used.
    boolean rotates;

    /// The name of what it offers.
    Optional<String> version = Optional.empty();

    /// Says nothing, not even its stream header, before the client has tried to sign in.
    boolean waitsForTheClient;

    /// What it proves itself with, where the mechanism has it do so.
    UnaryOperator<Bytes> ownProof = data -> data;

    /// Called with each `<authenticate/>`; tells whether it is answered. If not, the stream ends.
    Predicate<Connection> answers = connection -> true;

    /// From now on whoever signs in meets a server that cannot write its database.
    void breaksDown() {
      answers =
          connection -> {
            connection.send(
                Element.named("error", Namespaces.STREAMS)
                    .child("internal-server-error", Namespaces.STREAM_ERRORS)
                    .build());
            return false;
          };
    }

    /// Offers stream management, inline where the rest is.
    boolean managed;

    /// Answers `<r/>`.
    boolean acknowledges = true;

    /// Keeps sessions when their connection is lost.
    boolean remembers = true;

    /// Says how far it had come with a session that it keeps no more.
    boolean tellsHandled = true;

    /// Called between any two elements, whichever way they go; may cut the connection.
    Consumer<Connection> between = connection -> {};
  }

  /// A stream on which somebody is signed in.
  static final class Session {
    private final Connection connection;
    private final Manners manners;
    private final Optional<FakeSessions.Kept> kept;

    Session(Connection connection, Manners manners, Optional<FakeSessions.Kept> kept) {
      this.connection = connection;
      this.manners = manners;
      this.kept = kept;
    }

    Connection connection() {
      return connection;
    }

    /// The next stanza; nothing when the stream ended.
    Optional<Element> next() {
      while (true) {
        Optional<Element> element = FakeServer.next(connection, manners);
        if (element.isEmpty() || kept.isEmpty()) {
          return element;
        }
        if (element.get().namespace().equals(Namespaces.CLIENT)) {
          kept.get().handled = kept.get().handled.next();
          return element;
        }
        manage(element.get(), kept.get());
      }
    }

    /// The next element with this name, whatever it is; what comes before it is dropped.
    Optional<Element> next(String name) {
      Optional<Element> element = FakeServer.next(connection, manners);
      while (element.isPresent() && !element.get().name().equals(name)) {
        element = FakeServer.next(connection, manners);
      }
      return element;
    }

    private void manage(Element element, FakeSessions.Kept session) {
      if (element.name().equals("r") && manners.acknowledges) {
        write(
            Element.named("a", Namespaces.STREAM_MANAGEMENT)
                .attribute("h", session.handled.toString())
                .build());
      } else if (element.name().equals("a")) {
        var _ =
            session.sent.acknowledge(
                StanzaCount.parse(element.attribute("h").orElseThrow()).orElseThrow());
      }
    }

    /// Sends a stanza.
    void send(Element stanza) {
      send(List.of(stanza));
    }

    /// Sends stanzas that belong together: wherever the connection is cut, who resumes gets the
    /// rest of them.
    void send(List<Element> stanzas) {
      kept.ifPresent(session -> stanzas.forEach(session.sent::sent));
      stanzas.forEach(this::write);
    }

    /// Sends what is not counted.
    void write(Element element) {
      FakeServer.send(connection, manners, element);
    }

    void answerPings() {
      for (Optional<Element> got = next(); got.isPresent(); got = next()) {
        if (got.get().is("iq", Namespaces.CLIENT)) {
          send(result(got.get(), Optional.empty()));
        }
      }
    }

    static Element result(Element iq, Optional<Element> payload) {
      return Element.named("iq", Namespaces.CLIENT)
          .attribute("type", "result")
          .attribute("id", iq.attribute("id"))
          .child(payload)
          .build();
    }
  }

  /// What is kept for clients that come back.
  final FakeSessions sessions = new FakeSessions();

  /// What devices sign in with, beside their certificates.
  final FakeTokens tokens = new FakeTokens();

  final FakeKeys keys = new FakeKeys();

  /// Whether TLS was resumed, for each connection.
  final List<Boolean> tlsResumed = new CopyOnWriteArrayList<>();

  final MachineSecret code;
  final TestAuthority issuing = TestAuthority.make();
  final TestAuthority tlsRoot = TestAuthority.make();

  /// Everything that clients sent after their stream headers.
  final List<Element> received = new CopyOnWriteArrayList<>();

  private final Manners manners;
  private final EventLoops loops = EventLoops.start(1);
  private final ServerTls tls;
  private final Listener listener;
  private final Map<ScramHash, ScramVerifier> verifiers = new EnumMap<>(ScramHash.class);
  private final ScramParameters salt = new ScramParameters(Bytes.utf8("salt"), 4096);
  private final java.security.SecureRandom random = new java.security.SecureRandom();

  FakeServer(Manners manners) throws IOException {
    this.manners = manners;
    this.code = MachineSecret.draw(random);
    for (ScramHash hash : ScramHash.values()) {
      verifiers.put(
          hash,
          ScramVerifier.ofSaltedPassword(
              hash, hash.saltedPassword(code.canonical(), salt.salt(), salt.iterations())));
    }
    KeyPair pair = TestAuthority.pair();
    TlsIdentity identity =
        new TlsIdentity(
            pair.getPrivate(),
            List.of(tlsRoot.server(pair.getPublic(), DOMAIN.name()), tlsRoot.certificate()));
    this.tls = ServerTls.of(TlsProvider.best(), asked -> identity);
    this.listener =
        Listener.open(
            loops,
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            manners.directTls
                ? Listener.Settings.directTls(() -> tls)
                : Listener.Settings.startTls(),
            this::serve);
  }

  ServerAddress address() {
    return new ServerAddress("127.0.0.1", listener.address().getPort(), manners.directTls);
  }

  Bytes pin() {
    return Certificates.pin(tlsRoot.certificate());
  }

  LoginUri uri() {
    return new LoginUri(NINA, code, Optional.empty(), Optional.of(pin()), Optional.of(address()));
  }

  EventLoops loops() {
    return loops;
  }

  /// Takes no more connections.
  void stopListening() {
    listener.close();
  }

  @Override
  public void close() {
    listener.close();
    loops.close();
  }

  private static Optional<Element> next(Connection connection, Manners manners) {
    try {
      Optional<Element> element =
          connection
              .next(PATIENCE)
              .filter(StreamEvent.Received.class::isInstance)
              .map(event -> ((StreamEvent.Received) event).element());
      if (element.isPresent()) {
        manners.between.accept(connection);
      }
      return element;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private Element expect(Connection connection) {
    Element element =
        next(connection, manners).orElseThrow(() -> new IllegalStateException("nothing came"));
    received.add(element);
    return element;
  }

  private Element expect(Connection connection, String name) {
    Element element = expect(connection);
    if (!element.name().equals(name)) {
      throw new IllegalStateException(element + " instead of " + name);
    }
    return element;
  }

  private void send(Connection connection, Element element) {
    send(connection, manners, element);
  }

  private static void send(Connection connection, Manners manners, Element element) {
    manners.between.accept(connection);
    connection.send(manners.beforeSending.apply(element));
  }

  private void serve(Connection connection) {
    try {
      if (!manners.directTls) {
        open(connection);
        Element.Builder features = Element.named("features", Namespaces.STREAMS);
        if (manners.offersStartTls) {
          features.child("starttls", Namespaces.TLS);
        }
        send(connection, features.build());
        expect(connection, "starttls");
        var _ =
            connection.startTls(
                tls.engine(false), Optional.of(Element.empty("proceed", Namespaces.TLS)), PATIENCE);
      }
      take(connection);
      Optional<Element> ahead =
          manners.waitsForTheClient
              ? Optional.of(expect(connection, "authenticate"))
              : Optional.empty();
      answer(connection);
      List<String> mechanisms = new ArrayList<>();
      tlsResumed.add(facts(connection).resumed());
      boolean certificate = !facts(connection).peerChain().isEmpty();
      if (certificate) {
        mechanisms.add("EXTERNAL");
      }
      if (manners.enrolBy.contains("client-key")) {
        ClientKeyVariant.BY_PREFERENCE.forEach(
            variant -> mechanisms.add(variant.mechanism().text()));
      }
      ScramVariant.BY_PREFERENCE.forEach(variant -> mechanisms.add(variant.mechanism().text()));
      send(connection, features(manners.listed.apply(mechanisms)));
      if (manners.sasl2) {
        Element next = ahead.orElseGet(() -> expect(connection, "authenticate"));
        while (!bySasl2(connection, mechanisms, next)) {
          next = expect(connection, "authenticate");
        }
      } else {
        bySasl1(connection, mechanisms);
      }
    } catch (IllegalStateException | IOException goneOrWrong) {
      // The client's end is what the tests look at.
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      connection.close();
    }
  }

  private void open(Connection connection) throws InterruptedException {
    take(connection);
    answer(connection);
  }

  private static void take(Connection connection) throws InterruptedException {
    if (!(connection.next(PATIENCE).orElse(null) instanceof StreamEvent.Opened)) {
      throw new IllegalStateException("no stream came");
    }
  }

  private void answer(Connection connection) {
    connection.open(
        new StreamHeader(
            Optional.empty(),
            Optional.of(DOMAIN.name()),
            Optional.of("s" + random.nextInt(1_000_000)),
            Optional.of("1.0"),
            Optional.empty(),
            Namespaces.CLIENT));
  }

  private static TlsFacts facts(Connection connection) {
    return connection.tls().orElseThrow();
  }

  private Element features(List<String> mechanisms) {
    Element.Builder features = Element.named("features", Namespaces.STREAMS);
    String namespace = manners.sasl2 ? Namespaces.SASL2 : Namespaces.SASL;
    Element.Builder offer =
        Element.named(manners.sasl2 ? "authentication" : "mechanisms", namespace);
    mechanisms.forEach(name -> offer.child(Element.text("mechanism", namespace, name)));
    if (manners.sasl2) {
      Element.Builder inline = Element.named("inline", Namespaces.SASL2);
      if (manners.bind2) {
        Element.Builder bind = Element.named("bind", Namespaces.BIND2);
        if (manners.managed) {
          inline.child("sm", Namespaces.STREAM_MANAGEMENT);
          bind.child(
              Element.named("inline", Namespaces.BIND2)
                  .child(
                      Element.named("feature", Namespaces.BIND2)
                          .attribute("var", Namespaces.STREAM_MANAGEMENT)
                          .build())
                  .build());
        }
        inline.child(bind.build());
      }
      Element.Builder enrol = Element.named("enrol", Namespaces.LATCHKEY_CSR);
      manners.enrolBy.forEach(way -> enrol.child(Element.text("by", Namespaces.LATCHKEY_CSR, way)));
      inline.child(enrol.build());
      if (!manners.tokenMechanisms.isEmpty()) {
        Element.Builder fast = Element.named("fast", Namespaces.FAST);
        manners.tokenMechanisms.forEach(
            name -> fast.child(Element.text("mechanism", Namespaces.FAST, name)));
        inline.child(fast.build());
      }
      offer.child(inline.build());
    }
    features.child(offer.build());
    manners.version.ifPresent(
        value ->
            features.child(
                Element.named("config-version", Namespaces.PIPELINING)
                    .attribute("value", value)
                    .build()));
    manners.types.ifPresent(
        types -> {
          Element.Builder list = Element.named("sasl-channel-binding", Namespaces.CHANNEL_BINDING);
          types.forEach(
              type ->
                  list.child(
                      Element.named("channel-binding", Namespaces.CHANNEL_BINDING)
                          .attribute("type", type)
                          .build()));
          features.child(list.build());
        });
    return features.build();
  }

  private static Map<ChannelBindingType, Bytes> bindings(Connection connection) {
    return ChannelBindings.ours(facts(connection));
  }

  private SaslExchange scram(Connection connection, String mechanism, List<String> offered) {
    ScramDirectory directory =
        new ScramDirectory() {
          @Override
          public ScramParameters parameters(Domain domain, String authcid, ScramHash hash) {
            return salt;
          }

          @Override
          public List<ScramCandidate> candidates(Domain domain, String authcid, ScramHash hash) {
            return authcid.equals(NINA.localpart())
                ? List.of(candidate(java.util.Objects.requireNonNull(verifiers.get(hash))))
                : List.of();
          }
        };
    return ScramMechanism.of(
            ScramVariant.of(new MechanismName(mechanism)).orElseThrow(), directory, random)
        .begin(
            new SignInRequest(
                new ConnectionFacts(bindings(connection), Optional.empty()),
                DOMAIN,
                Optional.of(NINA.jid()),
                offered.stream().map(MechanismName::new).toList()));
  }

  private static ScramCandidate candidate(ScramVerifier verifier) {
    Account account =
        new Account(new AccountId("account-1"), NINA, AccountStatus.ACTIVE, 1, Instant.EPOCH);
    Credential code =
        new Credential(
            new CredentialId("cred-code"),
            account.id(),
            Optional.empty(),
            CredentialStatus.ACTIVE,
            0,
            Instant.EPOCH,
            Optional.empty(),
            new Verifier.OneTime(
                List.of(verifier),
                new Verifier.Grant(
                    Optional.empty(),
                    Permissions.ALL,
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty()),
                Optional.empty(),
                0));
    return new ScramCandidate(
        new AccountSnapshot(account, List.of(), List.of(code)), code, verifier);
  }

  private SaslStep exchange(
      Connection connection, SaslExchange exchange, Optional<Bytes> first, String namespace) {
    SaslStep step = exchange.next(first);
    while (step instanceof SaslStep.Challenge(Bytes data)) {
      send(connection, Element.text("challenge", namespace, data.toBase64()));
      step = exchange.next(Bytes.base64(expect(connection, "response").text()));
    }
    return step;
  }

  /// @return whether it led to a session, or to the end of the stream
  private boolean bySasl2(Connection connection, List<String> offered, Element authenticate) {
    if (!manners.answers.test(connection)) {
      return true;
    }
    Optional<String> relied =
        authenticate
            .child("config-version", Namespaces.PIPELINING)
            .flatMap(version -> version.attribute("value"));
    if (relied.isPresent() && !relied.equals(manners.version)) {
      send(
          connection,
          failure("aborted", Element.empty("config-version-mismatch", Namespaces.PIPELINING)));
      return false;
    }
    String mechanism = authenticate.attribute("mechanism").orElseThrow();
    Optional<Bytes> first =
        authenticate
            .child("initial-response", Namespaces.SASL2)
            .flatMap(text -> Bytes.base64(text.text()));
    Optional<String> way =
        authenticate
            .child("enrol", Namespaces.LATCHKEY_CSR)
            .flatMap(enrol -> enrol.attribute("by"));
    Optional<Element> request = authenticate.child("request-token", Namespaces.FAST);
    Element.Builder success = Element.named("success", Namespaces.SASL2);
    if (mechanism.startsWith("HT-")) {
      switch (tokens.judge(
          NINA.localpart(), mechanism, first.orElseThrow(), bindings(connection))) {
        case FakeTokens.Verdict.Good(Bytes proof) -> success.child(ownProof(proof));
        case FakeTokens.Verdict.Expired() -> {
          send(connection, failure("credentials-expired"));
          return false;
        }
        case FakeTokens.Verdict.Wrong() -> {
          send(connection, failure("not-authorized"));
          return false;
        }
      }
      if (manners.rotates) {
        success.child(tokens.give(FakeTokens.variant(mechanism)));
      }
    } else if (mechanism.startsWith("CLIENT-KEY")) {
      Optional<Bytes> proof = keys.judge(first.orElseThrow(), bindings(connection));
      if (proof.isEmpty()) {
        send(connection, failure("not-authorized"));
        return false;
      }
      success.child(ownProof(proof.get()));
    } else if (!mechanism.equals("EXTERNAL")) {
      SaslStep step =
          exchange(connection, scram(connection, mechanism, offered), first, Namespaces.SASL2);
      if (!(step instanceof SaslStep.Success(Proof proof, Optional<Bytes> additional))) {
        send(connection, failure("not-authorized"));
        return false;
      }
      Optional<Element> data =
          additional.map(
              octets -> Element.text("additional-data", Namespaces.SASL2, octets.toBase64()));
      if (way.isPresent()) {
        enrol(connection, proof, data, way.get());
        return true;
      }
      success.child(data);
      if (request.isPresent()) {
        success.child(enrolled());
      }
    }
    if (!mechanism.startsWith("HT-")) {
      request.ifPresent(asked -> success.child(tokens.give(asked)));
    }
    if (manners.losesAnswer) {
      connection.abort();
      return true;
    }
    Optional<Element> resume = authenticate.child("resume", Namespaces.STREAM_MANAGEMENT);
    Optional<FakeSessions.Kept> old =
        resume.flatMap(asked -> sessions.find(asked, manners.remembers));
    Optional<Element> bind = authenticate.child("bind", Namespaces.BIND2);
    boolean inline = bind.isPresent() || old.isPresent();
    success.child(
        Element.text(
            "authorization-identifier",
            Namespaces.SASL2,
            inline ? manners.boundJid : NINA.toString()));
    if (old.isPresent()) {
      send(connection, success.child(sessions.resumed(old.get())).build());
      goOn(connection, old.get());
      return true;
    }
    resume.ifPresent(asked -> success.child(sessions.failed(asked, manners.tellsHandled)));
    Optional<FakeSessions.Kept> begun =
        bind.flatMap(asked -> asked.child("enable", Namespaces.STREAM_MANAGEMENT))
            .map(asked -> sessions.begin());
    if (bind.isPresent()) {
      success.child(
          Element.named("bound", Namespaces.BIND2).child(begun.map(FakeSessions::enabled)).build());
    }
    send(connection, success.build());
    send(connection, afterwards());
    if (inline) {
      manners.session.accept(new Session(connection, manners, begun));
    } else {
      afterwards(connection, expect(connection));
    }
    return true;
  }

  private Element ownProof(Bytes proof) {
    return Element.text(
        "additional-data", Namespaces.SASL2, manners.ownProof.apply(proof).toBase64());
  }

  private static Element enrolled() {
    return Element.named("enrolled", Namespaces.LATCHKEY_CSR)
        .attribute("device", "dev-1")
        .attribute("credential", "cred-1")
        .build();
  }

  /// Goes on with a session: what the client does not have is sent again.
  private void goOn(Connection connection, FakeSessions.Kept session) {
    session.sent.waiting().forEach(stanza -> send(connection, stanza));
    manners.session.accept(new Session(connection, manners, Optional.of(session)));
  }

  /// What a client that is signed in does where nothing is inline.
  ///
  /// @param first its first element
  private void afterwards(Connection connection, Element first) {
    Element element = first;
    if (element.is("resume", Namespaces.STREAM_MANAGEMENT)) {
      Optional<FakeSessions.Kept> old = sessions.find(element, manners.remembers);
      if (old.isPresent()) {
        send(connection, sessions.resumed(old.get()));
        goOn(connection, old.get());
        return;
      }
      send(connection, sessions.failed(element, manners.tellsHandled));
      element = expect(connection);
    }
    send(
        connection,
        Session.result(
            element,
            Optional.of(
                Element.named("bind", Namespaces.BIND)
                    .child(Element.text("jid", Namespaces.BIND, manners.boundJid))
                    .build())));
    Optional<FakeSessions.Kept> begun = Optional.empty();
    if (manners.managed) {
      Element next = expect(connection);
      if (next.is("enable", Namespaces.STREAM_MANAGEMENT)) {
        begun = Optional.of(sessions.begin());
        send(connection, FakeSessions.enabled(begun.get()));
      }
    }
    manners.session.accept(new Session(connection, manners, begun));
  }

  private static Element failure(String condition, Element... more) {
    return Element.named("failure", Namespaces.SASL2)
        .child(condition, Namespaces.SASL)
        .children(List.of(more))
        .build();
  }

  private Element afterwards() {
    Element.Builder features =
        Element.named("features", Namespaces.STREAMS).child("bind", Namespaces.BIND);
    if (manners.managed) {
      features.child("sm", Namespaces.STREAM_MANAGEMENT);
    }
    return features.build();
  }

  private void enrol(
      Connection connection, Proof proof, Optional<Element> additionalData, String way) {
    send(
        connection,
        Element.named("continue", Namespaces.SASL2)
            .child(additionalData)
            .child(
                Element.named("tasks", Namespaces.SASL2)
                    .child(Element.text("task", Namespaces.SASL2, TASK))
                    .build())
            .build());
    Element next = expect(connection, "next");
    List<Element> made =
        way.equals("client-key")
            ? List.of(registered(next, proof), enrolled())
            : List.of(signed(next.child("sign", Namespaces.LATCHKEY_CSR).orElseThrow(), proof));
    if (manners.losesAnswer) {
      connection.abort();
      return;
    }
    send(
        connection,
        Element.named("success", Namespaces.SASL2)
            .child(Element.text("authorization-identifier", Namespaces.SASL2, NINA.toString()))
            .children(made)
            .build());
  }

  private Element registered(Element next, Proof proof) {
    Element register = next.child("register", Namespaces.CLIENT_KEY).orElseThrow();
    String id = register.child("id", Namespaces.CLIENT_KEY).orElseThrow().text();
    Bytes key =
        Bytes.base64(register.child("key", Namespaces.CLIENT_KEY).orElseThrow().text())
            .orElseThrow();
    Bytes link =
        EnrolmentLink.ofClientKey(
            proof.enrolmentKey().orElseThrow().serverKey(), NINA, id, Secret.of(key));
    if (!next.child("link", Namespaces.LATCHKEY_CSR)
        .flatMap(text -> Bytes.base64(text.text()))
        .equals(Optional.of(link))) {
      throw new IllegalStateException("the key is not linked");
    }
    return Element.named("registered", Namespaces.CLIENT_KEY)
        .child(
            Element.text(
                "encrypted-secret", Namespaces.CLIENT_KEY, keys.register(id, key).toBase64()))
        .child(Element.text("expiry", Namespaces.CLIENT_KEY, "2099-01-01T00:00:00Z"))
        .build();
  }

  private Element signed(Element sign, Proof proof) {
    Bytes request =
        Bytes.base64(sign.child("request", Namespaces.LATCHKEY_CSR).orElseThrow().text())
            .orElseThrow();
    Proof.EnrolmentKey key = proof.enrolmentKey().orElseThrow();
    Optional<Bytes> link =
        sign.child("link", Namespaces.LATCHKEY_CSR).flatMap(text -> Bytes.base64(text.text()));
    if (!link.equals(Optional.of(EnrolmentLink.ofRequest(key.serverKey(), NINA, request)))) {
      throw new IllegalStateException("the request is not linked");
    }
    X509Certificate leaf =
        issuing.device(manners.signedKey.apply(publicKey(request)), manners.signedAddresses);
    List<Bytes> certificates =
        List.of(
            Certificates.der(leaf),
            Certificates.der(manners.claimedIssuer.orElse(issuing).certificate()));
    Element.Builder signed =
        Element.named("signed", Namespaces.LATCHKEY_CSR)
            .attribute("device", "dev-1")
            .attribute("credential", "cred-1")
            .attribute("not-after", "2027-01-01T00:00:00Z");
    certificates.forEach(
        der -> signed.child(Element.text("cert", Namespaces.LATCHKEY_CSR, der.toBase64())));
    Bytes answer =
        manners.answerLink.apply(EnrolmentLink.ofAnswer(key.serverKey(), NINA, certificates));
    if (!answer.isEmpty()) {
      signed.child(Element.text("link", Namespaces.LATCHKEY_CSR, answer.toBase64()));
    }
    return signed.build();
  }

  private static PublicKey publicKey(Bytes request) {
    try {
      return java.security.KeyFactory.getInstance("EC")
          .generatePublic(
              new X509EncodedKeySpec(
                  new PKCS10CertificationRequest(request.toArray())
                      .getSubjectPublicKeyInfo()
                      .getEncoded()));
    } catch (IOException | java.security.GeneralSecurityException broken) {
      throw new IllegalStateException(broken);
    }
  }

  private void bySasl1(Connection connection, List<String> offered) throws InterruptedException {
    Element auth = expect(connection, "auth");
    String mechanism = auth.attribute("mechanism").orElseThrow();
    Optional<Proof> proof = Optional.empty();
    Element.Builder success = Element.named("success", Namespaces.SASL);
    if (!mechanism.equals("EXTERNAL")) {
      SaslStep step =
          exchange(
              connection,
              scram(connection, mechanism, offered),
              Bytes.base64(auth.text()),
              Namespaces.SASL);
      if (!(step instanceof SaslStep.Success(Proof who, Optional<Bytes> additional))) {
        send(
            connection,
            Element.named("failure", Namespaces.SASL)
                .child("not-authorized", Namespaces.SASL)
                .build());
        return;
      }
      proof = Optional.of(who);
      additional.ifPresent(data -> success.text(data.toBase64()));
    }
    connection.restart(StreamLimits.AUTHENTICATED);
    send(connection, success.build());
    open(connection);
    send(connection, afterwards());
    Element first = expect(connection);
    Optional<Element> sign = first.child("sign", Namespaces.LATCHKEY_CSR);
    if (sign.isPresent()) {
      send(connection, Session.result(first, Optional.of(signed(sign.get(), proof.orElseThrow()))));
      return;
    }
    afterwards(connection, first);
  }
}

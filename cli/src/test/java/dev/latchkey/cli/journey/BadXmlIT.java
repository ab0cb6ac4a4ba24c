// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.NINA;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Waypoint;
import dev.latchkey.server.Configuration;
import dev.latchkey.testkit.Spec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is no stream, and streams that are not for us: each is told its stream error, the operator
/// reads why, and nothing is written down.
final class BadXmlIT {
  private static final String STANZA = "<message to='nina@localhost'><body>%s</body></message>";

  private static final String DTD = "a document type declaration";

  private static @TempDir Path folder;
  private static RunningServer server;
  private String before;

  @BeforeAll
  static void start() throws Exception {
    server = RunningServer.in(folder);
    server.invite(RunningServer.NINA);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @BeforeEach
  void remember() {
    server.log.forget();
    before = server.dump().text();
  }

  private static RawStream dial() throws IOException {
    return RawStream.secure(server.server().directTls().orElseThrow(), "localhost");
  }

  /// Sends into a stream on which nobody is signed in.
  private void refuses(String sent, String condition, String rule) throws IOException {
    refuses(sent.getBytes(StandardCharsets.UTF_8), condition, rule);
  }

  private void refuses(byte[] sent, String condition, String rule) throws IOException {
    try (RawStream stream = dial().opened()) {
      stream.flood(sent);
      isTold(stream, condition, rule);
    }
  }

  /// Sends the first octets of a connection.
  private void refusesAtOnce(String sent, String condition, String rule) throws IOException {
    refusesAtOnce(dial(), sent, condition, rule);
    server.log.forget();
    refusesAtOnce(RawStream.clear(server.server().startTls().orElseThrow()), sent, condition, rule);
  }

  private void refusesAtOnce(RawStream dialled, String sent, String condition, String rule)
      throws IOException {
    try (RawStream stream = dialled) {
      stream.send(sent);
      String answer = isTold(stream, condition, rule);
      // RFC 6120 §4.9.1.2: also who opened no stream gets one for the error to stand in.
      assertThat(answer).startsWith("<?xml version='1.0'?><stream:stream ");
    }
  }

  private String isTold(RawStream stream, String condition, String rule) throws IOException {
    String answer = stream.rest();
    // RFC 6120 §4.9.1: the error, then the end of the stream that it stands in, then nothing.
    assertThat(answer)
        .contains("<stream:error><" + condition + " xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>")
        .containsOnlyOnce("</stream:stream>")
        .endsWith("</stream:stream>");
    assertThat(server.log.streams).containsExactly(condition + ": " + rule);
    assertThat(server.log.signIns).isEmpty();
    assertThat(server.dump().text()).isEqualTo(before);
    return answer;
  }

  @Test
  @Spec(doc = "RFC 6120", section = "4.9.3.13", rule = "what is not well-formed ends the stream")
  void refusesMalformedXml() throws IOException {
    refuses("<a></b>", "not-well-formed", "an element that does not end where it should");
  }

  @Test
  void refusesMalformedXmlInsteadOfAStreamHeader() throws IOException {
    refusesAtOnce("<stream:stream <", "not-well-formed", "markup in a tag");
  }

  @Test
  void refusesUndeclaredPrefix() throws IOException {
    refuses("<a:b/>", "not-well-formed", "not namespace-well-formed XML");
  }

  @Test
  void refusesXmlThatIsTruncatedByTheEndOfTheStream() throws IOException {
    refuses(
        "<message><body>half a</stream:stream></message>",
        "not-well-formed",
        "not namespace-well-formed XML");
  }

  @Test
  void forgetsXmlThatIsTruncatedByTheEndOfTheConnection() throws IOException {
    try (RawStream stream = dial().opened()) {
      stream.send("<authenticate xmlns='urn:xmpp:sasl:2' mechanism='SCRAM-SHA-2");
    }
    // Nobody is left to be told; the next one is served as ever.
    refuses("<a></b>", "not-well-formed", "an element that does not end where it should");
  }

  @Test
  @Spec(doc = "RFC 6120", section = "11.1", rule = "no document type declaration")
  void refusesDocumentTypeDeclaration() throws IOException {
    refuses("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "restricted-xml", DTD);
    server.log.forget();
    refusesAtOnce(
        "<?xml version='1.0'?><!DOCTYPE stream:stream SYSTEM 'x'>", "restricted-xml", DTD);
  }

  @Test
  @Spec(doc = "RFC 6120", section = "11.1", rule = "no entity but the five")
  void refusesEntityBomb() throws IOException {
    StringBuilder bomb = new StringBuilder("<!DOCTYPE b [<!ENTITY e0 'ha'>");
    for (int i = 1; i < 30; i++) {
      bomb.append("<!ENTITY e%d '&e%d;&e%d;'>".formatted(i, i - 1, i - 1));
    }
    refuses(bomb + "]><b>&e29;</b>", "restricted-xml", DTD);
  }

  @Test
  void refusesReferenceToAnEntityThatNobodyDeclared() throws IOException {
    refuses(
        STANZA.formatted("&e29;"),
        "restricted-xml",
        "a reference to an entity that is not predefined");
  }

  @Test
  void refusesProcessingInstruction() throws IOException {
    refuses("<?php exit ?>", "restricted-xml", "a processing instruction");
    server.log.forget();
    refuses(STANZA.formatted("<?php exit ?>"), "restricted-xml", "a processing instruction");
  }

  @Test
  void refusesComment() throws IOException {
    refuses("<!-- hello -->", "restricted-xml", "a comment");
    server.log.forget();
    refuses(STANZA.formatted("<!-- hello -->"), "restricted-xml", "a comment");
  }

  @Test
  void refusesElementOfTenMegabytes() throws IOException {
    byte[] octets = new byte[10 * 1024 * 1024];
    Arrays.fill(octets, (byte) 'a');
    byte[] start = "<message><body>".getBytes(StandardCharsets.UTF_8);
    System.arraycopy(start, 0, octets, 0, start.length);
    refuses(octets, "policy-violation", "an element that is too large");
  }

  @Test
  void refusesAttributeOfTenMegabytes() throws IOException {
    refuses(
        "<message to='" + "a".repeat(10 * 1024 * 1024),
        "policy-violation",
        "an element that is too large");
  }

  @Test
  void refusesNestingOfTenThousand() throws IOException {
    refuses("<a>".repeat(10_000), "policy-violation", "elements nested too deep");
  }

  @Test
  void refusesOctetsThatAreNotUtf8() throws IOException {
    for (byte[] octets : List.of(octets(0xFF), octets(0xC3, 0x28), octets(0xED, 0xA0, 0x80))) {
      server.log.forget();
      refuses(inBody(octets), "unsupported-encoding", "octets that are not UTF-8");
    }
  }

  @Test
  @Spec(doc = "RFC 3629", section = "3", rule = "a decoder must refuse overlong forms")
  void refusesOverlongUtf8() throws IOException {
    // "<" in two, three and four octets.
    for (byte[] octets :
        List.of(octets(0xC0, 0xBC), octets(0xE0, 0x80, 0xBC), octets(0xF0, 0x80, 0x80, 0xBC))) {
      server.log.forget();
      refuses(inBody(octets), "unsupported-encoding", "octets that are not UTF-8");
    }
  }

  private static byte[] octets(int... values) {
    byte[] octets = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      octets[i] = (byte) values[i];
    }
    return octets;
  }

  private static byte[] inBody(byte[] octets) {
    byte[] start = "<message><body>".getBytes(StandardCharsets.UTF_8);
    byte[] end = "</body></message>".getBytes(StandardCharsets.UTF_8);
    byte[] whole = Arrays.copyOf(start, start.length + octets.length + end.length);
    System.arraycopy(octets, 0, whole, start.length, octets.length);
    System.arraycopy(end, 0, whole, start.length + octets.length, end.length);
    return whole;
  }

  @Test
  @Spec(doc = "RFC 6120", section = "4.9.3.12", rule = "nobody speaks before signing in")
  void refusesStanzaBeforeAuthentication() throws IOException {
    for (String stanza :
        List.of(
            STANZA.formatted("hi"),
            "<presence/>",
            "<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>",
            "<iq type='set' id='1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
            "<iq type='set' id='1'><sign xmlns='urn:latchkey:csr:0'/></iq>")) {
      server.log.forget();
      refuses(stanza, "not-authorized", "a stanza before authentication");
    }
  }

  @Test
  void refusesElementOutOfOrder() throws IOException {
    refuses(
        "<next xmlns='urn:xmpp:sasl:2' task='LK-ENROL'/>",
        "policy-violation",
        "an element out of order");
  }

  @Test
  @Spec(doc = "RFC 6120", section = "5.4.1", rule = "nothing but STARTTLS in clear")
  void refusesSignInWithoutTls() throws IOException {
    try (RawStream stream = RawStream.clear(server.server().startTls().orElseThrow()).opened()) {
      stream.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'/>");
      isTold(stream, "policy-violation", "an element out of order");
    }
  }

  @Test
  @Spec(doc = "RFC 6120", section = "4.9.3.6", rule = "a stream is to a domain that is served")
  void refusesStreamToUnknownHost() throws IOException {
    refusesAtOnce(
        RawStream.header("to='chat.example'"),
        "host-unknown",
        "stream is to no domain served here");
  }

  @Test
  void refusesStreamToNobody() throws IOException {
    refusesAtOnce(
        RawStream.header("from='nina@localhost'"),
        "host-unknown",
        "stream is to no domain served here");
  }

  @Test
  @Spec(doc = "latchkey", section = "58", rule = "SNI and the stream are for one domain")
  void refusesStreamToAnotherDomainThanSniNames(@TempDir Path two) throws Exception {
    try (RunningServer both =
        RunningServer.in(
            two, seams -> seams, configuration -> serving(configuration, "other.localhost"))) {
      var address = both.server().directTls().orElseThrow();
      String untouched = both.dump().text();
      try (RawStream stream = RawStream.secure(address, "localhost")) {
        stream.send(RawStream.header("to='other.localhost'"));
        assertThat(stream.rest()).contains("<host-unknown ").endsWith("</stream:stream>");
        assertThat(both.log.streams)
            .containsExactly("host-unknown: SNI names another domain than the stream");
      }
      assertThat(both.dump().text()).isEqualTo(untouched);
      // The same domain by both names is served.
      try (RawStream stream = RawStream.secure(address, "other.localhost")) {
        stream.send(RawStream.header("to='other.localhost'"));
        assertThat(stream.until("</stream:features>")).contains("SCRAM-SHA-256");
      }
    }
  }

  @Test
  void endsStreamThatTakesTooLongToAuthenticate(@TempDir Path other) throws Exception {
    Duration time = Duration.ofMillis(700);
    try (RunningServer impatient =
            RunningServer.in(other, seams -> seams, limits(256, 1024, time));
        RawStream stream =
            RawStream.secure(impatient.server().directTls().orElseThrow(), "localhost").opened()) {
      String untouched = impatient.dump().text();
      assertThat(stream.rest()).contains("<connection-timeout ").endsWith("</stream:stream>");
      assertThat(impatient.log.streams)
          .containsExactly("connection-timeout: the negotiation took too long");
      assertThat(impatient.dump().text()).isEqualTo(untouched);
    }
  }

  @Test
  void refusesMoreUnauthenticatedStreamsThanAllMayHave(@TempDir Path other) throws Exception {
    try (RunningServer small =
        RunningServer.in(other, seams -> seams, limits(256, 2, Duration.ofSeconds(30)))) {
      String untouched = small.dump().text();
      List<RawStream> taken = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        taken.add(RawStream.secure(small.server().directTls().orElseThrow(), "localhost").opened());
      }
      try (RawStream stream = RawStream.clear(small.server().startTls().orElseThrow())) {
        assertThat(stream.rest())
            .startsWith("<?xml")
            .contains("<resource-constraint ")
            .endsWith("</stream:stream>");
        assertThat(small.log.streams)
            .containsExactly("resource-constraint: too many streams without a session");
      }
      taken.forEach(RawStream::close);
      assertThat(small.dump().text()).isEqualTo(untouched);
    }
  }

  @Test
  void handshakesWithNobodyWhileAllPlacesOfStrangersAreTaken(@TempDir Path other) throws Exception {
    try (RunningServer small =
        RunningServer.in(other, seams -> seams, limits(256, 1, Duration.ofSeconds(30)))) {
      var address = small.server().directTls().orElseThrow();
      try (RawStream _ = RawStream.secure(address, "localhost").opened();
          RawStream second = RawStream.clear(address)) {
        assertThat(second.rest()).as("not one octet of TLS").isEmpty();
        assertThat(small.log.streams)
            .containsExactly("resource-constraint: too many streams without a session");
      }
      // Who says nothing, and leaves during the handshake, gives the place back.
      RawStream.clear(address).close();
      long patience = System.nanoTime() + RunningServer.PATIENCE.toNanos();
      boolean free = false;
      while (!free && System.nanoTime() < patience) {
        try (RawStream _ = RawStream.secure(address, "localhost").opened()) {
          free = true;
        } catch (IOException taken) {
          Thread.onSpinWait(); // the server has not heard yet
        }
      }
      assertThat(free).isTrue();
    }
  }

  @Test
  void countsAHandshakeAmongTheStrangers(@TempDir Path other) throws Exception {
    try (RunningServer small =
            RunningServer.in(other, seams -> seams, limits(256, 1, Duration.ofSeconds(30)));
        RawStream _ = RawStream.clear(small.server().directTls().orElseThrow())) {
      long patience = System.nanoTime() + RunningServer.PATIENCE.toNanos();
      String answer = "";
      while (!answer.contains("<resource-constraint ") && System.nanoTime() < patience) {
        try (RawStream stream = RawStream.clear(small.server().startTls().orElseThrow())) {
          stream.send(RawStream.header("to='localhost'"));
          answer = stream.until(Pattern.compile("</stream:(features|stream)>"));
        }
      }
      assertThat(answer).contains("<resource-constraint ");
    }
  }

  @Test
  void countsNobodyAsAStrangerWhoHasSignedIn(@TempDir Path other) throws Exception {
    HeldAt held = new HeldAt();
    try (RunningServer small =
        RunningServer.in(
            other, seams -> seams.with(held), limits(256, 1, Duration.ofSeconds(30)))) {
      small.enrol(small.invite(NINA), "phone");
      held.hold(Waypoint.ANSWERED);
      CompletableFuture<LatchkeyClient> signingIn =
          CompletableFuture.supplyAsync(() -> small.connect("phone"));
      held.awaitArrival();
      // The thread that negotiated is still busy with the session.
      try (RawStream stream = RawStream.clear(small.server().startTls().orElseThrow())) {
        stream.send(RawStream.header("to='localhost'"));
        assertThat(stream.until(Pattern.compile("</stream:(features|stream)>")))
            .endsWith("</stream:features>");
      } finally {
        held.release();
      }
      assertThat(signingIn.get(RunningServer.PATIENCE.toSeconds(), TimeUnit.SECONDS)).isNotNull();
    }
  }

  @Test
  void hangsUpOnMoreConnectionsThanOneAddressMayHave(@TempDir Path other) throws Exception {
    try (RunningServer small =
        RunningServer.in(other, seams -> seams, limits(2, 1024, Duration.ofSeconds(30)))) {
      String untouched = small.dump().text();
      var address = small.server().startTls().orElseThrow();
      try (RawStream _ = RawStream.clear(address).opened();
          RawStream _ = RawStream.clear(address).opened();
          RawStream third = RawStream.clear(address)) {
        // Whoever is too many is not worth a stream.
        assertThat(third.rest()).isEmpty();
        assertThat(small.log.streams)
            .containsExactly("policy-violation: too many connections from one address");
      }
      assertThat(small.dump().text()).isEqualTo(untouched);
    }
  }

  private static UnaryOperator<Configuration> limits(int perAddress, int streams, Duration time) {
    return whole ->
        whole.with(
            new Configuration.Limits(
                whole.limits().beforeSignIn(),
                whole.limits().session(),
                perAddress,
                streams,
                time,
                whole.limits().failedAttempts()));
  }

  private static Configuration serving(Configuration whole, String another) {
    List<Configuration.ServedDomain> domains = new ArrayList<>(whole.domains());
    domains.add(
        new Configuration.ServedDomain(
            new Domain(another),
            Optional.empty(),
            whole.domains().getFirst().mechanisms(),
            Map.of()));
    return whole.withDomains(domains);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.client.LoginUri;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.ScramHash;
import dev.latchkey.credential.ScramVerifier;
import dev.latchkey.credential.Secret;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.testkit.Spec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sign-ins with a password that are refused: what the peer hears, what the operator reads, and
/// that nothing is written down.
final class BadSaslIT {
  private static final AccountJid OLGA = new AccountJid("olga", RunningServer.DOMAIN);
  private static final String PLAIN = "SCRAM-SHA-256";
  private static final String PLUS = "SCRAM-SHA-256-PLUS";
  private static final String POLICY_VIOLATION =
      "<stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>";
  private static final Pattern ANSWER =
      Pattern.compile("</challenge>|</failure>|</success>|</continue>");

  private static @TempDir Path folder;
  private static RunningServer server;
  private static Scram nina;
  private static LoginUri invitation;
  private String before;

  @BeforeAll
  static void start() throws Exception {
    server = RunningServer.in(folder);
    nina = new Scram("n,,", Bytes.EMPTY, "nina", server.password(RunningServer.NINA));
    var _ = server.password(OLGA);
    invitation = server.invite(RunningServer.NINA);
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @BeforeEach
  void remember() {
    server.log.forget();
    before = database();
  }

  /// Without the time a device was last seen: who was let in was seen, whatever came after.
  private static String database() {
    return server.dump().text().replaceAll(" last_seen=\\S+", "");
  }

  /// A client's SCRAM, every part of which can be a lie.
  private record Scram(String gs2, Bytes channel, String name, String password) {
    private static final String NONCE = "fyko+d2lbbFgONRv9qkxdawL";

    Scram header(String header) {
      return new Scram(header, channel, name, password);
    }

    Scram channel(Bytes octets) {
      return new Scram(gs2, octets, name, password);
    }

    Scram name(String localpart) {
      return new Scram(gs2, channel, localpart, password);
    }

    Scram password(String secret) {
      return new Scram(gs2, channel, name, secret);
    }

    private String bare() {
      return "n=" + name + ",r=" + NONCE;
    }

    Bytes first() {
      return Bytes.utf8(gs2 + bare());
    }

    /// RFC 5802 §3.
    Bytes last(String challenge, UnaryOperator<String> nonce) {
      Matcher parts = Pattern.compile("r=([^,]+),s=([^,]+),i=(\\d+).*").matcher(challenge);
      assertThat(parts.matches()).as(challenge).isTrue();
      ScramHash hash = ScramHash.SHA_256;
      Secret salted =
          hash.saltedPassword(
              Secret.ofText(password),
              Bytes.base64(parts.group(2)).orElseThrow(),
              Integer.parseInt(parts.group(3)));
      String withoutProof =
          "c="
              + Bytes.concat(Bytes.utf8(gs2), channel).toBase64()
              + ",r="
              + nonce.apply(parts.group(1));
      Bytes signature =
          hash.hmac(
              ScramVerifier.ofSaltedPassword(hash, salted).storedKey(),
              Bytes.utf8(bare() + "," + challenge + "," + withoutProof));
      Bytes proof = hash.hmac(salted.reveal(), Bytes.utf8("Client Key")).xor(signature);
      return Bytes.utf8(withoutProof + ",p=" + proof.toBase64());
    }
  }

  private static RawStream dial(String attributes) throws IOException {
    RawStream stream =
        RawStream.secure(server.server().directTls().orElseThrow(), RunningServer.DOMAIN.name());
    stream.send(RawStream.header("to='localhost' " + attributes));
    assertThat(stream.until("</stream:features>")).contains(PLUS);
    return stream;
  }

  private static String authenticate(String mechanism, String initial, String extras) {
    return "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='%s'><initial-response>%s</initial-response>%s</authenticate>"
        .formatted(mechanism, initial, extras);
  }

  /// One attempt.
  ///
  /// @return the server's last word on it
  private static String attempt(
      RawStream stream, String mechanism, Scram scram, UnaryOperator<String> nonce, String extras)
      throws IOException {
    stream.send(authenticate(mechanism, scram.first().toBase64(), extras));
    String answer = stream.until(ANSWER);
    if (!answer.startsWith("<challenge ")) {
      return answer;
    }
    String challenge = answer.replaceAll("<[^>]*>", "");
    Bytes last = scram.last(Bytes.base64(challenge).orElseThrow().toUtf8().orElseThrow(), nonce);
    stream.send("<response xmlns='urn:xmpp:sasl:2'>" + last.toBase64() + "</response>");
    return stream.until(ANSWER);
  }

  private static String attempt(RawStream stream, Scram scram) throws IOException {
    return attempt(stream, PLAIN, scram, UnaryOperator.identity(), "");
  }

  private void isRefused(String answer, String condition, FailureReason... reasons) {
    // Nothing but the condition: the reason is the operator's.
    assertThat(answer)
        .isEqualTo(
            "<failure xmlns='urn:xmpp:sasl:2'><%s xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>"
                .formatted(condition));
    assertThat(server.log.refusals).containsExactly(reasons);
    nothingHappened();
  }

  private void nothingHappened() {
    assertThat(server.log.signIns).isEmpty();
    assertThat(database()).isEqualTo(before);
  }

  /// Without this, all of the others could be refused for another reason.
  @Test
  void letsInWhoDoesNotLie() throws IOException {
    try (RawStream stream = dial("from='nina@localhost'")) {
      assertThat(attempt(stream, nina)).startsWith("<success ");
    }
    assertThat(database()).isEqualTo(before);
  }

  @Test
  @Spec(doc = "RFC 5802", section = "5.1", rule = "the nonce of the challenge comes back whole")
  void refusesChangedNonce() throws IOException {
    for (UnaryOperator<String> change :
        List.<UnaryOperator<String>>of(
            nonce -> nonce + "x", nonce -> Scram.NONCE, nonce -> nonce.substring(1))) {
      server.log.forget();
      try (RawStream stream = dial("")) {
        isRefused(
            attempt(stream, PLAIN, nina, change, ""),
            "not-authorized",
            FailureReason.NONCE_CHANGED);
      }
    }
  }

  @Test
  @Spec(doc = "RFC 5802", section = "6", rule = "the proof covers the channel it came by")
  void refusesProofBoundToAnotherChannel() throws IOException {
    for (String type : List.of("tls-exporter", "tls-server-end-point")) {
      server.log.forget();
      try (RawStream stream = dial("")) {
        Scram elsewhere =
            nina.header("p=" + type + ",,").channel(Bytes.utf8("of another connection").sha256());
        isRefused(
            attempt(stream, PLUS, elsewhere, UnaryOperator.identity(), ""),
            "not-authorized",
            FailureReason.WRONG_CHANNEL_BINDING);
      }
    }
  }

  @Test
  void refusesChannelBindingThatIsNotOffered() throws IOException {
    try (RawStream stream = dial("")) {
      isRefused(
          attempt(stream, PLUS, nina.header("p=tls-unique,,"), UnaryOperator.identity(), ""),
          "not-authorized",
          FailureReason.CHANNEL_BINDING_NOT_OFFERED);
    }
  }

  @Test
  @Spec(doc = "RFC 5802", section = "6", rule = "y where -PLUS was offered is a downgrade")
  void refusesClientThatWasShownNoChannelBindingThoughItWasOffered() throws IOException {
    try (RawStream stream = dial("")) {
      isRefused(attempt(stream, nina.header("y,,")), "not-authorized", FailureReason.DOWNGRADE);
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "20", rule = "whoever signs in acts for himself")
  void refusesAnotherAuthzid() throws IOException {
    for (String authzid : List.of("olga@localhost", "nina@elsewhere.example", "nobody@localhost")) {
      server.log.forget();
      try (RawStream stream = dial("")) {
        isRefused(
            attempt(stream, nina.header("n,a=" + authzid + ",")),
            "invalid-authzid",
            FailureReason.OTHER_AUTHZID);
      }
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "20",
      rule = "from of somebody else fails as a wrong proof does")
  void refusesStreamFromSomebodyElse() throws IOException {
    String wrong;
    try (RawStream stream = dial("from='nina@localhost'")) {
      wrong = attempt(stream, nina.password("not hers"));
      isRefused(wrong, "not-authorized", FailureReason.NO_MATCH);
    }
    server.log.forget();
    try (RawStream stream = dial("from='olga@localhost'")) {
      String answer = attempt(stream, nina);
      isRefused(answer, "not-authorized", FailureReason.OTHER_FROM);
      assertThat(answer).isEqualTo(wrong);
    }
  }

  @Test
  void endsStreamThatIsFromNoAddress() throws IOException {
    try (RawStream stream =
        RawStream.secure(server.server().directTls().orElseThrow(), RunningServer.DOMAIN.name())) {
      stream.send(RawStream.header("to='localhost' from='@'"));
      assertThat(stream.rest()).contains("<stream:error><invalid-from ");
      assertThat(server.log.streams).containsExactly("invalid-from: stream is from no address");
      nothingHappened();
    }
  }

  @Test
  @Spec(doc = "RFC 6120", section = "6.5.5", rule = "what is not base64 is incorrect-encoding")
  void refusesWrongBase64() throws IOException {
    for (String text : List.of("%%%", "bi w=", "bg==bg==", "=")) {
      server.log.forget();
      try (RawStream stream = dial("")) {
        stream.send(authenticate(PLAIN, text, ""));
        isRefused(stream.until(ANSWER), "incorrect-encoding", FailureReason.WRONG_BASE64);
      }
    }
  }

  @Test
  void refusesMessageThatIsNoScram() throws IOException {
    try (RawStream stream = dial("")) {
      stream.send(authenticate(PLAIN, Bytes.utf8("n,,").toBase64(), ""));
      isRefused(stream.until(ANSWER), "malformed-request", FailureReason.MALFORMED_MESSAGE);
    }
  }

  @Test
  void refusesWrongBase64InAResponse() throws IOException {
    try (RawStream stream = dial("")) {
      stream.send(authenticate(PLAIN, nina.first().toBase64(), ""));
      assertThat(stream.until(ANSWER)).startsWith("<challenge ");
      stream.send("<response xmlns='urn:xmpp:sasl:2'>Yz1iaXdz!</response>");
      isRefused(stream.until(ANSWER), "incorrect-encoding", FailureReason.WRONG_BASE64);
    }
  }

  @Test
  void refusesWrongBase64UnderTheOlderProfile() throws IOException {
    try (RawStream stream = dial("")) {
      stream.send(
          "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-256'>%%%</auth>");
      assertThat(stream.until(ANSWER))
          .isEqualTo(
              "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><incorrect-encoding/></failure>");
      assertThat(server.log.refusals).containsExactly(FailureReason.WRONG_BASE64);
      nothingHappened();
    }
  }

  @Test
  void refusesMechanismThatIsNotOffered() throws IOException {
    for (String mechanism : List.of("PLAIN", "EXTERNAL", "scram-sha-256", "")) {
      server.log.forget();
      try (RawStream stream = dial("")) {
        stream.send(authenticate(mechanism, "AG5pbmEAc2VjcmV0", ""));
        isRefused(stream.until(ANSWER), "invalid-mechanism", FailureReason.UNKNOWN_MECHANISM);
      }
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "61", rule = "the fifth failed attempt ends the stream")
  void endsStreamAtTheFifthFailedAttempt() throws IOException {
    String known = failFiveTimes(nina.password("not hers"));
    server.log.forget();
    assertThat(failFiveTimes(nina.name("nobody").password("nothing")))
        .as("what a stranger learns of an account that does not exist")
        .isEqualTo(known);
  }

  private String failFiveTimes(Scram scram) throws IOException {
    StringBuilder heard = new StringBuilder();
    try (RawStream stream = dial("")) {
      for (int i = 0; i < 5; i++) {
        heard.append(attempt(stream, scram));
      }
      String end = stream.rest();
      assertThat(end).contains(POLICY_VIOLATION).endsWith("</stream:stream>");
      heard.append(end);
    }
    assertThat(server.log.refusals)
        .containsExactly(
            FailureReason.NO_MATCH,
            FailureReason.NO_MATCH,
            FailureReason.NO_MATCH,
            FailureReason.NO_MATCH,
            FailureReason.NO_MATCH);
    assertThat(server.log.streams).containsExactly("policy-violation: too many failed attempts");
    nothingHappened();
    return heard.toString();
  }

  private void isTold(RawStream stream, String rule) throws IOException {
    assertThat(stream.rest()).contains(POLICY_VIOLATION).endsWith("</stream:stream>");
    assertThat(server.log.streams).containsExactly("policy-violation: " + rule);
    assertThat(server.log.refusals).isEmpty();
    assertThat(database()).isEqualTo(before);
  }

  @Test
  @Spec(doc = "XEP-0388", section = "2.6.1", rule = "no second <authenticate/> after success")
  void refusesSecondSignInInASession() throws IOException {
    for (String again : seconds()) {
      server.log.forget();
      try (RawStream stream = dial("")) {
        assertThat(
                attempt(
                    stream,
                    PLAIN,
                    nina,
                    UnaryOperator.identity(),
                    "<bind xmlns='urn:xmpp:bind:0'/>"))
            .contains("<bound ");
        stream.until("</stream:features>");
        stream.send(again);
        isTold(stream, "sign-in in a session");
      }
    }
  }

  @Test
  @Spec(doc = "XEP-0388", section = "2.6.1", rule = "no second <authenticate/> after success")
  void refusesSecondSignInBeforeTheResourceIsBound() throws IOException {
    for (String again : seconds()) {
      server.log.forget();
      try (RawStream stream = dial("")) {
        assertThat(attempt(stream, nina)).startsWith("<success ");
        stream.until("</stream:features>");
        stream.send(again);
        isTold(stream, "an element out of order");
      }
    }
  }

  private static List<String> seconds() {
    return List.of(
        authenticate(PLAIN, nina.first().toBase64(), ""),
        "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>");
  }

  @Test
  @Spec(doc = "latchkey", section = "12", rule = "no second <authenticate/> after <continue/>")
  void refusesSecondSignInWhereAnEnrolmentIsDue() throws IOException {
    Scram code = nina.password(invitation.token().canonical().revealText());
    for (String again : seconds()) {
      server.log.forget();
      try (RawStream stream = dial("")) {
        assertThat(
                attempt(
                    stream,
                    PLAIN,
                    code,
                    UnaryOperator.identity(),
                    "<enrol xmlns='urn:latchkey:csr:0' by='csr'/>"))
            .startsWith("<continue ");
        stream.send(again);
        isTold(stream, "an element out of order");
      }
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "11", rule = "a code lets nobody in who does not enrol")
  void refusesCodeOfWhoDoesNotEnrol() throws IOException {
    try (RawStream stream = dial("")) {
      Scram code = nina.password(invitation.token().canonical().revealText());
      assertThat(attempt(stream, code))
          .contains("<not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
          .contains("<enrolment-required xmlns='urn:latchkey:onetime:0'/>");
      assertThat(server.log.refusals).containsExactly(FailureReason.ENROLMENT_REQUIRED);
      nothingHappened();
    }
  }
}

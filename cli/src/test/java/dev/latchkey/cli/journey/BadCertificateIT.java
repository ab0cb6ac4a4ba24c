// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.client.ClientStream;
import dev.latchkey.client.EnrolledDevice;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.StreamFeatures;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.gs2.ChannelBindingChoice;
import dev.latchkey.sasl.scram.ScramClient;
import dev.latchkey.sasl.scram.ScramVariant;
import dev.latchkey.testkit.ManualClock;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.tls.TlsIdentity;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Certificates that let nobody in, shown to a real server over TLS.
final class BadCertificateIT {
  private static final AccountJid OLGA = new AccountJid("olga", RunningServer.DOMAIN);
  private static final String HER = RunningServer.NINA.toString();

  private static @TempDir Path folder;
  private static ManualClock clock;
  private static RunningServer server;
  private static LoginUri pinned;
  private static EnrolledDevice phone;

  @BeforeAll
  static void start() throws Exception {
    clock = new ManualClock(InstantSource.system().instant());
    server = RunningServer.in(folder, seams -> seams.with(clock), whole -> whole);
    pinned = server.invite(RunningServer.NINA);
    phone = server.enrol(pinned, "phone");
    var _ = server.password(OLGA);
    server.connect("phone").close();
  }

  @AfterAll
  static void stop() throws Exception {
    server.close();
  }

  @BeforeEach
  void forget() {
    server.log.forget();
  }

  /// Without the time a device was last seen, which is written down when there is time for it.
  private static String database() {
    return server.dump().text().replaceAll(" last_seen=\\S+", "");
  }

  private static ClientStream stream(TlsIdentity identity) throws Exception {
    return server.stream(pinned, Optional.of(identity));
  }

  /// Signs in by EXTERNAL.
  ///
  /// @param authzid whom as; empty to leave it to the certificate
  private static Element external(TlsIdentity identity, String authzid) throws Exception {
    try (ClientStream stream = stream(identity)) {
      // Whether it is known is told nobody before.
      assertThat(stream.open().mechanisms()).contains("EXTERNAL");
      stream.send(
          Element.named("authenticate", Namespaces.SASL2)
              .attribute("mechanism", "EXTERNAL")
              .child(
                  Element.text(
                      "initial-response", Namespaces.SASL2, Bytes.utf8(authzid).toBase64()))
              .build());
      return stream.next();
    }
  }

  private static Element failure(String condition) {
    return Element.named("failure", Namespaces.SASL2).child(condition, Namespaces.SASL).build();
  }

  private static void refuses(
      TlsIdentity identity, String authzid, String condition, FailureReason reason)
      throws Exception {
    String before = database();
    server.log.forget();
    assertThat(external(identity, authzid)).isEqualTo(failure(condition));
    assertThat(server.log.refusals).containsExactly(reason);
    assertThat(server.log.signIns).isEmpty();
    assertThat(database()).isEqualTo(before);
  }

  private static void isUnknown(TlsIdentity identity) throws Exception {
    for (String authzid : List.of("", HER, "nobody@localhost")) {
      refuses(identity, authzid, "not-authorized", FailureReason.UNKNOWN_CERTIFICATE);
    }
  }

  /// Redeems a code for a certificate that was made elsewhere (30.C i).
  private static SaslOutcome enrol(LoginUri code, TlsIdentity identity) throws Exception {
    try (ClientStream stream = stream(identity)) {
      StreamFeatures features = stream.open();
      ScramClient scram =
          ScramClient.begin(
              ScramVariant.SCRAM_SHA_256_PLUS,
              code.account(),
              code.token().canonical(),
              new ChannelBindingChoice.Bound(
                  ChannelBindingType.TLS_EXPORTER, stream.tls().exporter().orElseThrow()),
              Optional.empty(),
              new SecureRandom());
      return stream.authenticate(
          features,
          scram,
          List.of(
              Element.named("enrol", Namespaces.LATCHKEY_CSR)
                  .attribute("by", "certificate")
                  .build()));
    }
  }

  private static TlsIdentity enrolled(TlsIdentity identity) throws Exception {
    assertThat(enrol(server.invite(RunningServer.NINA), identity))
        .isInstanceOf(SaslOutcome.Succeeded.class);
    return identity;
  }

  /// Without this, all of the others could be refused for another reason.
  @Test
  void letsInWhoShowsTheCertificateOfADevice() throws Exception {
    String before = database();
    assertThat(external(server.identity("phone"), HER).name()).isEqualTo("success");
    assertThat(server.log.signIns).containsExactly(phone.account().device().value());
    assertThat(database()).isEqualTo(before);
  }

  @Test
  @Spec(doc = "latchkey", section = "2", rule = "the registry decides, not the authority")
  void refusesCertificateOfAForeignAuthority() throws Exception {
    isUnknown(Forgery.signed(Forgery.key(), "CN=Somebody's authority", Forgery.key(), HER));
  }

  @Test
  void refusesCertificateWhoseAuthorityBearsOurName() throws Exception {
    String ours = server.identity("phone").chain().getFirst().getIssuerX500Principal().getName();
    isUnknown(Forgery.signed(Forgery.key(), ours, Forgery.key(), HER));
  }

  @Test
  @Spec(doc = "latchkey", section = "2", rule = "a name in a certificate adds no account")
  void refusesSelfSignedCertificateThatNamesSomebody() throws Exception {
    isUnknown(Forgery.selfSigned(Forgery.key(), HER));
  }

  @Test
  void refusesCertificateThatNamesNobody() throws Exception {
    isUnknown(Forgery.selfSigned(Forgery.key()));
  }

  @Test
  void refusesAnotherCertificateOfAKnownKey() throws Exception {
    TlsIdentity known = server.identity("phone");
    isUnknown(
        Forgery.selfSigned(new KeyPair(known.chain().getFirst().getPublicKey(), known.key()), HER));
  }

  @Test
  @Spec(doc = "XEP-0178", section = "2", rule = "several addresses: the client has to say which")
  void refusesCertificateOfSeveralAddressesUnlessToldWhich() throws Exception {
    TlsIdentity several =
        enrolled(Forgery.selfSigned(Forgery.key(), HER, OLGA.toString(), "nina@chat.example"));
    refuses(several, "", "invalid-authzid", FailureReason.CERTIFICATE_AMBIGUOUS);
    refuses(several, OLGA.toString(), "invalid-authzid", FailureReason.OTHER_AUTHZID);
    refuses(several, "nina@chat.example", "invalid-authzid", FailureReason.OTHER_AUTHZID);
    assertThat(external(several, HER).name()).isEqualTo("success");
  }

  @Test
  @Spec(doc = "latchkey", section = "2", rule = "rows are the accounts there are to choose from")
  void refusesToTakeACertificateWithoutAddressesForSomebodyElse() throws Exception {
    TlsIdentity nobodys = enrolled(Forgery.selfSigned(Forgery.key()));
    refuses(nobodys, OLGA.toString(), "invalid-authzid", FailureReason.OTHER_AUTHZID);
    refuses(nobodys, "nobody@localhost", "invalid-authzid", FailureReason.OTHER_AUTHZID);
    refuses(nobodys, HER + "/phone", "invalid-authzid", FailureReason.OTHER_AUTHZID);
  }

  @Test
  void refusesDeviceThatActsForSomebodyElse() throws Exception {
    refuses(
        server.identity("phone"), OLGA.toString(), "invalid-authzid", FailureReason.OTHER_AUTHZID);
  }

  @Test
  @Spec(doc = "latchkey", section = "2", rule = "a certificate that names another is not enrolled")
  void refusesToEnrolCertificateThatNamesSomebodyElse() throws Exception {
    TlsIdentity another = Forgery.selfSigned(Forgery.key(), OLGA.toString());
    LoginUri code = server.invite(RunningServer.NINA);
    String before = withoutAttempts(database());
    assertThat(enrol(code, another))
        .isInstanceOfSatisfying(
            SaslOutcome.Failed.class,
            failed ->
                assertThat(failed.failure().toXml())
                    .contains("<malformed-request ")
                    .contains("<reason xmlns='urn:latchkey:csr:0'>bad-name</reason>"));
    assertThat(server.log.refusals).containsExactly(FailureReason.ENROLMENT_REFUSED);
    assertThat(server.log.details).containsExactly("bad-name: the certificate names somebody else");
    assertThat(withoutAttempts(database())).isEqualTo(before);
    isUnknown(another);
  }

  /// Without the number of attempts on a code, which a refused one raises (rule 12).
  static String withoutAttempts(String database) {
    return database.replaceAll(" (failed_tasks|version)=\\d+", "").replaceAll(" sealed=\\S+", "");
  }

  @Test
  @Spec(doc = "latchkey", section = "41", rule = "who proves a revoked credential hears that it is")
  void refusesCertificateOfARevokedDevice() throws Exception {
    EnrolledDevice lost = server.enrol(server.invite(RunningServer.NINA), "lost");
    server.revoke(RunningServer.NINA, lost.account().device().value());
    String before = database();
    server.log.forget();
    Element answer = external(server.identity("lost"), HER);
    assertThat(answer.child("not-authorized", Namespaces.SASL)).isPresent();
    assertThat(answer.child("credential-revoked", Namespaces.LATCHKEY_EVENTS)).isPresent();
    assertThat(server.log.refusals).containsExactly(FailureReason.CREDENTIAL_REVOKED);
    assertThat(server.log.signIns).isEmpty();
    assertThat(database()).isEqualTo(before);
  }

  @Test
  @Spec(doc = "RFC 6120", section = "6.5.3", rule = "an expired certificate signs in nobody")
  void refusesExpiredCertificate(@TempDir Path other) throws Exception {
    ManualClock late = new ManualClock(InstantSource.system().instant());
    try (RunningServer aging = RunningServer.in(other, seams -> seams.with(late), whole -> whole)) {
      LoginUri code = aging.invite(RunningServer.NINA);
      var _ = aging.enrol(code, "old");
      aging.connect("old").close();
      late.advance(Duration.ofDays(200));
      String before = aging.dump().text().replaceAll(" last_seen=\\S+", "");
      aging.log.forget();
      try (ClientStream stream = aging.stream(code, Optional.of(aging.identity("old")))) {
        var _ = stream.open();
        stream.send(
            Element.named("authenticate", Namespaces.SASL2)
                .attribute("mechanism", "EXTERNAL")
                .child(Element.empty("initial-response", Namespaces.SASL2))
                .build());
        assertThat(stream.next()).isEqualTo(failure("credentials-expired"));
      }
      assertThat(aging.log.refusals).containsExactly(FailureReason.CERTIFICATE_EXPIRED);
      assertThat(aging.dump().text().replaceAll(" last_seen=\\S+", "")).isEqualTo(before);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.CredentialId;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.MachineSecret;
import dev.latchkey.credential.Resource;
import dev.latchkey.testkit.SeededRandom;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EnrolmentIT {
  @TempDir Path folder;
  private final FakeServer.Manners manners = new FakeServer.Manners();
  private DeviceHome home;

  @BeforeEach
  void choose() {
    home = DeviceHome.at(folder.resolve("home"));
  }

  static ClientEnvironment environment(FakeServer server) {
    return new ClientEnvironment(
        name -> List.of(),
        new java.security.SecureRandom(),
        InstantSource.system(),
        Ticker.ofThisMachine(),
        Pause.asleep(),
        Duration.ofSeconds(20),
        Optional.of(server.loops()));
  }

  private EnrolledDevice enrol(FakeServer server, LoginUri uri) {
    return new Enrolment(uri, home).name("Tablet").in(environment(server)).run();
  }

  private AbstractThrowableAssert<?, ?> assertEnrolling(FakeServer server) {
    return assertThatThrownBy(() -> enrol(server, server.uri()));
  }

  private static void refuseAnswer(AbstractThrowableAssert<?, ?> thrown, DeviceHome home) {
    thrown.isInstanceOf(ServerNotTrustedException.class);
    assertThat(home.isEnrolled()).isFalse();
    assertThat(home.folder().resolve("device.crt")).doesNotExist();
    assertThat(home.folder().resolve("server-ca.crt")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void deviceHasItsOwnCertificateAfterwards(boolean directTls) throws Exception {
    manners.directTls = directTls;
    try (FakeServer server = new FakeServer(manners)) {
      EnrolledDevice enrolled = enrol(server, server.uri());
      assertThat(enrolled.retried()).isFalse();
      DeviceAccount account = home.account();
      assertThat(account).isEqualTo(enrolled.account());
      assertThat(account.jid()).isEqualTo(FakeServer.NINA);
      assertThat(account.device()).isEqualTo(new DeviceId("dev-1"));
      assertThat(account.credential()).isEqualTo(new CredentialId("cred-1"));
      assertThat(account.name()).isEqualTo("Tablet");
      assertThat(account.server()).contains(server.address());
      assertThat(home.certificates()).hasSize(2).contains(server.issuing.certificate());
      assertThat(home.serverAnchor()).contains(server.tlsRoot.certificate());
      assertThat(home.privateKey()).isNotNull();
      Element authenticate = named(server, "authenticate");
      assertThat(authenticate.attribute("mechanism")).contains("SCRAM-SHA-256-PLUS");
      assertThat(authenticate.child("enrol", Namespaces.LATCHKEY_CSR).orElseThrow().attribute("by"))
          .contains("csr");
      assertThat(authenticate.toXml())
          .contains("<user-agent id='" + account.userAgent() + "'><software>Latchkey</software>")
          .contains("<device>Tablet</device>");
      assertThat(account.userAgent())
          .matches("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    }
  }

  private static Element named(FakeServer server, String name) {
    return server.received.stream()
        .filter(element -> element.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void wishesNoNameThatNobodyGave() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      new Enrolment(server.uri(), home).machine("nina-pc").in(environment(server)).run();
      Element sign = named(server, "next").child("sign", Namespaces.LATCHKEY_CSR).orElseThrow();
      assertThat(sign.attribute("name")).isEmpty();
      assertThat(named(server, "authenticate").toXml()).contains("<device>nina-pc</device>");
    }
  }

  @Test
  void worksBySasl1() throws Exception {
    manners.sasl2 = false;
    try (FakeServer server = new FakeServer(manners)) {
      assertThat(enrol(server, server.uri()).account()).isEqualTo(home.account());
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 8",
      rule = "after a lost answer the same request is sent with the same code")
  void sendsTheSameRequestAgainAfterALostAnswer() throws Exception {
    manners.losesAnswer = true;
    try (FakeServer server = new FakeServer(manners)) {
      assertEnrolling(server).isInstanceOf(ConnectionLostException.class);
      assertThat(home.isEnrolled()).isFalse();
      manners.losesAnswer = false;
      assertThat(enrol(server, server.uri()).retried()).isTrue();
      List<String> requests =
          server.received.stream()
              .filter(element -> element.name().equals("next"))
              .map(
                  next ->
                      next.child("sign", Namespaces.LATCHKEY_CSR)
                          .flatMap(sign -> sign.child("request", Namespaces.LATCHKEY_CSR))
                          .orElseThrow()
                          .text())
              .toList();
      assertThat(requests).hasSize(2);
      assertThat(requests.get(0)).isEqualTo(requests.get(1));
    }
  }

  @Test
  void writesTheRequestDownBeforeAnybodyIsAsked() throws Exception {
    manners.beforeSending =
        element -> {
          assertThat(home.folder().resolve("pending.properties")).exists();
          return element;
        };
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, server.uri());
      assertThat(home.pending()).isEmpty();
    }
  }

  @Test
  void anotherCodeBeginsAnew() throws Exception {
    manners.losesAnswer = true;
    try (FakeServer server = new FakeServer(manners)) {
      assertEnrolling(server).isInstanceOf(ConnectionLostException.class);
    }
    Bytes first =
        ((PendingEnrolment.Wish.OfCertificate) home.pending().orElseThrow().wish()).request();
    manners.losesAnswer = false;
    try (FakeServer server = new FakeServer(manners)) {
      EnrolledDevice enrolled = enrol(server, server.uri());
      assertThat(enrolled.retried()).isFalse();
      assertThat(named(server, "next").toXml()).doesNotContain(first.toBase64());
    }
  }

  @Test
  void refusesToPutADeviceOverAnother() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, server.uri());
      byte[] before = Files.readAllBytes(home.folder().resolve("device.key"));
      assertEnrolling(server)
          .isInstanceOf(ClientException.class)
          .hasMessageContaining("nina@chat.example is enrolled here")
          .hasMessageContaining("--home")
          .hasMessageContaining("--replace");
      assertThat(home.folder().resolve("device.key")).hasBinaryContent(before);
      new Enrolment(server.uri(), home).replacing().in(environment(server)).run();
      assertThat(Files.readAllBytes(home.folder().resolve("device.key"))).isNotEqualTo(before);
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 7", rule = "an answer with a wrong link is refused")
  void refusesAnswerWithWrongLink() throws Exception {
    manners.answerLink = link -> link.xor(one());
    try (FakeServer server = new FakeServer(manners)) {
      refuseAnswer(assertEnrolling(server).hasMessageContaining("not linked"), home);
    }
  }

  private static Bytes one() {
    byte[] mask = new byte[32];
    mask[31] = 1;
    return Bytes.of(mask);
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 7", rule = "an answer without a link is refused")
  void refusesAnswerWithoutLink() throws Exception {
    manners.answerLink = link -> Bytes.EMPTY;
    try (FakeServer server = new FakeServer(manners)) {
      refuseAnswer(assertEnrolling(server).hasMessageContaining("not linked"), home);
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 7", rule = "a certificate for another key is refused")
  void refusesCertificateForAnotherKey() throws Exception {
    manners.signedKey = key -> TestAuthority.pair().getPublic();
    try (FakeServer server = new FakeServer(manners)) {
      refuseAnswer(assertEnrolling(server).hasMessageContaining("another key"), home);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mallory@chat.example",
        "nina@other.example",
        "chat.example",
        "nina@chat.example,mallory@chat.example",
        "not an address@",
        ""
      })
  @Spec(doc = "latchkey", section = "rule 3", rule = "a certificate for another JID is refused")
  void refusesCertificateForAnotherAddress(String addresses) throws Exception {
    manners.signedAddresses = addresses.isEmpty() ? List.of() : List.of(addresses.split(","));
    try (FakeServer server = new FakeServer(manners)) {
      refuseAnswer(assertEnrolling(server).hasMessageContaining("another address"), home);
    }
  }

  @Test
  void refusesIssuerThatDidNotIssue() throws Exception {
    manners.claimedIssuer = Optional.of(TestAuthority.make());
    try (FakeServer server = new FakeServer(manners)) {
      refuseAnswer(assertEnrolling(server).hasMessageContaining("do not hold together"), home);
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 36", rule = "the lock is the one that was asked for")
  void refusesCertificateWithoutTheLockOfTheInvitation() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      LoginUri locked =
          new LoginUri(
              FakeServer.NINA,
              server.code,
              Optional.of(new Resource("tablet")),
              Optional.of(server.pin()),
              Optional.of(server.address()));
      refuseAnswer(
          assertThatThrownBy(() -> enrol(server, locked)).hasMessageContaining("tablet"), home);
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 3",
      rule = "another authorization-identifier is an attack")
  void refusesToBeEnrolledAsSomebodyElse() throws Exception {
    manners.beforeSending =
        element ->
            element.is("success", Namespaces.SASL2)
                ? Element.named("success", Namespaces.SASL2)
                    .child(
                        Element.text(
                            "authorization-identifier", Namespaces.SASL2, "mallory@chat.example"))
                    .child(element.child("signed", Namespaces.LATCHKEY_CSR))
                    .build()
                : element;
    try (FakeServer server = new FakeServer(manners)) {
      refuseAnswer(
          assertEnrolling(server).hasMessageContaining("as mallory@chat.example instead"), home);
    }
  }

  @Test
  @Spec(
      doc = "latchkey",
      section = "rule 12",
      rule = "no request before the server has proven itself in continue")
  void refusesContinueWithoutTheServersSignature() throws Exception {
    manners.beforeSending =
        element ->
            element.is("continue", Namespaces.SASL2)
                ? Element.named("continue", Namespaces.SASL2)
                    .child(element.child("tasks", Namespaces.SASL2))
                    .build()
                : element;
    try (FakeServer server = new FakeServer(manners)) {
      refuseAnswer(assertEnrolling(server).hasMessageContaining("did not prove"), home);
      assertThat(server.received).noneMatch(element -> element.name().equals("next"));
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 12", rule = "a wrong server signature is refused")
  void refusesContinueWithAnotherSignature() throws Exception {
    String wrong = Bytes.utf8("v=" + Bytes.of(new byte[32]).toBase64()).toBase64();
    manners.beforeSending =
        element ->
            element.is("continue", Namespaces.SASL2)
                ? Element.named("continue", Namespaces.SASL2)
                    .child(Element.text("additional-data", Namespaces.SASL2, wrong))
                    .child(element.child("tasks", Namespaces.SASL2))
                    .build()
                : element;
    try (FakeServer server = new FakeServer(manners)) {
      refuseAnswer(assertEnrolling(server).hasMessageContaining("did not prove"), home);
      assertThat(server.received).noneMatch(element -> element.name().equals("next"));
    }
  }

  private static List<String> withoutPlus(List<String> names) {
    return names.stream().filter(name -> !name.endsWith("-PLUS")).toList();
  }

  @Test
  @Spec(doc = "XEP-0440", rule = "types without a -PLUS mechanism: somebody took it away")
  void refusesListFromWhichPlusWasTaken() throws Exception {
    manners.listed = EnrolmentIT::withoutPlus;
    try (FakeServer server = new FakeServer(manners)) {
      refuseAnswer(assertEnrolling(server).hasMessageContaining("no -PLUS mechanism"), home);
      assertThat(server.received).isEmpty();
    }
  }

  @Test
  @Spec(doc = "XEP-0440", rule = "a -PLUS mechanism without types: somebody took them away")
  void refusesListFromWhichTheTypesWereTaken() throws Exception {
    manners.types = Optional.empty();
    try (FakeServer server = new FakeServer(manners)) {
      refuseAnswer(assertEnrolling(server).hasMessageContaining("no channel-binding types"), home);
      assertThat(server.received).isEmpty();
    }
  }

  @Test
  @Spec(doc = "XEP-0440", rule = "no type in common and not the one that every server has")
  void refusesTypesThatNobodyHas() throws Exception {
    manners.types = Optional.of(List.of("tls-unique"));
    try (FakeServer server = new FakeServer(manners)) {
      refuseAnswer(assertEnrolling(server).hasMessageContaining("every server has"), home);
      assertThat(server.received).isEmpty();
    }
  }

  @Test
  @Spec(doc = "RFC 5802", section = "6", rule = "y tells a server that it should have been -PLUS")
  void serverRefusesWherePlusAndTypesWereTaken() throws Exception {
    manners.listed = EnrolmentIT::withoutPlus;
    manners.types = Optional.empty();
    try (FakeServer server = new FakeServer(manners)) {
      assertEnrolling(server).isInstanceOf(ClientException.class);
      assertThat(home.isEnrolled()).isFalse();
      assertThat(server.received).noneMatch(element -> element.name().equals("next"));
      String first =
          Bytes.base64(
                  named(server, "authenticate")
                      .child("initial-response", Namespaces.SASL2)
                      .orElseThrow()
                      .text())
              .orElseThrow()
              .toUtf8()
              .orElseThrow();
      assertThat(first).startsWith("y,,n=nina,r=");
    }
  }

  @Test
  @Spec(doc = "XEP-0474", section = "5.2", rule = "the list is the one that the server sent")
  void refusesListFromWhichTheBetterHashWasTaken() throws Exception {
    manners.listed = names -> names.stream().filter(name -> !name.contains("SHA-256")).toList();
    try (FakeServer server = new FakeServer(manners)) {
      refuseAnswer(assertEnrolling(server).hasMessageContaining("list of mechanisms"), home);
      assertThat(server.received).noneMatch(element -> element.name().equals("response"));
    }
  }

  @Test
  void refusesServerWithoutStartTls() throws Exception {
    manners.directTls = false;
    manners.offersStartTls = false;
    try (FakeServer server = new FakeServer(manners)) {
      assertEnrolling(server)
          .isInstanceOf(ServerNotTrustedException.class)
          .hasMessageContaining("no encryption");
      assertThat(server.received).isEmpty();
    }
  }

  @Test
  @Spec(doc = "latchkey", section = "rule 22", rule = "the pin is enforced")
  void refusesServerWithAnotherPin() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      LoginUri other =
          new LoginUri(
              FakeServer.NINA,
              server.code,
              Optional.empty(),
              Optional.of(Bytes.utf8("another").sha256()),
              Optional.of(server.address()));
      assertThatThrownBy(() -> enrol(server, other))
          .isInstanceOf(ServerNotTrustedException.class)
          .hasMessageContaining("pin");
      assertThat(server.received).isEmpty();
    }
  }

  @Test
  void refusesPrivateServerWithoutPin() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      LoginUri unpinned =
          new LoginUri(
              FakeServer.NINA,
              server.code,
              Optional.empty(),
              Optional.empty(),
              Optional.of(server.address()));
      assertThatThrownBy(() -> enrol(server, unpinned))
          .isInstanceOf(ServerNotTrustedException.class);
    }
  }

  @Test
  void saysWhatToDoAboutAWrongCode() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      MachineSecret wrong = MachineSecret.draw(new SeededRandom(3));
      LoginUri uri =
          new LoginUri(
              FakeServer.NINA,
              wrong,
              Optional.empty(),
              Optional.of(server.pin()),
              Optional.of(server.address()));
      assertThatThrownBy(() -> enrol(server, uri))
          .isInstanceOfSatisfying(
              SignInRefusedException.class,
              refused -> assertThat(refused.condition()).isEqualTo("not-authorized"))
          .hasMessageContaining("ask for a new invitation")
          .hasMessageNotContaining(wrong.canonical().revealText());
    }
  }

  @Test
  void tellsWhyARequestWasRefused() throws Exception {
    manners.beforeSending =
        element ->
            element.is("success", Namespaces.SASL2)
                ? Element.named("failure", Namespaces.SASL2)
                    .child("malformed-request", Namespaces.SASL)
                    .child(Element.text("reason", Namespaces.LATCHKEY_CSR, "key-in-use"))
                    .child(Element.text("text", Namespaces.SASL2, "not\u0085 this\nkey"))
                    .build()
                : element;
    try (FakeServer server = new FakeServer(manners)) {
      assertEnrolling(server)
          .isInstanceOfSatisfying(
              SignInRefusedException.class,
              refused -> assertThat(refused.reason()).contains("key-in-use"))
          .hasMessage(
              "nina@chat.example: the server refused: malformed-request (key-in-use): not this"
                  + " key");
    }
  }

  @Test
  void replacesNoDeviceWhileItSignsIn() throws Exception {
    try (FakeServer server = new FakeServer(manners)) {
      enrol(server, server.uri());
      X509Certificate old = home.certificates().getFirst();
      ClientEnvironment environment =
          new ClientEnvironment(
              name -> List.of(),
              new java.security.SecureRandom(),
              InstantSource.system(),
              Ticker.ofThisMachine(),
              wait -> {},
              Duration.ofSeconds(5),
              Optional.of(server.loops()));
      Enrolment replacing = new Enrolment(server.uri(), home).replacing().in(environment);
      try (HomeLock _ = home.lock(environment)) {
        assertThatThrownBy(replacing::run)
            .isInstanceOf(ConnectionLostException.class)
            .hasMessageContaining("another program");
        assertThat(home.certificates().getFirst()).isEqualTo(old);
      }
      assertThat(replacing.run().retried()).isTrue();
      assertThat(home.certificates().getFirst()).isNotEqualTo(old);
    }
  }

  @Test
  void saysThatNobodyListens() throws Exception {
    LoginUri uri;
    ClientEnvironment environment;
    try (FakeServer server = new FakeServer(manners)) {
      uri = server.uri();
      environment =
          new ClientEnvironment(
              name -> List.of(),
              new java.security.SecureRandom(),
              InstantSource.system(),
              Ticker.ofThisMachine(),
              Pause.asleep(),
              Duration.ofSeconds(20),
              Optional.empty());
    }
    assertThatThrownBy(() -> new Enrolment(uri, home).in(environment).run())
        .isInstanceOf(ConnectionLostException.class)
        .hasMessageContaining("Is it running?");
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static dev.latchkey.cli.journey.RunningServer.DOMAIN;
import static dev.latchkey.cli.journey.RunningServer.NINA;
import static dev.latchkey.cli.journey.RunningServer.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.cli.journey.RunningServer.Way;
import dev.latchkey.client.ClientStream;
import dev.latchkey.client.CodeOrder;
import dev.latchkey.client.DeviceKey;
import dev.latchkey.client.LatchkeyClient;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.StanzaErrorException;
import dev.latchkey.client.StreamFeatures;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.DeviceId;
import dev.latchkey.credential.Resource;
import dev.latchkey.sasl.scram.ScramClient;
import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.tls.TlsIdentity;
import dev.latchkey.wire.tls.TlsProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whatever server and clients say in namespaces of our own keeps to the schemas beside the
/// documents; and everything that the documents define is said here.
class SchemaIT {
  private static final Way WAY = new Way(TlsProvider.best(), "TLSv1.3", true, DOMAIN);

  @TempDir Path folder;

  @Test
  @Spec(doc = "latchkey", section = "docs/protocols", rule = "what is said keeps to the schemas")
  void everythingSaidKeepsToTheSchemas() throws Exception {
    try (RunningServer server = RunningServer.in(folder)) {
      DeviceId first = server.enrol(server.invite(NINA), "first").account().device();
      try (LatchkeyClient manager = server.connect("first")) {
        manager.goOnline();
        TlsIdentity byHand = enrolByRequest(server, manager);
        enrolByCertificate(server, manager);
        enrolBeforeBinding(server, manager);
        vouch(manager);
        beRefused(server, manager, byHand);
        revoke(server, manager, first);
      }

      assertThat(Recording.violations(server.recording.byServer())).isEmpty();
      assertThat(Recording.violations(server.recording.byClients())).isEmpty();
      assertThat(ours(server.recording.byServer()))
          .contains(
              "csr:0 enrol",
              "csr:0 signed",
              "csr:0 enrolled",
              "csr:0 reason",
              "onetime:0 issued",
              "onetime:0 enrolment-required",
              "cred:0 device",
              "perm:0 revoked",
              "perm:0 permission-required",
              "events:0 credential-revoked");
      assertThat(ours(server.recording.byClients()))
          .contains("csr:0 enrol", "csr:0 sign", "onetime:0 issue", "perm:0 revoke");
    }
  }

  @Test
  void whatDoesNotKeepToTheSchemasIsFound() {
    Element strange =
        Element.named("iq", Namespaces.CLIENT)
            .child(
                Element.named("signed", Namespaces.LATCHKEY_CSR).attribute("devise", "x").build())
            .build();
    assertThat(Recording.violations(List.of(strange))).isNotEmpty();
    Element unknown = Element.empty("whatever", "urn:latchkey:nothing:0");
    assertThat(Recording.violations(List.of(unknown))).isNotEmpty();
  }

  /// 30.C ii.
  private static TlsIdentity enrolByRequest(RunningServer server, LatchkeyClient manager)
      throws Exception {
    LoginUri uri =
        manager
            .addDevice(
                new CodeOrder(
                    Optional.of("Door bell"),
                    Optional.of(Duration.ofMinutes(5)),
                    Optional.of(new Resource("bell")),
                    true))
            .uri();
    ClientStream stream = server.stream(WAY, NINA, uri.pin().orElseThrow(), Optional.empty());
    DeviceKey key = DeviceKey.make();
    return HandMade.identity(key, HandMade.enrol(stream, stream.open(), uri, key));
  }

  /// 30.C i.
  private void enrolByCertificate(RunningServer server, LatchkeyClient manager) throws Exception {
    TlsIdentity own = HandMade.selfSigned(folder);
    LoginUri uri = manager.addDevice(CodeOrder.named("Brings its own")).uri();
    ClientStream stream = server.stream(WAY, NINA, uri.pin().orElseThrow(), Optional.of(own));
    SaslOutcome outcome =
        stream.authenticate(
            stream.open(), HandMade.code(stream, uri), List.of(HandMade.wish("certificate")));
    assertThat(outcome)
        .isInstanceOfSatisfying(
            SaslOutcome.Succeeded.class,
            succeeded ->
                assertThat(succeeded.success().child("enrolled", Namespaces.LATCHKEY_CSR))
                    .isPresent());
  }

  /// 30.C iv.
  private static void enrolBeforeBinding(RunningServer server, LatchkeyClient manager)
      throws Exception {
    LoginUri uri = manager.addDevice(CodeOrder.PLAIN).uri();
    ClientStream stream = server.stream(WAY, NINA, uri.pin().orElseThrow(), Optional.empty());
    StreamFeatures features = HandMade.onlySasl1(stream.open());
    ScramClient scram = HandMade.code(stream, uri);
    assertThat(stream.authenticate(features, scram, List.of()))
        .isInstanceOf(SaslOutcome.Succeeded.class);
    var _ = stream.restart();
    Element early = ask(stream, Element.empty("bind", Namespaces.BIND));
    assertThat(error(early).child("enrolment-required", Namespaces.LATCHKEY_ONE_TIME)).isPresent();
    Element signed =
        ask(stream, HandMade.sign(scram, NINA, DeviceKey.make(), "Speaks SASL of old"));
    assertThat(signed.child("signed", Namespaces.LATCHKEY_CSR)).isPresent();
    assertThat(ask(stream, Element.empty("bind", Namespaces.BIND)).attribute("type"))
        .contains("result");
  }

  /// A key is signed for another device; the same again; and one that is known already.
  private static void vouch(LatchkeyClient manager) {
    DeviceKey key = DeviceKey.make();
    Element sign =
        Element.named("sign", Namespaces.LATCHKEY_CSR)
            .attribute("name", "Sensor")
            .attribute("for", "bot")
            .child(
                Element.text(
                    "request",
                    Namespaces.LATCHKEY_CSR,
                    key.request(NINA, Optional.empty()).toBase64()))
            .build();
    assertThat(manager.request(set(sign)).child("signed", Namespaces.LATCHKEY_CSR)).isPresent();
    AccountJid mallory = new AccountJid("mallory", DOMAIN);
    Element foreign =
        Element.named("sign", Namespaces.LATCHKEY_CSR)
            .child(
                Element.text(
                    "request",
                    Namespaces.LATCHKEY_CSR,
                    DeviceKey.make().request(mallory, Optional.empty()).toBase64()))
            .build();
    assertThatThrownBy(() -> manager.request(set(foreign)))
        .isInstanceOfSatisfying(
            StanzaErrorException.class,
            refused -> assertThat(refused.application().map(Element::text)).contains("bad-name"));
  }

  private static void beRefused(RunningServer server, LatchkeyClient manager, TlsIdentity bot)
      throws Exception {
    // A request in another's name, in a task.
    LoginUri uri = manager.addDevice(CodeOrder.PLAIN).uri();
    ClientStream stream = server.stream(WAY, NINA, uri.pin().orElseThrow(), Optional.empty());
    ScramClient scram = HandMade.code(stream, uri);
    assertThat(stream.authenticate(stream.open(), scram, List.of(HandMade.wish("csr"))))
        .isInstanceOf(SaslOutcome.Continued.class);
    Element wrong =
        Element.named("sign", Namespaces.LATCHKEY_CSR)
            .child(Element.text("request", Namespaces.LATCHKEY_CSR, "AAAA"))
            .child(
                Element.text(
                    "link",
                    Namespaces.LATCHKEY_CSR,
                    dev.latchkey.sasl.EnrolmentLink.ofRequest(
                            scram.enrolmentKey().serverKey(),
                            NINA,
                            dev.latchkey.credential.Bytes.base64("AAAA").orElseThrow())
                        .toBase64()))
            .build();
    stream.send(
        Element.named("next", Namespaces.SASL2).attribute("task", "LK-ENROL").child(wrong).build());
    assertThat(stream.next().child("reason", Namespaces.LATCHKEY_CSR).map(Element::text))
        .contains("malformed");

    // A code, and no wish to enrol.
    ClientStream another = server.stream(WAY, NINA, uri.pin().orElseThrow(), Optional.empty());
    assertThat(another.authenticate(another.open(), HandMade.code(another, uri), List.of()))
        .isInstanceOfSatisfying(
            SaslOutcome.Failed.class,
            failed ->
                assertThat(
                        failed.failure().child("enrolment-required", Namespaces.LATCHKEY_ONE_TIME))
                    .isPresent());

    // A device without permissions.
    ClientStream third = server.stream(WAY, NINA, uri.pin().orElseThrow(), Optional.of(bot));
    var _ = HandMade.signIn(third, NINA);
    Element refused =
        ask(
            third,
            Element.named("issue", Namespaces.LATCHKEY_ONE_TIME).attribute("for", "own").build());
    assertThat(error(refused).child("permission-required", Namespaces.LATCHKEY_PERMISSIONS))
        .isPresent();
  }

  private static void revoke(RunningServer server, LatchkeyClient manager, DeviceId first) {
    assertThat(manager.listDevices()).hasSizeGreaterThan(3);
    DeviceId second =
        server.enrol(manager.addDevice(CodeOrder.PLAIN).uri(), "second").account().device();
    try (LatchkeyClient other = server.connect("second")) {
      assertThat(manager.revoke(second, true, "lost")).contains(second);
      assertThat(other.awaitEnd(PATIENCE)).isPresent();
    }
    assertThat(manager.revoke(first, false, "")).containsExactly(first);
    assertThat(manager.awaitEnd(PATIENCE)).isPresent();
  }

  private static Element ask(ClientStream stream, Element payload) {
    stream.send(set(payload).with("id", payload.name()));
    return stream.next();
  }

  private static Element set(Element payload) {
    return Element.named("iq", Namespaces.CLIENT).attribute("type", "set").child(payload).build();
  }

  private static Element error(Element iq) {
    return iq.child("error", Namespaces.CLIENT).orElseThrow(() -> new AssertionError(iq.toXml()));
  }

  /// Namespace and name of each element of ours.
  private static Set<String> ours(List<Element> said) {
    Set<String> found = new HashSet<>();
    said.forEach(element -> collect(element, found));
    return found;
  }

  private static void collect(Element element, Set<String> found) {
    if (element.namespace().startsWith("urn:latchkey:")) {
      found.add(element.namespace().substring("urn:latchkey:".length()) + " " + element.name());
    }
    element.children().forEach(child -> collect(child, found));
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.client.ClientStream;
import dev.latchkey.client.DeviceKey;
import dev.latchkey.client.LoginUri;
import dev.latchkey.client.SaslOutcome;
import dev.latchkey.client.StreamFeatures;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Jid;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.EnrolmentLink;
import dev.latchkey.sasl.external.ExternalClient;
import dev.latchkey.sasl.gs2.ChannelBindingChoice;
import dev.latchkey.sasl.scram.ScramClient;
import dev.latchkey.sasl.scram.ScramVariant;
import dev.latchkey.testkit.Tools;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.tls.TlsIdentity;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// What a client does, one step after the other, without the kit's judgement.
final class HandMade {
  private static final SecureRandom RANDOM = new SecureRandom();

  private HandMade() {}

  /// A proof of the code, bound to the channel.
  static ScramClient code(ClientStream stream, LoginUri uri) {
    return ScramClient.begin(
        ScramVariant.SCRAM_SHA_256_PLUS,
        uri.account(),
        uri.token().canonical(),
        new ChannelBindingChoice.Bound(
            ChannelBindingType.TLS_EXPORTER, stream.tls().exporter().orElseThrow()),
        Optional.empty(),
        RANDOM);
  }

  /// The wish to enrol.
  static Element wish(String by) {
    return Element.named("enrol", Namespaces.LATCHKEY_CSR).attribute("by", by).build();
  }

  /// A request for a key, tied to the code.
  static Element sign(ScramClient proven, AccountJid account, DeviceKey key, String name) {
    Bytes request = key.request(account, Optional.empty());
    Bytes link = EnrolmentLink.ofRequest(proven.enrolmentKey().serverKey(), account, request);
    return Element.named("sign", Namespaces.LATCHKEY_CSR)
        .attribute("name", name)
        .child(Element.text("request", Namespaces.LATCHKEY_CSR, request.toBase64()))
        .child(Element.text("link", Namespaces.LATCHKEY_CSR, link.toBase64()))
        .build();
  }

  /// Enrols by certificate request (30.C ii); the stream was just opened.
  ///
  /// @return `<signed/>`
  static Element enrol(ClientStream stream, StreamFeatures features, LoginUri uri, DeviceKey key) {
    ScramClient scram = code(stream, uri);
    assertThat(stream.authenticate(features, scram, List.of(wish("csr"))))
        .isInstanceOf(SaslOutcome.Continued.class);
    stream.send(
        Element.named("next", Namespaces.SASL2)
            .attribute("task", "LK-ENROL")
            .child(sign(scram, uri.account(), key, "made by hand"))
            .build());
    Element answer = stream.next();
    assertThat(answer.is("success", Namespaces.SASL2)).as(answer.toXml()).isTrue();
    return answer.child("signed", Namespaces.LATCHKEY_CSR).orElseThrow();
  }

  /// What the new device shows in TLS.
  static TlsIdentity identity(DeviceKey key, Element signed) throws GeneralSecurityException {
    List<X509Certificate> chain = new ArrayList<>();
    for (Element certificate : signed.children("cert", Namespaces.LATCHKEY_CSR).toList()) {
      byte[] der = Bytes.base64(certificate.text()).orElseThrow().toArray();
      chain.add(
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(der)));
    }
    return new TlsIdentity(key.privateKey(), chain);
  }

  /// A key and a certificate that openssl made; it names nobody.
  static TlsIdentity selfSigned(Path folder) throws Exception {
    Program.run(
        folder,
        List.of(
            Tools.program("openssl", "openssl").toString(),
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-subj",
            "/CN=a smart card",
            "-days",
            "30",
            "-keyout",
            "own.key",
            "-out",
            "own.crt"));
    String key = Files.readString(folder.resolve("own.key")).replaceAll("-----[^-]*-----", "");
    try (InputStream certificate = Files.newInputStream(folder.resolve("own.crt"))) {
      return new TlsIdentity(
          KeyFactory.getInstance("EC")
              .generatePrivate(
                  new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(key.strip()))),
          List.of(
              (X509Certificate)
                  CertificateFactory.getInstance("X.509").generateCertificate(certificate)));
    }
  }

  /// Signs in by certificate, and binds a resource.
  static Jid signIn(ClientStream stream, AccountJid account) {
    SaslOutcome outcome = external(stream, account);
    assertThat(outcome).isInstanceOf(SaslOutcome.Succeeded.class);
    var _ = stream.features();
    stream.send(
        Element.named("iq", Namespaces.CLIENT)
            .attribute("type", "set")
            .attribute("id", "bind")
            .child(Element.empty("bind", Namespaces.BIND))
            .build());
    return Jid.parse(
        stream
            .next()
            .child("bind", Namespaces.BIND)
            .flatMap(bound -> bound.child("jid", Namespaces.BIND))
            .orElseThrow()
            .text());
  }

  /// Tries to sign in by certificate.
  static SaslOutcome external(ClientStream stream, AccountJid account) {
    return stream.authenticate(stream.open(), new ExternalClient(account), List.of());
  }

  /// By SASL of RFC 6120, whatever else is offered.
  static StreamFeatures onlySasl1(StreamFeatures features) {
    Element.Builder some = Element.named("features", Namespaces.STREAMS);
    features
        .element()
        .children()
        .filter(child -> !child.is("authentication", Namespaces.SASL2))
        .forEach(some::child);
    return new StreamFeatures(some.build());
  }
}

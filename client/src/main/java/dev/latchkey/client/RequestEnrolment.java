// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Jid;
import dev.latchkey.credential.Resource;
import dev.latchkey.sasl.EnrolmentLink;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/// Has the server sign the device's request (30.C way ii; with SASL1 way iv).
final class RequestEnrolment {
  private final CodeExchange code;
  private final PendingEnrolment.Wish.OfCertificate wish;
  private final RandomGenerator random;

  RequestEnrolment(
      CodeExchange code, PendingEnrolment.Wish.OfCertificate wish, RandomGenerator random) {
    this.code = code;
    this.wish = wish;
    this.random = random;
  }

  EnrolmentAnswer run() {
    boolean sasl2 = code.features().sasl2();
    if (sasl2 && !code.features().enrolsBy("csr")) {
      throw new ClientException(
          "%s does not enrol devices by certificate request: ask who runs it"
              .formatted(code.account().domain()));
    }
    Optional<Element> success =
        code.prove(Element.named("enrol", Namespaces.LATCHKEY_CSR).attribute("by", "csr").build());
    if (success.isEmpty()) {
      return checked(code.task(List.of(sign())));
    }
    if (sasl2) {
      throw code.signedInInstead();
    }
    return checked(beforeBind());
  }

  /// 30.C iv: between SASL1's success and a bind that is not allowed.
  private Element beforeBind() {
    ClientStream stream = code.stream();
    var _ = stream.restart();
    String id = Bytes.random(8, random).toHex();
    stream.send(
        Element.named("iq", Namespaces.CLIENT)
            .attribute("type", "set")
            .attribute("id", id)
            .child(sign())
            .build());
    Element answer = stream.next();
    if (!answer.is("iq", Namespaces.CLIENT) || !answer.attribute("id").equals(Optional.of(id))) {
      throw new ClientException(
          code.account() + ": the server did not answer the certificate request");
    }
    if (answer.attribute("type").equals(Optional.of("error"))) {
      throw StanzaErrorException.of(answer);
    }
    Optional<Jid> addressed = answer.attribute("to").flatMap(Jid::tryParse);
    if (addressed.isPresent() && !addressed.get().bare().equals(code.account().jid())) {
      throw Identities.another(addressed.get().toString(), code.account());
    }
    return answer;
  }

  private EnrolmentAnswer checked(Element answer) {
    Element signed =
        answer
            .child("signed", Namespaces.LATCHKEY_CSR)
            .orElseThrow(
                () ->
                    new ServerNotTrustedException(
                        "the server's answer is refused: it holds no certificate"));
    return EnrolmentAnswer.check(
        signed,
        code.account(),
        code.serverKey(),
        wish.key().publicKeyInfo(),
        code.pending().resource());
  }

  private Element sign() {
    Bytes link = EnrolmentLink.ofRequest(code.serverKey(), code.account(), wish.request());
    return Element.named("sign", Namespaces.LATCHKEY_CSR)
        .attribute("name", code.pending().name())
        .attribute("resource", code.pending().resource().map(Resource::name))
        .child(Element.text("request", Namespaces.LATCHKEY_CSR, wish.request().toBase64()))
        .child(Element.text("link", Namespaces.LATCHKEY_CSR, link.toBase64()))
        .build();
  }
}

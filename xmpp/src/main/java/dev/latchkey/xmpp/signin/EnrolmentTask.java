// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.signin;

import static dev.latchkey.wire.element.Namespaces.CLIENT_KEY;
import static dev.latchkey.wire.element.Namespaces.LATCHKEY_CSR;
import static dev.latchkey.wire.element.Namespaces.SASL2;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.Device;
import dev.latchkey.devices.ClientKeyWish;
import dev.latchkey.devices.EnrolmentResult;
import dev.latchkey.devices.NameWish;
import dev.latchkey.devices.Redemption;
import dev.latchkey.sasl.EnrolmentLink;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.Proof;
import dev.latchkey.sasl.SaslCondition;
import dev.latchkey.wire.element.Element;
import dev.latchkey.xmpp.protocol.ClientKeyElements;
import dev.latchkey.xmpp.protocol.EnrolmentElements;
import dev.latchkey.xmpp.protocol.SignElement;
import dev.latchkey.xmpp.stream.ServerStream;
import dev.latchkey.xmpp.stream.StreamEnd;
import java.util.List;
import java.util.Optional;

/// LK-ENROL: whoever proved a code has a key signed, and is then that device (30.C ii, rules 7, 8,
/// 12).
final class EnrolmentTask {
  static final String NAME = "LK-ENROL";

  private final SignInServices services;
  private final ServerStream stream;
  private final Proof proof;
  private final Optional<String> machine;

  /// @param machine how the client's machine calls itself
  EnrolmentTask(
      SignInServices services, ServerStream stream, Proof proof, Optional<String> machine) {
    this.services = services;
    this.stream = stream;
    this.proof = proof;
    this.machine = machine;
  }

  /// How it ended.
  sealed interface Step {}

  /// There is a device.
  ///
  /// @param credential what it signs in with from now on
  /// @param told what the client is told of it
  record Done(Device device, Credential credential, List<Element> told) implements Step {
    /// Copies.
    Done {
      told = List.copyOf(told);
    }
  }

  /// The request was refused.
  record Refused(EnrolmentResult.Refused refused) implements Step {}

  /// The code is no longer good.
  record Dead() implements Step {}

  /// The client gave up.
  record Aborted() implements Step {}

  /// Runs it as a task of XEP-0388.
  ///
  /// @param data what proves the server: the client checks it before it sends anything (rule 12)
  /// @param byKey whether a client key is registered, and no certificate made (rule 11)
  Step run(Optional<Bytes> data, boolean byKey) throws StreamEnd, InterruptedException {
    stream.send(
        Element.named("continue", SASL2)
            .child(data.map(octets -> Element.text("additional-data", SASL2, octets.toBase64())))
            .child(Element.named("tasks", SASL2).child(Element.text("task", SASL2, NAME)).build())
            .build());
    Element next = stream.next();
    if (next.is("abort", SASL2)) {
      return new Aborted();
    }
    if (!next.is("next", SASL2)) {
      throw Exchange.unexpected(next);
    }
    // Another task, or nothing to sign, is a malformed request: it counts as a failed one (rule
    // 12).
    boolean ours = next.attribute("task").filter(NAME::equals).isPresent();
    return byKey
        ? register(next.child("register", CLIENT_KEY).filter(_ -> ours), link(next))
        : redeem(next.child("sign", LATCHKEY_CSR).filter(_ -> ours).orElse(next));
  }

  private static Optional<Bytes> link(Element next) {
    return next.child("link", LATCHKEY_CSR).map(Element::text).flatMap(Bytes::base64);
  }

  /// Redeems the code with a `<register/>` (rule 11).
  private Step register(Optional<Element> element, Optional<Bytes> link) {
    ClientKeyWish wish =
        element.flatMap(ClientKeyElements::read).orElse(ClientKeyElements.UNREADABLE);
    Bytes expected =
        EnrolmentLink.ofClientKey(
            proof.enrolmentKey().orElseThrow().serverKey(), proof.jid(), wish.id(), wish.key());
    EnrolmentResult result =
        services
            .tokenEnrolment()
            .redeemByKey(
                proof.account(),
                proof.credential(),
                link.filter(expected::equals).isPresent(),
                proof.channelBound(),
                machine,
                wish);
    return switch (result) {
      case EnrolmentResult.Keyed keyed ->
          new Done(
              keyed.device(),
              keyed.credential(),
              List.of(
                  ClientKeyElements.registered(
                      keyed.credential().id(), keyed.encryptedSecret(), keyed.expires()),
                  EnrolmentElements.enrolled(keyed.device().id(), keyed.credential().id())));
      case EnrolmentResult.Refused refused -> new Refused(refused);
      case EnrolmentResult.Dead _ -> new Dead();
      case EnrolmentResult.Enrolled _, EnrolmentResult.Accepted _, EnrolmentResult.Given _ ->
          throw new IllegalStateException("a client key was registered");
    };
  }

  /// Redeems the code with a `<sign/>`, wherever it stood.
  Step redeem(Element element) {
    SignElement sign = SignElement.read(element).orElse(SignElement.UNREADABLE);
    EnrolmentResult result =
        services
            .enrolment()
            .redeem(
                new Redemption(
                    proof.account(),
                    proof.credential(),
                    sign.request(),
                    new NameWish(sign.name(), machine),
                    sign.resource(),
                    isLinked(sign)));
    return switch (result) {
      case EnrolmentResult.Enrolled enrolled ->
          new Done(
              enrolled.device(),
              enrolled.credential(),
              List.of(EnrolmentElements.signed(enrolled, Optional.of(answerLink(enrolled)))));
      case EnrolmentResult.Accepted _, EnrolmentResult.Given _, EnrolmentResult.Keyed _ ->
          throw new IllegalStateException("a request was made for a certificate");
      case EnrolmentResult.Refused refused -> new Refused(refused);
      case EnrolmentResult.Dead _ -> new Dead();
    };
  }

  /// Rule 7: whoever relays the proof of a code cannot put another request under it.
  private boolean isLinked(SignElement sign) {
    Bytes expected =
        EnrolmentLink.ofRequest(
            proof.enrolmentKey().orElseThrow().serverKey(), proof.jid(), sign.request());
    return sign.link().filter(expected::equals).isPresent();
  }

  private Bytes answerLink(EnrolmentResult.Enrolled enrolled) {
    return EnrolmentLink.ofAnswer(
        proof.enrolmentKey().orElseThrow().serverKey(),
        proof.jid(),
        List.of(enrolled.leaf(), enrolled.issuing()));
  }

  /// Rule 12: the code is not consumed, and the stream ends.
  static Outcome.Failed failed(EnrolmentResult.Refused refused) {
    return Outcome.Failed.of(SaslCondition.MALFORMED_REQUEST, FailureReason.ENROLMENT_REFUSED)
        .saying(
            EnrolmentElements.reason(refused.fault()),
            "The request to enrol was refused: " + refused.fault().word())
        .endingStream(Optional.of(refused.fault().word() + ": " + refused.log()));
  }

  /// Rule 8: a code that is no longer good is as wrong as any.
  static Outcome.Failed dead() {
    return Outcome.Failed.of(SaslCondition.NOT_AUTHORIZED, FailureReason.CREDENTIAL_NOT_LIVE)
        .endingStream(Optional.empty());
  }

  /// The client gave up: the code is as it was.
  static Outcome.Failed aborted() {
    return Outcome.Failed.of(SaslCondition.ABORTED, FailureReason.ABORTED_BY_CLIENT)
        .endingStream(Optional.empty());
  }

  /// How a client's machine calls itself (XEP-0388's user-agent).
  static Optional<String> machine(Element start) {
    return start
        .child("user-agent", SASL2)
        .flatMap(agent -> agent.child("device", SASL2))
        .map(Element::text)
        .filter(name -> !name.isBlank());
  }
}

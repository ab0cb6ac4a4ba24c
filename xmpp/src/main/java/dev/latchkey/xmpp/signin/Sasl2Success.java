// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.signin;

import static dev.latchkey.wire.element.Namespaces.LATCHKEY_CSR;
import static dev.latchkey.wire.element.Namespaces.SASL2;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Waypoint;
import dev.latchkey.devices.EnrolmentResult;
import dev.latchkey.devices.Redeemed;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.Proof;
import dev.latchkey.sasl.SaslCondition;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.xmpp.protocol.EnrolmentElements;
import dev.latchkey.xmpp.session.Session;
import dev.latchkey.xmpp.stream.ServerStream;
import dev.latchkey.xmpp.stream.StreamEnd;
import java.util.List;
import java.util.Optional;

/// What follows a proof under XEP-0388: enrolment where a code was proven, then resource and
/// success in one answer.
final class Sasl2Success {
  private final SignInServices services;
  private final ServerStream stream;
  private final Admission admission;
  private final DomainOffer offer;

  Sasl2Success(
      SignInServices services, ServerStream stream, Admission admission, DomainOffer offer) {
    this.services = services;
    this.stream = stream;
    this.admission = admission;
    this.offer = offer;
  }

  /// @param start the `<authenticate/>`, whose inline requests are answered now
  /// @param data what proves the server to the client
  Outcome follow(Element start, Proof proof, Optional<Bytes> data)
      throws StreamEnd, InterruptedException {
    if (proof.device().isPresent()) {
      return admission
          .admit(proof, proof.device().get())
          .<Outcome>map(session -> succeed(start, session, data, Optional.empty()))
          .orElseGet(admission::revoked);
    }
    services.waypoints().reached(Waypoint.CODE_PROVEN);
    // Rule 11: the client says which way it wants to be enrolled.
    String by = start.child("enrol", LATCHKEY_CSR).flatMap(wish -> wish.attribute("by")).orElse("");
    if (by.equals("csr") && offer.signing()) {
      return enrolByRequest(start, proof, data);
    }
    Optional<Bytes> certificate = admission.facts().peerCertificate();
    if (by.equals("certificate") && offer.certificates() && certificate.isPresent()) {
      return enrolByCertificate(start, proof, data, certificate.get());
    }
    if (by.isEmpty() && !offer.signing()) {
      return letInOnce(start, proof, data);
    }
    return Outcome.Failed.of(SaslCondition.NOT_AUTHORIZED, FailureReason.ENROLMENT_REQUIRED)
        .saying(EnrolmentElements.enrolmentRequired(), EnrolmentTexts.REQUIRED);
  }

  /// Way ii: the task LK-ENROL (XEP-0388's `<continue/>`).
  private Outcome enrolByRequest(Element start, Proof proof, Optional<Bytes> data)
      throws StreamEnd, InterruptedException {
    EnrolmentTask.Step step = new EnrolmentTask(services, stream, proof).run(data);
    return switch (step) {
      case EnrolmentTask.Done(EnrolmentResult.Enrolled enrolled, Element signed) ->
          admission
              .admitEnrolled(proof, enrolled.device(), enrolled.credential())
              .<Outcome>map(
                  session -> succeed(start, session, Optional.empty(), Optional.of(signed)))
              .orElseGet(admission::revoked);
      case EnrolmentTask.Refused(EnrolmentResult.Refused refused) -> EnrolmentTask.failed(refused);
      case EnrolmentTask.Dead _ -> EnrolmentTask.dead();
      case EnrolmentTask.Aborted _ -> EnrolmentTask.aborted();
    };
  }

  /// Way i: the certificate that the client showed in TLS.
  private Outcome enrolByCertificate(
      Element start, Proof proof, Optional<Bytes> data, Bytes certificate) {
    EnrolmentResult result =
        services
            .enrolment()
            .redeemByCertificate(
                proof.account(),
                proof.credential(),
                certificate,
                proof.channelBound(),
                EnrolmentTask.deviceName(start));
    return switch (result) {
      case EnrolmentResult.Accepted accepted ->
          admission
              .admitEnrolled(proof, accepted.device(), accepted.credential())
              .<Outcome>map(
                  session ->
                      succeed(
                          start,
                          session,
                          data,
                          Optional.of(
                              EnrolmentElements.enrolled(
                                  accepted.device().id(), accepted.credential().id()))))
              .orElseGet(admission::revoked);
      case EnrolmentResult.Enrolled _ ->
          throw new IllegalStateException("a certificate was shown, none was to be signed");
      case EnrolmentResult.Refused refused -> EnrolmentTask.failed(refused);
      case EnrolmentResult.Dead _ -> EnrolmentTask.dead();
    };
  }

  /// Rule 10: where nothing is signed, a code is good for one ordinary session.
  private Outcome letInOnce(Element start, Proof proof, Optional<Bytes> data) {
    return services
        .enrolment()
        .openSession(proof.account(), proof.credential(), proof.channelBound())
        .map(Redeemed::device)
        .flatMap(device -> admission.admitOnce(proof, device))
        .<Outcome>map(session -> succeed(start, session, data, Optional.empty()))
        .orElseGet(EnrolmentTask::dead);
  }

  private Outcome succeed(
      Element start, Session session, Optional<Bytes> data, Optional<Element> enrolment) {
    Optional<Element> wish =
        start.child("bind", Namespaces.BIND2).filter(_ -> services.backend().losesNothingByBind2());
    boolean bound =
        wish.isPresent()
            && new Binding(services, stream, session)
                .bindInline(wish.get(), admission.resources(session));
    Element success =
        Element.named("success", SASL2)
            .child(data.map(octets -> Element.text("additional-data", SASL2, octets.toBase64())))
            .child(
                Element.text(
                    "authorization-identifier",
                    SASL2,
                    bound ? session.jid().toString() : session.identity().jid().toString()))
            .child(enrolment)
            .child(bound ? Optional.of(bound(session)) : Optional.empty())
            .build();
    services.waypoints().reached(Waypoint.BEFORE_SUCCESS);
    stream.connection().limits(services.policy().after());
    if (session.send(success, () -> admission.tell(session))) {
      // A dead session is one whose client was told why: there is nothing to add.
      SignInFeatures features = new SignInFeatures(offer, services.backend(), services.policy());
      stream.features(
          bound ? features.whenBound(stream.domain()) : features.beforeBinding(stream.domain()));
    }
    services.waypoints().reached(Waypoint.ANSWERED);
    return new Outcome.SignedIn(session, bound ? wish.get().children().toList() : List.of());
  }

  private Element bound(Session session) {
    return Element.named("bound", Namespaces.BIND2)
        .children(services.backend().bindInline(session.identity()))
        .build();
  }
}

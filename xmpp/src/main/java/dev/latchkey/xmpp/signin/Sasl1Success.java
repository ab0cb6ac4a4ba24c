// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.signin;

import static dev.latchkey.wire.element.Namespaces.LATCHKEY_CSR;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.chat.stanza.Stanzas;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.Waypoint;
import dev.latchkey.devices.EnrolmentResult;
import dev.latchkey.devices.NameWish;
import dev.latchkey.devices.Redeemed;
import dev.latchkey.sasl.Proof;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.framing.StreamLimits;
import dev.latchkey.xmpp.protocol.EnrolmentElements;
import dev.latchkey.xmpp.protocol.EnrolmentErrors;
import dev.latchkey.xmpp.session.OwnRequests;
import dev.latchkey.xmpp.session.Session;
import dev.latchkey.xmpp.stream.ServerStream;
import dev.latchkey.xmpp.stream.StreamCondition;
import dev.latchkey.xmpp.stream.StreamEnd;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What follows a proof under RFC 6120 §6: success, a new stream, and for a code the pre-bind state
/// in which nothing but an enrolment is possible (30.C iv, rules 9, 18).
final class Sasl1Success {
  private static final int PRE_BIND_ELEMENTS = 5;
  private static final Duration PRE_BIND_TIME = Duration.ofSeconds(60);

  private final SignInServices services;
  private final ServerStream stream;
  private final Admission admission;
  private final SignInFeatures features;
  private final DomainOffer offer;

  Sasl1Success(
      SignInServices services, ServerStream stream, Admission admission, SignInFeatures features) {
    this.services = services;
    this.stream = stream;
    this.admission = admission;
    this.features = features;
    this.offer = features.offer();
  }

  Outcome follow(Proof proof, Optional<Bytes> data) throws StreamEnd, InterruptedException {
    if (proof.device().isPresent()) {
      Optional<Session> session = admission.admit(proof, proof.device().get());
      return session.isPresent() ? succeed(session.get(), data) : admission.overtaken(proof);
    }
    services.waypoints().reached(Waypoint.CODE_PROVEN);
    // Rule 11: a certificate is enrolled here only if nothing speaks against it; else it is as if
    // none had been shown.
    Optional<Bytes> certificate =
        admission
            .facts()
            .peerCertificate()
            .filter(
                shown ->
                    offer.certificates() && services.enrolment().suits(proof.account(), shown));
    if (certificate.isPresent()
        && services
                .enrolment()
                .redeemByCertificate(
                    proof.account(),
                    proof.credential(),
                    certificate.get(),
                    proof.channelBound(),
                    NameWish.NONE)
            instanceof EnrolmentResult.Accepted accepted) {
      Optional<Session> session =
          admission.admitEnrolled(proof, accepted.device(), accepted.credential());
      return session.isPresent() ? succeed(session.get(), data) : admission.overtaken(proof);
    }
    if (!offer.signing()) {
      Optional<Session> session =
          services
              .enrolment()
              .openSession(proof.account(), proof.credential(), proof.channelBound())
              .map(Redeemed::device)
              .flatMap(device -> admission.admitOnce(proof, device));
      return session.isPresent() ? succeed(session.get(), data) : EnrolmentTask.dead();
    }
    stream.send(success(data));
    open(services.policy().before());
    return preBind(proof);
  }

  private Outcome succeed(Session session, Optional<Bytes> data)
      throws StreamEnd, InterruptedException {
    services.waypoints().reached(Waypoint.BEFORE_SUCCESS);
    stream.restart(services.policy().after());
    if (!session.send(success(data), () -> admission.tell(session))) {
      throw StreamEnd.closing("the session ended before it began");
    }
    services.waypoints().reached(Waypoint.ANSWERED);
    accept();
    return new Outcome.SignedIn(session, List.of());
  }

  private static Element success(Optional<Bytes> data) {
    return Element.text("success", Namespaces.SASL, data.map(Bytes::toBase64).orElse(""));
  }

  /// RFC 6120 §6.4.6: a new stream after success.
  private void open(StreamLimits limits) throws StreamEnd, InterruptedException {
    stream.restart(limits);
    accept();
  }

  private void accept() throws StreamEnd, InterruptedException {
    stream.accept();
    stream.features(features.beforeBinding());
  }

  private Outcome preBind(Proof proof) throws StreamEnd, InterruptedException {
    stream.patience(PRE_BIND_TIME);
    for (int i = 0; i < PRE_BIND_ELEMENTS; i++) {
      Element element = stream.next();
      Iq request =
          Iq.read(element)
              .filter(iq -> OwnRequests.isForUs(iq, proof.jid()))
              .orElseThrow(() -> Exchange.unexpected(element));
      if (request.isSet() && request.payload().is("sign", LATCHKEY_CSR)) {
        Optional<Session> session = sign(request, proof);
        if (session.isPresent()) {
          return new Outcome.SignedIn(session.get(), List.of());
        }
      } else if (request.payload().is("bind", Namespaces.BIND)) {
        stream.send(
            request.error(
                StanzaError.NOT_ALLOWED
                    .with(EnrolmentElements.enrolmentRequired())
                    .saying(EnrolmentTexts.REQUIRED)));
      } else {
        stream.send(Stanzas.error(element, StanzaError.NOT_ALLOWED));
      }
    }
    throw StreamEnd.because(StreamCondition.POLICY_VIOLATION, "too many elements before enrolling");
  }

  private Optional<Session> sign(Iq request, Proof proof) throws StreamEnd {
    return switch (new EnrolmentTask(services, stream, proof, Optional.empty())
        .redeem(request.payload())) {
      case EnrolmentTask.Done(Device device, Credential credential, List<Element> told) -> {
        Session session =
            admission
                .admitEnrolled(proof, device, credential)
                .orElseThrow(
                    () ->
                        StreamEnd.because(
                            StreamCondition.NOT_AUTHORIZED, "revoked while it was enrolled"));
        services.waypoints().reached(Waypoint.BEFORE_SUCCESS);
        stream.connection().limits(services.policy().after());
        session.send(request.result(Optional.of(told.getFirst())), () -> admission.tell(session));
        services.waypoints().reached(Waypoint.ANSWERED);
        yield Optional.of(session);
      }
      case EnrolmentTask.Refused(EnrolmentResult.Refused refused) ->
          throw refuse(request, EnrolmentErrors.of(refused.fault()), EnrolmentTask.failed(refused));
      case EnrolmentTask.Dead _ ->
          throw refuse(request, StanzaError.NOT_AUTHORIZED, EnrolmentTask.dead());
      case EnrolmentTask.Aborted _ ->
          throw new IllegalStateException("a request that was made was aborted");
    };
  }

  /// Rule 12: a refused enrolment ends the stream.
  private StreamEnd refuse(Iq request, StanzaError error, Outcome.Failed failed) {
    services
        .log()
        .signInRefused(
            stream.connection().peer(),
            stream.domain(),
            admission.mechanism(),
            failed.log(),
            failed.detail());
    stream.send(request.error(error));
    return StreamEnd.closing("an enrolment failed");
  }
}

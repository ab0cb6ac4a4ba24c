// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.signin;

import static dev.latchkey.wire.element.Namespaces.LATCHKEY_CSR;
import static dev.latchkey.wire.element.Namespaces.SASL2;
import static dev.latchkey.wire.element.Namespaces.STREAM_MANAGEMENT;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Credential;
import dev.latchkey.credential.Device;
import dev.latchkey.credential.Waypoint;
import dev.latchkey.devices.EnrolmentResult;
import dev.latchkey.devices.NameWish;
import dev.latchkey.devices.Redeemed;
import dev.latchkey.devices.TokenWish;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.Proof;
import dev.latchkey.sasl.SaslCondition;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.xmpp.protocol.EnrolmentElements;
import dev.latchkey.xmpp.protocol.FastElements;
import dev.latchkey.xmpp.session.ManagementElements;
import dev.latchkey.xmpp.session.Resumption;
import dev.latchkey.xmpp.session.Session;
import dev.latchkey.xmpp.stream.ServerStream;
import dev.latchkey.xmpp.stream.StreamEnd;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What follows a proof under XEP-0388: enrolment where a code was proven, then resource and
/// success in one answer.
final class Sasl2Success {
  private final SignInServices services;
  private final ServerStream stream;
  private final Admission admission;
  private final SignInFeatures features;
  private final DomainOffer offer;

  Sasl2Success(
      SignInServices services, ServerStream stream, Admission admission, SignInFeatures features) {
    this.services = services;
    this.stream = stream;
    this.admission = admission;
    this.features = features;
    this.offer = features.offer();
  }

  /// @param start the `<authenticate/>`, whose inline requests are answered now
  /// @param data what proves the server to the client
  Outcome follow(Element start, Proof proof, Optional<Bytes> data)
      throws StreamEnd, InterruptedException {
    if (proof.device().isPresent()) {
      Optional<Session> session = admission.admit(proof, proof.device().get());
      return session.isPresent()
          ? resumeOrBind(start, session.get(), data)
          : admission.overtaken(proof);
    }
    services.waypoints().reached(Waypoint.CODE_PROVEN);
    // Rule 11: the client says which way it wants to be enrolled.
    String by = start.child("enrol", LATCHKEY_CSR).flatMap(wish -> wish.attribute("by")).orElse("");
    if (by.equals("csr") && offer.signing()) {
      return enrolByTask(start, proof, data, false);
    }
    if (by.equals("client-key") && offer.clientKeys()) {
      return enrolByTask(start, proof, data, true);
    }
    Optional<Bytes> certificate = admission.facts().peerCertificate();
    if (by.equals("certificate") && offer.certificates() && certificate.isPresent()) {
      return enrolByCertificate(start, proof, data, certificate.get());
    }
    Optional<TokenWish> wish = admission.wishes().wish();
    if (by.isEmpty() && wish.isPresent()) {
      return enrolByToken(start, proof, data, wish.get());
    }
    if (by.isEmpty() && !offer.signing()) {
      return letInOnce(start, proof, data);
    }
    return Outcome.Failed.of(SaslCondition.NOT_AUTHORIZED, FailureReason.ENROLMENT_REQUIRED)
        .saying(EnrolmentElements.enrolmentRequired(), EnrolmentTexts.REQUIRED);
  }

  /// Way ii, and rule 11's client key: the task LK-ENROL (XEP-0388's `<continue/>`).
  private Outcome enrolByTask(Element start, Proof proof, Optional<Bytes> data, boolean byKey)
      throws StreamEnd, InterruptedException {
    EnrolmentTask.Step step =
        new EnrolmentTask(services, stream, proof, EnrolmentTask.machine(start)).run(data, byKey);
    return switch (step) {
      case EnrolmentTask.Done(Device device, Credential credential, List<Element> told) ->
          admission
              .admitEnrolled(proof, device, credential)
              .<Outcome>map(session -> succeedEnrolled(start, session, Optional.empty(), told))
              .orElseGet(() -> admission.overtaken(proof));
      case EnrolmentTask.Refused(EnrolmentResult.Refused refused) -> EnrolmentTask.failed(refused);
      case EnrolmentTask.Dead _ -> EnrolmentTask.dead();
      case EnrolmentTask.Aborted _ -> EnrolmentTask.aborted();
    };
  }

  /// How the device is to be called, where nothing follows that could say it.
  private static NameWish name(Element start) {
    return new NameWish(
        start.child("enrol", LATCHKEY_CSR).flatMap(wish -> wish.attribute("name")),
        EnrolmentTask.machine(start));
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
                name(start));
    return switch (result) {
      case EnrolmentResult.Accepted accepted ->
          admission
              .admitEnrolled(proof, accepted.device(), accepted.credential())
              .<Outcome>map(
                  session ->
                      succeedEnrolled(
                          start,
                          session,
                          data,
                          List.of(
                              EnrolmentElements.enrolled(
                                  accepted.device().id(), accepted.credential().id()))))
              .orElseGet(() -> admission.overtaken(proof));
      case EnrolmentResult.Enrolled _, EnrolmentResult.Given _, EnrolmentResult.Keyed _ ->
          throw new IllegalStateException("a certificate was shown, nothing was to be made");
      case EnrolmentResult.Refused refused -> EnrolmentTask.failed(refused);
      case EnrolmentResult.Dead _ -> EnrolmentTask.dead();
    };
  }

  /// Way iii: a FAST token.
  private Outcome enrolByToken(Element start, Proof proof, Optional<Bytes> data, TokenWish wish) {
    EnrolmentResult result =
        services
            .tokenEnrolment()
            .redeemByToken(
                proof.account(), proof.credential(), proof.channelBound(), name(start), wish);
    return switch (result) {
      case EnrolmentResult.Given given -> {
        admission.given(given.token());
        yield admission
            .admitEnrolled(proof, given.device(), given.credential())
            .<Outcome>map(
                session ->
                    succeedWith(
                        start,
                        session,
                        data,
                        List.of(
                            EnrolmentElements.enrolled(
                                given.device().id(), given.credential().id()))))
            .orElseGet(() -> admission.overtaken(proof));
      }
      case EnrolmentResult.Refused refused -> EnrolmentTask.failed(refused);
      case EnrolmentResult.Dead _ -> EnrolmentTask.dead();
      case EnrolmentResult.Enrolled _, EnrolmentResult.Accepted _, EnrolmentResult.Keyed _ ->
          throw new IllegalStateException("a token was wanted");
    };
  }

  /// Rule 10: where nothing is signed, a code is good for one ordinary session.
  private Outcome letInOnce(Element start, Proof proof, Optional<Bytes> data) {
    return services
        .enrolment()
        .openSession(proof.account(), proof.credential(), proof.channelBound())
        .map(Redeemed::device)
        .flatMap(device -> admission.admitOnce(proof, device))
        .<Outcome>map(session -> succeedWith(start, session, data, List.of()))
        .orElseGet(EnrolmentTask::dead);
  }

  /// XEP-0386 §4: resumption is tried first; if it fails the client is told, and bound.
  private Outcome resumeOrBind(Element start, Session session, Optional<Bytes> data)
      throws StreamEnd {
    Optional<Element> wish = start.child("resume", STREAM_MANAGEMENT);
    if (wish.isEmpty()) {
      return succeed(start, session, data, List.of());
    }
    services.waypoints().reached(Waypoint.BEFORE_SUCCESS);
    stream.connection().limits(services.policy().after());
    Resumption resumption =
        new Binding(services, stream, session)
            .resume(
                wish.get(),
                (jid, resumed) ->
                    success(data, jid.toString()).child(resumed).child(token()).build(),
                () -> admission.tell(session));
    return switch (resumption) {
      case Resumption.Resumed _ -> {
        services.waypoints().reached(Waypoint.ANSWERED);
        yield new Outcome.Resumed();
      }
      case Resumption.Failed(Element failed) -> succeed(start, session, data, List.of(failed));
      case Resumption.Impossible(Element error) ->
          throw StreamEnd.with(error, "more acknowledged than was sent");
    };
  }

  private Optional<Element> token() {
    return admission.token().map(FastElements::token);
  }

  private static Element.Builder success(Optional<Bytes> data, String who) {
    return Element.named("success", SASL2)
        .child(data.map(octets -> Element.text("additional-data", SASL2, octets.toBase64())))
        .child(Element.text("authorization-identifier", SASL2, who));
  }

  private Outcome succeedEnrolled(
      Element start, Session session, Optional<Bytes> data, List<Element> enrolment) {
    admission.give(session);
    return succeedWith(start, session, data, enrolment);
  }

  /// Rule 10: who has come in by a code has nothing to resume.
  private Outcome succeedWith(
      Element start, Session session, Optional<Bytes> data, List<Element> enrolment) {
    List<Element> beside = new ArrayList<>(enrolment);
    start
        .child("resume", STREAM_MANAGEMENT)
        .ifPresent(_ -> beside.add(ManagementElements.notFound(Optional.empty())));
    return succeed(start, session, data, beside);
  }

  /// @param beside what is answered beside: of an enrolment, or that nothing was resumed
  private Outcome succeed(
      Element start, Session session, Optional<Bytes> data, List<Element> beside) {
    Optional<Element> wish =
        start.child("bind", Namespaces.BIND2).filter(_ -> services.backend().losesNothingByBind2());
    boolean bound =
        wish.isPresent()
            && new Binding(services, stream, session)
                .bindInline(wish.get(), admission.resources(session));
    Optional<Element> answer = bound ? Optional.of(bound(session, wish.get())) : Optional.empty();
    Element success =
        success(data, bound ? session.jid().toString() : session.identity().jid().toString())
            .children(beside)
            .child(answer)
            .child(token())
            .build();
    services.waypoints().reached(Waypoint.BEFORE_SUCCESS);
    stream.connection().limits(services.policy().after());
    String next =
        answer
            .map(told -> told.child("enabled", STREAM_MANAGEMENT).isPresent())
            .map(features::whenBound)
            .orElseGet(features::beforeBinding);
    // A dead session is one whose client was told why: there is nothing to add.
    var _ = session.sendWritten(success.toXml() + next, () -> admission.tell(session));
    services.waypoints().reached(Waypoint.ANSWERED);
    return new Outcome.SignedIn(session, bound ? wish.get().children().toList() : List.of());
  }

  private Element bound(Session session, Element wish) {
    return Element.named("bound", Namespaces.BIND2)
        .children(services.backend().bindInline(session.identity()))
        .child(
            wish.child("enable", STREAM_MANAGEMENT)
                .flatMap(enable -> services.registry().enable(session, enable, false)))
        .build();
  }
}

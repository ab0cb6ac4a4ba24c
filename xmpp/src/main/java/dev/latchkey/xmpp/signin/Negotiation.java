// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.signin;

import dev.latchkey.credential.Bytes;
import dev.latchkey.sasl.ChannelBindingType;
import dev.latchkey.sasl.ConnectionFacts;
import dev.latchkey.sasl.FailureReason;
import dev.latchkey.sasl.Proof;
import dev.latchkey.sasl.SaslCondition;
import dev.latchkey.sasl.SaslStep;
import dev.latchkey.sasl.SignInRequest;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.socket.Connection;
import dev.latchkey.wire.socket.TlsException;
import dev.latchkey.wire.tls.TlsFacts;
import dev.latchkey.xmpp.session.EndReason;
import dev.latchkey.xmpp.session.ManagementElements;
import dev.latchkey.xmpp.session.Session;
import dev.latchkey.xmpp.stream.ServerStream;
import dev.latchkey.xmpp.stream.StreamCondition;
import dev.latchkey.xmpp.stream.StreamEnd;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The program of one connection, from its first octet to a bound session: read [#negotiate] from
/// top to bottom. Runs on a virtual thread of its own, which ends when the session stands and what
/// had come behind is handled.
public final class Negotiation implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(Negotiation.class);

  private static final String USER_AGENT_NEEDED =
      "A token belongs to a user agent: say <user-agent id='...'/>, the same each time.";

  private static final String FROM_NEEDED =
      "A token signs in on a stream that says from='...', the account's address.";

  private final SignInServices services;
  private final Connection connection;
  private final ServerStream stream;
  private final Runnable signedIn;
  private int failures;

  /// Whether a sign-in was made for another offer already: once it costs nothing.
  private boolean missed;

  /// What was registered for this connection last, so that nothing stays behind when it ends early.
  private Optional<Session> registered = Optional.empty();

  /// @param services what it needs
  /// @param connection whose stream it negotiates
  /// @param signedIn run at the moment that somebody has signed in, whatever follows; must not wait
  public Negotiation(SignInServices services, Connection connection, Runnable signedIn) {
    this.services = services;
    this.connection = connection;
    this.signedIn = signedIn;
    this.stream =
        new ServerStream(
            connection,
            services.domains()::containsKey,
            services.policy().authentication(),
            services.clock(),
            services.random());
  }

  @Override
  public void run() {
    boolean stands = false;
    try {
      negotiate();
      stands = true;
    } catch (StreamEnd end) {
      end.error().ifPresent(this::refuse);
      end.error()
          .flatMap(error -> error.children().findFirst())
          .ifPresent(
              condition ->
                  services.log().streamRefused(connection.peer(), condition.name(), end.rule()));
      connection.close();
    } catch (TlsException failed) {
      LOG.debug("TLS-2001 handshake failed peer={}", connection.peer(), failed);
      connection.abort();
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      refuse(StreamCondition.SYSTEM_SHUTDOWN.error(Optional.empty()));
      connection.close();
    } catch (RuntimeException fault) {
      LOG.error("SIGNIN-9001 fault while signing in peer={}", connection.peer(), fault);
      refuse(StreamCondition.INTERNAL_SERVER_ERROR.error(Optional.empty()));
      connection.close();
    } finally {
      if (!stands) {
        registered.ifPresent(session -> session.end(EndReason.DISCONNECTED));
      }
    }
  }

  private void refuse(Element error) {
    connection.send(error);
  }

  private void negotiate() throws StreamEnd, TlsException, InterruptedException {
    stream.accept();
    if (connection.tls().isEmpty()) {
      startTls();
      stream.accept();
    }
    ConnectionFacts facts = facts(connection.tls().orElseThrow());
    SignInFeatures features = services.features(stream.domain());
    SignInFeatures.Listing listing = features.beforeSignIn(facts);
    stream.features(listing.xml());

    Optional<Outcome.SignedIn> signedIn =
        signIn(
            listing,
            new SignInRequest(facts, stream.domain(), stream.from(), listing.names()),
            features);
    if (signedIn.isEmpty()) {
      return; // an older session has taken the connection over
    }
    Session session = signedIn.get().session();
    if (session.isBound()) {
      session.start(services.backend(), signedIn.get().asked());
    } else {
      stream.patience(services.policy().binding());
      new Binding(services, stream, session).run();
    }
  }

  /// RFC 6120 §5.4: nothing but STARTTLS is offered in clear.
  private void startTls() throws StreamEnd, TlsException, InterruptedException {
    stream.features(SignInFeatures.START_TLS);
    Element wish = stream.next();
    if (!wish.is("starttls", Namespaces.TLS)) {
      throw Exchange.unexpected(wish);
    }
    connection.startTls(
        services.tls().engine(stream.domain()),
        Optional.of(Element.empty("proceed", Namespaces.TLS)),
        services.policy().authentication());
  }

  private static ConnectionFacts facts(TlsFacts tls) {
    Map<ChannelBindingType, Bytes> bindings = new EnumMap<>(ChannelBindingType.class);
    tls.exporter().ifPresent(data -> bindings.put(ChannelBindingType.TLS_EXPORTER, data));
    tls.unique().ifPresent(data -> bindings.put(ChannelBindingType.TLS_UNIQUE, data));
    tls.serverEndPoint()
        .ifPresent(data -> bindings.put(ChannelBindingType.TLS_SERVER_END_POINT, data));
    return new ConnectionFacts(bindings, tls.peerCertificate());
  }

  /// Until somebody is signed in, or too many attempts have failed (rule 61).
  ///
  /// @return nothing if what was signed in for is done: an older session goes on
  private Optional<Outcome.SignedIn> signIn(
      SignInFeatures.Listing listing, SignInRequest request, SignInFeatures features)
      throws StreamEnd, InterruptedException {
    while (true) {
      Element start = stream.next();
      if (start.is("resume", Namespaces.STREAM_MANAGEMENT)) {
        resumeUnproven();
        continue;
      }
      SaslProfile profile = SaslProfile.of(start).orElseThrow(() -> Exchange.unexpected(start));
      TokenWishes wishes = new TokenWishes(start, features.tokens());
      Admission admission =
          new Admission(
              services,
              stream,
              request.facts(),
              wishes,
              session -> registered = Optional.of(session),
              signedIn);
      if (profile == SaslProfile.SASL2 && refusesUnread(wishes, listing.version())) {
        continue;
      }
      boolean fast = profile == SaslProfile.SASL2 && wishes.usesToken();
      SaslStep step =
          new Exchange(
                  stream,
                  profile,
                  request.with(wishes.userAgent()),
                  fast ? listing.fast() : listing.mechanisms())
              .run(start);
      Outcome outcome =
          switch (step) {
            case SaslStep.Success(Proof proof, Optional<Bytes> data) ->
                switch (profile) {
                  case SASL1 ->
                      new Sasl1Success(services, stream, admission, features).follow(proof, data);
                  case SASL2 ->
                      new Sasl2Success(services, stream, admission, features)
                          .follow(start, proof, data);
                };
            case SaslStep.Failure failure -> {
              failure.evidence().ifPresent(admission::suspect);
              yield refused(failure);
            }
            case SaslStep.Challenge _ ->
                throw new IllegalStateException("an exchange ended in a challenge");
          };
      switch (outcome) {
        case Outcome.SignedIn signedIn -> {
          return Optional.of(signedIn);
        }
        case Outcome.Resumed _ -> {
          return Optional.empty();
        }
        case Outcome.Failed failed -> fail(profile, Exchange.asked(start), failed);
      }
    }
  }

  private static Outcome.Failed refused(SaslStep.Failure failure) {
    Outcome.Failed failed = Outcome.Failed.of(failure);
    return failure.log() == FailureReason.NO_STREAM_FROM ? failed.saying(FROM_NEEDED) : failed;
  }

  /// What is wrong with an `<authenticate/>` before any of it is done, so that nothing is spent: it
  /// was made for another offer (XEP-0509, without prejudice), or asks for a token and does not say
  /// who is to have it.
  private boolean refusesUnread(TokenWishes wishes, ConfigVersion version) throws StreamEnd {
    if (version.isMissedBy(wishes.start())) {
      if (missed) {
        fail(
            SaslProfile.SASL2,
            Exchange.asked(wishes.start()),
            Outcome.Failed.of(SaslCondition.ABORTED, FailureReason.OTHER_CONFIG)
                .saying(ConfigVersion.mismatch(), "This was made for another offer."));
      } else {
        missed = true;
        stream.send(
            SaslProfile.SASL2.failure(
                SaslCondition.ABORTED, List.of(ConfigVersion.mismatch()), Optional.empty()));
      }
      return true;
    }
    if (wishes.lacksUserAgent()) {
      fail(
          SaslProfile.SASL2,
          Exchange.asked(wishes.start()),
          Outcome.Failed.of(SaslCondition.MALFORMED_REQUEST, FailureReason.NO_USER_AGENT)
              .saying(USER_AGENT_NEEDED));
      return true;
    }
    return false;
  }

  /// Rule 43: nothing is resumed for somebody who has proven nothing; it counts as an attempt (rule
  /// 61).
  private void resumeUnproven() throws StreamEnd {
    stream.send(ManagementElements.unexpected());
    count();
  }

  private void fail(SaslProfile profile, String mechanism, Outcome.Failed failed) throws StreamEnd {
    services
        .log()
        .signInRefused(
            connection.peer(),
            stream.domain(),
            // What is not a listed name is the peer's text and stays out of the log.
            failed.log() == FailureReason.UNKNOWN_MECHANISM ? "-" : mechanism,
            failed.log(),
            failed.detail());
    if (failed.end() == Outcome.Failed.End.INSTEAD) {
      throw StreamEnd.with(
          StreamCondition.NOT_AUTHORIZED.saying(failed.text()),
          "the account or the device is not active");
    }
    stream.send(profile.failure(failed.wire(), failed.application(), failed.text()));
    if (failed.end() == Outcome.Failed.End.AFTERWARDS) {
      throw StreamEnd.closing("an enrolment failed");
    }
    count();
  }

  private void count() throws StreamEnd {
    failures++;
    if (failures >= services.policy().attempts()) {
      throw StreamEnd.because(StreamCondition.POLICY_VIOLATION, "too many failed attempts");
    }
  }
}

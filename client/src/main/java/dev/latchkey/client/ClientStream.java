// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.client;

import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Domain;
import dev.latchkey.sasl.ClientMechanism;
import dev.latchkey.sasl.SaslServerException;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.framing.StreamEvent;
import dev.latchkey.wire.framing.StreamHeader;
import dev.latchkey.wire.framing.StreamLimits;
import dev.latchkey.wire.socket.Connection;
import dev.latchkey.wire.socket.Connector;
import dev.latchkey.wire.socket.EventLoops;
import dev.latchkey.wire.socket.TlsException;
import dev.latchkey.wire.tls.TlsFacts;
import dev.latchkey.wire.tls.UntrustedServerException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;

/// One stream from a client to its server, step by step. What is sent is up to the caller, so that
/// a test can also do what it must not; what is read is checked only as far as its step needs.
///
/// Sending may be done by any thread, everything else belongs to one thread at a time. Every method
/// that waits throws [ConnectionLostException] when the server is gone or too slow, and
/// [StreamErrorException] when it ends the stream with an error; after either the connection is
/// closed.
public final class ClientStream implements AutoCloseable {
  private static final String VERSION = "1.0";
  private static final Duration CLOSING = Duration.ofSeconds(3);

  private final Connection connection;
  private final Domain domain;
  private final Optional<AccountJid> from;
  private final Duration patience;
  private final Optional<EventLoops> owned;

  private ClientStream(
      Connection connection,
      Domain domain,
      Optional<AccountJid> from,
      Duration patience,
      Optional<EventLoops> owned) {
    this.connection = connection;
    this.domain = domain;
    this.from = from;
    this.patience = patience;
    this.owned = owned;
  }

  /// A stream over a connection that was just made; nothing is sent yet.
  ///
  /// @param domain whom to
  /// @param from who we say we are in the stream header, once the connection is encrypted
  /// @param patience how long one answer may take
  public static ClientStream over(
      Connection connection, Domain domain, Optional<AccountJid> from, Duration patience) {
    return new ClientStream(connection, domain, from, patience, Optional.empty());
  }

  /// Connects; nothing is sent yet, and TLS is the caller's to start.
  ///
  /// @throws IOException if it fails or takes too long
  static ClientStream dial(
      InetSocketAddress address, AccountJid account, ClientEnvironment environment)
      throws IOException {
    Optional<EventLoops> owned =
        environment.loops().isPresent() ? Optional.empty() : Optional.of(EventLoops.start(1));
    EventLoops loops = environment.loops().or(() -> owned).orElseThrow();
    boolean connected = false;
    try {
      Connection connection = new Connector(loops).connect(address, environment.patience());
      connected = true;
      return new ClientStream(
          connection, account.domain(), Optional.of(account), environment.patience(), owned);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new ClientException("interrupted while connecting", interrupted);
    } finally {
      if (!connected) {
        owned.ifPresent(EventLoops::close);
      }
    }
  }

  /// The connection underneath.
  public Connection connection() {
    return connection;
  }

  /// What the TLS handshake told.
  ///
  /// @throws IllegalStateException before there was one
  public TlsFacts tls() {
    return connection
        .tls()
        .orElseThrow(() -> new IllegalStateException("there is no TLS on this connection yet"));
  }

  /// Opens our stream, takes the server's header and its features.
  public StreamFeatures open() {
    sendHeader();
    return opened();
  }

  /// Opens our stream and does not wait for the server's; [#opened] does.
  void sendHeader() {
    // RFC 6120 §4.7.1: in clear an address tells more than it has to.
    Optional<String> named =
        connection.tls().isPresent() ? from.map(AccountJid::toString) : Optional.empty();
    connection.open(
        new StreamHeader(
            Optional.of(domain.name()),
            named,
            Optional.empty(),
            Optional.of(VERSION),
            Optional.of("en"),
            Namespaces.CLIENT));
  }

  /// Takes the server's header and its features.
  StreamFeatures opened() {
    if (!(event(patience) instanceof StreamEvent.Opened(StreamHeader header))) {
      throw lost("it did not answer with a stream of its own");
    }
    if (!header.version().equals(Optional.of(VERSION))) {
      throw lost("it does not speak XMPP 1.0");
    }
    return features();
  }

  /// Takes the server's features.
  public StreamFeatures features() {
    Element element = next();
    if (!element.is("features", Namespaces.STREAMS)) {
      throw lost("it sent no stream features");
    }
    return new StreamFeatures(element);
  }

  /// Asks for STARTTLS and does the handshake; a new stream has to be opened then.
  ///
  /// @throws ServerNotTrustedException if the server did not show a certificate that we trust
  public void startTls(SSLEngine engine) {
    send(Element.empty("starttls", Namespaces.TLS));
    Element answer = next();
    if (!answer.is("proceed", Namespaces.TLS)) {
      throw lost("it does not go on with STARTTLS");
    }
    handshake(engine);
  }

  /// Does the TLS handshake at once (XEP-0368).
  ///
  /// @throws ServerNotTrustedException if the server did not show a certificate that we trust
  public void handshake(SSLEngine engine) {
    try {
      var _ = connection.startTls(engine, Optional.empty(), patience);
    } catch (TlsException failed) {
      connection.abort();
      for (Throwable cause = failed; cause != null; cause = cause.getCause()) {
        if (cause instanceof UntrustedServerException untrusted) {
          throw new ServerNotTrustedException(
              Foreign.line(String.valueOf(untrusted.getMessage())), failed);
        }
      }
      throw new ConnectionLostException(
          "%s: no encrypted connection: %s"
              .formatted(domain, Foreign.line(String.valueOf(failed.getMessage()))),
          failed);
    } catch (InterruptedException interrupted) {
      throw interrupted(interrupted);
    }
  }

  /// Signs in: by SASL2 if the server offers it, else by SASL1.
  ///
  /// @param features what the server offered on this stream
  /// @param mechanism the client's half; the server's part is checked with it
  /// @param extras what else stands in `<authenticate/>`; left out with SASL1
  /// @throws ServerNotTrustedException if the server did not prove itself; the connection is closed
  public SaslOutcome authenticate(
      StreamFeatures features, ClientMechanism mechanism, List<Element> extras) {
    if (!features.sasl2()) {
      return trusting(() -> bySasl1(mechanism));
    }
    begin(mechanism, extras);
    return conclude(mechanism);
  }

  private SaslOutcome trusting(Supplier<SaslOutcome> exchange) {
    try {
      return exchange.get();
    } catch (SaslServerException broken) {
      connection.abort();
      throw new ServerNotTrustedException(
          domain + ": the server is not to be trusted: " + broken.getMessage(), broken);
    }
  }

  /// Sends SASL2's `<authenticate/>` and does not wait for what comes of it; [#conclude] does.
  ///
  /// @param extras what else stands in it
  void begin(ClientMechanism mechanism, List<Element> extras) {
    Element.Builder authenticate =
        Element.named("authenticate", Namespaces.SASL2)
            .attribute("mechanism", mechanism.name().text());
    mechanism
        .initialResponse()
        .ifPresent(
            data ->
                authenticate.child(
                    Element.text("initial-response", Namespaces.SASL2, data.toBase64())));
    send(authenticate.children(extras).build());
  }

  /// Brings to its end what [#begin] began.
  ///
  /// @throws ServerNotTrustedException if the server did not prove itself; the connection is closed
  SaslOutcome conclude(ClientMechanism mechanism) {
    return trusting(() -> bySasl2(mechanism));
  }

  private SaslOutcome bySasl2(ClientMechanism mechanism) {
    while (true) {
      Element answer = next();
      if (answer.is("challenge", Namespaces.SASL2)) {
        Bytes response = mechanism.respond(decoded(answer));
        send(Element.text("response", Namespaces.SASL2, response.toBase64()));
      } else if (answer.is("success", Namespaces.SASL2)) {
        mechanism.verify(additionalData(answer));
        return new SaslOutcome.Succeeded(answer);
      } else if (answer.is("continue", Namespaces.SASL2)) {
        // Rule 12: nothing is handed to a server that has not proven itself.
        mechanism.verify(additionalData(answer));
        return new SaslOutcome.Continued(answer);
      } else if (answer.is("failure", Namespaces.SASL2)) {
        return new SaslOutcome.Failed(answer);
      } else {
        throw new SaslServerException("something else than an answer came during authentication");
      }
    }
  }

  private SaslOutcome bySasl1(ClientMechanism mechanism) {
    // RFC 6120 §6.4.2: "=" is an initial response without octets, nothing is none.
    String initial =
        mechanism.initialResponse().map(data -> data.isEmpty() ? "=" : data.toBase64()).orElse("");
    send(
        Element.named("auth", Namespaces.SASL)
            .attribute("mechanism", mechanism.name().text())
            .text(initial)
            .build());
    while (true) {
      Element answer = next();
      if (answer.is("challenge", Namespaces.SASL)) {
        Bytes response = mechanism.respond(decoded(answer));
        send(Element.text("response", Namespaces.SASL, response.toBase64()));
      } else if (answer.is("success", Namespaces.SASL)) {
        mechanism.verify(answer.text().isEmpty() ? Optional.empty() : Optional.of(decoded(answer)));
        return new SaslOutcome.Succeeded(answer);
      } else if (answer.is("failure", Namespaces.SASL)) {
        return new SaslOutcome.Failed(answer);
      } else {
        throw new SaslServerException("something else than an answer came during authentication");
      }
    }
  }

  private static Optional<Bytes> additionalData(Element answer) {
    return answer.child("additional-data", Namespaces.SASL2).map(ClientStream::decoded);
  }

  private static Bytes decoded(Element element) {
    String text = element.text().equals("=") ? "" : element.text();
    return Bytes.base64(text)
        .orElseThrow(() -> new SaslServerException("what it sent is not base64"));
  }

  /// Opens the new stream that follows SASL1's success (RFC 6120 §6.4.6).
  public StreamFeatures restart() {
    connection.restart(StreamLimits.FROM_SERVER);
    return open();
  }

  /// Sends an element.
  public void send(Element element) {
    connection.send(element);
  }

  /// The next element.
  public Element next() {
    return next(patience)
        .orElseThrow(
            () -> lost("it did not answer within %d seconds".formatted(patience.toSeconds())));
  }

  /// The next element, or nothing if none came within that time.
  public Optional<Element> next(Duration wait) {
    Optional<StreamEvent> event;
    try {
      event = connection.next(wait);
    } catch (InterruptedException interrupted) {
      throw interrupted(interrupted);
    }
    return event.map(this::element);
  }

  private Element element(StreamEvent event) {
    return switch (event) {
      case StreamEvent.Received(Element element) -> {
        if (element.is("error", Namespaces.STREAMS)) {
          connection.close();
          throw StreamErrorException.of(element);
        }
        yield element;
      }
      case StreamEvent.Opened _ -> throw lost("it opened a stream that nobody asked for");
      case StreamEvent.Closed _ -> throw lost("it closed the stream");
      case StreamEvent.Disconnected _ -> throw lost("the connection is gone");
      case StreamEvent.Refused(String _, String rule) ->
          throw lost("it sent what is no XMPP stream: " + rule);
    };
  }

  private StreamEvent event(Duration wait) {
    Optional<StreamEvent> event;
    try {
      event = connection.next(wait);
    } catch (InterruptedException interrupted) {
      throw interrupted(interrupted);
    }
    return event.orElseThrow(
        () -> lost("it did not answer within %d seconds".formatted(wait.toSeconds())));
  }

  private ConnectionLostException lost(String what) {
    connection.close();
    return new ConnectionLostException(
        "%s (%s:%d): %s"
            .formatted(
                domain, connection.peer().getHostString(), connection.peer().getPort(), what));
  }

  private ClientException interrupted(InterruptedException cause) {
    connection.abort();
    Thread.currentThread().interrupt();
    return new ConnectionLostException(domain + ": interrupted while waiting", cause);
  }

  /// Sends the end of the stream, waits until what was sent is written and the connection is
  /// closed, at most a few seconds.
  @Override
  public void close() {
    connection.close();
    try {
      if (!connection.awaitClosed(CLOSING)) {
        connection.abort();
      }
    } catch (InterruptedException interrupted) {
      connection.abort();
      Thread.currentThread().interrupt();
    }
    owned.ifPresent(EventLoops::close);
  }
}

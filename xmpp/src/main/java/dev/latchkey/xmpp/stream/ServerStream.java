// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.stream;

import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.InvalidJidException;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.wire.framing.StreamEvent;
import dev.latchkey.wire.framing.StreamHeader;
import dev.latchkey.wire.framing.StreamLimits;
import dev.latchkey.wire.socket.Connection;
import dev.latchkey.wire.tls.TlsFacts;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// The server's side of the streams that follow one another on one connection, while they are
/// negotiated. Owned by the negotiation's thread.
public final class ServerStream {
  private static final int ID_OCTETS = 16;
  private static final Pattern SUPPORTED = Pattern.compile("1\\.[0-9]{1,4}");

  private final Connection connection;
  private final Predicate<Domain> served;
  private final InstantSource clock;
  private final RandomGenerator random;
  private final Instant since;
  private Instant deadline;
  private Optional<Domain> domain = Optional.empty();
  private Optional<Jid> from = Optional.empty();

  /// @param connection what carries it
  /// @param served whether it may be to a domain
  /// @param patience how long the whole negotiation may take
  public ServerStream(
      Connection connection,
      Predicate<Domain> served,
      Duration patience,
      InstantSource clock,
      RandomGenerator random) {
    this.connection = connection;
    this.served = served;
    this.clock = clock;
    this.random = random;
    this.since = clock.instant();
    this.deadline = since.plus(patience);
  }

  /// When its connection came.
  public Instant since() {
    return since;
  }

  /// The connection.
  public Connection connection() {
    return connection;
  }

  /// The domain it is to.
  public Domain domain() {
    return domain.orElseThrow(() -> new IllegalStateException("no stream was opened yet"));
  }

  /// Whom it says to be from; a claim.
  public Optional<Jid> from() {
    return from;
  }

  /// Gives the rest of the negotiation so much time.
  public void patience(Duration patience) {
    deadline = clock.instant().plus(patience);
  }

  /// Waits for the peer's stream header and answers it (RFC 6120 §4.7, §4.8).
  public void accept() throws StreamEnd, InterruptedException {
    Optional<StreamEnd> refusal;
    try {
      refusal = read(header());
    } catch (StreamEnd end) {
      refusal = Optional.of(end);
    }
    // RFC 6120 §4.9.1.2: an error follows our header, never comes without.
    if (refusal.isEmpty() || refusal.get().error().isPresent()) {
      connection.open(
          new StreamHeader(
              Optional.empty(),
              domain.map(Domain::name),
              Optional.of(Bytes.random(ID_OCTETS, random).toHex()),
              Optional.of("1.0"),
              Optional.of("en"),
              Namespaces.CLIENT));
    }
    if (refusal.isPresent()) {
      throw refusal.get();
    }
  }

  private StreamHeader header() throws StreamEnd, InterruptedException {
    return switch (event()) {
      case StreamEvent.Opened(StreamHeader header) -> header;
      case StreamEvent.Received _ ->
          throw StreamEnd.because(
              StreamCondition.BAD_FORMAT, "an element before the stream header");
      case StreamEvent.Closed _ -> throw StreamEnd.gone("closed");
      case StreamEvent.Refused(String condition, String rule) ->
          throw StreamEnd.refused(condition, rule);
      case StreamEvent.Disconnected _ -> throw StreamEnd.gone("disconnected");
    };
  }

  private Optional<StreamEnd> read(StreamHeader header) {
    if (!header.contentNamespace().equals(Namespaces.CLIENT)) {
      return refusal(StreamCondition.INVALID_NAMESPACE, "content namespace is not jabber:client");
    }
    if (!header.version().map(ServerStream::isSupported).orElse(false)) {
      return refusal(StreamCondition.UNSUPPORTED_VERSION, "stream version is not 1.x");
    }
    Optional<Domain> to = header.to().flatMap(ServerStream::domainOf).filter(served);
    if (to.isEmpty()) {
      return refusal(StreamCondition.HOST_UNKNOWN, "stream is to no domain served here");
    }
    if (domain.isPresent() && !domain.equals(to)) {
      return refusal(StreamCondition.HOST_UNKNOWN, "restarted stream is to another domain");
    }
    // Rule 58: what the handshake was for and what the stream is to must be one domain.
    Optional<String> asked = connection.tls().flatMap(TlsFacts::serverName);
    if (asked.isPresent() && !asked.flatMap(ServerStream::domainOf).equals(to)) {
      return refusal(StreamCondition.HOST_UNKNOWN, "SNI names another domain than the stream");
    }
    domain = to;
    if (header.from().isPresent()) {
      Optional<Jid> claimed = header.from().flatMap(Jid::tryParse);
      if (claimed.isEmpty()) {
        return refusal(StreamCondition.INVALID_FROM, "stream is from no address");
      }
      from = claimed.map(Jid::bare);
    }
    return Optional.empty();
  }

  private static Optional<StreamEnd> refusal(StreamCondition condition, String rule) {
    return Optional.of(StreamEnd.because(condition, rule));
  }

  /// RFC 6120 §4.7.5: 1.0, or a higher minor version, which we answer with 1.0.
  private static boolean isSupported(String version) {
    return SUPPORTED.matcher(version).matches();
  }

  private static Optional<Domain> domainOf(String text) {
    try {
      return Optional.of(new Domain(text));
    } catch (InvalidJidException none) {
      return Optional.empty();
    }
  }

  /// Lists what can be negotiated now, together with what is said next.
  ///
  /// @param written `<stream:features/>`, as [Element#toXml] wrote it
  public void features(String written) {
    connection.sendSoon(written);
  }

  /// Waits for the next first-level element.
  public Element next() throws StreamEnd, InterruptedException {
    return switch (event()) {
      case StreamEvent.Received(Element element) -> element;
      case StreamEvent.Opened _ ->
          throw StreamEnd.because(StreamCondition.BAD_FORMAT, "a stream header where none is due");
      case StreamEvent.Closed _ -> throw StreamEnd.gone("closed");
      case StreamEvent.Refused(String condition, String rule) ->
          throw StreamEnd.refused(condition, rule);
      case StreamEvent.Disconnected _ -> throw StreamEnd.gone("disconnected");
    };
  }

  private StreamEvent event() throws StreamEnd, InterruptedException {
    Duration left = Duration.between(clock.instant(), deadline);
    return connection
        .next(left.isNegative() ? Duration.ZERO : left)
        .orElseThrow(
            () ->
                StreamEnd.because(
                    StreamCondition.CONNECTION_TIMEOUT, "the negotiation took too long"));
  }

  /// Sends.
  public void send(Element element) {
    connection.send(element);
  }

  /// The next octet begins a new stream.
  public void restart(StreamLimits limits) {
    connection.restart(limits);
  }
}

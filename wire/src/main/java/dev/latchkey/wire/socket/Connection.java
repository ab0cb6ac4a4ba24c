// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.socket;

import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.framing.StreamEvent;
import dev.latchkey.wire.framing.StreamHeader;
import dev.latchkey.wire.framing.StreamLimits;
import dev.latchkey.wire.tls.TlsFacts;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLEngine;

/// One connection that carries XML streams.
///
/// What comes in waits in a bounded inbox; when that is full, no more is read from the socket. The
/// negotiation of a stream reads it with [#next] on a virtual thread; a session takes it with
/// [#poll] whenever [#onReadable] tells. What goes out is written in order and never waits; a peer
/// that does not read what it gets is cut off when too much waits for it.
///
/// Sending may be done by any thread. Reading belongs to one thread at a time.
public interface Connection {
  /// Where the peer is.
  InetSocketAddress peer();

  /// What the TLS handshake told; nothing before there was one.
  Optional<TlsFacts> tls();

  /// The language of what the peer says without naming another, as the header of its stream
  /// declares it (RFC 6120 §4.7.4); nothing if it declares none, or one that cannot be. For the
  /// reader.
  Optional<String> language();

  /// Waits for what comes next. After [StreamEvent.Refused] and [StreamEvent.Disconnected] it
  /// answers with [StreamEvent.Disconnected] for ever.
  ///
  /// @param patience how long to wait
  /// @return nothing if that long nothing came
  Optional<StreamEvent> next(Duration patience) throws InterruptedException;

  /// What has come, without waiting.
  Optional<StreamEvent> poll();

  /// Sets what is run whenever something has come, and runs it at once if something waits: on a
  /// virtual thread, which may wait, and never twice at a time. It may be told twice of one thing.
  void onReadable(Runnable readable);

  /// Does something on a virtual thread, where this connection's octets are read and written: what
  /// comes of it goes out without waking another. A failure cuts the connection.
  void start(Runnable work);

  /// Opens our stream. Goes out with what is sent next, as [#sendSoon] does.
  void open(StreamHeader header);

  /// Sends elements that were written before, together with what is sent next; at the latest when
  /// the reader has nothing left to read. So a peer that has sent all it has to say in one flight
  /// is answered in one.
  ///
  /// @param xml as for [#sendWritten]
  void sendSoon(String xml);

  /// Sends elements that were written before.
  ///
  /// @param xml what [Element#toXml] made of them, one after another; sent as one, so that however
  ///   much it is, a peer that reads is not cut off for it
  void sendWritten(String xml);

  /// Sends an element.
  void send(Element element);

  /// Waits until little waits for the peer to be read. Who has much to send asks before each
  /// element, and the peer is not cut off for being slow. Not for an event loop.
  ///
  /// @param patience how long to wait
  /// @return whether there is room; not if the connection is gone or patience ran out
  boolean awaitRoom(Duration patience) throws InterruptedException;

  /// Sends the end of our stream and closes the connection when it is written, at the latest after
  /// two seconds.
  void close();

  /// Closes the connection at once; what was sent and is not yet written is lost.
  void abort();

  /// Waits until the socket is closed: after [#close] it stays open until what was sent is written
  /// and the peer has hung up too.
  ///
  /// @param patience how long to wait
  /// @return whether it is closed
  boolean awaitClosed(Duration patience) throws InterruptedException;

  /// Whether it is still there.
  boolean isOpen();

  /// From the next octet on a new stream is read (RFC 6120 §4.3.3). Call it after the event that
  /// ends the old one was taken and before the answer is sent that lets the peer go on.
  void restart(StreamLimits limits);

  /// Other limits, from the next element on.
  void limits(StreamLimits limits);

  /// Starts TLS: a new stream is read inside it. Octets that came before the handshake are thrown
  /// away (RFC 6120 §5.4.2.2 wants nothing carried over).
  ///
  /// @param engine which side's role it plays was set by who made it
  /// @param last what is still sent in clear, before the handshake; the server's `<proceed/>`
  /// @param patience how long the handshake may take
  /// @return what it told
  /// @throws TlsException if it fails or takes too long; the connection is closed
  TlsFacts startTls(SSLEngine engine, Optional<Element> last, Duration patience)
      throws InterruptedException, TlsException;
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.socket;

import static dev.latchkey.wire.socket.Wire.HEADER;
import static dev.latchkey.wire.socket.Wire.PROCEED;
import static dev.latchkey.wire.socket.Wire.SOON;
import static dev.latchkey.wire.socket.Wire.STARTTLS;
import static dev.latchkey.wire.socket.Wire.next;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.framing.StreamEvent;
import dev.latchkey.wire.framing.StreamHeader;
import dev.latchkey.wire.tls.TlsFacts;
import dev.latchkey.wire.tls.TlsProvider;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ConnectionIT {
  private final Wire wire = new Wire();

  @AfterEach
  void close() {
    wire.close();
  }

  /// The client's end of a connection on which TLS began at once.
  private Connection secured(TlsProvider provider) throws Exception {
    Connection client =
        wire.connect(wire.listen(Listener.Settings.directTls(() -> Wire.server(provider))));
    client.startTls(Wire.client(provider, Optional.empty()).engine(true), Optional.empty(), SOON);
    return client;
  }

  @ParameterizedTest
  @EnumSource(TlsProvider.class)
  void startsTlsInTheStreamAndReadsANewOneInIt(TlsProvider provider) throws Exception {
    Connection client = wire.connect(wire.listen(Listener.Settings.startTls()));
    Connection server = wire.accepted();
    client.open(HEADER);
    client.send(STARTTLS);
    assertThat(next(server)).isInstanceOf(StreamEvent.Opened.class);
    assertThat(next(server)).isEqualTo(new StreamEvent.Received(STARTTLS));
    CompletableFuture<TlsFacts> serverSide = new CompletableFuture<>();
    server.open(HEADER);
    Thread.startVirtualThread(
        () -> {
          try {
            serverSide.complete(
                server.startTls(Wire.server(provider).engine(false), Optional.of(PROCEED), SOON));
          } catch (Exception failed) {
            serverSide.completeExceptionally(failed);
          }
        });
    assertThat(next(client)).isInstanceOf(StreamEvent.Opened.class);
    assertThat(next(client)).isEqualTo(new StreamEvent.Received(PROCEED));
    TlsFacts facts =
        client.startTls(
            Wire.client(provider, Optional.empty()).engine(false), Optional.empty(), SOON);
    assertThat(facts.exporter()).isPresent().isEqualTo(serverSide.get().exporter());
    assertThat(serverSide.get().serverName()).contains("localhost");

    client.open(HEADER);
    client.send(Element.text("a", "urn:x", "ü"));
    client.close();
    assertThat(next(server)).isEqualTo(new StreamEvent.Opened(HEADER));
    assertThat(next(server)).isEqualTo(new StreamEvent.Received(Element.text("a", "urn:x", "ü")));
    assertThat(next(server)).isInstanceOf(StreamEvent.Closed.class);
    assertThat(next(server)).isInstanceOf(StreamEvent.Disconnected.class);
  }

  @ParameterizedTest
  @CsvSource({"cs,cs", "zh-Hant-TW,zh-Hant-TW", "'',", "a language,", "en-aaaaaaaaa,"})
  @Spec(
      doc = "RFC 6120",
      section = "4.7.4",
      rule = "the language of a stream's header is remembered")
  void knowsTheLanguageThatAStreamDeclares(String declared, String known) throws Exception {
    Connection client = wire.connect(wire.listen(Listener.Settings.startTls()));
    Connection server = wire.accepted();
    assertThat(server.language()).isEmpty();
    client.open(
        new StreamHeader(
            HEADER.to(),
            HEADER.from(),
            HEADER.id(),
            HEADER.version(),
            Optional.of(declared),
            HEADER.contentNamespace()));
    client.send(STARTTLS);
    assertThat(next(server)).isInstanceOf(StreamEvent.Opened.class);
    assertThat(server.language()).isEqualTo(Optional.ofNullable(known));
  }

  @Test
  void whatNeedsNoHasteGoesOutWhenTheReaderHasNothingLeftToRead() throws Exception {
    Connection client = wire.connect(wire.listen(Listener.Settings.startTls()));
    Connection server = wire.accepted();
    client.open(HEADER);
    client.send(STARTTLS);
    assertThat(next(server)).isInstanceOf(StreamEvent.Opened.class);
    server.open(HEADER);
    server.sendSoon("<a xmlns='urn:x'/>");
    assertThat(next(server)).isEqualTo(new StreamEvent.Received(STARTTLS));
    assertThat(server.poll()).isEmpty();
    assertThat(next(client)).isEqualTo(new StreamEvent.Opened(HEADER));
    assertThat(next(client)).isEqualTo(new StreamEvent.Received(Element.empty("a", "urn:x")));
  }

  @Test
  void whatNeedsNoHasteGoesOutBeforeWhatIsSentNext() throws Exception {
    Connection client = wire.connect(wire.listen(Listener.Settings.startTls()));
    Connection server = wire.accepted();
    server.open(HEADER);
    server.sendSoon("<a xmlns='urn:x'/>");
    server.send(Element.empty("b", "urn:x"));
    server.close();
    assertThat(next(client)).isEqualTo(new StreamEvent.Opened(HEADER));
    assertThat(next(client)).isEqualTo(new StreamEvent.Received(Element.empty("a", "urn:x")));
    assertThat(next(client)).isEqualTo(new StreamEvent.Received(Element.empty("b", "urn:x")));
    assertThat(next(client)).isInstanceOf(StreamEvent.Closed.class);
  }

  @ParameterizedTest
  @EnumSource(TlsProvider.class)
  void closesWhatItsPeerHasCutAlready(TlsProvider provider) throws Exception {
    Connection client = secured(provider);
    Connection server = wire.accepted();
    CompletableFuture<Void> told = new CompletableFuture<>();
    server.onReadable(() -> told.complete(null));
    client.abort();
    told.get(SOON.toSeconds(), TimeUnit.SECONDS);
    assertThat(server.awaitClosed(SOON)).isTrue();
    server.close();
    assertThat(next(server)).isInstanceOf(StreamEvent.Disconnected.class);
    assertThat(server.isOpen()).isFalse();
  }

  @Test
  void tellsItsReaderThatItWasClosedHereWhileItsPeerHoldsOn() throws Exception {
    InetSocketAddress address = wire.listen(Listener.Settings.startTls()).address();
    try (var _ = new Socket(address.getAddress(), address.getPort())) {
      Connection server = wire.accepted();
      CompletableFuture<Void> told = new CompletableFuture<>();
      server.onReadable(() -> told.complete(null));
      server.close();
      told.get(SOON.toSeconds(), TimeUnit.SECONDS);
      assertThat(server.awaitClosed(Duration.ZERO)).as("told when it was cut").isFalse();
      assertThat(server.poll()).contains(new StreamEvent.Disconnected());
    }
  }

  @Test
  void tellsItsReaderOnOneThreadAtATimeAndOnceMoreOfWhatCameMeanwhile() throws Exception {
    Connection client = wire.connect(wire.listen(Listener.Settings.startTls()));
    Connection server = wire.accepted();
    Wire.open(client);
    assertThat(next(server)).isInstanceOf(StreamEvent.Opened.class);
    Wire.open(server);
    assertThat(next(client)).isInstanceOf(StreamEvent.Opened.class);
    AtomicInteger at = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<StreamEvent> heard = new CopyOnWriteArrayList<>();
    CountDownLatch calls = new CountDownLatch(2);
    server.onReadable(
        () -> {
          most.accumulateAndGet(at.incrementAndGet(), Math::max);
          try {
            while (heard.size() < 3) {
              heard.add(next(server)); // waits, and its event loop goes on
              server.send(Element.empty("more", "urn:x"));
            }
          } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
          } finally {
            at.decrementAndGet();
            calls.countDown();
          }
        });
    for (int i = 0; i < 3; i++) {
      client.send(Element.empty("a", "urn:x"));
      assertThat(next(client)).isInstanceOf(StreamEvent.Received.class);
    }
    assertThat(calls.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(heard).hasSize(3).hasOnlyElementsOfType(StreamEvent.Received.class);
    assertThat(most).hasValue(1);
  }

  @Test
  void tellsAReaderThatFailedOfTheEndAllTheSame() throws Exception {
    Connection client = wire.connect(wire.listen(Listener.Settings.startTls()));
    Connection server = wire.accepted();
    CountDownLatch calls = new CountDownLatch(2);
    server.onReadable(
        () -> {
          calls.countDown();
          if (server.isOpen()) {
            throw new IllegalStateException("on purpose");
          }
        });
    Wire.open(client);
    assertThat(calls.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(server.awaitClosed(SOON)).isTrue();
  }

  @Test
  void takesAClientThatSaysNothingAfterItsHandshake() throws Exception {
    var _ = secured(TlsProvider.JSSE);
    Connection server = wire.accepted();
    assertThat(server.poll()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(TlsProvider.class)
  void startsTlsAtOnce(TlsProvider provider) throws Exception {
    Connection client = secured(provider);
    Connection server = wire.accepted();
    server.open(HEADER);
    server.close();
    assertThat(next(client)).isEqualTo(new StreamEvent.Opened(HEADER));
    assertThat(next(client)).isInstanceOf(StreamEvent.Closed.class);
    assertThat(next(client)).isInstanceOf(StreamEvent.Disconnected.class);
  }
}

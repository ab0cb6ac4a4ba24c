// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.wire.socket;

import static dev.latchkey.wire.socket.Wire.HEADER;
import static dev.latchkey.wire.socket.Wire.PROCEED;
import static dev.latchkey.wire.socket.Wire.SOON;
import static dev.latchkey.wire.socket.Wire.next;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.testkit.Spec;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.framing.StreamEvent;
import dev.latchkey.wire.framing.StreamLimits;
import dev.latchkey.wire.tls.TlsProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a connection does with peers that do not behave.
class LimitsIT {
  private static final String OPEN =
      "<?xml version='1.0'?><stream:stream xmlns='jabber:client' to='localhost' version='1.0'"
          + " xmlns:stream='http://etherx.jabber.org/streams'>";

  private final Wire wire = new Wire();

  @AfterEach
  void close() {
    wire.close();
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }

  private static Socket raw(Listener listener) throws IOException {
    Socket socket = new Socket(listener.address().getAddress(), listener.address().getPort());
    socket.setSoTimeout((int) SOON.toMillis());
    return socket;
  }

  @Test
  void givesUpWaitingAfterItsPatience() throws Exception {
    wire.connect(wire.listen(Listener.Settings.startTls()));
    assertThat(wire.accepted().next(Duration.ofMillis(50))).isEmpty();
  }

  @Test
  void wakesAReaderThatWaitsWhenTheConnectionIsClosed() throws Exception {
    Connection client = wire.connect(wire.listen(Listener.Settings.startTls()));
    Connection server = wire.accepted();
    CountDownLatch woken = new CountDownLatch(1);
    Thread.startVirtualThread(
        () -> {
          try {
            assertThat(next(server)).isInstanceOf(StreamEvent.Disconnected.class);
            woken.countDown();
          } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
          }
        });
    server.close();
    assertThat(woken.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(server.isOpen()).isFalse();
    assertThat(next(client)).isInstanceOf(StreamEvent.Disconnected.class);
    assertThat(client.poll()).contains(new StreamEvent.Disconnected());
  }

  @Test
  void delaysTheEndUntilWhatCameBeforeItIsRead() throws Exception {
    try (Socket client = raw(wire.listen(Listener.Settings.startTls()))) {
      write(client, OPEN + "<a/>");
    }
    Connection server = wire.accepted();
    assertThat(next(server)).isInstanceOf(StreamEvent.Opened.class);
    assertThat(next(server)).isInstanceOf(StreamEvent.Received.class);
    assertThat(next(server)).isInstanceOf(StreamEvent.Disconnected.class);
  }

  @Test
  void whoAsksForRoomIsNotCutOffByASlowReader() throws Exception {
    int elements = 200;
    String much = "x".repeat(60_000); // 12 MB in all: more than sockets and outbox hold
    try (Socket client = raw(wire.listen(Listener.Settings.startTls()))) {
      Connection server = wire.accepted();
      Thread sender =
          Thread.startVirtualThread(
              () -> {
                try {
                  for (int i = 0; i < elements && server.awaitRoom(SOON); i++) {
                    server.send(Element.text("piece", "urn:example", much));
                  }
                  server.close();
                } catch (InterruptedException interrupted) {
                  Thread.currentThread().interrupt();
                }
              });
      String got = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(sender.join(SOON)).isTrue();
      assertThat(got.split("</piece>", -1)).hasSize(elements + 1);
    }
  }

  @Test
  void whoWaitsForRoomIsWokenWhenTheConnectionIsCutOff() throws Exception {
    try (Socket client = raw(wire.listen(Listener.Settings.startTls()))) {
      Connection server = wire.accepted();
      while (server.awaitRoom(Duration.ofMillis(200))) {
        server.send(Element.text("piece", "urn:example", "x".repeat(60_000)));
      }
      CountDownLatch woken = new CountDownLatch(1);
      Thread.startVirtualThread(
          () -> {
            try {
              assertThat(server.awaitRoom(Duration.ofMinutes(1))).isFalse();
              woken.countDown();
            } catch (InterruptedException interrupted) {
              Thread.currentThread().interrupt();
            }
          });
      server.abort();
      assertThat(woken.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(client.isConnected()).isTrue();
    }
  }

  @Test
  void deliversTheStreamErrorAfterARefusal() throws Exception {
    try (Socket client = raw(wire.listen(Listener.Settings.startTls()))) {
      write(client, OPEN + "<a>" + "x".repeat(1 << 16));
      Connection server = wire.accepted();
      server.open(HEADER);
      assertThat(next(server)).isInstanceOf(StreamEvent.Opened.class);
      assertThat(next(server)).isInstanceOf(StreamEvent.Refused.class);
      assertThat(next(server)).isInstanceOf(StreamEvent.Disconnected.class);
      server.send(Element.empty("error", "http://etherx.jabber.org/streams"));
      server.close();
      write(client, "y");
      String got = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(got).endsWith("<stream:error/></stream:stream>");
    }
  }

  @Spec(doc = "RFC 6120", section = "5.4.3.3", rule = "nothing is carried over into TLS")
  @ParameterizedTest
  @EnumSource(TlsProvider.class)
  void dropsWhatCameBehindStartTls(TlsProvider provider) throws Exception {
    try (Socket client = raw(wire.listen(Listener.Settings.startTls()))) {
      write(client, OPEN + "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><injected/>");
      Connection server = wire.accepted();
      assertThat(next(server)).isInstanceOf(StreamEvent.Opened.class);
      assertThat(next(server)).isInstanceOf(StreamEvent.Received.class);
      CountDownLatch secured = new CountDownLatch(1);
      Thread.startVirtualThread(
          () -> {
            try {
              server.startTls(Wire.server(provider).engine(false), Optional.of(PROCEED), SOON);
              secured.countDown();
            } catch (TlsException | InterruptedException failed) {
              throw new AssertionError(failed);
            }
          });
      byte[] proceed = PROCEED.toXml().getBytes(StandardCharsets.UTF_8);
      assertThat(client.getInputStream().readNBytes(proceed.length)).isEqualTo(proceed);
      var context = javax.net.ssl.SSLContext.getInstance("TLS");
      var trust = javax.net.ssl.TrustManagerFactory.getInstance("PKIX");
      var store = java.security.KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setCertificateEntry("server", Wire.SERVER.chain().getFirst());
      trust.init(store);
      context.init(null, trust.getTrustManagers(), null);
      try (var tls =
          (javax.net.ssl.SSLSocket)
              context.getSocketFactory().createSocket(client, "localhost", 5222, true)) {
        tls.startHandshake();
        assertThat(secured.await(10, TimeUnit.SECONDS)).isTrue();
        write(tls, OPEN + "<a/>");
        assertThat(next(server)).isInstanceOf(StreamEvent.Opened.class);
        assertThat(next(server))
            .isEqualTo(new StreamEvent.Received(Element.empty("a", "jabber:client")));
      }
    }
  }

  @Test
  void refusesClearTextInsteadOfAHandshake() throws Exception {
    try (Socket client = raw(wire.listen(Listener.Settings.startTls()))) {
      write(client, OPEN + "<a/>");
      Connection server = wire.accepted();
      next(server);
      next(server);
      Thread.startVirtualThread(
          () -> {
            try {
              client.getInputStream().readNBytes(PROCEED.toXml().length());
              write(client, OPEN + "<a/>");
            } catch (IOException gone) {
              // the server's answer to it
            }
          });
      assertThatThrownBy(
              () ->
                  server.startTls(
                      Wire.server(TlsProvider.best()).engine(false), Optional.of(PROCEED), SOON))
          .isInstanceOf(TlsException.class);
      assertThat(next(server)).isInstanceOf(StreamEvent.Disconnected.class);
      assertThat(server.tls()).isEmpty();
    }
  }

  @Test
  void refusesAHandshakeThatTakesTooLong() throws Exception {
    Listener direct =
        wire.listen(
            Listener.Settings.directTls(() -> Wire.server(TlsProvider.best()))
                .handshake(Duration.ofMillis(100)));
    try (Socket silent = raw(direct)) {
      assertThat(silent.getInputStream().readAllBytes()).isEmpty();
      assertThat(wire.accepted).isEmpty();
    }
    Connection client = wire.connect(wire.listen(Listener.Settings.startTls()));
    assertThatThrownBy(
            () ->
                client.startTls(
                    Wire.client(TlsProvider.best(), Optional.empty()).engine(false),
                    Optional.empty(),
                    Duration.ofMillis(100)))
        .isInstanceOf(TlsException.class);
    assertThat(client.isOpen()).isFalse();
  }

  private Listener directTls(Listener.Host host) throws IOException {
    return Listener.open(
        wire.loops,
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        Listener.Settings.directTls(() -> Wire.server(TlsProvider.best()))
            .handshake(Duration.ofMillis(100)),
        host);
  }

  @Test
  void saysWhyItCannotListen() throws Exception {
    Listener taken = wire.listen(Listener.Settings.startTls());
    assertThatThrownBy(() -> listen(taken.address())).hasMessageContaining("in use");
    assertThatThrownBy(() -> listen(InetSocketAddress.createUnresolved("nobody", 0)))
        .isInstanceOf(IOException.class)
        .hasMessage("there is no such host");
  }

  private void listen(InetSocketAddress address) throws IOException {
    Listener.open(wire.loops, address, Listener.Settings.startTls(), _ -> {}).close();
  }

  @Test
  void handshakesWithNobodyWhomTheHostDoesNotAdmit() throws Exception {
    Listener.Host inhospitable =
        new Listener.Host() {
          @Override
          public boolean admits(Connection connection) {
            return false;
          }

          @Override
          public void serve(Connection connection) {
            wire.accepted.add(connection);
          }

          @Override
          public void left(Connection connection) {
            wire.accepted.add(connection);
          }
        };
    try (Listener listener = directTls(inhospitable);
        Socket client = raw(listener)) {
      assertThat(client.getInputStream().readAllBytes()).isEmpty();
      assertThat(listener.awaitClosed(SOON)).isTrue();
      assertThat(wire.accepted).isEmpty();
    }
  }

  @Test
  void tellsTheHostOfWhoLeavesDuringTheHandshake() throws Exception {
    CountDownLatch left = new CountDownLatch(1);
    Listener.Host host =
        new Listener.Host() {
          @Override
          public void serve(Connection connection) {
            wire.accepted.add(connection);
          }

          @Override
          public void left(Connection connection) {
            left.countDown();
          }
        };
    try (Listener listener = directTls(host);
        Socket silent = raw(listener)) {
      assertThat(left.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(silent.getInputStream().readAllBytes()).isEmpty();
      assertThat(wire.accepted).isEmpty();
    }
  }

  @Test
  void cutsAConnectionWhoseHostFailsHowever() throws Exception {
    Listener.Host broken =
        connection -> {
          throw new AssertionError("on purpose");
        };
    try (Listener listener =
            Listener.open(
                wire.loops,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Listener.Settings.startTls(),
                broken);
        Socket client = raw(listener)) {
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    } catch (SocketException reset) {
      // cut off all the same
    }
  }

  @Test
  void takesOnlySoManyConnectionsFromOneAddress() throws Exception {
    Listener listener = wire.listen(Listener.Settings.startTls().perAddress(2));
    Connection first = wire.connect(listener);
    wire.connect(listener);
    Connection firstServer = wire.accepted();
    wire.accepted();
    try (Socket third = raw(listener)) {
      assertThat(third.getInputStream().read()).isEqualTo(-1);
    } catch (SocketException reset) {
      // cut off all the same
    }
    assertThat(wire.accepted).isEmpty();
    // Which of the two came first is not known; either end of a pair frees a place.
    first.abort();
    firstServer.abort();
    Connection again = null;
    long patience = System.nanoTime() + SOON.toNanos();
    while (again == null && System.nanoTime() < patience) {
      wire.connect(listener);
      again = wire.accepted.poll(50, TimeUnit.MILLISECONDS);
    }
    assertThat(again).isNotNull();
  }

  @Test
  void stopsReadingWhenTheInboxIsFullAndGoesOnWhenItIsRead() throws Exception {
    Listener listener = wire.listen(Listener.Settings.startTls());
    int sent = 0;
    try (SocketChannel client = SocketChannel.open(listener.address());
        Selector selector = Selector.open()) {
      client.configureBlocking(false);
      SelectionKey key = client.register(selector, SelectionKey.OP_WRITE);
      client.write(ByteBuffer.wrap(OPEN.getBytes(StandardCharsets.UTF_8)));
      Connection server = wire.accepted();
      ByteBuffer piece = ByteBuffer.wrap("<a/>".repeat(4096).getBytes(StandardCharsets.UTF_8));
      // As long as somebody takes octets within half a second, the way is not full.
      while (selector.select(500) > 0) {
        selector.selectedKeys().clear();
        sent += client.write(piece);
        if (!piece.hasRemaining()) {
          piece.rewind();
        }
        assertThat(sent).as("what the kernel holds is bounded").isLessThan(64 << 20);
      }
      assertThat(next(server)).isInstanceOf(StreamEvent.Opened.class);
      for (int i = 0; i < sent / 4; i++) {
        assertThat(next(server)).isInstanceOf(StreamEvent.Received.class);
      }
      assertThat(selector.select(SOON.toMillis())).as("the way is free again").isEqualTo(1);
      key.cancel();
    }
  }

  @Test
  void cutsOffAPeerThatDoesNotRead() throws Exception {
    Listener listener = wire.listen(Listener.Settings.startTls());
    try (Socket client = raw(listener)) {
      Connection server = wire.accepted();
      Element large = Element.text("a", "urn:x", "x".repeat(100_000));
      int sent = 0;
      while (server.isOpen() && sent < 2_000) {
        server.send(large);
        sent++;
      }
      assertThat(server.isOpen()).isFalse();
      assertThat(next(server)).isInstanceOf(StreamEvent.Disconnected.class);
      assertThat(client.isConnected()).isTrue();
    }
  }

  @Test
  void closesAPeerThatDoesNotHangUpAfterTwoSeconds() throws Exception {
    Listener listener = wire.listen(Listener.Settings.startTls().perAddress(1));
    try (Socket client = raw(listener)) {
      Connection server = wire.accepted();
      server.open(HEADER);
      server.close();
      assertThat(client.getInputStream().readAllBytes())
          .asString(StandardCharsets.UTF_8)
          .endsWith("</stream:stream>");
      long patience = System.nanoTime() + SOON.toNanos();
      assertThatThrownBy(
              () -> {
                while (System.nanoTime() < patience) {
                  client.getOutputStream().write(' '); // fails once the server has closed
                  Thread.onSpinWait();
                }
              })
          .isInstanceOf(SocketException.class);
    }
  }

  @Test
  void tellsWhenSomethingCanBeRead() throws Exception {
    Connection client = wire.connect(wire.listen(Listener.Settings.startTls()));
    Connection server = wire.accepted();
    Wire.open(client);
    assertThat(next(server)).isInstanceOf(StreamEvent.Opened.class);
    List<StreamEvent> seen = new ArrayList<>();
    CountDownLatch gone = new CountDownLatch(1);
    client.send(Element.empty("a", "urn:x"));
    server.onReadable(
        () -> {
          for (Optional<StreamEvent> event = server.poll();
              event.isPresent();
              event = server.poll()) {
            seen.add(event.get());
            if (event.get() instanceof StreamEvent.Disconnected) {
              gone.countDown();
              return;
            }
          }
        });
    client.send(Element.empty("b", "urn:x"));
    client.close();
    // The peer hangs up; we close, which is told, too.
    while (!gone.await(20, TimeUnit.MILLISECONDS)) {
      assertThat(server.isOpen() || gone.getCount() == 0).isTrue();
    }
    assertThat(seen)
        .startsWith(
            new StreamEvent.Received(Element.empty("a", "urn:x")),
            new StreamEvent.Received(Element.empty("b", "urn:x")),
            new StreamEvent.Closed());
  }

  @Test
  void holdsAStreamToNewLimitsEvenForWhatHasArrivedAlready() throws Exception {
    try (Socket client = raw(wire.listen(Listener.Settings.startTls()))) {
      String large = "<a>" + "x".repeat(20_000) + "</a>";
      write(client, OPEN + "<b/>" + OPEN + large);
      Connection server = wire.accepted();
      next(server);
      next(server);
      server.restart(StreamLimits.AUTHENTICATED);
      assertThat(next(server)).isInstanceOf(StreamEvent.Opened.class);
      assertThat(next(server)).isInstanceOf(StreamEvent.Received.class);
    }
  }

  @Test
  void refusesAnAddressThatIsTaken() throws Exception {
    Listener listener = wire.listen(Listener.Settings.startTls());
    assertThatThrownBy(
            () ->
                Listener.open(
                    wire.loops, listener.address(), Listener.Settings.startTls(), it -> {}))
        .isInstanceOf(IOException.class);
  }

  @Test
  void refusesToConnectWhereNobodyListens() throws Exception {
    try (Socket taken = new Socket()) {
      // Bound, so that nobody gets the port meanwhile, nor this very connection as its own end.
      taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      InetSocketAddress address = (InetSocketAddress) taken.getLocalSocketAddress();
      assertThatThrownBy(() -> new Connector(wire.loops).connect(address, SOON))
          .isInstanceOf(IOException.class);
    }
  }
}

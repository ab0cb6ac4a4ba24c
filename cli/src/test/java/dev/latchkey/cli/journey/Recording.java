// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.cli.journey;

import dev.latchkey.testkit.ProtocolSchemas;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.framing.StreamEvent;
import dev.latchkey.wire.framing.WrittenElement;
import dev.latchkey.wire.socket.Connection;
import dev.latchkey.wire.socket.ForwardingConnection;
import dev.latchkey.wire.socket.TlsException;
import dev.latchkey.wire.tls.TlsFacts;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.SSLEngine;

/// Everything that a server and its clients say to each other, whatever the clients are: it stands
/// between the server and its connections. Thread-safe.
public final class Recording {
  private static final ProtocolSchemas SCHEMAS = ProtocolSchemas.read();

  private final Queue<Element> byServer = new ConcurrentLinkedQueue<>();
  private final Queue<Element> byClients = new ConcurrentLinkedQueue<>();

  /// Listens to a connection.
  Connection of(Connection connection) {
    return new Recorded(connection);
  }

  /// What the server sent.
  public List<Element> byServer() {
    return List.copyOf(byServer);
  }

  /// What clients sent, as far as it was an element.
  public List<Element> byClients() {
    return List.copyOf(byClients);
  }

  /// What is wrong with elements of our namespaces in what was said.
  public static List<String> violations(List<Element> said) {
    return said.stream()
        .map(Element::toXml)
        .filter(xml -> xml.contains("urn:latchkey:"))
        .flatMap(xml -> SCHEMAS.validate(xml).stream().map(violation -> violation + " in " + xml))
        .toList();
  }

  private final class Recorded extends ForwardingConnection {
    Recorded(Connection connection) {
      super(connection);
    }

    private Optional<StreamEvent> heard(Optional<StreamEvent> event) {
      event.ifPresent(
          known -> {
            if (known instanceof StreamEvent.Received(Element element)) {
              byClients.add(element);
            }
          });
      return event;
    }

    @Override
    public Optional<StreamEvent> next(Duration patience) throws InterruptedException {
      return heard(super.next(patience));
    }

    @Override
    public Optional<StreamEvent> poll() {
      return heard(super.poll());
    }

    @Override
    public void send(Element element) {
      byServer.add(element);
      super.send(element);
    }

    @Override
    public void sendSoon(String xml) {
      byServer.addAll(new WrittenElement().readAll(xml));
      super.sendSoon(xml);
    }

    @Override
    public void sendWritten(String xml) {
      byServer.addAll(new WrittenElement().readAll(xml));
      super.sendWritten(xml);
    }

    @Override
    public TlsFacts startTls(SSLEngine engine, Optional<Element> last, Duration patience)
        throws InterruptedException, TlsException {
      last.ifPresent(byServer::add);
      return super.startTls(engine, last, patience);
    }
  }
}

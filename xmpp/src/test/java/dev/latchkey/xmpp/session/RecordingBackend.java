// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.credential.Domain;
import dev.latchkey.wire.element.Element;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/// A backend that writes down what sessions tell it.
final class RecordingBackend implements Backend {
  final List<Element> handled = new CopyOnWriteArrayList<>();
  final List<Receipt> receipts = new CopyOnWriteArrayList<>();
  final List<Undelivered> undelivered = new CopyOnWriteArrayList<>();
  final List<EndReason> ends = new CopyOnWriteArrayList<>();

  /// Who came, in order.
  final List<ClientSide> clients = new CopyOnWriteArrayList<>();

  /// How often clients came back.
  final AtomicInteger resumptions = new AtomicInteger();

  /// How often clients that were full had room again.
  final AtomicInteger roomAgain = new AtomicInteger();

  /// What is done when a client says something, in its turn.
  BiConsumer<ClientSide, Element> reaction = (_, _) -> {};

  /// Whose place is broken: nothing can be told of it, and it cannot be told of its end.
  Predicate<ClientSide> broken = _ -> false;

  private void work(ClientSide client) {
    if (broken.test(client)) {
      throw new IllegalStateException("the disk is full");
    }
  }

  @Override
  public Attachment attach(ClientSide client, List<Element> asked) {
    clients.add(client);
    return new Attachment() {
      @Override
      public void handle(Element stanza) {
        handled.add(stanza);
        reaction.accept(client, stanza);
      }

      @Override
      public boolean handleOther(Element element) {
        return false;
      }

      @Override
      public void arrived(List<Receipt> known) {
        work(client);
        receipts.addAll(known);
      }

      @Override
      public void resumed() {
        resumptions.incrementAndGet();
      }

      @Override
      public void hasRoomAgain() {
        roomAgain.incrementAndGet();
      }

      @Override
      public Element place() {
        work(client);
        return Element.empty("place", "urn:test");
      }

      @Override
      public void end(List<Undelivered> lost, EndReason reason) {
        work(client);
        undelivered.addAll(lost);
        ends.add(reason);
      }
    };
  }

  @Override
  public Attachment revive(ClientSide client, Element place) {
    work(client);
    return attach(client, List.of());
  }

  @Override
  public boolean losesNothingByBind2() {
    return true;
  }

  @Override
  public List<Element> features(Domain domain) {
    return List.of();
  }

  @Override
  public List<String> inlineFeatures() {
    return List.of();
  }

  @Override
  public List<Element> bindInline(SessionIdentity who) {
    return List.of();
  }
}

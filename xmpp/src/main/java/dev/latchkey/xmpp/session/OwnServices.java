// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.session;

import dev.latchkey.credential.Domain;
import dev.latchkey.wire.element.Element;
import java.util.List;
import java.util.Optional;

/// Stands before a backend and answers Latchkey's own requests; the backend never sees them.
/// Thread-safe.
public final class OwnServices implements Backend {
  private final OwnRequests requests;
  private final Backend behind;

  /// @param services asked in order
  /// @param behind gets everything else
  public OwnServices(List<IqService> services, Backend behind) {
    this.requests = new OwnRequests(services);
    this.behind = behind;
  }

  @Override
  public boolean losesNothingByBind2() {
    return behind.losesNothingByBind2();
  }

  @Override
  public List<Element> features(Domain domain) {
    return behind.features(domain);
  }

  @Override
  public List<String> inlineFeatures() {
    return behind.inlineFeatures();
  }

  @Override
  public List<Element> bindInline(SessionIdentity who) {
    return behind.bindInline(who);
  }

  @Override
  public Attachment attach(ClientSide client, List<Element> asked) {
    return before(client, behind.attach(client, asked));
  }

  @Override
  public Attachment revive(ClientSide client, Element place) {
    return before(client, behind.revive(client, place));
  }

  private Attachment before(ClientSide client, Attachment attached) {
    return new Attachment() {
      @Override
      public void handle(Element stanza) {
        Optional<Element> answer = requests.answer(client.identity(), stanza);
        if (answer.isPresent()) {
          client.deliver(answer.get());
        } else {
          attached.handle(stanza);
        }
      }

      @Override
      public boolean handleOther(Element element) {
        return attached.handleOther(element);
      }

      @Override
      public void arrived(List<Receipt> receipts) {
        attached.arrived(receipts);
      }

      @Override
      public void resumed() {
        attached.resumed();
      }

      @Override
      public void hasRoomAgain() {
        attached.hasRoomAgain();
      }

      @Override
      public Element place() {
        return attached.place();
      }

      @Override
      public void end(List<Undelivered> undelivered, EndReason reason) {
        attached.end(undelivered, reason);
      }
    };
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.chat.blocking.BlockErrors;
import dev.latchkey.chat.delivery.Carbons;
import dev.latchkey.chat.stanza.PresenceType;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.chat.stanza.Stanzas;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.InvalidJidException;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import dev.latchkey.xmpp.session.Attachment;
import dev.latchkey.xmpp.session.ClientSide;
import dev.latchkey.xmpp.session.EndReason;
import dev.latchkey.xmpp.session.Receipt;
import dev.latchkey.xmpp.session.Undelivered;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One session in the embedded chat domain: what it says goes to whom it is for (RFC 6121 §8, §10).
/// Called by one thread at a time.
final class ChatSession implements Attachment {
  private static final Logger LOG = LoggerFactory.getLogger(ChatSession.class);

  private final EmbeddedBackend domain;
  private final AccountId id;
  private final AccountJid account;
  private final ClientSide client;
  private final ConnectedResource resource;

  private ChatSession(EmbeddedBackend domain, ClientSide client, ConnectedResource resource) {
    this.domain = domain;
    this.id = client.identity().account();
    this.account = client.identity().jid();
    this.client = client;
    this.resource = resource;
  }

  /// A new one.
  static ChatSession of(EmbeddedBackend domain, ClientSide client) {
    return new ChatSession(
        domain, client, new ConnectedResource(client.jid().resource().orElseThrow(), client));
  }

  /// One that goes on where it was.
  static ChatSession revived(EmbeddedBackend domain, ClientSide client, Element place) {
    return new ChatSession(
        domain,
        client,
        ConnectedResource.revived(client.jid().resource().orElseThrow(), client, place));
  }

  ConnectedResource resource() {
    return resource;
  }

  AccountJid account() {
    return account;
  }

  AccountId id() {
    return id;
  }

  /// Visits the own account.
  <T> T visit(LocalAccounts.Visit<T> visit) {
    return domain.accounts().visit(account, id, visit);
  }

  /// It is there from now on.
  ///
  /// @param asked what the client asked for while it bound (XEP-0386)
  void enter(List<Element> asked) {
    visit(
        (own, _) -> {
          own.enter(resource);
          for (Element wish : asked) {
            if (wish.is("enable", Carbons.NAMESPACE)) {
              resource.carbons(true);
            } else if (wish.is("inactive", Namespaces.CLIENT_STATE)) {
              resource.inactive();
            }
          }
          return true;
        });
  }

  /// A fault in it, as in what is kept of the receiver, is told to its sender: it ends no session.
  @Override
  public void handle(Element stanza) {
    try {
      route(stanza);
    } catch (RuntimeException fault) {
      LOG.error("CHAT-9002 fault in a stanza of device={}", client.identity().device(), fault);
      refuse(stanza, StanzaError.INTERNAL_SERVER_ERROR);
    }
  }

  private void route(Element stanza) {
    Optional<Jid> to;
    try {
      to = stanza.attribute("to").map(Jid::parse);
    } catch (InvalidJidException malformed) {
      refuse(stanza, StanzaError.JID_MALFORMED);
      return;
    }
    if (to.isPresent() && !domain.serves(to.get().domain())) {
      refuse(stanza, StanzaError.REMOTE_SERVER_NOT_FOUND);
      return;
    }
    switch (stanza.name()) {
      case "message" -> message(stanza, to.orElse(account.jid()));
      case "presence" -> presence(stanza, to);
      default -> request(stanza, to.orElse(account.jid()));
    }
  }

  private void message(Element stanza, Jid to) {
    if (to.account().isEmpty()) {
      refuse(stanza, StanzaError.SERVICE_UNAVAILABLE); // nobody reads at the domain
      return;
    }
    domain
        .messages()
        .send(id, resource.jid(), stanza, to)
        .ifPresent(error -> refuse(stanza, error));
  }

  private void request(Element stanza, Jid to) {
    Optional<Element> answer;
    if (to.equals(account.jid())) {
      answer =
          domain.capabilities().heard(this, stanza)
              ? Optional.empty()
              : domain.requests().toOwnAccount(this, stanza);
    } else if (to.account().isEmpty()) {
      answer = domain.services().answer(stanza, to.domain());
    } else if (visit((own, _) -> own.blocks(to))) {
      refuse(stanza, BlockErrors.TO_BLOCKED);
      return;
    } else if (to.resource().isPresent()) {
      answer =
          domain
              .requests()
              .toSession(resource.jid(), stanza, to.account().get(), to.resource().get());
    } else {
      answer = domain.requests().toOtherAccount(resource.jid(), stanza, to.account().get());
    }
    answer.ifPresent(client::deliver);
  }

  private void presence(Element stanza, Optional<Jid> to) {
    Optional<PresenceType> type = PresenceType.of(stanza);
    if (type.isEmpty()) {
      refuse(stanza, StanzaError.BAD_REQUEST);
    } else if (to.isEmpty() || to.get().equals(account.jid())) {
      announce(stanza, type.get());
    } else {
      presence(stanza, type.get(), to.get());
    }
  }

  /// To all who may know.
  private void announce(Element stanza, PresenceType type) {
    switch (type) {
      case AVAILABLE -> domain.presence().available(this, stanza);
      case UNAVAILABLE -> domain.presence().unavailable(this, stanza);
      case PROBE, ERROR -> {} // one's own presence comes by itself
      default -> refuse(stanza, StanzaError.BAD_REQUEST);
    }
  }

  /// To one address.
  private void presence(Element stanza, PresenceType type, Jid to) {
    Optional<AccountJid> receiver = to.account();
    if (receiver.isEmpty()) {
      return; // a domain is not interested
    }
    if (type == PresenceType.PROBE && receiver.get().equals(account)) {
      return; // one's own presence comes by itself
    }
    switch (type) {
      case SUBSCRIBE, SUBSCRIBED, UNSUBSCRIBE, UNSUBSCRIBED ->
          domain
              .subscriptions()
              .send(id, account, type, stanza, receiver.get())
              .ifPresent(error -> refuse(stanza, error));
      case PROBE -> domain.presence().probed(resource.jid(), receiver.get());
      case AVAILABLE, UNAVAILABLE, ERROR -> directed(stanza, type, to);
    }
  }

  private void directed(Element stanza, PresenceType type, Jid to) {
    boolean blocked =
        visit(
            (own, after) -> {
              if (own.blocks(to)) {
                return true;
              }
              switch (type) {
                case AVAILABLE -> resource.told(to);
                case UNAVAILABLE -> resource.untold(to);
                default -> {}
              }
              domain.presence().tell(own, stanza, to, after);
              return false;
            });
    if (blocked) {
      refuse(stanza, BlockErrors.TO_BLOCKED);
    }
  }

  private void refuse(Element stanza, StanzaError error) {
    if (Stanzas.mayAnswer(stanza)) {
      client.deliver(Stanzas.error(stanza, error));
    }
  }

  /// XEP-0352.
  @Override
  public boolean handleOther(Element element) {
    if (element.is("active", Namespaces.CLIENT_STATE)) {
      return visit(
          (_, _) -> {
            resource.active();
            return true;
          });
    }
    if (element.is("inactive", Namespaces.CLIENT_STATE)) {
      return visit(
          (_, _) -> {
            resource.inactive();
            return true;
          });
    }
    return false;
  }

  @Override
  public void arrived(List<Receipt> receipts) {
    domain.messages().arrived(id, receipts);
  }

  @Override
  public void resumed() {
    visit(
        (own, after) -> {
          resource.active(); // XEP-0352 §5.2: that nobody looked does not outlive the connection
          deliverWaiting(own, after);
          return true;
        });
  }

  @Override
  public void hasRoomAgain() {
    visit(
        (own, after) -> {
          deliverWaiting(own, after);
          return true;
        });
  }

  private void deliverWaiting(LocalAccount own, List<Runnable> after) {
    if (resource.isAvailable() && resource.priority() >= 0) {
      domain.messages().deliverWaiting(own, resource, after);
    }
  }

  @Override
  public Element place() {
    return visit((_, _) -> resource.place());
  }

  @Override
  public void end(List<Undelivered> undelivered, EndReason reason) {
    domain.presence().left(this, PresenceRouting.unavailable(resource.jid()));
    undelivered.forEach(this::tryToComeBack);
    domain.messages().handOn(account, id, undelivered);
  }

  /// A fault in one loses none of those after it.
  private void tryToComeBack(Undelivered lost) {
    try {
      comeBack(lost);
    } catch (RuntimeException fault) {
      LOG.error(
          "CHAT-9004 fault in what did not arrive at device={}", client.identity().device(), fault);
    }
  }

  /// What did not arrive, and is worth it, goes elsewhere; or its sender is told.
  private void comeBack(Undelivered lost) {
    Element stanza = lost.stanza();
    Optional<StanzaError> error =
        switch (stanza.name()) {
          case "message" ->
              lost.receipt()
                  .flatMap(receipt -> domain.messages().comeBack(account, id, stanza, receipt));
          case "iq" -> Optional.of(StanzaError.SERVICE_UNAVAILABLE);
          default -> Optional.empty();
        };
    Optional<Jid> sender = stanza.attribute("from").flatMap(Jid::tryParse);
    if (error.isPresent() && sender.isPresent() && Stanzas.mayAnswer(stanza)) {
      domain.requests().tell(sender.get(), Stanzas.error(stanza, error.get()));
    }
  }
}

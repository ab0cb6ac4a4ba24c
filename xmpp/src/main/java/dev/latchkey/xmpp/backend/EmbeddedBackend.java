// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.xmpp.backend;

import dev.latchkey.chat.PresenceBook;
import dev.latchkey.chat.delivery.Delivery;
import dev.latchkey.chat.stanza.MessageType;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.chat.stanza.Stanzas;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.credential.Domain;
import dev.latchkey.credential.Jid;
import dev.latchkey.credential.Resource;
import dev.latchkey.wire.element.Element;
import dev.latchkey.xmpp.session.Attachment;
import dev.latchkey.xmpp.session.Backend;
import dev.latchkey.xmpp.session.ClientSide;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The chat domain that comes with the server. Keeps everything in memory and nothing for later.
///
/// Thread-safe: one lock over who is there; what is decided under it is delivered after it.
public final class EmbeddedBackend implements Backend {
  private final Set<Domain> served;
  private final DomainServices services;
  private final Object lock = new Object();
  private final Map<AccountJid, Map<Resource, Presence>> present = new HashMap<>();
  private final PresenceBook book = new PresenceBook();

  /// @param served the domains of this server
  /// @param services what the domains and the accounts answer by themselves
  public EmbeddedBackend(Set<Domain> served, DomainServices services) {
    this.served = Set.copyOf(served);
    this.services = services;
  }

  @Override
  public boolean losesNothingByBind2() {
    return true; // nothing is kept for later, so nothing can be cleared
  }

  @Override
  public Attachment attach(AccountJid account, Resource resource, ClientSide client) {
    Presence presence = new Presence(client);
    synchronized (lock) {
      present.computeIfAbsent(account, _ -> new LinkedHashMap<>()).put(resource, presence);
    }
    return new ChatSession(this, account, resource, client);
  }

  /// What is known of one session.
  static final class Presence {
    private final ClientSide client;
    private Optional<Element> last = Optional.empty();
    private int priority;

    Presence(ClientSide client) {
      this.client = client;
    }
  }

  /// Something to hand over once the lock is free.
  record Parcel(ClientSide client, Element stanza) {
    void deliver() {
      client.deliver(stanza);
    }
  }

  /// Takes a stanza that is to somebody else than the sender's own account or domain.
  void route(ClientSide sender, Element stanza, Jid to) {
    if (!served.contains(to.domain())) {
      refuse(sender, stanza, StanzaError.REMOTE_SERVER_NOT_FOUND);
      return;
    }
    Optional<AccountJid> account = to.account();
    if (account.isEmpty()) {
      services.answerForDomain(stanza).ifPresent(sender::deliver);
      return;
    }
    switch (stanza.name()) {
      case "message" -> message(sender, stanza, account.get(), to.resource());
      case "presence" -> directed(stanza, account.get(), to.resource());
      default -> request(sender, stanza, account.get(), to.resource());
    }
  }

  static void refuse(ClientSide sender, Element stanza, StanzaError error) {
    if (Stanzas.mayAnswer(stanza)) {
      sender.deliver(Stanzas.error(stanza, error));
    }
  }

  private void message(
      ClientSide sender, Element stanza, AccountJid to, Optional<Resource> resource) {
    MessageType type = MessageType.of(stanza.attribute("type").orElse("normal"));
    Delivery delivery;
    List<Parcel> parcels = new ArrayList<>();
    synchronized (lock) {
      Map<Resource, Presence> there = present.getOrDefault(to, Map.of());
      delivery = Delivery.of(type, resource, List.copyOf(there.keySet()), available(there));
      if (delivery instanceof Delivery.To(List<Resource> resources)) {
        resources.forEach(r -> parcels.add(new Parcel(presence(there, r).client, stanza)));
      }
    }
    parcels.forEach(Parcel::deliver);
    if (delivery instanceof Delivery.Refused) {
      refuse(sender, stanza, StanzaError.SERVICE_UNAVAILABLE);
    }
  }

  private static Presence presence(Map<Resource, Presence> there, Resource resource) {
    return java.util.Objects.requireNonNull(there.get(resource));
  }

  private static Map<Resource, Integer> available(Map<Resource, Presence> there) {
    Map<Resource, Integer> priorities = new LinkedHashMap<>();
    there.forEach(
        (resource, presence) -> {
          if (presence.last.isPresent()) {
            priorities.put(resource, presence.priority);
          }
        });
    return priorities;
  }

  /// RFC 6121 §8.5.1, §8.5.3: a request reaches a session; for an account that is not the sender's
  /// own nobody answers, whether it exists or not (rule 5).
  private void request(
      ClientSide sender, Element stanza, AccountJid to, Optional<Resource> resource) {
    Optional<ClientSide> target;
    synchronized (lock) {
      target =
          resource
              .map(r -> present.getOrDefault(to, Map.of()).get(r))
              .map(presence -> presence.client);
    }
    if (target.isPresent()) {
      target.get().deliver(stanza);
    } else {
      refuse(sender, stanza, StanzaError.SERVICE_UNAVAILABLE);
    }
  }

  /// Presence to one address: a subscription's stanzas go to the account, the rest to whom it
  /// names.
  private void directed(Element stanza, AccountJid to, Optional<Resource> resource) {
    AccountJid from = sender(stanza);
    String type = stanza.attribute("type").orElse("");
    Element bare = stanza.with("from", from.toString()).with("to", to.toString());
    List<Parcel> parcels = new ArrayList<>();
    synchronized (lock) {
      switch (type) {
        case "subscribe" -> {
          // Nothing is kept for who is not there; so nothing can be filled up with wishes either.
          if (present.containsKey(to)) {
            if (book.ask(to, from)) {
              toAvailable(from, reply(to, from, "subscribed"), parcels);
              showPresenceOf(to, from, parcels);
            } else {
              toAvailable(to, bare, parcels);
            }
          }
        }
        case "subscribed" -> {
          if (book.grant(from, to)) {
            toAvailable(to, bare, parcels);
            showPresenceOf(from, to, parcels);
          }
        }
        case "unsubscribe" -> {
          if (book.end(to, from)) {
            toAvailable(to, bare, parcels);
          }
        }
        case "unsubscribed" -> {
          if (book.end(from, to)) {
            toAvailable(to, bare, parcels);
          }
        }
        case "probe" -> {
          if (book.isWatching(from, to)) {
            showPresenceOf(to, from, parcels);
          } else {
            toAvailable(from, reply(to, from, "unsubscribed"), parcels);
          }
        }
        default -> {
          Map<Resource, Presence> there = present.getOrDefault(to, Map.of());
          there.forEach(
              (r, presence) -> {
                boolean named = resource.map(r::equals).orElse(presence.last.isPresent());
                if (named) {
                  parcels.add(new Parcel(presence.client, stanza));
                }
              });
        }
      }
    }
    parcels.forEach(Parcel::deliver);
  }

  private static AccountJid sender(Element stanza) {
    return Jid.parse(stanza.attribute("from").orElseThrow()).account().orElseThrow();
  }

  private static Element reply(AccountJid from, AccountJid to, String type) {
    return Element.named("presence", dev.latchkey.wire.element.Namespaces.CLIENT)
        .attribute("from", from.toString())
        .attribute("to", to.toString())
        .attribute("type", type)
        .build();
  }

  /// The own presence changed.
  ///
  /// @param stanza available or unavailable presence to nobody in particular
  void announce(AccountJid account, Resource resource, Element stanza, Optional<Integer> priority) {
    List<Parcel> parcels = new ArrayList<>();
    synchronized (lock) {
      Map<Resource, Presence> own = present.getOrDefault(account, Map.of());
      Presence presence = own.get(resource);
      if (presence == null) {
        return;
      }
      boolean first = presence.last.isEmpty();
      presence.last = priority.isPresent() ? Optional.of(stanza) : Optional.empty();
      presence.priority = priority.orElse(0);
      broadcast(account, stanza, parcels);
      if (first && priority.isPresent()) {
        // RFC 6121 §4.2.2: who has come is shown who is there.
        own.forEach(
            (other, theirs) -> {
              if (!other.equals(resource)) {
                theirs.last.ifPresent(last -> parcels.add(new Parcel(presence.client, last)));
              }
            });
        present.keySet().stream()
            .filter(owner -> book.isWatching(account, owner))
            .forEach(owner -> showPresenceTo(owner, presence.client, parcels));
      }
    }
    parcels.forEach(Parcel::deliver);
  }

  /// To the own resources and to those who may know.
  private void broadcast(AccountJid account, Element stanza, List<Parcel> parcels) {
    toAvailable(account, stanza, parcels);
    for (AccountJid watcher : book.watchersOf(account)) {
      toAvailable(watcher, stanza, parcels);
    }
  }

  private void toAvailable(AccountJid account, Element stanza, List<Parcel> parcels) {
    for (Presence presence : present.getOrDefault(account, Map.of()).values()) {
      if (presence.last.isPresent()) {
        parcels.add(new Parcel(presence.client, stanza));
      }
    }
  }

  private void showPresenceOf(AccountJid owner, AccountJid watcher, List<Parcel> parcels) {
    for (Presence presence : present.getOrDefault(watcher, Map.of()).values()) {
      if (presence.last.isPresent()) {
        showPresenceTo(owner, presence.client, parcels);
      }
    }
  }

  private void showPresenceTo(AccountJid owner, ClientSide watcher, List<Parcel> parcels) {
    for (Presence presence : present.getOrDefault(owner, Map.of()).values()) {
      presence.last.ifPresent(last -> parcels.add(new Parcel(watcher, last)));
    }
  }

  /// A session is over.
  ///
  /// @param unavailable what those hear who saw it available
  void leave(AccountJid account, Resource resource, ClientSide client, Element unavailable) {
    List<Parcel> parcels = new ArrayList<>();
    synchronized (lock) {
      Map<Resource, Presence> own = present.getOrDefault(account, Map.of());
      Presence presence = own.get(resource);
      if (presence == null || !presence.client.equals(client)) {
        return; // replaced by a newer session of the same device
      }
      own.remove(resource);
      if (own.isEmpty()) {
        present.remove(account);
      }
      if (presence.last.isPresent()) {
        broadcast(account, unavailable, parcels);
      }
    }
    parcels.forEach(Parcel::deliver);
  }

  /// What an account answers for itself.
  Optional<Element> answerForAccount(Element stanza) {
    return services.answerForAccount(stanza);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import dev.latchkey.chat.stanza.Iq;
import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.AccountJid;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/// The publish-subscribe service that each account's bare JID is (XEP-0163).
///
/// Only the owner publishes. Strangers, who are neither the owner nor subscribed to the owner's
/// presence, get one and the same answer for an account that is not there, a node that is not there
/// and a node they may not read: `service-unavailable` (rule 5); to them only what they may read
/// answers. Everybody else is told what is wrong. Thread-safe; calls block on the store.
public final class Eventing {
  /// The namespace of XEP-0060, which is also the feature that says that it is spoken at all.
  public static final String NAMESPACE = PubSub.NAMESPACE;

  /// Where a server may tell of credentials: no client makes, fills or configures it.
  public static final String CREDENTIALS_NODE = "urn:latchkey:credentials:0";

  private static final Set<String> READING =
      Set.of("items", "subscribe", "unsubscribe", "subscriptions", "affiliations");

  private final NodeStore store;
  private final OwnerVerbs owners;
  private final ReaderVerbs readers;

  /// With bounds of one's own.
  ///
  /// @param random draws the ids of what comes without; need not be secret, must not repeat
  public Eventing(NodeStore store, Bounds bounds, InstantSource clock, RandomGenerator random) {
    this.store = store;
    this.owners = new OwnerVerbs(store, bounds, clock, random);
    this.readers = new ReaderVerbs(store, bounds);
  }

  /// The features of an account's bare JID, for disco#info (XEP-0060 §10); its identity is
  /// `pubsub/pep` (XEP-0163 §6.1).
  public static List<String> features() {
    return Stream.concat(
            Stream.of(PubSub.NAMESPACE),
            Stream.of(
                    "access-open",
                    "access-presence",
                    "access-roster",
                    "access-whitelist",
                    "auto-create",
                    "auto-subscribe",
                    "config-node",
                    "config-node-max",
                    "create-and-configure",
                    "create-nodes",
                    "delete-items",
                    "delete-nodes",
                    "filtered-notifications",
                    "instant-nodes",
                    "item-ids",
                    "last-published",
                    "member-affiliation",
                    "meta-data",
                    "modify-affiliations",
                    "multi-items",
                    "outcast-affiliation",
                    "persistent-items",
                    "presence-subscribe",
                    "publish",
                    "publish-options",
                    "pubsub-on-a-jid", // §9
                    "purge-nodes",
                    "retract-items",
                    "retrieve-affiliations",
                    "retrieve-default",
                    "retrieve-items",
                    "retrieve-subscriptions",
                    "subscribe")
                .map(name -> PubSub.NAMESPACE + "#" + name))
        .toList();
  }

  /// Whether a request to a bare JID is for here: both namespaces of XEP-0060, disco#items, and
  /// disco#info of a node.
  public static boolean handles(Iq iq) {
    Element payload = iq.payload();
    return payload.is("pubsub", PubSub.NAMESPACE)
        || payload.is("pubsub", PubSub.OWNER)
        || payload.is("query", Namespaces.DISCO_ITEMS)
        || (payload.is("query", Namespaces.DISCO_INFO) && payload.attribute("node").isPresent());
  }

  /// Answers a request for which [#handles] holds; any other is refused.
  ///
  /// @param who who asks, with the full JID
  /// @param owner the account whose bare JID was asked
  /// @param ownerJid that bare JID
  public EventingAnswer answer(Requester who, AccountId owner, AccountJid ownerJid, Iq iq) {
    return switch (decide(who, owner, ownerJid, iq)) {
      case Verdict.Done(Optional<Element> result, List<Notification> notifications) ->
          new EventingAnswer(iq.result(result), notifications);
      // Rule 5: whatever is wrong, a stranger hears what one hears of an account that is not there.
      case Verdict.Refused(StanzaError error) ->
          new EventingAnswer(
              iq.error(who.isStranger() ? StanzaError.SERVICE_UNAVAILABLE : error), List.of());
    };
  }

  private Verdict decide(Requester who, AccountId owner, AccountJid ownerJid, Iq iq) {
    Element payload = iq.payload();
    Function<Element, Request> request =
        verb -> new Request(who, owner, ownerJid, iq.isSet(), verb, Optional.empty());
    if (payload.is("query", Namespaces.DISCO_INFO)) {
      return iq.isSet()
          ? Verdict.refused(StanzaError.BAD_REQUEST)
          : readers.describe(request.apply(payload));
    }
    if (payload.is("query", Namespaces.DISCO_ITEMS)) {
      return iq.isSet()
          ? Verdict.refused(StanzaError.BAD_REQUEST)
          : payload.attribute("node").isPresent()
              ? readers.listItems(request.apply(payload))
              : readers.listNodes(request.apply(payload));
    }
    boolean isPubSub = payload.is("pubsub", PubSub.NAMESPACE);
    if (!isPubSub && !payload.is("pubsub", PubSub.OWNER)) {
      return Verdict.refused(StanzaError.SERVICE_UNAVAILABLE);
    }
    List<Element> children =
        payload.children().filter(c -> c.namespace().equals(payload.namespace())).toList();
    if (children.isEmpty()) {
      return Verdict.refused(StanzaError.BAD_REQUEST);
    }
    Element verb = children.getFirst();
    Request asked = new Request(who, owner, ownerJid, iq.isSet(), verb, companion(verb, children));
    if (children.size() > (asked.companion().isPresent() ? 2 : 1)) {
      return Verdict.refused(StanzaError.BAD_REQUEST);
    }
    boolean reading = isPubSub && READING.contains(verb.name());
    if (!reading && !who.owner()) {
      return Verdict.refused(StanzaError.FORBIDDEN);
    }
    if (!reading && asked.node().filter(CREDENTIALS_NODE::equals).isPresent()) {
      return Verdict.refused(StanzaError.FORBIDDEN);
    }
    return isPubSub ? pubSub(asked) : owner(asked);
  }

  /// What may stand beside a verb: options of a publication, the configuration of a new node.
  private static Optional<Element> companion(Element verb, List<Element> children) {
    String name =
        switch (verb.name()) {
          case "publish" -> "publish-options";
          case "create" -> "configure";
          default -> "";
        };
    return children.stream().skip(1).filter(child -> child.name().equals(name)).findFirst();
  }

  private Verdict pubSub(Request request) {
    String verb = request.verb().name();
    if (request.isSet()) {
      return switch (verb) {
        case "publish" -> owners.publish(request);
        case "retract" -> owners.retract(request);
        case "create" -> owners.create(request);
        case "subscribe" -> readers.subscribe(request);
        case "unsubscribe" -> readers.unsubscribe(request);
        case "options" -> Verdict.refused(Refusals.unsupported("subscription-options"));
        default -> Verdict.refused(StanzaError.BAD_REQUEST);
      };
    }
    return switch (verb) {
      case "items" -> readers.items(request);
      case "subscriptions" -> readers.subscriptions(request);
      case "affiliations" -> readers.affiliations(request);
      case "options" -> Verdict.refused(Refusals.unsupported("subscription-options"));
      case "default" -> Verdict.refused(Refusals.unsupported("retrieve-default-sub"));
      default -> Verdict.refused(StanzaError.BAD_REQUEST);
    };
  }

  private Verdict owner(Request request) {
    String verb = request.verb().name();
    if (request.isSet()) {
      return switch (verb) {
        case "configure" -> owners.configure(request);
        case "delete" -> owners.delete(request);
        case "purge" -> owners.purge(request);
        case "affiliations" -> owners.affiliate(request);
        case "subscriptions" -> owners.endSubscriptions(request);
        default -> Verdict.refused(StanzaError.BAD_REQUEST);
      };
    }
    return switch (verb) {
      case "configure" -> owners.configuration(request);
      case "default" -> owners.defaults(request);
      case "affiliations" -> owners.affiliations(request);
      case "subscriptions" -> owners.subscriptions(request);
      default -> Verdict.refused(StanzaError.BAD_REQUEST);
    };
  }

  /// What a resource that has become available has not seen of one account (XEP-0163 §4.3.4).
  ///
  /// @param who the resource; the owner's own count too
  /// @param notifyNodes the nodes its capabilities list with `+notify`
  public List<Notification> lastItems(AccountId owner, Requester who, Set<String> notifyNodes) {
    return lastItems(List.of(owner), who, notifyNodes).getOrDefault(owner, List.of());
  }

  /// The same for many accounts in one reading.
  ///
  /// @param who how the resource stands to each of them
  /// @return those that have something to tell
  public Map<AccountId, List<Notification>> lastItems(
      Collection<AccountId> owners, Requester who, Set<String> notifyNodes) {
    if (owners.isEmpty() || notifyNodes.isEmpty()) {
      return Map.of();
    }
    Map<AccountId, List<Notification>> told = new HashMap<>();
    store
        .lastItems(owners, notifyNodes, who.jid().bare())
        .forEach(
            (owner, lasts) -> {
              List<Notification> may =
                  lasts.stream()
                      .map(
                          last ->
                              Notification.ofPast(last.node(), last.item(), Optional.of(who.jid())))
                      .filter(notification -> notification.mayReceive(who))
                      .toList();
              if (!may.isEmpty()) {
                told.put(owner, may);
              }
            });
    return told;
  }

  /// Somebody may read less than before: of what they may not read they are no subscriber any more
  /// (XEP-0163 §7.1).
  ///
  /// @param who how they stand to the owner now; their bare JID stands for all their resources
  public void endUnreadable(AccountId owner, Requester who) {
    for (Node node : store.nodesWith(owner, who.jid().bare())) {
      if (!node.subscribers().isEmpty() && node.access(who) != Node.Access.GRANTED) {
        var _ = store.unsubscribe(owner, node.name(), node.subscribers());
      }
    }
  }

  /// Removes all an account has.
  public void forget(AccountId account) {
    store.forget(account);
  }
}

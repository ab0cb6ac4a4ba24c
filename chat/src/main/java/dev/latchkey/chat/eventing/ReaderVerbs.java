// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.credential.AccountId;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import dev.latchkey.wire.element.Namespaces;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;

/// What anybody may ask who may read: XEP-0060 §5 and §6.
final class ReaderVerbs {
  /// How often a change is decided anew that another one overtook.
  private static final int TRIES = 16;

  /// Octets (RFC 7622 §3.1): who published counts with an item.
  private static final int LONGEST_JID = 3_071;

  private final NodeStore store;
  private final Bounds bounds;

  ReaderVerbs(NodeStore store, Bounds bounds) {
    this.store = store;
    this.bounds = bounds;
  }

  private static Jid asking(Request request) {
    return request.who().jid().bare();
  }

  /// A node that somebody may read, or why not.
  private sealed interface Found {
    /// It is there and they may.
    record Open(Node node) implements Found {}

    /// Not so.
    record Closed(StanzaError error) implements Found {}
  }

  private Found find(Request request) {
    if (request.node().isEmpty()) {
      return new Found.Closed(Refusals.NODE_ID_REQUIRED);
    }
    Optional<Node> node = store.find(request.owner(), request.node().get(), asking(request));
    if (node.isEmpty()) {
      return new Found.Closed(StanzaError.ITEM_NOT_FOUND);
    }
    return Refusals.of(node.get().access(request.who()))
        .<Found>map(Found.Closed::new)
        .orElseGet(() -> new Found.Open(node.get()));
  }

  // Items, XEP-0060 §6.5.

  Verdict items(Request request) {
    return switch (find(request)) {
      case Found.Closed(StanzaError error) -> Verdict.refused(error);
      case Found.Open(Node node) -> items(request, node);
    };
  }

  private Verdict items(Request request, Node node) {
    Set<String> ids = new LinkedHashSet<>();
    for (Element part : request.parts("item")) {
      if (part.attribute("id").isEmpty()) {
        return Verdict.refused(Refusals.ITEM_REQUIRED);
      }
      ids.add(part.attribute("id").get());
    }
    if (ids.size() > bounds.batch()) {
      return Verdict.refused(StanzaError.NOT_ACCEPTABLE);
    }
    Optional<String> most = request.verb().attribute("max_items");
    if (most.isPresent() && !isPositive(most.get())) {
      return Verdict.refused(StanzaError.BAD_REQUEST);
    }
    if (!node.configuration().persist()) {
      return Verdict.refused(Refusals.unsupported("persistent-items"));
    }
    int wanted = most.map(ReaderVerbs::clamped).orElse(bounds.items());
    int limit = Math.min(bounds.answerItems(), wanted);
    List<Item> found =
        ids.isEmpty()
            ? store.items(request.owner(), node.name(), limit, bounds.answerOctets())
            : store.items(request.owner(), node.name(), ids, bounds.answerOctets());
    Element.Builder list = Element.named("items", PubSub.NAMESPACE).attribute("node", node.name());
    found.forEach(item -> list.child(item.element(PubSub.NAMESPACE, true)));
    if (!mayBeCut(found)) {
      return Verdict.done(request.answer(list.build()));
    }
    List<String> all = store.itemIds(request.owner(), node.name(), bounds.items());
    if (all.stream().filter(ids::contains).count() > found.size()) {
      return Verdict.refused(StanzaError.RESOURCE_CONSTRAINT); // of fewer it gets what it names
    }
    boolean cut = ids.isEmpty() && found.size() < Math.min(wanted, all.size());
    return Verdict.done(
        request.answer(
            list.build(), cut ? Optional.of(page(found, all.size())) : Optional.empty()));
  }

  /// Whether what one answer may hold can have left something out.
  private boolean mayBeCut(List<Item> found) {
    long octets = found.stream().mapToLong(Item::octets).sum();
    long another = (long) bounds.itemOctets() + bounds.nameOctets() + LONGEST_JID;
    return found.size() >= bounds.answerItems() || octets + another > bounds.answerOctets();
  }

  /// Which part of a node's items this is (XEP-0060 §6.5.5, XEP-0059 §2.6).
  private static Element page(List<Item> found, int all) {
    return Element.named("set", PubSub.RSM)
        .child(
            Element.text("first", PubSub.RSM, found.getFirst().id())
                .with("index", Integer.toString(all - found.size())))
        .child(Element.text("last", PubSub.RSM, found.getLast().id()))
        .child(Element.text("count", PubSub.RSM, Integer.toString(all)))
        .build();
  }

  private static boolean isPositive(String number) {
    return !number.isEmpty()
        && number.chars().allMatch(c -> c >= '0' && c <= '9')
        && number.chars().anyMatch(c -> c != '0');
  }

  /// A number however great, as one of ours.
  private static int clamped(String digits) {
    return digits.length() > 9 ? Integer.MAX_VALUE : Integer.parseInt(digits);
  }

  // Subscriptions, XEP-0060 §6.1 and §6.2.

  Verdict subscribe(Request request) {
    Optional<Jid> jid = request.verb().attribute("jid").flatMap(Jid::tryParse);
    if (jid.isEmpty() || !jid.get().bare().equals(request.who().jid().bare())) {
      return Verdict.refused(Refusals.INVALID_JID); // nobody subscribes another
    }
    for (int tries = 0; tries < TRIES; tries++) {
      Node node;
      switch (find(request)) {
        case Found.Closed(StanzaError error) -> {
          return Verdict.refused(error);
        }
        case Found.Open(Node found) -> node = found;
      }
      switch (store.subscribe(
          request.owner(), request.jid(), node.name(), node.configuration(), jid.get(), bounds)) {
        case DONE -> {
          return subscribed(request, node, jid.get());
        }
        case FULL -> {
          return Verdict.refused(Refusals.TOO_MANY_SUBSCRIPTIONS);
        }
        case CHANGED -> {}
      }
    }
    return Verdict.refused(StanzaError.RESOURCE_CONSTRAINT);
  }

  private Verdict subscribed(Request request, Node node, Jid jid) {
    Set<Jid> subscribers = new LinkedHashSet<>(node.subscribers());
    subscribers.add(jid);
    Node now = new Node(node.name(), node.configuration(), node.affiliations(), subscribers);
    List<Notification> last =
        now.configuration().lastItem() == LastItem.NEVER
            ? List.of()
            : store.items(request.owner(), now.name(), 1, bounds.answerOctets()).stream()
                .map(item -> Notification.ofPast(now, item, Optional.of(jid)))
                .toList();
    return new Verdict.Done(Optional.of(request.answer(subscription(now.name(), jid))), last);
  }

  Verdict unsubscribe(Request request) {
    Optional<Jid> jid = request.verb().attribute("jid").flatMap(Jid::tryParse);
    if (request.node().isEmpty()) {
      return Verdict.refused(Refusals.NODE_ID_REQUIRED);
    }
    if (jid.isEmpty()) {
      return Verdict.refused(Refusals.JID_REQUIRED);
    }
    if (!jid.get().bare().equals(request.who().jid().bare())) {
      return Verdict.refused(StanzaError.FORBIDDEN); // §6.2.3.3
    }
    // Rule 5: who is not subscribed makes nobody write, whether there is such a node or not.
    boolean subscribed =
        store
            .find(request.owner(), request.node().get())
            .filter(node -> node.subscribers().contains(jid.get()))
            .isPresent();
    return subscribed
            && store.unsubscribe(request.owner(), request.node().get(), List.of(jid.get()))
                == NodeStore.Outcome.DONE
        ? Verdict.done()
        : Verdict.refused(Refusals.NOT_SUBSCRIBED);
  }

  private static Element subscription(String node, Jid jid) {
    return Element.named("subscription", PubSub.NAMESPACE)
        .attribute("node", node)
        .attribute("jid", jid.toString())
        .attribute("subscription", "subscribed")
        .build();
  }

  // What somebody is, XEP-0060 §5.6 and §5.7.

  Verdict subscriptions(Request request) {
    List<Element> found = new ArrayList<>();
    for (Node node : readableNodes(request, store::nodesWith)) {
      node.subscribers().forEach(jid -> found.add(subscription(node.name(), jid)));
    }
    return list(request, "subscriptions", found);
  }

  Verdict affiliations(Request request) {
    boolean owner = request.who().owner();
    List<Element> found = new ArrayList<>();
    for (Node node : readableNodes(request, owner ? store::nodes : store::nodesWith)) {
      Optional<String> word =
          owner
              ? Optional.of("owner")
              : Optional.ofNullable(node.affiliations().get(asking(request)))
                  .map(Affiliation::word);
      if (word.isPresent()) {
        found.add(
            Element.named("affiliation", PubSub.NAMESPACE)
                .attribute("node", node.name())
                .attribute("affiliation", word.get())
                .build());
      }
    }
    return list(request, "affiliations", found);
  }

  private static Verdict list(Request request, String name, List<Element> found) {
    if (found.isEmpty() && request.who().isStranger()) {
      return Verdict.refused(StanzaError.SERVICE_UNAVAILABLE); // rule 5
    }
    return Verdict.done(
        request.answer(
            Element.named(name, PubSub.NAMESPACE)
                .attribute("node", request.node())
                .children(found)
                .build()));
  }

  /// @param all finds those of an account for a person's sake, if the request names none
  private List<Node> readableNodes(Request request, BiFunction<AccountId, Jid, List<Node>> all) {
    Jid asking = asking(request);
    List<Node> nodes =
        request
            .node()
            .map(only -> store.find(request.owner(), only, asking).stream().toList())
            .orElseGet(() -> all.apply(request.owner(), asking));
    return nodes.stream()
        .filter(node -> node.access(request.who()) == Node.Access.GRANTED)
        .toList();
  }

  // Discovery, XEP-0060 §5.2 to §5.5.

  Verdict describe(Request request) {
    return switch (find(request)) {
      case Found.Closed(StanzaError error) -> Verdict.refused(error);
      case Found.Open(Node node) -> Verdict.done(description(node));
    };
  }

  private static Element description(Node node) {
    NodeConfiguration configuration = node.configuration();
    Element.Builder metaData = DataForm.shown("result", PubSub.META_DATA);
    field(metaData, "pubsub#title", configuration.title());
    field(metaData, "pubsub#description", configuration.description());
    field(metaData, "pubsub#type", configuration.type());
    return Element.named("query", Namespaces.DISCO_INFO)
        .attribute("node", node.name())
        .child(
            Element.named("identity", Namespaces.DISCO_INFO)
                .attribute("category", "pubsub")
                .attribute("type", "leaf")
                .attribute("name", configuration.title())
                .build())
        .child(
            Element.named("feature", Namespaces.DISCO_INFO)
                .attribute("var", PubSub.NAMESPACE)
                .build())
        .child(metaData.build())
        .build();
  }

  private static void field(Element.Builder form, String name, Optional<String> value) {
    value.ifPresent(
        text -> form.child(DataForm.field(name, "text-single", List.of(text), List.of())));
  }

  Verdict listItems(Request request) {
    return switch (find(request)) {
      case Found.Closed(StanzaError error) -> Verdict.refused(error);
      case Found.Open(Node node) -> {
        Element.Builder query =
            Element.named("query", Namespaces.DISCO_ITEMS).attribute("node", node.name());
        for (String id : store.itemIds(request.owner(), node.name(), bounds.answerItems())) {
          query.child(
              Element.named("item", Namespaces.DISCO_ITEMS)
                  .attribute("jid", request.jid().toString())
                  .attribute("name", id)
                  .build());
        }
        yield Verdict.done(query.build());
      }
    };
  }

  Verdict listNodes(Request request) {
    if (request.who().isStranger()) {
      return Verdict.refused(StanzaError.SERVICE_UNAVAILABLE); // rule 5
    }
    Element.Builder query = Element.named("query", Namespaces.DISCO_ITEMS);
    for (Node node : readableNodes(request, store::nodes)) {
      query.child(
          Element.named("item", Namespaces.DISCO_ITEMS)
              .attribute("jid", request.jid().toString())
              .attribute("node", node.name())
              .attribute("name", node.configuration().title())
              .build());
    }
    return Verdict.done(query.build());
  }
}

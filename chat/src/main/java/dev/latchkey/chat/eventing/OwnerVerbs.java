// SPDX-License-Identifier: Apache-2.0
package dev.latchkey.chat.eventing;

import dev.latchkey.chat.stanza.StanzaError;
import dev.latchkey.credential.Bytes;
import dev.latchkey.credential.Jid;
import dev.latchkey.wire.element.Element;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/// What only the owner may ask: XEP-0060 §7 and §8.
final class OwnerVerbs {
  /// How often a change is decided anew that another one overtook.
  private static final int TRIES = 16;

  private static final int DRAWN_OCTETS = 16;

  private final NodeStore store;
  private final Bounds bounds;
  private final InstantSource clock;
  private final RandomGenerator random;

  OwnerVerbs(NodeStore store, Bounds bounds, InstantSource clock, RandomGenerator random) {
    this.store = store;
    this.bounds = bounds;
    this.clock = clock;
    this.random = random;
  }

  // Publishing, XEP-0060 §7.1.

  Verdict publish(Request request) {
    if (request.node().isEmpty()) {
      return Verdict.refused(Refusals.NODE_ID_REQUIRED);
    }
    String name = request.node().get();
    List<Element> elements = request.parts("item");
    if (elements.size() > bounds.batch()) {
      return Verdict.refused(Refusals.MAX_ITEMS_EXCEEDED);
    }
    Optional<DataForm> options = Optional.empty();
    if (request.companion().isPresent()) {
      options =
          DataForm.in(request.companion().get())
              .flatMap(form -> DataForm.submitted(form, PubSub.PUBLISH_OPTIONS));
      if (options.isEmpty() || !ConfigurationForm.knows(options.get())) {
        return Verdict.refused(Refusals.INVALID_OPTIONS); // §7.1.5: refuse what we do not know
      }
    }
    List<Item> items = new ArrayList<>();
    Set<String> ids = new HashSet<>();
    Instant now = clock.instant();
    for (Element element : elements) {
      String id = element.attribute("id").filter(text -> !text.isEmpty()).orElseGet(this::draw);
      List<Element> payloads = element.children().toList();
      if (payloads.size() > 1) {
        return Verdict.refused(Refusals.INVALID_PAYLOAD);
      }
      if (!isName(id)) {
        return Verdict.refused(StanzaError.NOT_ACCEPTABLE);
      }
      if (!ids.add(id)) {
        return Verdict.refused(StanzaError.BAD_REQUEST);
      }
      items.add(new Item(id, payloads.stream().findFirst(), request.who().jid(), now));
    }
    return publish(request, name, options, items);
  }

  private Verdict publish(
      Request request, String name, Optional<DataForm> options, List<Item> items) {
    for (int tries = 0; tries < TRIES; tries++) {
      Optional<Node> there = store.find(request.owner(), name);
      NodeConfiguration base =
          there.map(Node::configuration).orElseGet(() -> NodeConfiguration.usual(bounds));
      NodeConfiguration configuration = base;
      if (options.isPresent()) {
        switch (ConfigurationForm.apply(base, options.get(), bounds)) {
          case ConfigurationForm.Outcome.Configured(NodeConfiguration wanted) -> {
            if (there.isPresent() && !wanted.equals(base)) {
              return Verdict.refused(Refusals.PRECONDITION_NOT_MET);
            }
            configuration = wanted;
          }
          case ConfigurationForm.Outcome.Refused(StanzaError error) -> {
            // No node has what no node may have.
            return Verdict.refused(there.isPresent() ? Refusals.PRECONDITION_NOT_MET : error);
          }
        }
      }
      if (there.isEmpty() && !isName(name)) {
        return Verdict.refused(StanzaError.NOT_ACCEPTABLE);
      }
      Optional<StanzaError> unfit = unfit(configuration, items);
      if (unfit.isPresent()) {
        return Verdict.refused(unfit.get());
      }
      Node node = there.orElse(Node.of(name, configuration));
      switch (store.publish(
          request.owner(), name, there.map(Node::configuration), configuration, items, bounds)) {
        case DONE -> {
          return published(request, node, items);
        }
        case FULL -> {
          return Verdict.refused(StanzaError.RESOURCE_CONSTRAINT);
        }
        case CHANGED -> {}
      }
    }
    return Verdict.refused(StanzaError.RESOURCE_CONSTRAINT);
  }

  /// What is wrong with items for a node (XEP-0060 §7.1.3).
  private Optional<StanzaError> unfit(NodeConfiguration configuration, List<Item> items) {
    boolean carriesNothing = !configuration.persist() && !configuration.deliverPayloads();
    if (items.isEmpty()) {
      return carriesNothing ? Optional.empty() : Optional.of(Refusals.ITEM_REQUIRED);
    }
    if (carriesNothing) {
      return Optional.of(Refusals.ITEM_FORBIDDEN);
    }
    if (configuration.persist() && items.size() > configuration.maxItems()) {
      return Optional.of(Refusals.MAX_ITEMS_EXCEEDED); // §12.11
    }
    for (Item item : items) {
      if (item.payload().isEmpty() && configuration.deliverPayloads()) {
        return Optional.of(Refusals.PAYLOAD_REQUIRED);
      }
      if (item.payloadOctets() > Math.min(configuration.maxPayload(), bounds.itemOctets())) {
        return Optional.of(Refusals.PAYLOAD_TOO_BIG);
      }
    }
    return Optional.empty();
  }

  private static Verdict published(Request request, Node node, List<Item> items) {
    Element.Builder result =
        Element.named("publish", PubSub.NAMESPACE).attribute("node", node.name());
    Element.Builder event = Element.named("items", PubSub.EVENT).attribute("node", node.name());
    boolean withPayload = node.configuration().deliverPayloads();
    for (Item item : items) {
      result.child(item.element(PubSub.NAMESPACE, false));
      event.child(item.element(PubSub.EVENT, withPayload));
    }
    return new Verdict.Done(
        Optional.of(request.answer(result.build())), List.of(Notification.of(node, event.build())));
  }

  // Taking back, XEP-0060 §7.2.

  Verdict retract(Request request) {
    List<Element> elements = request.parts("item");
    Set<String> ids = new LinkedHashSet<>();
    for (Element element : elements) {
      element.attribute("id").filter(id -> !id.isEmpty()).ifPresent(ids::add);
    }
    if (request.node().isEmpty()) {
      return Verdict.refused(Refusals.NODE_ID_REQUIRED);
    }
    if (ids.isEmpty() || ids.size() != elements.size()) {
      return Verdict.refused(Refusals.ITEM_REQUIRED);
    }
    if (ids.size() > bounds.batch()) {
      return Verdict.refused(Refusals.MAX_ITEMS_EXCEEDED);
    }
    return withNode(
        request,
        node -> {
          if (!node.configuration().persist()) {
            return Verdict.refused(Refusals.unsupported("persistent-items"));
          }
          if (store.retract(request.owner(), node.name(), ids) != NodeStore.Outcome.DONE) {
            return Verdict.refused(StanzaError.ITEM_NOT_FOUND);
          }
          boolean asked =
              request
                  .verb()
                  .attribute("notify")
                  .filter(word -> word.equals("1") || word.equals("true"))
                  .isPresent();
          Element.Builder event =
              Element.named("items", PubSub.EVENT).attribute("node", node.name());
          ids.forEach(
              id ->
                  event.child(Element.named("retract", PubSub.EVENT).attribute("id", id).build()));
          return told(asked || node.configuration().notifyRetract(), node, event.build());
        });
  }

  // Nodes, XEP-0060 §8.1 to §8.5.

  Verdict create(Request request) {
    NodeConfiguration configuration = NodeConfiguration.usual(bounds);
    Optional<Element> form = request.companion().flatMap(DataForm::in);
    if (form.isPresent()) {
      Optional<DataForm> submitted = DataForm.submitted(form.get(), PubSub.NODE_CONFIG);
      if (submitted.isEmpty()) {
        return Verdict.refused(StanzaError.BAD_REQUEST);
      }
      switch (ConfigurationForm.apply(configuration, submitted.get(), bounds)) {
        case ConfigurationForm.Outcome.Configured(NodeConfiguration wanted) ->
            configuration = wanted;
        case ConfigurationForm.Outcome.Refused(StanzaError error) -> {
          return Verdict.refused(error);
        }
      }
    }
    String name = request.node().orElseGet(this::draw);
    if (!isName(name)) {
      return Verdict.refused(StanzaError.NOT_ACCEPTABLE);
    }
    return switch (store.create(request.owner(), name, configuration, bounds)) {
      case DONE ->
          request.node().isPresent()
              ? Verdict.done()
              : Verdict.done(
                  request.answer(
                      Element.named("create", PubSub.NAMESPACE).attribute("node", name).build()));
      case CHANGED -> Verdict.refused(StanzaError.CONFLICT);
      case FULL -> Verdict.refused(StanzaError.RESOURCE_CONSTRAINT);
    };
  }

  Verdict configuration(Request request) {
    return withNode(
        request,
        node ->
            Verdict.done(
                request.answer(
                    Element.named("configure", PubSub.OWNER)
                        .attribute("node", node.name())
                        .child(ConfigurationForm.form(node.configuration(), bounds))
                        .build())));
  }

  Verdict configure(Request request) {
    if (request.node().isEmpty()) {
      return Verdict.refused(Refusals.NODE_ID_REQUIRED);
    }
    Optional<Element> form = DataForm.in(request.verb());
    if (form.filter(DataForm::isCancelled).isPresent()) {
      return withNode(request, _ -> Verdict.done()); // all stays as it is
    }
    Optional<DataForm> submitted =
        form.flatMap(element -> DataForm.submitted(element, PubSub.NODE_CONFIG));
    if (submitted.isEmpty()) {
      return Verdict.refused(StanzaError.BAD_REQUEST);
    }
    for (int tries = 0; tries < TRIES; tries++) {
      Optional<Node> there = store.find(request.owner(), request.node().get());
      if (there.isEmpty()) {
        return Verdict.refused(StanzaError.ITEM_NOT_FOUND);
      }
      NodeConfiguration before = there.get().configuration();
      NodeConfiguration next;
      switch (ConfigurationForm.apply(before, submitted.get(), bounds)) {
        case ConfigurationForm.Outcome.Configured(NodeConfiguration wanted) -> next = wanted;
        case ConfigurationForm.Outcome.Refused(StanzaError error) -> {
          return Verdict.refused(error);
        }
      }
      if (store.configure(request.owner(), there.get().name(), before, next)
          == NodeStore.Outcome.DONE) {
        return configured(there.get(), next);
      }
    }
    return Verdict.refused(StanzaError.RESOURCE_CONSTRAINT);
  }

  private Verdict configured(Node before, NodeConfiguration next) {
    Node node = new Node(before.name(), next, before.affiliations(), before.subscribers());
    Element.Builder event =
        Element.named("configuration", PubSub.EVENT).attribute("node", node.name());
    if (next.deliverPayloads()) {
      event.child(ConfigurationForm.result(next, bounds));
    }
    return told(next.notifyConfiguration(), node, event.build());
  }

  Verdict defaults(Request request) {
    return Verdict.done(
        request.answer(
            Element.named("default", PubSub.OWNER)
                .child(ConfigurationForm.form(NodeConfiguration.usual(bounds), bounds))
                .build()));
  }

  Verdict delete(Request request) {
    return withNode(
        request,
        node ->
            store.delete(request.owner(), node.name()) == NodeStore.Outcome.DONE
                ? told(node.configuration().notifyDelete(), node, named("delete", node))
                : Verdict.refused(StanzaError.ITEM_NOT_FOUND));
  }

  Verdict purge(Request request) {
    return withNode(
        request,
        node -> {
          if (!node.configuration().persist()) {
            return Verdict.refused(Refusals.unsupported("persistent-items"));
          }
          return store.purge(request.owner(), node.name()) == NodeStore.Outcome.DONE
              ? told(node.configuration().notifyRetract(), node, named("purge", node))
              : Verdict.refused(StanzaError.ITEM_NOT_FOUND);
        });
  }

  private static Element named(String name, Node node) {
    return Element.named(name, PubSub.EVENT).attribute("node", node.name()).build();
  }

  private static Verdict told(boolean whether, Node node, Element inEvent) {
    return Verdict.done(
        whether ? Optional.of(Notification.of(node, inEvent)) : Optional.<Notification>empty());
  }

  // People, XEP-0060 §8.8 and §8.9.

  Verdict affiliations(Request request) {
    return withNode(
        request,
        node -> {
          Element.Builder list =
              Element.named("affiliations", PubSub.OWNER).attribute("node", node.name());
          list.child(affiliation(request.jid().jid(), "owner"));
          node.affiliations().entrySet().stream()
              .sorted(Map.Entry.comparingByKey((a, b) -> a.toString().compareTo(b.toString())))
              .forEach(entry -> list.child(affiliation(entry.getKey(), entry.getValue().word())));
          return Verdict.done(request.answer(list.build()));
        });
  }

  private static Element affiliation(Jid jid, String word) {
    return Element.named("affiliation", PubSub.OWNER)
        .attribute("jid", jid.toString())
        .attribute("affiliation", word)
        .build();
  }

  Verdict affiliate(Request request) {
    Map<Jid, Optional<Affiliation>> changes = new LinkedHashMap<>();
    Set<Jid> named = new HashSet<>();
    for (Element part : request.parts("affiliation")) {
      Optional<Jid> jid = part.attribute("jid").flatMap(Jid::tryParse).map(Jid::bare);
      if (jid.isEmpty() || !named.add(jid.get())) {
        return Verdict.refused(StanzaError.BAD_REQUEST); // of two, which one is meant?
      }
      Optional<String> word = part.attribute("affiliation");
      if (word.isEmpty()) {
        continue; // §8.9.2: stays as it is
      }
      boolean isOwner = jid.get().equals(request.jid().jid());
      Optional<StanzaError> refused = refused(isOwner, word.get());
      if (refused.isPresent()) {
        return Verdict.refused(refused.get());
      }
      if (!isOwner) {
        changes.put(jid.get(), Affiliation.of(word.get()));
      }
    }
    return withNode(
        request,
        node ->
            switch (store.affiliate(request.owner(), node.name(), changes, bounds)) {
              case DONE -> Verdict.done();
              case CHANGED -> Verdict.refused(StanzaError.ITEM_NOT_FOUND);
              case FULL -> Verdict.refused(StanzaError.RESOURCE_CONSTRAINT);
            });
  }

  /// Why somebody cannot be what they are to be made (XEP-0060 §8.9.2): a node has its owner, and
  /// no other.
  private static Optional<StanzaError> refused(boolean isOwner, String word) {
    return switch (word) {
      case "publisher", "publish-only" -> Optional.of(Refusals.unsupported(word + "-affiliation"));
      case "owner" -> isOwner ? Optional.empty() : Optional.of(StanzaError.NOT_ACCEPTABLE);
      case "none" -> isOwner ? Optional.of(StanzaError.NOT_ACCEPTABLE) : Optional.empty();
      default ->
          isOwner || Affiliation.of(word).isEmpty()
              ? Optional.of(StanzaError.NOT_ACCEPTABLE)
              : Optional.empty();
    };
  }

  Verdict subscriptions(Request request) {
    return withNode(
        request,
        node -> {
          Element.Builder list =
              Element.named("subscriptions", PubSub.OWNER).attribute("node", node.name());
          node.subscribers().stream()
              .map(Jid::toString)
              .sorted()
              .forEach(
                  jid ->
                      list.child(
                          Element.named("subscription", PubSub.OWNER)
                              .attribute("jid", jid)
                              .attribute("subscription", "subscribed")
                              .build()));
          return Verdict.done(request.answer(list.build()));
        });
  }

  /// The owner may end subscriptions; nobody is subscribed who did not ask.
  Verdict endSubscriptions(Request request) {
    Set<Jid> ended = new LinkedHashSet<>();
    for (Element part : request.parts("subscription")) {
      Optional<Jid> jid = part.attribute("jid").flatMap(Jid::tryParse);
      if (jid.isEmpty()) {
        return Verdict.refused(StanzaError.BAD_REQUEST);
      }
      if (part.attribute("subscription").filter("none"::equals).isEmpty()) {
        return Verdict.refused(StanzaError.NOT_ACCEPTABLE);
      }
      ended.add(jid.get());
    }
    return withNode(
        request,
        node ->
            store.unsubscribe(request.owner(), node.name(), ended) == NodeStore.Outcome.DONE
                ? Verdict.done()
                : Verdict.refused(StanzaError.ITEM_NOT_FOUND));
  }

  private Verdict withNode(Request request, Function<Node, Verdict> then) {
    if (request.node().isEmpty()) {
      return Verdict.refused(Refusals.NODE_ID_REQUIRED);
    }
    return store
        .find(request.owner(), request.node().get())
        .map(then)
        .orElseGet(() -> Verdict.refused(StanzaError.ITEM_NOT_FOUND));
  }

  private boolean isName(String name) {
    return name.getBytes(StandardCharsets.UTF_8).length <= bounds.nameOctets();
  }

  private String draw() {
    return Bytes.random(DRAWN_OCTETS, random).toHex();
  }
}
